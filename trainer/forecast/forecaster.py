"""From a table of runs to forecasts of others: which family of laws, and how wide their own back-tests make the
intervals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np

from fitted_laws.forecast.errors import Parts, Scales
from fitted_laws.forecast.forecast import Forecast, SurfaceForecast, Variable
from fitted_laws.quantities.problems import Unanswerable
from trainer.estimation.fit import Fit
from trainer.estimation.objective import Array
from trainer.forecast.rolling import AVERAGED, LEAST_ROWS, LEAST_TESTS, misses
from trainer.tables.runs import Runs

from .curve import fit_curve
from .rolling import cuts
from .surface import fit_surface, table

TRUST = 6.0
"""Back-tests that the calibration of other tables counts for."""
MOST_SQUARED = 25.0
"""A back-test's squared error in scales counts at most so much: one broken trend does not speak for all."""
ALONG: tuple[Variable, ...] = ("params", "tokens", "compute")
LEAST_RUNS = 3
WIDEN_UNDER = 10
"""Fewer runs widen the interval by the root of their lack."""
BROKEN = 4.0
"""A last back-test whose runs are, half of them, off by two scales says that the trend is broken."""


class Unforecastable(Unanswerable):
    """These runs say nothing of larger ones; the message says what would."""


@dataclass(frozen=True, slots=True)
class RunForecast:
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
class FittedFamily:
    """Laws fitted to runs, with what their errors are made of, and the residuals of the widest."""

    laws: Forecast
    residuals: Array

    def predict(self, runs: Runs) -> Parts:
        """Other runs of the same kind; their losses are not read."""
        return self.laws.of(table(runs)) if isinstance(self.laws, SurfaceForecast) else self.laws.parts(runs.columns)


@dataclass(frozen=True, slots=True)
class Forecaster(FittedFamily):
    """Laws whose scales rolling back-tests have widened or narrowed; `missed` is the mean |ln loss| that each was off
    by.
    """

    missed: Array

    @property
    def scales(self) -> Scales:
        return self.laws.scales

    @property
    def widening(self) -> float:
        return self.laws.widening

    @property
    def tests(self) -> int:
        return self.laws.tests

    @property
    def warnings(self) -> list[str]:
        return self.laws.warnings

    def forecast(self, runs: Runs) -> RunForecast:
        """Other runs of the same kind; their losses are not read."""
        parts = self.predict(runs)
        return RunForecast(parts.log_loss, self.laws.mean_scale(parts), self.laws.run_scale(parts), self.scales.reach)


def forecaster(runs: Runs) -> Forecaster:
    """The family of laws that the runs' columns bear, its intervals widened or narrowed by rolling back-tests.

    Raises:
        Unforecastable: under three runs, or nothing varies.
    """
    variable = variable_of(runs)
    fitted = fitted_to(runs, variable)
    along = runs.columns[variable or "compute"]
    tests = [_tested(runs.where(near), runs.where(~near), variable) for near in cuts(along)]
    squared = [test.squared for test in tests]
    widening = float(np.sqrt((TRUST + sum(squared)) / (TRUST + len(squared))))
    few = max(1.0, np.sqrt(WIDEN_UNDER / len(runs)))
    warnings = _warnings(runs, along, [test.middle for test in tests])
    laws = msgspec.structs.replace(fitted.laws, widening=float(widening * few), tests=len(tests), warnings=warnings)
    return Forecaster(laws, fitted.residuals, np.array([test.missed for test in tests]))


def variable_of(runs: Runs) -> Variable | Literal[""]:
    """The one variable that a curve runs along; empty where size and data are both given."""
    if len(runs) < LEAST_RUNS:
        raise Unforecastable(f"expected at least {LEAST_RUNS} runs to forecast from, got {len(runs)}")
    if runs.has("params", "tokens", "compute"):
        return ""
    varying = [name for name in ALONG if runs.has(name) and np.ptp(runs.columns[name]) > 0]
    if not varying:
        raise Unforecastable("expected runs that differ in params, tokens or compute, got none that do")
    return varying[0]


def fitted_to(runs: Runs, variable: Variable | Literal[""]) -> FittedFamily:
    """The laws fitted to all of the runs, their scales as shipped: not widened by back-tests."""
    log_loss = np.log(runs.columns["loss"])
    return FittedFamily(
        *(fit_curve(variable, runs.columns[variable], log_loss) if variable else fit_surface(table(runs), log_loss))
    )


@dataclass(frozen=True, slots=True)
class CutResult:
    """One back-test: mean squared error in its own scales, mean |ln loss| that it was off by, and the median squared
    error in scales.
    """

    squared: float
    missed: float
    middle: float


def _tested(near: Runs, far: Runs, variable: Variable | Literal[""]) -> CutResult:
    fitted = fitted_to(near, variable)
    parts = fitted.predict(far)
    error = np.log(far.columns["loss"]) - parts.log_loss
    squared = (error / fitted.laws.scales.run(parts)) ** 2
    return CutResult(
        float(np.minimum(squared, MOST_SQUARED).mean()), float(np.abs(error).mean()), float(np.median(squared))
    )


def _warnings(runs: Runs, along: Array, middles: list[float]) -> list[str]:
    out = []
    if not middles:
        out.append(
            f"{len(runs)} runs are too few to test a forecast on: the interval rests on other tables' errors, and is widened"
        )
    decades = float(np.log10(along.max() / along.min()))
    if decades < 1:
        out.append(f"the runs span {decades:.1f} decades: a law's curvature over one decade says little of the next")
    if middles and middles[-1] > BROKEN:
        out.append("the largest runs leave the trend of the smaller ones: the forecast may miss in the same way")
    return out


def kept_forecast(runs: Runs, fitted: Fit) -> dict[str, Any]:
    """What `fitted_laws` reads as a law's forecast.

    Raises:
        Unforecastable: these runs say nothing of larger ones.
    """
    family, along = forecaster(runs), runs.columns[variable_of(runs) or "compute"]
    law = misses(
        fitted.form, runs.columns, runs.columns["loss"], along, max(LEAST_ROWS, len(fitted.form.coefficients) + 1)
    )
    # the smallest cuts may be too small for the law's coefficients
    ours = family.missed[len(family.missed) - len(law) :]
    enough = len(law) >= LEAST_TESTS
    forecast = msgspec.structs.replace(
        family.laws,
        centre="forecast" if enough and ours.mean() < AVERAGED * law.mean() else "law",
        law_error=float(np.mean(law)) if enough else None,
        forecast_error=float(np.mean(ours)) if enough else None,
    )
    content: dict[str, Any] = msgspec.to_builtins(forecast)
    return content
