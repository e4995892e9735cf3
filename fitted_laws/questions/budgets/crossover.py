"""`crossover`: where two relations of one law contradict each other."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.question import Question
from fitted_laws.forms import PowerLaw, PowerLawPlusConstant, Values
from fitted_laws.forms.bisection import bisected
from fitted_laws.forms.protocols import LossCurve, OfOne
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import ROLES
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.solving.solution import Caution, Solution

SEARCHED = (1e9, 1e60)
"""FLOP between which a crossing is looked for."""
SLOPE_STEP = 1e6
"""How far apart two budgets are between which a reason gives exponents."""
POINTS, POINTS_OF_DRAWS, HALVINGS = 511, 64, 50
"""Places looked at, for the law itself and for each of its draws, and how often the step between two of these is halved
then.
"""
Gap = Callable[[Values], Values]
"""Of compute in FLOP, (rows,) or (1 + draws, 1), how far one loss is above the other, (1 + draws, rows)."""


class Crossover(Question, frozen=True, kw_only=True):
    """At what compute do two of a law's own relations contradict each other, so that one of them must fail?"""

    name: ClassVar[str] = "crossover"
    headline: ClassVar[str] = "compute"
    answers: ClassVar[tuple[str, ...]] = ("compute", "params", "tokens", "loss")
    example: ClassVar[dict[str, Any]] = {"domain": "language", "law": "kaplan-2020"}

    def solve(self, law: Law) -> Solution:
        if law.has("surface") or law.has("repeated"):
            raise Incapable(f"{law.id} is a surface: its frontier follows from it, so nothing can cross")
        if law.has("frontier") and law.has("data") and law.has("token-allocation"):
            return self._data(law)
        if law.has("frontier") and law.has("converged") and law.has("allocation"):
            return self._size(law)
        raise Incapable(f"{law.id} holds no two relations of {law.domain.id} that could cross")

    def _data(self, law: Law) -> Solution:
        """Where L(C) falls below L(D(C)), D the tokens of efficient training (K section 6.3)."""
        frontier, data = law.drawn("frontier"), law.drawn("data")
        tokens, size = law.drawn("token-allocation"), law.drawn("allocation")
        sources: list[Drawn[object]] = [frontier, data, tokens, size]
        of_compute, of_data = plain_power(frontier), plain_power(data)
        scale = frontier.relation.scale

        def parts(compute: Values) -> tuple[Values, Values]:
            return of_compute.reducible(compute / scale), of_data.reducible(tokens.form.value(compute / scale))

        def gap(compute: Values) -> Values:
            left, right = parts(compute)
            # a floor that they share drops out before rounding can make a crossing of it
            return np.asarray((of_compute.floor - of_data.floor) + (left - right))

        def slopes() -> str:
            rates = [
                float(-np.log(part[0, 1] / part[0, 0]) / np.log(SLOPE_STEP))
                for part in parts(np.array([1.0, SLOPE_STEP]) * scale)
            ]
            return f"above their floors L(C) falls as C^-{rates[0]:.3f}, L(D(C)) as C^-{rates[1]:.3f}"

        compute = crossing(law, gap, slopes)
        note = Caution("L(C) meets L(D(C)): beyond, training would have to learn more from its data than the data hold")
        warnings = [note]
        if all(source.relation.draws is not None for source in sources):
            compute = crossings_of_draws(gap, compute)
            never = np.isinf(compute[1:])
            if never.any():
                warnings.append(Caution(f"in {np.mean(never):.1%} of the resamples L(C) never falls below L(D(C))"))
        at = compute / scale
        fields = {"params": by_draw(size, at), "tokens": by_draw(tokens, at), "loss": by_draw(frontier, at)}
        return Solution(fields={"compute": compute, **fields}, sources=sources, warnings=warnings)

    def _size(self, law: Law) -> Solution:
        """Where L(C) falls below L(N_opt(C)), the loss at convergence of the size it is reached with."""
        frontier, converged, size = law.drawn("frontier"), law.drawn("converged"), law.drawn("allocation")
        if frontier.relation.loss_definition or frontier.relation.compute_kind != size.relation.compute_kind:
            raise Incapable(
                f"{law.id}'s L(C) and N_opt(C) for {law.domain.id} are not in one loss or one compute, so their crossing means nothing"
            )
        scale = frontier.relation.scale

        def gap(compute: Values) -> Values:
            return np.asarray(
                frontier.form.value(compute / scale) - converged.form.value(size.form.value(compute / scale))
            )

        compute = crossing(law, gap)
        params = size.form.value(compute / scale)[0]
        fields = {
            "compute": compute,
            "params": params,
            "tokens": compute / (6 * params),
            "loss": frontier.form.value(compute / scale)[0],
        }
        note = Caution(
            "L(C) meets L(N_opt(C)): where it lies below, a model would do better than its size does at convergence"
        )
        return Solution(fields=fields, sources=[frontier, converged, size], warnings=[note])


def plain_power(drawn: Drawn[LossCurve]) -> PowerLaw | PowerLawPlusConstant:
    """The curve of a relation, which gives its part above the floor without the floor's rounding.

    Raises:
        Incapable: it is one that bends.
    """
    if not isinstance(drawn.form, PowerLaw | PowerLawPlusConstant):
        relation = drawn.relation
        raise Incapable(f"{relation.id}'s {ROLES[relation.role]} is no power law, so its crossing is not looked for")
    return drawn.form


def by_draw(relation: Drawn[OfOne], at: Values) -> Values:
    """What the relation gives there, (rows,) at one compute, (1 + draws, 1) where each draw has its own; infinite where
    none is.
    """
    return np.asarray(
        relation.form.value(at)[0] if at.ndim == 1 else np.where(np.isinf(at), np.inf, relation.form.value(at))
    )


def crossing(law: Law, gap: Gap, why: Callable[[], str] = str) -> Values:
    """The least compute at which `gap` of the law itself changes from above to below zero, (1,), by bisection between
    grid points.

    Raises:
        Unanswerable: it never does.
    """

    def here(log_compute: float) -> float:
        return float(gap(np.array([np.exp(log_compute)]))[0, 0])

    grid = np.log(np.geomspace(*SEARCHED, POINTS))
    above = np.array([here(x) > 0 for x in grid])
    falls = np.flatnonzero(above[:-1] & ~above[1:])
    if not len(falls):
        side = "above" if above.all() else "below, or rises above"
        reason = f"; {why()}" if why() else ""
        raise Unanswerable(
            f"{law.id}: L(C) of {law.domain.id} stays {side} the other law from {SEARCHED[0]:.0e} to {SEARCHED[1]:.0e} FLOP: no crossover{reason}"
        )
    at = falls[0]
    brentq = importlib.import_module("scipy.optimize").brentq  # loaded here: it takes four times as long as numpy
    return np.array([np.exp(brentq(here, grid[at], grid[at + 1], xtol=1e-13))])


def crossings_of_draws(gap: Gap, own: Values) -> Values:
    """The same for every draw, (1 + draws, 1), after the law's own; infinite for a draw without one."""
    grid = np.log(np.geomspace(*SEARCHED, POINTS_OF_DRAWS))
    above = np.array(gap(np.exp(grid)) > 0)
    falls = above[:, :-1] & ~above[:, 1:]
    first = falls.argmax(axis=1)
    ends = grid[first][:, None], grid[first + 1][:, None]
    low, high = bisected(lambda log_compute: gap(np.exp(log_compute)) > 0, *ends, HALVINGS)
    compute = np.where(falls.any(axis=1, keepdims=True), np.exp((low + high) / 2), np.inf)
    compute[0, 0] = own[0]
    return np.asarray(compute)
