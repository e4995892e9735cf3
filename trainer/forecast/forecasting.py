"""From a table of runs to forecasts of others: which family of laws, and how wide their own back-tests make the intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.fit.objective import Array
from trainer.fitting import VARIABLES
from trainer.runs import Runs

from .curve import fit_curve
from .parts import CURVE, SURFACE, Parts, Scales
from .surface import fit_surface, table

CUTS = (0.4, 0.55, 0.7, 0.85)
"""Quantiles of compute that rolling back-tests are cut at."""
LEAST_ROWS = 6
"""Fewest rows a back-test is fitted to."""
TRUST = 6.0
"""Back-tests that the calibration of other tables counts for."""
MOST_SQUARED = 25.0
"""A back-test's squared error in scales counts at most so much: one broken trend does not speak for all."""
LEAST_RUNS = 3
WIDEN_UNDER = 10
"""Fewer runs widen the interval by the root of their lack."""
BROKEN = 4.0
"""A last back-test off by two scales says that the trend is broken."""

Predictor = Callable[[Runs], Parts]


class Unforecastable(ValueError):
    """These runs say nothing of larger ones; the message says what would."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """ln of the loss, and the scales of its errors for the mean of such runs and for one run, (n,) each."""

    log_loss: Array
    mean_scale: Array
    run_scale: Array
    reach: Callable[[float], float]

    def low(self, level: float = 0.9) -> Array:
        """The lower end for a new run."""
        return np.asarray(np.exp(self.log_loss - self.reach(level) * self.run_scale))

    def high(self, level: float = 0.9) -> Array:
        """The upper end for a new run."""
        return np.asarray(np.exp(self.log_loss + self.reach(level) * self.run_scale))


@dataclass(frozen=True, slots=True)
class Forecaster:
    """Laws fitted to runs; `widening` is what their rolling back-tests make of the scales, over `tests` of them."""

    predict: Predictor
    residuals: Array
    scales: Scales
    widening: float
    tests: int
    warnings: tuple[str, ...]

    def forecast(self, runs: Runs) -> Forecast:
        """Other runs of the same kind; their losses are not read."""
        parts = self.predict(runs)
        mean, run = (self.widening * scale for scale in (self.scales.mean(parts), self.scales.run(parts)))
        return Forecast(parts.log_loss, mean, run, self.scales.reach)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One fit of a family."""

    predict: Predictor
    residuals: Array


def forecaster(runs: Runs) -> Forecaster:
    """The family of laws that the runs' columns bear, its intervals widened or narrowed by rolling back-tests.

    Raises:
        Unforecastable: under three runs, or nothing varies.
    """
    variable = variable_of(runs)
    scales = CURVE if variable else SURFACE
    fitted = fitted_to(runs, variable)
    along = runs.columns[variable or "compute"]
    squared = [_squared(runs.where(near), runs.where(~near), variable, scales) for near in cuts(along)]
    widening = float(np.sqrt((TRUST + sum(squared)) / (TRUST + len(squared))))
    few = max(1.0, np.sqrt(WIDEN_UNDER / len(runs)))
    return Forecaster(fitted.predict, fitted.residuals, scales, widening * few, len(squared), tuple(_warnings(runs, along, squared)))


def variable_of(runs: Runs) -> str:
    """The one variable that a curve runs along; empty where size and data are both given."""
    if len(runs) < LEAST_RUNS:
        raise Unforecastable(f"expected at least {LEAST_RUNS} runs to forecast from, got {len(runs)}")
    if runs.has("params", "tokens", "compute"):
        return ""
    varying = [name for name in VARIABLES if runs.has(name) and np.ptp(runs.columns[name]) > 0]
    if not varying:
        raise Unforecastable("expected runs that differ in params, tokens or compute, got none that do")
    return varying[0]


def fitted_to(runs: Runs, variable: str) -> Fitted:
    """One fit, without back-tests."""
    log_loss = np.log(runs.columns["loss"])
    if variable:
        curve = fit_curve(variable, runs.columns[variable], log_loss)
        return Fitted(lambda others: curve.forecast(others.columns[variable]), curve.residuals)
    surface = fit_surface(table(runs), log_loss)
    return Fitted(lambda others: surface.forecast(table(others)), surface.residuals)


def cuts(along: Array) -> list[NDArray[np.bool_]]:
    """Which rows each rolling back-test is fitted to."""
    nears = [along <= np.quantile(along, cut) for cut in CUTS]
    return [near for near in nears if near.sum() >= LEAST_ROWS and not near.all()]


def _squared(near: Runs, far: Runs, variable: str, scales: Scales) -> float:
    """Mean squared error of one back-test in its own scales."""
    parts = fitted_to(near, variable).predict(far)
    error = (np.log(far.columns["loss"]) - parts.log_loss) / scales.run(parts)
    return float(np.minimum(error**2, MOST_SQUARED).mean())


def _warnings(runs: Runs, along: Array, squared: list[float]) -> list[str]:
    out = []
    if not squared:
        out.append(f"{len(runs)} runs are too few to test a forecast on: the interval rests on other tables' errors, and is widened")
    decades = float(np.log10(along.max() / along.min()))
    if decades < 1:
        out.append(f"the runs span {decades:.1f} decades: a law's curvature over one decade says little of the next")
    if squared and squared[-1] > BROKEN:
        out.append("the largest runs leave the trend of the smaller ones: the forecast may miss in the same way")
    return out
