"""The optimum of a surface that is not additive: its frontier in closed form by size, found by bisection for a budget or a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.forms.bisection import basin_of, bisected
from fitted_laws.forms.protocols import MixedSurface
from fitted_laws.laws.law import Drawn

MOST_LOG_PARAMS, HALVINGS = np.log(1e40), 64
"""The largest size that is looked at, and how often the span below it is halved: to the last bits."""


class MixedOptimum:
    """N, D and L at the optimum of a compute budget in FLOP, C = 6ND, with a form's further inputs given."""

    def __init__(self, drawn: Drawn[MixedSurface], further: Mapping[str, Values]) -> None:
        self.sources: Sequence[Drawn[object]] = [drawn]
        self.form = drawn.form
        self.further = dict(further)

    @property
    def floor(self) -> Values:
        return np.atleast_2d(self.form.floor_at(**self.further))

    def params(self, compute: Values) -> Values:
        return self._size(lambda params: self._compute(params) <= compute, compute)

    def loss(self, compute: Values) -> Values:
        params = self.params(compute)
        return self.form.value(params, compute / (6 * params), **self.further)

    def compute_for(self, reducible: Values) -> Values:
        """C at which L − L∞ is `reducible`."""
        floor = self.floor
        return self._compute(self._size(lambda params: self._loss(params) - floor >= reducible, reducible))

    def basin_about(self, params: Values, compute: Values) -> tuple[Values, Values]:  # noqa: ARG002 - it follows from the size
        """The sizes that reach the optimal loss of the budget whose best size is `params` for less than 1 % more compute."""
        loss, whole = self._loss(params), self._compute(params)

        def overhead(ratio: Values) -> Values:
            size = ratio * params
            spent = 6 * size * self.form.tokens_to(loss, size, **self.further) / whole
            return np.where(np.isnan(spent), np.inf, spent)

        low, high = basin_of(overhead, params.shape)
        return low * params, high * params

    def _compute(self, params: Values) -> Values:
        return 6 * params * self.form.matched_tokens(params, **self.further)

    def _loss(self, params: Values) -> Values:
        return self.form.value(params, self.form.matched_tokens(params, **self.further), **self.further)

    def _size(self, smaller: Callable[[Values], NDArray[np.bool_]], like: Values) -> Values:
        """The size up to which `smaller` holds, one for each value of `like`."""
        shape = np.broadcast_shapes(self.floor.shape, np.shape(like))
        low, _ = bisected(
            lambda log_params: smaller(np.exp(log_params)), np.zeros(shape), np.full(shape, MOST_LOG_PARAMS), HALVINGS
        )
        return np.exp(low)
