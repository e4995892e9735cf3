"""Fits from Python: tables of every kind in, a law out that is asked, drawn, saved and sent on."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
import synthetic

import trainer
from fitted_laws import NotUnderstood, Unanswerable, ask, load
from fitted_laws.quantities.problems import Problem
from trainer import FittedLaw, backtest, fit
from trainer.__main__ import main

TABLE = synthetic.surface()
CURVE = {"params": np.geomspace(1e6, 1e9, 12).round(), "loss": 1.7 + (1e7 / np.geomspace(1e6, 1e9, 12)) ** 0.3}
QUICK: dict[str, Any] = {"bootstrap": 100}


@pytest.fixture(scope="module")
def law() -> FittedLaw:
    return fit(TABLE, **QUICK)


@pytest.fixture(name="axes")
def closed_in_the_end() -> Iterator[Any]:
    mpl.use("agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


def test_python_and_the_command_line_fit_the_same(law: FittedLaw, tmp_path: Path) -> None:
    """To the last byte: from Python the table is called runs.csv."""
    runs = synthetic.write_csv(tmp_path / "runs.csv", TABLE)
    assert main(["fit", str(runs), "--bootstrap", "100", "-o", str(tmp_path / "law.json")]) == 0
    assert law.save(tmp_path / "mine.json").read_bytes() == (tmp_path / "law.json").read_bytes()
    assert fit(runs, **QUICK).raw == law.raw


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pl.DataFrame, lambda table: {n: c.tolist() for n, c in table.items()}],
    ids=["pandas", "polars", "lists"],
)
def test_frames_and_columns_are_tables(law: FittedLaw, make) -> None:
    assert fit(make(TABLE), **QUICK).raw == law.raw


def test_the_truth_comes_back(law: FittedLaw) -> None:
    """An asymptote within 3 % of the one that made the runs, from noise of half a per cent."""
    assert law.coefficients["E"] == pytest.approx(synthetic.SURFACE["E"], rel=0.03)
    assert law.form == "additive"


def test_a_fit_is_asked_as_laws_are(law: FittedLaw, tmp_path: Path) -> None:
    """A law, its path as text or Path, several: one number, and no domain is needed."""
    path = law.save(tmp_path / "law.json")
    other = fit(TABLE, id="other", domain="mine", bootstrap=0)
    answers = [
        ask("optimal", laws=laws, compute=1e21) for laws in (law, path, str(path), [law], load([path], shipped=False))
    ]
    assert {answer.params for answer in answers} == {law.ask("optimal", compute=1e21).params}
    assert {(answer.law, answer.domain) for answer in answers} == {("runs", "runs")}
    assert ask("optimal", laws=[path, other], domain="mine", compute=1e21).law == "other"
    assert ask("optimal", laws=[path, other], compute=1e21).law == "other"  # the last named, as on the command line


def test_many_shipped_laws_have_no_first_domain() -> None:
    with pytest.raises(NotUnderstood, match="domain"):
        ask("optimal", laws=load(check=False), compute=1e21)


def test_cells_without_a_value_are_left_out(law: FittedLaw) -> None:
    frame = pd.DataFrame(TABLE)
    frame.loc[len(frame)] = [1e9, 1e11, None]
    with_gap = fit(frame, **QUICK)
    assert with_gap.coefficients == law.coefficients
    assert with_gap.file["fit"]["excluded"] == 1


def test_options_are_those_of_the_command_line() -> None:
    frame = pd.DataFrame({"width": TABLE["params"] / 1e6, "data": TABLE["tokens"], "final": TABLE["loss"]})
    pinned = fit(frame, as_={"params": "width:M", "tokens": "data", "loss": "final"}, irreducible_loss=1.7, bootstrap=0)
    assert pinned.coefficients["E"] == pytest.approx(1.7)
    assert pinned.file["ranges"]["params"][1] == pytest.approx(TABLE["params"].max())


@pytest.mark.parametrize(
    ("runs", "options", "why"),
    [
        (TABLE, {"frm": "power"}, r"frm: expected a known option \(did you mean form\?\)"),
        (TABLE, {"form": "cubic"}, "form: invalid choice: 'cubic'"),
        (TABLE, {"bootstrap": -1}, "bootstrap: expected a whole number"),
        (7, {}, "expected a path, a data frame or a dict of columns, got int"),
        ({"params": [1.0], "loss": [1.0, 2.0]}, {}, "expected columns of one length, got"),
        ({}, {}, "expected columns of one length"),
        ("nowhere.csv", {}, "nowhere.csv: expected a table of runs"),
        ({"params": [1e6, 1e7], "loss": [3.0, 2.5]}, {}, "2 runs|rows"),
        ({**TABLE, "curve": ["a", "b"] * 30}, {}, "expected the runs of one curve, got 2"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(runs, options, why: str) -> None:
    with pytest.raises(Problem, match=why):
        fit(runs, **options)


def test_a_backtest_is_that_of_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = synthetic.write_csv(tmp_path / "runs.csv", TABLE)
    assert main(["backtest", str(runs), "--json"]) == 0
    (printed,) = json.loads(capsys.readouterr().out)["curves"]
    (found,) = backtest(pd.DataFrame(TABLE))
    assert (found.error, found.coverage, len(found.rows)) == (
        printed["error"],
        printed["coverage"],
        len(printed["rows"]),
    )


@pytest.mark.usefixtures("axes")
def test_a_law_is_drawn_with_its_runs(law: FittedLaw) -> None:
    """The frontier ten times beyond the largest run; of one variable the loss over it."""
    drawn = law.plot()
    largest = 10 * float((6 * TABLE["params"] * TABLE["tokens"]).max())
    assert max(line.get_xdata().max() for line in drawn.get_lines()) == pytest.approx(largest)
    assert len(drawn.collections[-1].get_offsets()) == len(TABLE["loss"])
    assert drawn.get_ylim()[1] >= TABLE["loss"].max()
    single = fit(CURVE, bootstrap=0).plot()
    assert single.get_xlabel() == "model size (parameters)"
    assert max(line.get_xdata().max() for line in single.get_lines()) == pytest.approx(1e10)


def test_a_law_shows_and_sends_itself(law: FittedLaw) -> None:
    assert repr(law).startswith("runs: additive on 60 runs: E 1.7")
    hostile = FittedLaw({**law.file, "notes": ["<script>"]})
    assert "&lt;script&gt;" in hostile._repr_html_()
    again = pickle.loads(pickle.dumps(law))  # noqa: S301 - our own
    assert again.ask("optimal", compute=1e21).params == law.ask("optimal", compute=1e21).params
    with pytest.raises(Unanswerable):
        law.ask("shape", params=1e9)


def test_neither_numba_nor_matplotlib_is_needed() -> None:
    """Nor loaded, nor torch: importing the trainer loads no fit."""
    program = (
        "import sys; sys.modules |= dict.fromkeys(('numba', 'matplotlib'))\n"
        "import trainer; assert 'trainer.library' not in sys.modules\n"
        "import numpy as np\n"
        "from trainer import fit, backtest\n"
        "size = np.geomspace(1e6, 1e9, 12)\n"
        "law = fit({'params': size, 'loss': 1.7 + (1e7 / size) ** 0.3}, bootstrap=0)\n"
        "assert 'torch' not in sys.modules\n"
        "print(law.ask('loss', params=1e10).loss)"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert float(told.stdout) == pytest.approx(1.7 + 1e-3**0.3, rel=1e-3)


def test_the_package_names_what_it_exports() -> None:
    assert {"fit", "backtest", "FittedLaw"} <= set(dir(trainer))
    with pytest.raises(AttributeError, match="no attribute 'fti'"):
        _ = trainer.fti
