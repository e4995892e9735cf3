"""What a data scientist does with an answer: copy it, send it to a process, make a frame of it, show it, draw it."""

import copy
import html
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest

import fitted_laws
from fitted_laws import Answer, NotFound, NotUnderstood, Problem, Unanswerable, ask
from fitted_laws.catalogue import shipped
from fitted_laws.plots import figures
from fitted_laws.quantities import extras
from fitted_laws.quantities.extras import MissingPackage
from fitted_laws.quantities.problems import UnknownInput
from fitted_laws.questions.registry import QUESTIONS

BUDGETS = [1e20, 1e21, 1e22]


def sent(thing: Any) -> Any:
    """What arrives at another process."""
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own


@pytest.fixture(scope="module")
def one() -> Answer:
    return ask("optimal", domain="language", compute=1e21)


@pytest.fixture(scope="module")
def columns() -> Answer:
    return ask("optimal", domain="language", compute=BUDGETS)


@pytest.fixture(scope="module")
def curve() -> Answer:
    return ask("frontier", domain="language", compute_min=1e20, compute_max=1e24, points=9)


@pytest.fixture(scope="module")
def several() -> Answer:
    return ask("optimal", domain="language", compute=1e21, law="besiroglu-2024,kaplan-2020")


@pytest.mark.parametrize("name", ["one", "columns", "curve", "several"])
@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, sent],
    ids=["copy", "deep", "pickle"],
)
def test_a_copy_says_the_same(request, name: str, again) -> None:
    answer = request.getfixturevalue(name)
    assert again(answer).plain() == answer.plain()
    assert repr(again(answer)) == repr(answer)


def test_laws_and_lists_are_copied_as_well() -> None:
    for thing in (shipped(), fitted_laws.questions()):
        assert repr(sent(thing)) == repr(copy.deepcopy(thing)) == repr(thing)


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(lambda: ask("optimum"), id="not found"),
        pytest.param(lambda: ask("optimal", domain="language"), id="not understood"),
        pytest.param(lambda: ask("target", domain="language", loss=0.5), id="unanswerable"),
    ],
)
def test_a_problem_travels_with_all_that_it_says(problem) -> None:
    with pytest.raises(Problem) as caught:
        problem()
    for again in (sent(caught.value), copy.deepcopy(caught.value)):
        assert type(again) is type(caught.value)
        assert (str(again), again.faults) == (str(caught.value), caught.value.faults)


def test_a_problem_made_of_other_things_travels() -> None:
    again = sent(UnknownInput("kaplan-2020", ["experts"]))
    assert (str(again), again.inputs) == ("kaplan-2020 knows no experts", ("experts",))


def answered(compute: float) -> Answer:
    return ask("optimal", domain="language", compute=compute)


def test_a_pool_of_processes_brings_answers_and_problems(columns: Answer) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert [answer.params for answer in pool.map(answered, BUDGETS)] == columns.params.tolist()
        with pytest.raises(NotUnderstood, match="compute: expected 1 to 1e\\+60"):
            pool.submit(answered, -1).result()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(np.array, id="numpy"),
        pytest.param(tuple, id="tuple"),
        pytest.param(pd.Series, id="pandas"),
        pytest.param(pd.Index, id="pandas index"),
        pytest.param(lambda values: pd.Series(values, dtype="Float64"), id="pandas nullable"),
        pytest.param(pl.Series, id="polars"),
    ],
)
def test_columns_of_every_kind_are_read(columns: Answer, make) -> None:
    assert ask("optimal", domain="language", compute=make(BUDGETS)).plain() == columns.plain()


def test_a_series_of_texts_and_one_number_are_read(columns: Answer, one: Answer) -> None:
    assert ask("optimal", domain="language", compute=pd.Series(["1e20", "1 ZFLOP", "1e22"])).plain() == columns.plain()
    assert ask("optimal", domain="language", compute=np.float64(1e21)).plain() == one.plain()
    assert ask("optimal", domain="language", compute=np.array(1e21)).plain() == one.plain()


@pytest.mark.parametrize(
    ("series", "place"),
    [
        (pd.Series([1e20, None]), r"compute\[1\]"),
        (pd.Series([1e20, pd.NA], dtype="Float64"), r"compute\[1\]"),
        (pl.Series([1e20, None]), r"compute\[1\]"),
        (np.ones((2, 2)), r"compute\[0\]"),
    ],
)
def test_what_is_missing_in_a_column_is_named(series, place: str) -> None:
    with pytest.raises(NotUnderstood, match=place):
        ask("optimal", domain="language", compute=series)


@pytest.mark.parametrize("name", ["one", "columns", "curve", "several"])
def test_frames_hold_what_a_table_holds(request, name: str) -> None:
    """Both kinds: the fields of CSV, the numbers to the bit, null where a number is null."""
    answer = request.getfixturevalue(name)
    frame, other = answer.to_pandas(), answer.to_polars()
    assert list(frame.columns) == other.columns == answer.table_names
    assert len(frame) == len(other) == answer.size
    for field in ("params", "params_low", "loss", "law", "reach"):
        assert frame[field].tolist() == other[field].to_list() == answer.column(field)
    assert (
        [list(said) for said in other["warnings"].to_list()] == answer.column("warnings") == frame["warnings"].tolist()
    )


def test_null_ends_are_numbers_in_a_frame() -> None:
    answer = ask("optimal", domain="language", compute=BUDGETS, interval="none")
    assert answer.to_pandas()["params_low"].dtype == np.float64
    assert answer.to_polars()["params_low"].null_count() == len(BUDGETS)


def test_named_fields_are_a_frame() -> None:
    frame = ask("optimal", domain="language", compute=BUDGETS, fields="tokens,params").to_pandas()
    assert list(frame.columns) == ["tokens", "params"]


def test_an_answer_is_no_array_and_says_what_is(one: Answer) -> None:
    for make in (pd.DataFrame, np.asarray):
        with pytest.raises(TypeError, match=r"to_pandas\(\)"):
            make(one)


def test_arrow_reads_an_answer(columns: Answer) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is an extra of 165 MB: `make imports`")
    assert arrow.table(columns).column("params").to_pylist() == columns.params.tolist()
    assert pl.DataFrame(columns)["loss"].to_list() == columns.loss.tolist()


def test_a_package_that_is_missing_is_named(one: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str) -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(extras.importlib, "import_module", missing)
    for make, package in ((one.to_pandas, "pandas"), (one.to_polars, "polars"), (one.to_arrow, "pyarrow")):
        with pytest.raises(MissingPackage, match=f"needs {package}, which is not installed: pip install {package}"):
            make()


@pytest.mark.parametrize("name", ["one", "columns", "curve", "several"])
def test_a_notebook_and_a_terminal_show_number_interval_law_reach_and_warnings(request, name: str) -> None:
    answer = request.getfixturevalue(name)
    shown = html.unescape(answer._repr_html_())
    for text in (shown, repr(answer)):
        assert "2.78 B (2.43–3.18 B)" in text or name == "curve"
        assert "besiroglu-2024" in text
        assert "inside" in text
        assert all(warning in text for warnings in answer.column("warnings") for warning in warnings)


def test_texts_of_others_are_escaped_in_a_notebook(one: Answer) -> None:
    hostile = Answer({**one.columns, "law": "<script>alert(1)</script>", "warnings": [["<img src=x>"]]}, 1, "one")
    assert "<script>" not in hostile._repr_html_()
    assert "<img" not in hostile._repr_html_()


def test_long_answers_are_shown_in_part() -> None:
    answer = ask("optimal", domain="language", compute=np.geomspace(1e18, 1e22, 100), interval="none")
    assert answer._repr_html_().count("<tr>") == 31
    assert "70 more rows" in answer._repr_html_()


def test_fields_are_completed(one: Answer) -> None:
    assert {"params", "loss_low", "plot", "to_pandas"} <= set(dir(one))
    assert one._ipython_key_completions_() == list(one)


@pytest.fixture(name="axes")
def closed_in_the_end() -> Iterator[Any]:
    mpl.use("agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


@pytest.mark.usefixtures("axes")
def test_a_curve_is_drawn_with_its_interval_dashed_beyond_the_fit(curve: Answer) -> None:
    drawn = curve.plot()
    solid, dashed = drawn.get_lines()
    points = [(float(x), float(y)) for line in (solid, dashed) for x, y in zip(*line.get_data(), strict=True)]
    assert set(points) == set(zip(curve.column("compute"), curve.column("loss"), strict=True))
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert {curve.column("reach")[i] for i in range(len(solid.get_xdata()))} == {"inside"}
    band = drawn.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (min(curve.column("loss_low")), max(curve.column("loss_high")))
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("training compute (FLOP)", "loss (nats/token)")
    assert drawn.get_title(loc="left") == curve["citation"]


@pytest.mark.usefixtures("axes")
def test_columns_are_drawn_against_the_input_that_varies(columns: Answer) -> None:
    drawn = columns.plot()
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("training compute (FLOP)", "model size (parameters)")
    losses = ask("loss", domain="language", params=[1e10, 1e9], tokens=1e11).plot()
    assert losses.get_xlabel() == "model size (parameters)"
    assert list(losses.get_lines()[0].get_xdata()) == [1e9, 1e10]


def test_a_plot_takes_fields_and_axes(axes) -> None:
    _, mine = axes.subplots()
    laws = ask(
        "frontier", domain="language", compute_min=1e20, compute_max=1e22, points=5, law="besiroglu-2024,kaplan-2020"
    )
    assert laws.plot("tokens", x="params", ax=mine) is mine
    assert [text.get_text() for text in mine.get_legend().get_texts()] == ["besiroglu-2024", "kaplan-2020"]
    assert mine.get_ylabel() == "training data (tokens)"


@pytest.mark.usefixtures("axes")
def test_what_cannot_be_drawn_is_refused(one: Answer, columns: Answer) -> None:
    with pytest.raises(Unanswerable, match="one answer is one point"):
        one.plot()
    with pytest.raises(NotUnderstood, match="y: expected a field of numbers"):
        columns.plot("law")
    with pytest.raises(Unanswerable, match="x= names a field"):
        columns.plot("compute")


def test_colours_are_those_of_every_plot() -> None:
    assert len(figures.HUES) == len(set(figures.HUES)) == 8


def test_what_there_is_to_ask_is_listed() -> None:
    assert fitted_laws.questions().names == list(QUESTIONS)
    assert fitted_laws.domains().names == [domain.id for domain in shipped().domains]
    assert len(fitted_laws.laws()) == len(shipped())
    assert fitted_laws.laws("language").names == [law.id for law in shipped().of("language")]
    with pytest.raises(NotFound, match="nearest: language"):
        fitted_laws.laws("langage")
    for listing in (fitted_laws.questions(), fitted_laws.laws(), fitted_laws.domains()):
        assert all(name in repr(listing) and name in listing._repr_html_() for name in listing.names)
        assert listing.to_pandas().to_dict("records") == list(listing)
    assert repr(shipped()).startswith(f"<{len(shipped())} laws of ")
