"""Plans as people read them, and as records for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fitted_laws.quantities.display import brief, measured, number

from .paying import Rates
from .reckoning import Planner, Reckoned

FACTOR = 2.0
"""From so many times the low end on, a width is said as a factor."""


def wide(width: float) -> str:
    """How far apart the ends are: `5.2 % wide`, `a factor of 3.1 wide`, or that there is no such end."""
    if not np.isfinite(width):
        return "without an upper end"
    ratio = float(np.exp(width))
    return f"a factor of {ratio:.3g} wide" if ratio >= FACTOR else f"{100 * (ratio - 1):.2g} % wide"


def known_now(planner: Planner) -> str:
    """The question, the field and its interval by the set of laws as it is."""
    question, now = planner.asked.question, planner.now
    inputs = ", ".join(
        f"{name} {value:.4g}" for name, value in question.inputs().items() if isinstance(value, int | float)
    )
    low, high = (now.low, now.high) if np.isfinite(now.width) else (None, None)
    shown = measured(now.value, low, high, "")
    return f"{question.name}, {inputs}: {planner.asked.field} {shown}, {wide(now.width)} at {100 * question.level:g} %"


def plans_told(planner: Planner, plans: Sequence[Reckoned], rates: Rates | None) -> Iterator[str]:
    """The plans, the best first and with its runs."""
    best = plans[0]
    yield (
        f"{best.plan.cost:.3g} FLOP{_paid(rates, best.plan.compute.sum())} in further runs, each plan tried on {len(best.widths)} "
        f"truths drawn from the set of laws, one run's noise {planner.noise:.2g} of its loss:"
    )
    for each in plans:
        mark = "▸" if each is best else " "
        yield f"{mark} {each.plan.kind}, {_runs_of(each)}: then {then(each)}"
        for i in range(len(each.plan)) if each is best else ():
            params, tokens, compute = (column[i] for column in (each.plan.params, each.plan.tokens, each.plan.compute))
            yield f"    {brief(params)} params on {brief(tokens)} tokens, {compute:.3g} FLOP{_paid(rates, compute)}"
    if best.width >= planner.now.width:
        yield "! no plan of this budget is expected to narrow it: more compute, or cleaner runs, would"


def then(each: Reckoned) -> str:
    """The expected width, and the widths of its outcomes."""
    ends = [width for width in each.widths if np.isfinite(width)]
    if not ends:
        return wide(np.inf)
    least, most = (
        (np.exp(width) if np.exp(each.width) >= FACTOR else 100 * np.expm1(width)) for width in (min(ends), max(ends))
    )
    without = f"; without an upper end in {each.endless} of {len(each.widths)}" if each.endless else ""
    return f"{wide(each.width)} (outcomes {least:.2g} to {most:.2g}{without})"


def _runs_of(each: Reckoned) -> str:
    plan, count = each.plan, len(each.plan)
    if count == 1:
        return f"1 run of {brief(plan.params[0])} params"
    return f"{count} runs of {brief(plan.params.min())} to {brief(plan.params.max())} params"


def _paid(rates: Rates | None, compute: float) -> str:
    if rates is None:
        return ""
    found = rates.bill(np.array([compute]))
    cost = "" if found.cost is None else f", cost {number(float(np.ravel(found.cost)[0]), 4)}"
    return f", {number(float(np.ravel(found.accelerator_hours)[0]), 4)} {rates.asked.accelerator}-hours{cost}"


def as_record(planner: Planner, plans: Sequence[Reckoned], rates: Rates | None) -> dict[str, Any]:
    """All of it, for programs; null for an end, or a width, that is not there."""
    question, now = planner.asked.question, planner.now
    return {
        "question": question.name,
        "inputs": {name: value for name, value in question.inputs().items() if name != "domain"},
        "field": planner.asked.field,
        "level": question.level,
        "now": {"value": now.value, "low": _or_null(now.low), "high": _or_null(now.high), "ratio": _ratio(now.width)},
        "noise": planner.noise,
        "seed": planner.seed,
        "plans": [_plan(each, rates) for each in plans],
    }


def _plan(each: Reckoned, rates: Rates | None) -> dict[str, Any]:
    ends = [width for width in each.widths if np.isfinite(width)] or [np.inf]
    return {
        "kind": each.plan.kind,
        "compute": each.plan.cost,
        **_bill(rates, each.plan.cost),
        "ratio": _ratio(each.width),
        "ratio_low": _ratio(min(ends)),
        "ratio_high": _ratio(max(ends)),
        "outcomes": len(each.widths),
        "outcomes_without_end": each.endless,
        "runs": list(run_records(each, rates)),
    }


def run_records(each: Reckoned, rates: Rates | None) -> Iterator[dict[str, Any]]:
    """The runs of a plan, one each."""
    plan = each.plan
    for params, tokens, compute in zip(plan.params, plan.tokens, plan.compute, strict=True):
        yield {
            "params": float(params),
            "tokens": float(tokens),
            "compute": float(compute),
            **_bill(rates, float(compute)),
        }


def rows_of(plans: Sequence[Reckoned], rates: Rates | None) -> list[dict[str, Any]]:
    """A row a run, with the plan it belongs to."""
    return [
        {"plan": place, "kind": each.plan.kind, "ratio": _ratio(each.width), **run}
        for place, each in enumerate(plans, 1)
        for run in run_records(each, rates)
    ]


def _bill(rates: Rates | None, compute: float) -> dict[str, float | None]:
    if rates is None:
        return {}
    found = rates.bill(np.array([compute]))
    names = ("accelerator_hours", "cost", "energy_kwh")
    values = [getattr(found, name) for name in names]
    return {name: None if v is None else float(np.ravel(v)[0]) for name, v in zip(names, values, strict=True)}


def _ratio(width: float) -> float | None:
    return float(np.exp(width)) if np.isfinite(width) else None


def _or_null(value: float) -> float | None:
    return value if np.isfinite(value) else None
