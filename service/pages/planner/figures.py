"""The plots of an answer: how it changes with an input, the curve that it is, and those of its budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import numpy as np

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.plots import axes
from fitted_laws.plots.chart import Chart, Curve, Spot, draw
from fitted_laws.questions.registry import QUESTIONS, read
from service.pages.planner import starts
from service.pages.planner.budgets import Shown, budget_of, comparable, frontier, isoflop, point_of, title_of
from service.pages.planner.cases import Case, Cases
from service.pages.planner.sentences import written
from service.pages.planner.ways import Way, axes_of

SWEEP_POINTS = 33
SWEEP_FACTOR = 30
"""How far an input is varied, down and up."""
LOSS_FACTOR = 1.5
"""How far one that is a loss is."""
DEEP = 1e-3
"""What is less than this share of the largest value of a sweep is not drawn."""
MODELS_IN = "language"
"""The domain that known models are of."""

Record = dict[str, Any]


def figures(way: Way, cases: Cases, laws: Laws, *, models: bool) -> list[Shown]:
    """The plots of what has an answer."""
    if not cases.main.rows:
        return []
    drawn, left = cases.drawn, len(cases.answered) - len(cases.drawn)
    if QUESTIONS[way.question].curve:
        return [own_curve(way, drawn)]
    shown = [each for across, up in way.sweeps if (each := sweep(way, drawn, across, up, laws))]
    if way.at_budget and cases.main.law and (budget := budget_of(cases.main.found)):
        known = [each for each in drawn if each.law and budget_of(each.found)]
        marked = models and cases.main.inputs.get("domain") == MODELS_IN
        shown += [
            frontier("loss", known, laws, models=marked),
            isoflop(budget, known, laws, models=marked),
            frontier("params", known, laws, models=marked),
            frontier("tokens", known, laws, models=marked),
        ]
    if left and shown:
        note = f"{left} more stand in the table alone: a plot shows one law a family."
        shown[0] = msgspec.structs.replace(shown[0], notes=[*shown[0].notes, note])
    return shown


def sweep(way: Way, cases: Sequence[Case], across: str, up: str, laws: Laws) -> Shown | None:
    """How a field of the answer changes with one input, all others as asked."""
    centre = cases[0].found.get(across)
    entry = inputs_of(QUESTIONS[way.question])[across]
    if not isinstance(centre, int | float) or isinstance(centre, bool) or centre <= 0:
        return None
    factor = LOSS_FACTOR if across.endswith("loss") else SWEEP_FACTOR
    low, high = max(centre / factor, entry.meta.ge or 0), min(centre * factor, entry.meta.le or np.inf)
    shown, notes = comparable(cases) if up.endswith("loss") else (list(cases), [])
    values = [float(f"{value:.6g}") for value in np.geomspace(low, high, SWEEP_POINTS)]
    curves, spots, data = [], [], {}
    for case in shown:
        rows = _column(laws, way, case, across, values)
        known = [row for row in rows if isinstance(row.get(up), float) and row[up] > 0]
        least = DEEP * max((row[up] for row in known), default=0)
        points = [axes.point(row, across, up) for row in known if row[up] >= least]
        data[case.name or case.law] = csv(known, across, up)
        if len(points) > 1:
            curves.append(Curve(title_of(case, shown), case.hue or 0, points))
        value, here = case.found.get(up), case.found.get(across)
        if isinstance(value, float) and isinstance(here, int | float):
            spots.append(
                Spot(
                    point_of(case.found, here, value, up),
                    title_of(case, shown) or written(up, value),
                    case.hue or 0,
                )
            )
    titles = (
        axes.TITLES.get(up, up.replace("_", " ")).split(" (")[0],
        axes.TITLES.get(across, across.replace("_", " ")).split(" (")[0],
    )
    chart = Chart(
        title=f"{titles[0].capitalize()} against {titles[1]}, by {', '.join(case.law for case in shown)}",
        x=axes.axis(across),
        y=axes.axis(up, cases[0].found.get("loss_unit")),
        curves=curves,
        spots=[spot for spot in spots if low <= spot.point.x <= high and spot.point.y > 0],
    )
    varied = {point.y for curve in curves for point in curve.points}
    drawn = draw(chart) if len(varied) > 1 else None
    notes = notes if way.bands else [*notes, "Drawn without its interval."]
    about = f"All other inputs as asked; {titles[1]} from {written(across, low)} to {written(across, high)}."
    return (
        Shown(f"{up}-{across}", f"{titles[0].capitalize()} against {titles[1]}", about, drawn, notes, data)
        if drawn
        else None
    )


def csv(rows: Sequence[Record], across: str, up: str) -> str:
    """The points of a sweep as CSV, in an address that holds them."""
    names = [name for name in (across, up, f"{up}_low", f"{up}_high", "reach") if rows and name in rows[0]]
    lines = [",".join(names), *(",".join("" if row[n] is None else str(row[n]) for n in names) for row in rows)]
    return f"data:text/csv,{quote(chr(10).join(lines))}"


def _column(laws: Laws, way: Way, case: Case, across: str, values: list[float]) -> list[Record]:
    """The answers for each value of an input, fewer where some are refused."""
    bands = {} if way.bands else starts.QUICK
    inputs = {**case.inputs, **({"law": case.law} if case.law else {}), **bands}
    parts = (values, values[len(values) // 4 : -len(values) // 4])
    for part in parts:
        try:
            return answering.answer(read(way.question, {**inputs, across: part}), laws).records()
        except Problem:
            continue
    return []


def own_curve(way: Way, cases: Sequence[Case]) -> Shown:
    """The curve that the question itself answers with."""
    question = QUESTIONS[way.question]
    across, up = axes_of(way.question)
    shown, notes = comparable(cases) if up.endswith("loss") else (list(cases), [])
    curves = [
        Curve(title_of(case, shown), case.hue or 0, [axes.point(row, across, up) for row in case.rows if row[up]])
        for case in shown
    ]
    title = f"{up.replace('_', ' ').capitalize()} against {across.replace('_', ' ')}"
    chart = Chart(title=title, x=axes.axis(across), y=axes.axis(up, cases[0].found.get("loss_unit")), curves=curves)
    data = {case.name or case.law: f"/v1/{way.question}.csv?{urlencode(case.inputs)}" for case in shown}
    return Shown("curve", title, question.in_words(), draw(chart), notes, data)
