"""The optimum of a law whose paper prints where it is: N_opt(C) or D_opt(C), and L(C)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.forms.bisection import Basin, basin_of
from fitted_laws.forms.protocols import LossCurve, OfOne
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Incapable
from fitted_laws.solving.optima.pinning import pin


class PrintedOptimum:
    """The optimum as a paper printed it: N_opt(C), or D_opt(C) with N = C/6D, and L(C) where there is one."""

    def __init__(self, law: Law, irreducible: float | None = None) -> None:
        self._law = law
        self._by_tokens = not law.has("allocation")
        self._allocation: Drawn[OfOne] = law.drawn("token-allocation" if self._by_tokens else "allocation")
        self._frontier = law.drawn("frontier") if law.has("frontier") else None
        self._loss: LossCurve | None = None
        if self._frontier:
            self._loss = self._frontier.form if irreducible is None else pin(self._frontier, irreducible)
        self._path = law.drawn("path") if law.has("path") else None
        self.sources: Sequence[Drawn[object]] = [drawn for drawn in (self._allocation, self._frontier) if drawn]

    def params(self, compute: Values) -> Values:
        printed = self._allocation.form.value(compute / self._allocation.relation.scale)
        return compute / (6 * printed) if self._by_tokens else printed

    def loss(self, compute: Values) -> Values | None:
        if self._loss is None or self._frontier is None:
            return None
        return self._loss.value(compute / self._frontier.relation.scale)

    @property
    def floor(self) -> Values | None:
        return None if self._loss is None else self._loss.floor

    def compute_for(self, reducible: Values) -> Values:
        if self._loss is None or self._frontier is None:
            raise Incapable(f"{self._allocation.relation.id} prints no loss")
        return self._loss.inverse(reducible) * self._frontier.relation.scale

    @functools.cached_property
    def basin(self) -> Basin | None:
        """Sizes at either end of the basin, as ratios to the optimum; the same at every budget."""
        if self._path is None:
            return None
        if self._law.part_of is None:
            return basin_of(self._path.form.overhead)
        whole = printed_optimum(self._law.part_of).basin
        return whole and (some(whole[0], self._law.rows), some(whole[1], self._law.rows))

    def basin_about(self, params: Values, compute: Values) -> Basin | None:  # noqa: ARG002 - one ratio at every budget
        return None if self.basin is None else (self.basin[0] * params, self.basin[1] * params)


def printed_optimum(law: Law) -> PrintedOptimum:
    """The optimum as the law's paper printed it."""
    found: PrintedOptimum | None = law.derived.get(printed_optimum)
    if found is None:
        found = law.derived[printed_optimum] = PrintedOptimum(law)
    return found


def some(values: Values, rows: NDArray[np.intp]) -> Values:
    """These rows of an array; of one row, that."""
    return values[rows] if len(values) > 1 else values
