"""What the error of a forecast is made of, and how wide that makes it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from scipy.special import stdtrit

from trainer.estimation.objective import Array

FREEDOM = 4.0
"""Degrees of freedom of the errors' distribution (Student's t): heavier tails than normal."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A forecast of ln loss and what its error is made of, (n,) each but `noise`, all in ln loss.

    `noise` is the residuals' spread at the largest run; `coefficient` the posterior's standard deviation;
    `disagreement` that between laws; `beyond` decades past the largest run.
    """

    log_loss: Array
    noise: float
    coefficient: Array
    disagreement: Array
    beyond: Array

    @property
    def growth(self) -> Array:
        """How errors grow with distance in decades: a slope's as d, a curvature's as d^2."""
        return np.asarray(self.beyond * (1 + self.beyond))


class Scales(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of each part is the scale of errors: root of the sum of squares. `per_decade` and `least` are in ln
    loss.
    """

    noise: float
    coefficient: float
    disagreement: float
    per_decade: float
    least: float
    quantile: float
    freedom: float = FREEDOM

    def mean(self, parts: Parts) -> Array:
        """Scale of the error of the mean of such runs, (n,)."""
        return self._scale(parts, 0.0)

    def run(self, parts: Parts) -> Array:
        """Scale of the error of one new run, (n,)."""
        return self._scale(parts, self.noise)

    def _scale(self, parts: Parts, noise: float) -> Array:
        pieces = (
            noise * parts.noise,
            self.coefficient * parts.coefficient,
            self.disagreement * parts.disagreement,
            self.per_decade * parts.growth,
            self.least,
        )
        return np.asarray(np.sqrt(sum(np.square(piece) for piece in pieces)))

    @property
    def unit(self) -> float:
        """The scale of Student's t whose quantile at 90 % is the calibrated one."""
        return float(self.quantile / stdtrit(self.freedom, 0.95))
