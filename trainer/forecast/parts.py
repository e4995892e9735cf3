"""What the error of a forecast is made of, and how wide that makes it: scales calibrated on forecasts of runs already made."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from trainer.fit.objective import Array, robust_sigma

OUTLIER = 5.0
LEAST_FREE = 0.3
"""A fit leaves at least this part of its rows as degrees of freedom, whatever the priors took."""
FREEDOM = 4.0
"""Degrees of freedom of the errors' distribution (Student's t): heavier tails than normal."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A forecast of ln loss and what its error is made of, (n,) each but `noise`, all in ln loss.

    `noise` is the residuals' spread at the largest run; `coefficient` the posterior's standard deviation; `disagreement`
    that between laws; `beyond` decades past the largest run.
    """

    log_loss: Array
    noise: float
    coefficient: Array
    disagreement: Array
    beyond: Array

    @property
    def growth(self) -> Array:
        """How errors grow with distance: as decades where they are few, a slope's; faster beyond, as a curvature's do."""
        return np.asarray(self.beyond * np.sqrt(1 + self.beyond))


@dataclass(frozen=True, slots=True)
class Scales:
    """How much of each part is the scale of errors: root of the sum of squares. `per_decade` and `least` are in ln loss."""

    noise: float
    coefficient: float
    disagreement: float
    per_decade: float
    least: float
    quantile: float

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

    def reach(self, level: float) -> float:
        """Half the width of the central interval, in scales: calibrated at 90 %, by Student's t elsewhere."""
        return float(self.quantile * stats.t.ppf(0.5 + level / 2, FREEDOM) / stats.t.ppf(0.95, FREEDOM))


SURFACE = Scales(noise=0.52, coefficient=0.68, disagreement=0.66, per_decade=0.011, least=0.0023, quantile=2.04)
"""Near what `calibrated` in study.py finds on 254 forecasts inside 29 curves of nine families (.50, .67, .64, .010,
.0026, 1.97): each family counts alike, errors follow Student's t with four degrees of freedom, the quantile makes nine in
ten come true. `per_decade` is rounded up. The parts, and how errors grow with distance, were chosen on the same tables."""
CURVE = Scales(noise=1.0, coefficient=0.0, disagreement=0.5, per_decade=0.03, least=0.0023, quantile=2.0)
"""Curves in one variable: set by hand before they were tried, as one family alone has long curves to calibrate on; the
likelihood then asked for .73, .46 and .031. Beyond a decade such intervals covered 40 % of that family's cuts."""


def spread_of(residuals: Array, used: float) -> float:
    """Root mean square of residuals, cut at five robust sigmas, over what `used` coefficients leave free."""
    limit = OUTLIER * max(robust_sigma(residuals), 0.003)
    free = max(len(residuals) - used, LEAST_FREE * len(residuals))
    return float(np.sqrt((np.clip(residuals, -limit, limit) ** 2).sum() / free))
