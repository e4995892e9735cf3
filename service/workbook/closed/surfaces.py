"""Which laws the workbook calculates by itself: those whose answers are L = E + A/N^alpha + B/D^beta and its optimum at C = 6ND.

A law is asked before it is believed: only where the service's own answers are those of the closed formulas does it count.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import msgspec

from fitted_laws import Answer, Laws, Problem
from fitted_laws.answers.formats import defused
from fitted_laws.asking import answering
from fitted_laws.forms import AdditivePowerLaw
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import Validated
from fitted_laws.quantities.units import NATS
from fitted_laws.questions import registry
from fitted_laws.solving.extrapolation import fitted_ranges, missing
from fitted_laws.solving.optimum import SurfaceOptimum, optimum, surface_in

AGREEMENT = 1e-10
"""How closely the service's answers and the closed formulas agree, relatively."""
USUAL = (1e18, 1e24)
"""Where a law is asked that states no range, in FLOP."""
PLANE = ("compute", "params", "tokens", "tokens_per_param")
COEFFICIENTS = ("E", "A", "B", "alpha", "beta")
FINE, COARSE = (8, 4), (8, 1)
"""Rows a decade of budgets in the tables of ends, at the optimum and about it."""


class ClosedLaw(msgspec.Struct, frozen=True, kw_only=True):
    """A law of a domain that needs no service: its coefficients, its basin, what it was fitted in, and where a table of its ends begins."""

    domain: str
    law: str
    family: str
    citation: str
    text: bool
    coefficients: dict[str, float]
    basin: tuple[float, float]
    irreducible: tuple[float | None, float | None]
    ranges: dict[str, tuple[float, float]]
    unstated: bool
    validated: tuple[Validated, ...]
    budgets: tuple[float, float]
    """The budgets it was fitted on, in FLOP."""
    has_ends: bool
    """Whether tables of ends hold it: it has an interval, and one of its draws alone."""
    per_decade: tuple[int, int]
    """Rows a decade in those tables."""


def closed_laws(laws: Laws) -> list[ClosedLaw]:
    """The laws of a catalogue that need no service, by domain and family, preferred first."""
    ordered = (law for domain in laws.domains for family in laws.families(domain.id).values() for law in family)
    return [closed for law in ordered if (closed := closed_law(laws, law))]


def closed_law(laws: Laws, law: Law) -> ClosedLaw | None:
    """The law, where it is additive and answers by its coefficients alone."""
    drawn = surface_in(law)
    if drawn is None or drawn.relation.active_share != 1 or law.loss_unit != NATS:
        return None
    try:
        best = optimum(law)
    except Problem:
        return None
    if not isinstance(best, SurfaceOptimum):
        return None
    budgets = fitted_budgets(fitted_ranges(law, [drawn.relation]))
    found = _asked(laws, law, best.surface.central(), math.sqrt(budgets[0] * budgets[1]))
    if found is None:
        return None
    relation = drawn.relation
    fine = FINE if drawn.source in ("covariance", "frozen-draws") else COARSE
    drawn_alone = found["loss_low"] is not None and relation.forecast is None
    return ClosedLaw(
        domain=law.domain.id,
        law=law.id,
        family=defused(law.family.title),
        citation=defused(law.first.citation),
        text=law.domain.text,
        coefficients={name: float(getattr(best.surface, name)[0, 0]) for name in COEFFICIENTS},
        basin=(found["params_min"] / found["params"], found["params_max"] / found["params"]),
        irreducible=(found["irreducible_loss_low"], found["irreducible_loss_high"]) if drawn_alone else (None, None),
        ranges=fitted_ranges(law, [relation]),
        unstated=any(missing([relation], fitted_ranges(law, [relation]))),
        validated=tuple(in_plane(run) for run in relation.validated),
        budgets=budgets,
        has_ends=drawn_alone,
        per_decade=fine,
    )


def _asked(laws: Laws, law: Law, surface: AdditivePowerLaw, compute: float) -> Answer | None:
    """What the service says of the optimum of a budget; None where that, or the loss of another run, is not the closed formula's."""
    E, A, B, alpha, beta = (float(getattr(surface, name)[0, 0]) for name in COEFFICIENTS)
    params = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (compute / 6) ** (beta / (alpha + beta))
    tokens = compute / 6 / params
    other = {"params": 3 * params, "tokens": tokens / 2}
    ask = functools.partial(_ask, laws, domain=law.domain.id, law=law.id)
    try:
        best, run = ask("optimal", compute=compute), ask("loss", **other)
        allocated = ask("allocate", **other)
        reached = ask("target", loss=E + A / params**alpha + B / tokens**beta)
        served = ask("lifetime", kl=A / params**alpha + B / tokens**beta, inference_tokens=tokens)
    except Problem:
        return None
    expected = (
        (best["params"], params),
        (best["loss"], E + A / params**alpha + B / tokens**beta),
        (run["loss"], E + A / other["params"] ** alpha + B / other["tokens"] ** beta),
        (run["compute"], 6 * other["params"] * other["tokens"]),
        (allocated["loss"], run["loss"]),
        (reached["compute"], compute),
        (
            alpha * A / served["params"] ** alpha / (beta * B / served["tokens"] ** beta),
            1 + tokens / (3 * served["tokens"]),
        ),
    )
    agree = all(isinstance(got, float) and math.isclose(got, wanted, rel_tol=AGREEMENT) for got, wanted in expected)
    return best if agree else None


def _ask(laws: Laws, question: str, **inputs: Any) -> Answer:
    return answering.answer(registry.read(question, inputs), laws)


def fitted_budgets(ranges: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """The budgets of a fit, in FLOP: as stated, else by C = 6ND from sizes and tokens, or tokens a parameter."""
    if "compute" in ranges:
        return ranges["compute"]
    if "params" not in ranges or not {"tokens", "tokens_per_param"} & ranges.keys():
        return USUAL
    (small, large) = ranges["params"]
    if "tokens" in ranges:
        return 6 * small * ranges["tokens"][0], 6 * large * ranges["tokens"][1]
    return 6 * small**2 * ranges["tokens_per_param"][0], 6 * large**2 * ranges["tokens_per_param"][1]


def in_plane(run: Validated) -> Validated:
    """A run with what follows from its size and data by C = 6ND."""
    at = dict(run.at)
    if {"params", "tokens"} <= at.keys():
        at = {"compute": 6 * at["params"] * at["tokens"], "tokens_per_param": at["tokens"] / at["params"], **at}
    return msgspec.structs.replace(run, at={name: at[name] for name in PLANE if name in at})
