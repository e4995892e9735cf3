"""A row of a column is the question alone, to the last bit, whatever stands beside it; and a column never holds its draws."""

import functools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitted_laws import Laws, Problem, ask, load
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.catalogue import shipped
from fitted_laws.quantities.spelling import read
from fitted_laws.questions.registry import QUESTIONS

COUNT = 6
MANY = 60
"""Rows among which some root differs from its power: one value in twenty does."""
TIED = {"E": 1.7, "A": 400.0, "B": 400.0, "alpha": 0.33, "beta": 0.33}
"""Where alpha = beta, N_opt grows with the square root of the budget: a power that numpy takes as a root for some shapes of its operands."""
BENT = {"L_inf": 1.2, "L_0": 6.0, "alpha": 0.7, "beta": 3e3, "c": -0.45}


def column(name: str, given: Any, entry: Any) -> list[float]:
    """Values from an example's up, in range: a target loss stays above its floor."""
    centre = read(given, entry.kind) if isinstance(given, str) else float(given)
    spread = np.random.default_rng(len(name)).uniform(0, 0.3, COUNT)
    return np.clip(centre * 10**spread, entry.meta.ge, entry.meta.le).tolist()


def compare(name: str, laws: Laws, inputs: dict[str, Any], columns: dict[str, list[float]]) -> None:
    """The column is its rows, or refused where one of them is."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    try:
        alone = [ask(name, laws, **inputs, **row).plain() for row in rows]
    except Problem:
        with pytest.raises(Problem):
            ask(name, laws, **inputs, **columns)
    else:
        together = ask(name, laws, **inputs, **columns).plain()
        assert [{field: values[i] for field, values in together.items()} for i in range(len(rows))] == alone


@functools.cache
def published(draws: int) -> Laws:
    return load(draws=draws, check=False)


@pytest.mark.parametrize("draws", [0, 40])
@pytest.mark.parametrize("name", [name for name, question in QUESTIONS.items() if not question.curve])
def test_rows_by_every_law(name: str, draws: int) -> None:
    """Different values in one column, by each law, with draws and without."""
    entries, example = inputs_of(QUESTIONS[name]), QUESTIONS[name].example
    columns = {n: column(n, v, entries[n]) for n, v in example.items() if entries[n].numeric}
    if columns:
        for law in published(draws):
            alone = Laws(law.relations.values(), "", draws)  # a refusal then asks no other law whether it could
            rest = {n: v for n, v in example.items() if n not in columns}
            compare(name, alone, {**rest, "domain": law.domain.id, "law": law.id}, columns)


def law_file(folder: Path, form: str, coefficients: dict[str, float], draws: int, **keys: object) -> Laws:
    """A catalogue of one law; its draws differ in one coefficient alone."""
    printed = {name: f"{value:.2g}" for name, value in coefficients.items() if name in ("E", "L_inf")}
    content = {
        "id": "mine",
        "domain": "mine",
        "form": form,
        "coefficients": coefficients,
        "counts": "total",
        "citation": "me",
        "printed": printed,
    }
    (folder / "law.json").write_text(json.dumps({**content, **keys}))
    return load([folder / "law.json"], draws=draws, shipped=False)


@pytest.mark.parametrize("draws", [0, 500])
def test_an_exponent_of_one_half(tmp_path: Path, draws: int) -> None:
    """A root is no power in the last bit, so rows must not choose between the two by their number."""
    laws = law_file(tmp_path, "additive", TIED, draws)
    columns = {"compute": np.geomspace(1e18, 1e25, MANY).tolist()}
    compare("optimal", laws, {"domain": "mine"}, columns)
    losses = {"loss": np.linspace(1.9, 3, MANY).tolist()}
    compare("target", laws, {"domain": "mine"}, losses)
    compare("lifetime", laws, {"domain": "mine", "inference_tokens": 1e12}, losses)


@pytest.mark.parametrize("draws", [0, 500])
def test_steps_to_a_root(tmp_path: Path, draws: int) -> None:
    """A row stops at its own last step, however many its neighbours take."""
    laws = law_file(tmp_path, "m4", BENT, draws, role="converged")
    compare("loss", laws, {"domain": "mine"}, {"params": np.geomspace(1e3, 1e13, COUNT).tolist()})


@pytest.mark.parametrize("power", [0.5, 2.0, 0.3])
def test_a_power_that_holds_for_all_rows(power: float) -> None:
    given = {"domain": "language", "loss": 2.4, "unigram_entropy": 7, "power": power}
    compare("position", shipped(), given, {"position": np.geomspace(1, 1e6, 5 * MANY).round().tolist()})


@pytest.mark.parametrize("law", ["besiroglu-2024", "kaplan-2020", "muennighoff-2023"])
def test_a_point_of_a_curve_is_its_question(law: str) -> None:
    """Frontier's rows are optimal's, isoflop's are allocate's."""
    curve = ask("frontier", domain="language", law=law, compute_min=1e20, compute_max=1e25, points=COUNT).rows
    for row in curve:
        alone = ask("optimal", domain="language", law=law, compute=row["compute"]).plain()
        assert {name: row[name] for name in row} == {name: alone[name] for name in row}
    if law != "kaplan-2020":
        for row in ask("isoflop", domain="language", law=law, compute=1e22, points=COUNT).rows:
            alone = ask("allocate", domain="language", law=law, compute=row["compute"], params=row["params"]).plain()
            assert {name: row[name] for name in row} == {name: alone[name] for name in row}


def test_a_column_does_not_hold_its_draws() -> None:
    """1,000 rows of 4,000 draws would be 32 MB a field; the whole answer takes a fraction of one field."""
    columns = {"compute": np.geomspace(1e18, 1e25, 1000).tolist()}
    ask("optimal", domain="language", compute=1e21)
    tracemalloc.start()
    try:
        ask("optimal", domain="language", **columns)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8e6


@pytest.mark.parametrize("compute", [1e18, 3.3e21, 1e26])
@pytest.mark.parametrize("counts", [None, "total", "non-embedding"])
def test_intervals_of_an_optimum_are_those_of_its_draws(compute: float, counts: str | None) -> None:
    """By every law with draws; tokens fall as params grow, and need no sorting of their own."""
    laws, level = published(200), 0.8
    for law in laws:
        try:
            question = QUESTIONS["optimal"](
                domain=law.domain.id, law=law.id, compute=compute, counts=counts, level=level
            )
            answer = answering.answer(question, laws)
        except Problem:
            continue
        if counts is None and answer["tokens_low"] is not None:
            draws = question.solve(law).fields
            for name in ("params", "tokens", "tokens_per_param"):
                if draws[name] is not None:
                    ends = np.quantile(draws[name][1:, 0], [0.1, 0.9])
                    central = draws[name][0, 0]
                    assert (answer[f"{name}_low"], answer[f"{name}_high"]) == pytest.approx(
                        (min(central, ends[0]), max(central, ends[1])), rel=1e-12
                    )
        elif answer["tokens_low"] is not None and answer["params"] is not None:
            assert answer["tokens_low"] <= answer["tokens"] <= answer["tokens_high"]
