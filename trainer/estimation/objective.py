"""What a fit minimises: sums of a robust cost over the residuals ln(observed) - ln(predicted).

Every objective is one struct, an asymmetric Huber cost, so that one solver serves Huber, squares and quantiles.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.files import Refusal

Array = NDArray[np.float64]

HUBER_EFFICIENT = 1.345
"""Huber's constant in robust sigmas: 95 % efficient under normal noise."""
MAD_TO_SIGMA = 1.4826
"""1 / the 0.75 quantile of the normal distribution."""
HOFFMANN_DELTA = 1e-3
"""Hoffmann et al. 2022, approach 3."""
SMALLEST_DELTA = 1e-10
"""Below this a residual is rounding: the noise scale of exact data."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Sum over rows of w * side * huber(r), where huber(r) = r^2/2 inside delta and delta (|r| - delta/2) beyond.

    `above` multiplies the cost of rows above the law (r >= 0), `below` of those under it; delta is in log units.
    """

    name: str
    delta: float
    above: float = 1.0
    below: float = 1.0

    def __post_init__(self) -> None:
        if not self.delta > 0:
            raise Refusal(f"delta must be a positive number in log units, got {self.delta}")

    def side(self, residuals: Array) -> Array:
        """The asymmetry factor of each residual."""
        return np.where(residuals >= 0, self.above, self.below)

    def value(self, residuals: Array) -> Array:
        """Cost of each residual."""
        inside = np.minimum(np.abs(residuals), self.delta)
        return self.side(residuals) * inside * (np.abs(residuals) - 0.5 * inside)

    def slope(self, residuals: Array) -> Array:
        """Derivative of the cost of each residual, psi."""
        return self.side(residuals) * np.clip(residuals, -self.delta, self.delta)

    def curvature(self, residuals: Array) -> Array:
        """Second derivative of the cost: 1 inside delta, 0 beyond (times the side)."""
        return self.side(residuals) * (np.abs(residuals) <= self.delta)

    def majorizer(self, residuals: Array) -> Array:
        """psi(r)/r, the weight of iteratively reweighted least squares; 1 at zero."""
        size = np.maximum(np.abs(residuals), np.finfo(np.float64).tiny)
        return self.side(residuals) * np.minimum(1.0, self.delta / size)

    def total(self, residuals: Array, weights: Array) -> float:
        """The sum that is minimised and reported."""
        return float(np.sum(weights * self.value(residuals)))

    def noise_scale(self, residuals: Array, weights: Array) -> float:
        """sum psi^2 / sum psi': turns the sum into a likelihood's units (the sandwich variance of an M-estimator)."""
        curvature = float(np.sum(weights * self.curvature(residuals)))
        return float(np.sum(weights * self.slope(residuals) ** 2)) / max(curvature, 1.0)


def huber(delta: float) -> Objective:
    """Huber's cost with its corner at `delta` log units."""
    return Objective("huber", delta)


def squares() -> Objective:
    """Half the sum of squared log residuals."""
    return Objective("squares", math.inf)


def quantile(level: float, delta: float) -> Objective:
    """The curve that `level` of the rows lie under: the pinball cost times delta, rounded within delta of zero."""
    if not 0 < level < 1:
        raise ValueError(f"a quantile level lies between 0 and 1, got {level}")
    return Objective("quantile", delta, above=level, below=1 - level)


def robust_sigma(residuals: Array) -> float:
    """1.4826 times the median absolute deviation from the median, in the residuals' unit."""
    return float(MAD_TO_SIGMA * np.median(np.abs(residuals - np.median(residuals))))


def default_delta(residuals: Array) -> float:
    """1.345 robust sigmas, so that Huber's cost loses 5 % efficiency on normal noise whatever its size."""
    return max(HUBER_EFFICIENT * robust_sigma(residuals), SMALLEST_DELTA)
