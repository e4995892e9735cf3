"""Scales of the errors of forecasts, calibrated on forecasts of runs already made."""

import numpy as np

from trainer.estimation.objective import Array, robust_sigma

from .errors import FREEDOM, Scales

__all__ = ["CURVE", "FREEDOM", "SURFACE", "spread_of"]

OUTLIER = 5.0
LEAST_FREE = 0.3
"""A fit leaves at least this part of its rows as degrees of freedom, whatever the priors took."""

SURFACE = Scales(noise=0.52, coefficient=0.68, disagreement=0.66, per_decade=0.011, least=0.0023, quantile=1.78)
"""Near what `trainer.forecast.record.calibrating` finds on 254 forecasts inside 29 curves of nine families: .52, .67, .64, .0075,
.0029 and 1.96. Each family counts alike, errors follow Student's t with four degrees of freedom, the quantile makes
nine in ten come true. `per_decade` is above its likeliest value, and the quantile below, so that intervals hold two and
three decades out as well as near: that choice, the parts, and how errors grow with distance were made on the same
tables.
"""
CURVE = Scales(noise=1.0, coefficient=0.0, disagreement=0.5, per_decade=0.03, least=0.0023, quantile=2.0)
"""Curves in one variable: set by hand before they were tried, as one family alone has long curves to calibrate on.
Beyond a decade such intervals covered 70 % of that family's cuts.
"""


def spread_of(residuals: Array, used: float) -> float:
    """Root mean square of residuals, cut at five robust sigmas, over what `used` coefficients leave free."""
    limit = OUTLIER * max(robust_sigma(residuals), 0.003)
    free = max(len(residuals) - used, LEAST_FREE * len(residuals))
    return float(np.sqrt((np.clip(residuals, -limit, limit) ** 2).sum() / free))
