"""The plots of budgets: what they reach, other sizes at one, the best split; what was asked is on each."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
import numpy as np

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.plots import axes
from fitted_laws.plots.chart import Chart, Curve, Drawing, Model, Point, Spot, draw
from fitted_laws.quantities.display import brief, number
from fitted_laws.quantities.landmarks import LANDMARKS
from fitted_laws.questions.registry import QUESTIONS, read
from service.pages.planner import starts
from service.pages.planner.cases import Case

PER_DECADE = 4
ISOFLOP_POINTS = 25
KEPT = ("domain", "level", "irreducible_loss", "compute_kind", "counts", "part")
"""Inputs of an answer that its curves take too."""
NEAR = 10.0
"""Models trained with a budget within this factor of the one asked for stand beside its sizes."""

Record = dict[str, Any]


class Shown(msgspec.Struct, frozen=True):
    """A plot with its title, what it shows in a sentence, notes beneath, and its data: address by name."""

    id: str
    title: str
    about: str
    drawing: Drawing | None
    notes: Sequence[str]
    data: Mapping[str, str]


def budget_of(found: Record) -> float | None:
    """The training compute of an answer."""
    for name in ("training_compute", "compute"):
        if isinstance(found.get(name), float):
            return float(found[name])
    params, tokens = found.get("params"), found.get("tokens")
    return 6 * params * tokens if isinstance(params, float) and isinstance(tokens, float) else None


@functools.lru_cache(512)
def _asked(laws: Laws, question: str, inputs: tuple[tuple[str, Any], ...]) -> list[Record] | Problem:
    try:
        return answering.answer(read(question, dict(inputs)), laws).records()
    except Problem as problem:
        return problem


def ask(laws: Laws, question: str, case: Case, inputs: Mapping[str, Any]) -> list[Record] | Problem:
    """The rows of a curve by the law of a case; each is computed once."""
    known = inputs_of(QUESTIONS[question])
    kept = {name: case.inputs[name] for name in KEPT if name in case.inputs and name in known}
    return _asked(laws, question, tuple(sorted({**kept, "law": case.law, **inputs}.items())))


def comparable(cases: Sequence[Case]) -> tuple[list[Case], list[str]]:
    """The cases whose losses are on the scale of the first, and a sentence about the others."""
    scale = cases[0].found.get("loss_on")
    same = [case for case in cases if case.found.get("loss_on") == scale]
    others = [case.name or case.law for case in cases if case not in same]
    if not others:
        return same, []
    named = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
    return same, [f"Not drawn, since their losses are of other data or another tokenizer, or not printed: {named}."]


def link(question: str, case: Case, inputs: Mapping[str, Any]) -> tuple[str, str]:
    """Where the data of a curve are had."""
    kept = {name: case.inputs[name] for name in KEPT if name in case.inputs}
    return case.name or case.law, f"/v1/{question}.csv?{urlencode({**kept, 'law': case.law, **inputs})}"


def title_of(case: Case, cases: Sequence[Case]) -> str:
    """How a case is called on a plot: by its letter, or by its law."""
    return "" if len(cases) == 1 else case.name or case.law


FRONTIERS = {
    "loss": (
        "Loss against compute",
        "What the best split between size and tokens reaches; the dot is what you asked for.",
    ),
    "params": ("Best size", "The size that a budget is best spent on."),
    "tokens": ("Best amount of data", "The tokens that a budget is best spent on."),
}


def frontier(up: str, cases: Sequence[Case], laws: Laws, *, models: bool) -> Shown:
    """Loss, size or tokens of the best split against the budget."""
    low, high = starts.decades(laws, cases[0].inputs.get("domain", ""))
    budgets = [budget for case in cases if (budget := budget_of(case.found))]
    low, high = min(low, int(np.floor(np.log10(min(budgets))))), max(high, int(np.ceil(np.log10(max(budgets)))))
    span = {"compute_min": f"1e{low}", "compute_max": f"1e{high}", "points": (high - low) * PER_DECADE + 1}
    shown, notes = comparable(cases) if up == "loss" else (list(cases), [])
    curves: dict[int, Curve] = {}
    spots: list[Spot] = []
    data: dict[str, str] = {}
    for case in shown:
        rows = ask(laws, "frontier", case, span)
        if not isinstance(rows, Problem) and any(row[up] for row in rows):
            drawn = curves.get(id(rows))  # scenarios by one law share its curve
            name = title_of(case, shown)
            points = [axes.point(row, "compute", up) for row in rows if row[up]]
            curves[id(rows)] = (
                Curve(f"{drawn.name}, {name}", drawn.hue, drawn.points) if drawn else Curve(name, case.hue or 0, points)
            )
            data |= [link("frontier", case, span)]
        spots += _spot(case, up, shown)
    where = _models(up, span) if models else []
    chart = Chart(
        title=f"{FRONTIERS[up][0]}, by {', '.join(case.law for case in shown)}",
        x=axes.axis("compute"),
        y=axes.axis(up, cases[0].found.get("loss_unit")),
        curves=list(curves.values()),
        spots=spots,
        models=where,
        line=budget_of(cases[0].found),
    )
    return Shown(up, *FRONTIERS[up], draw(chart), notes, data)


def _models(up: str, span: Mapping[str, Any]) -> list[Model]:
    within = [m for m in LANDMARKS if float(span["compute_min"]) <= m.compute <= float(span["compute_max"])]
    heights = {"params": lambda m: m.used_params, "tokens": lambda m: m.tokens}
    return [Model(m.name, m.compute, heights[up](m) if up in heights else None, told(m)) for m in within]


def told(model: Any) -> str:
    """What a reader is told of a known model."""
    active = f" ({brief(model.active_params)} active)" if model.active_params else ""
    counted = "as published" if model.published_compute else "6ND"
    return f"{brief(model.params)} parameters{active}, {brief(model.tokens)} tokens\n{number(model.compute, 3)} FLOP, {counted}\n{model.source}"


def _spot(case: Case, up: str, cases: Sequence[Case]) -> Iterator[Spot]:
    """Where the answer itself stands, be it on the curve or not."""
    found, budget = case.found, budget_of(case.found)
    observed = found.get("observed_loss") if up == "loss" else None
    value = observed or found.get("expected_loss" if up == "loss" and "expected_loss" in found else up)
    if budget is None or not isinstance(value, float):
        return
    held = point_of(found, budget, value, up)
    yield Spot(held, title_of(case, cases) or ("your run" if observed else _brief(up, value)), case.hue or 0)


def point_of(found: Record, x: float, y: float, up: str) -> Point:
    """An answer as a point of a plot."""
    more = [
        f"{brief(found[n])} {w}"
        for n, w in (("params", "parameters"), ("tokens", "tokens"))
        if isinstance(found.get(n), float)
    ]
    low, high = (found.get(f"{up}_{end}") for end in ("low", "high"))
    return Point(x, y, low, high, found.get("reach") == "inside", ", ".join(more))


def _brief(field: str, value: float) -> str:
    return number(value, 4) if field == "loss" else brief(value)


def isoflop(budget: float, cases: Sequence[Case], laws: Laws, *, models: bool) -> Shown:
    """Loss against size at the budget asked for, and at a tenth and ten times of it where one case is drawn."""
    shown, notes = comparable(cases)
    budgets = [budget] if len(shown) > 1 else [budget / 10, budget, budget * 10]
    curves, spots = [], []
    data: dict[str, str] = {}
    for case in shown:
        for each in budgets if len(shown) == 1 else [budget_of(case.found) or budget]:
            inputs = {"compute": f"{each:.12g}", "points": ISOFLOP_POINTS}
            rows = ask(laws, "isoflop", case, inputs)
            if isinstance(rows, Problem):
                notes = [*notes, f"{case.law} holds no surface L(N, D): it says nothing of other sizes."]
                break
            points = [axes.point(row, "params", "loss") for row in rows if row["loss"]]
            alone = len(shown) == 1
            beside = alone and each != budget
            name = f"{number(each, 3)} FLOP" if beside else title_of(case, shown)
            curves.append(Curve(name, case.hue or 0, points, faint=beside, under=name if beside else ""))
            if each in (budget, budget_of(case.found)):
                data |= [link("isoflop", case, inputs)]
        found = case.found
        loss = found.get("observed_loss") or found.get("loss")
        if isinstance(found.get("params"), float) and isinstance(loss, float):
            name = title_of(case, shown) or ("your run" if found.get("observed_loss") else brief(found["params"]))
            spots.append(Spot(point_of(found, found["params"], loss, "loss"), name, case.hue or 0))
    near = [m for m in LANDMARKS if budget / NEAR <= m.compute <= budget * NEAR] if models and curves else []
    chart = Chart(
        title=f"Loss against model size at {number(budget, 3)} FLOP, by {', '.join(case.law for case in shown)}",
        x=axes.axis("params"),
        y=axes.axis("loss", cases[0].found.get("loss_unit")),
        curves=curves,
        spots=spots,
        models=[Model(m.name, m.used_params, None, told(m)) for m in near],
    )
    about = f"At {number(budget, 3)} FLOP a larger model sees fewer tokens."
    return Shown("isoflop", "Other sizes at this budget", about, draw(chart), list(dict.fromkeys(notes)), data)
