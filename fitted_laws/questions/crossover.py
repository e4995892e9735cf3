"""`crossover`: where two relations of one law contradict each other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.optimize import brentq

from fitted_laws.extrapolation import Caution
from fitted_laws.laws import Law
from fitted_laws.problems import Incapable, Unanswerable
from fitted_laws.questions.base import Question
from fitted_laws.solutions import Solution

SEARCHED = (1e9, 1e60)
"""FLOP between which a crossing is looked for."""


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
        frontier, data, tokens, size = (law.drawn(role) for role in ("frontier", "data", "token-allocation", "allocation"))
        scale = frontier.relation.scale

        def gap(log_compute: float) -> float:
            compute = np.array([np.exp(log_compute)]) / scale
            return float((frontier.form.value(compute) - data.form.value(tokens.form.value(compute)))[0, 0])

        compute = crossing(law, gap)
        at = compute / scale
        fields = {
            "compute": compute,
            "params": size.form.value(at)[0],
            "tokens": tokens.form.value(at)[0],
            "loss": frontier.form.value(at)[0],
        }
        note = Caution("L(C) meets L(D(C)): beyond, training would have to learn more from its data than the data hold")
        return Solution(fields=fields, sources=[frontier, data, tokens, size], warnings=[note])

    def _size(self, law: Law) -> Solution:
        """Where L(C) falls below L(N_opt(C)), the loss at convergence of the size it is reached with."""
        frontier, converged, size = (law.drawn(role) for role in ("frontier", "converged", "allocation"))
        if frontier.relation.loss_definition or frontier.relation.compute_kind != size.relation.compute_kind:
            raise Incapable(f"{law.id}'s L(C) and N_opt(C) for {law.domain.id} are not in one loss or one compute, so their crossing means nothing")
        scale = frontier.relation.scale

        def gap(log_compute: float) -> float:
            compute = np.array([np.exp(log_compute)]) / scale
            return float((frontier.form.value(compute) - converged.form.value(size.form.value(compute)))[0, 0])

        compute = crossing(law, gap)
        params = size.form.value(compute / scale)[0]
        fields = {"compute": compute, "params": params, "tokens": compute / (6 * params), "loss": frontier.form.value(compute / scale)[0]}
        note = Caution("L(C) meets L(N_opt(C)): where it lies below, a model would do better than its size does at convergence")
        return Solution(fields=fields, sources=[frontier, converged, size], warnings=[note])


def crossing(law: Law, gap: Any) -> Any:
    """The largest compute at which `gap` changes from above to below zero, by bisection between grid points.

    Raises:
        Unanswerable: it never does.
    """
    grid = np.log(np.geomspace(*SEARCHED, 511))
    above = np.array([gap(x) > 0 for x in grid])
    falls = np.flatnonzero(above[:-1] & ~above[1:])
    if not len(falls):
        side = "above" if above.all() else "below, or rises above"
        raise Unanswerable(
            f"{law.id}: L(C) of {law.domain.id} stays {side} the other law from {SEARCHED[0]:.0e} to {SEARCHED[1]:.0e} FLOP: no crossover"
        )
    at = falls[0]
    return np.array([np.exp(brentq(gap, grid[at], grid[at + 1], xtol=1e-13))])
