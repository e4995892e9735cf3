"""From a table of runs to forecasts of others: which family of laws, and how wide their own back-tests make the
intervals.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from fitted_laws.laws.members import one_run
from fitted_laws.quantities.problems import Unanswerable
from trainer.estimation.objective import Array
from trainer.tables.runs import Runs

from .family.curve import fit_curve
from .family.errors import Parts, Scales
from .family.posterior import Posterior, SurfacePosterior, Variable
from .family.surface import fit_surface, table
from .members.members import Members, curve_members, surface_inputs, surface_members
from .members.targets import MEMBERS
from .rolling import cuts

TRUST = 6.0
"""Back-tests that the calibration of other tables counts for."""
MOST_SQUARED = 25.0
"""A back-test's squared error in scales counts at most so much: one broken trend does not speak for all."""
ALONG: tuple[Variable, ...] = ("params", "tokens", "compute")
LEAST_RUNS = 3
USUAL = 0.31
"""What the lowest loss has above E, over it, in the centre of the priors."""
WIDEN_UNDER = 10
"""Fewer runs widen the interval by the root of their lack."""
BROKEN = 4.0
"""A last back-test whose runs are, half of them, off by two scales says that the trend is broken."""


OF_ONE_FAMILY = "beyond a decade the interval rests on one family of other people's curves, the only long ones at hand"


class Unforecastable(Unanswerable):
    """These runs say nothing of larger ones; the message says what would."""


@dataclass(frozen=True, slots=True)
class RunForecast:
    """ln of the loss of n runs by m laws and by their central one, (m, n) and (n,), and the scale of one run's Student's t about them."""

    log_loss: Array
    laws: Array
    noise: float

    def ends(self, level: float = 0.9, of: Literal["mean", "run"] = "run") -> tuple[Array, Array]:
        """ln of the ends of the interval, widened where they must be to hold the centre, (n,) each."""
        laws = self.laws if of == "mean" else one_run(self.laws, self.noise)
        low, high = np.log(np.quantile(np.exp(laws), [(1 - level) / 2, (1 + level) / 2], axis=0))
        return np.minimum(low, self.log_loss), np.maximum(high, self.log_loss)

    def low(self, level: float = 0.9) -> Array:
        """The lower end for a new run."""
        return np.asarray(np.exp(self.ends(level)[0]))

    def high(self, level: float = 0.9) -> Array:
        """The upper end for a new run."""
        return np.asarray(np.exp(self.ends(level)[1]))


@dataclass(frozen=True, slots=True)
class FittedFamily:
    """Laws fitted to runs, with what their errors are made of, and the residuals of the widest."""

    laws: Posterior
    residuals: Array
    runs: Runs

    def predict(self, runs: Runs) -> Parts:
        """Other runs of the same kind; their losses are not read."""
        return self.laws.of(table(runs)) if isinstance(self.laws, SurfacePosterior) else self.laws.parts(runs.columns)

    def members(self, floors: Callable[[float], float] | None = None, seed: int = 0, count: int = MEMBERS) -> Members:
        """The set of laws that they become; `floors` gives quantiles of a surface's irreducible loss."""
        if isinstance(self.laws, SurfacePosterior):
            return surface_members(self.laws, table(self.runs), floors, seed, count)
        return curve_members(self.laws, self.runs.columns[self.laws.variable], seed, count)

    def widened(self, widening: float) -> Self:
        """The same laws, at `widening` times the distances from each other that other tables' back-tests made of them."""
        return replace(self, laws=replace(self.laws, widening=widening))


@dataclass(frozen=True)
class Forecaster(FittedFamily):
    """Laws whose scales rolling back-tests have widened or narrowed."""

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

    @functools.cached_property
    def set(self) -> Members:
        return self.members()

    def forecast(self, runs: Runs) -> RunForecast:
        """Other runs of the same kind; their losses are not read."""
        if isinstance(self.laws, SurfacePosterior):
            inputs = surface_inputs(self.laws, table(runs))
            values = self.set.log_losses(*inputs[: 3 if self.set.form == "warped-repeated" else 2])
        else:
            values = self.set.log_losses(runs.columns[self.laws.variable])
        return RunForecast(values[0], values[1:], self.set.noise)


def forecaster(runs: Runs, part: float = 1.0) -> Forecaster:
    """The family of laws that the runs' columns bear, its intervals widened or narrowed by rolling back-tests.

    `part` is how large what the largest runs have above E is, over what is usual, where that is known.

    Raises:
        Unforecastable: under three runs, or nothing varies.
    """
    variable = variable_of(runs)
    fitted = fitted_to(runs, variable, part)
    along = runs.columns[variable or "compute"]
    tests = [_tested(runs.where(near), runs.where(~near), variable, part) for near in cuts(along)]
    squared = [test.squared for test in tests]
    widening = float(np.sqrt((TRUST + sum(squared)) / (TRUST + len(squared))))
    warnings = _warnings(runs, along, [test.middle for test in tests])
    warnings += [OF_ONE_FAMILY] if variable else []
    laws = replace(fitted.laws, widening=float(widening * lack(len(runs))), tests=len(tests), warnings=warnings)
    return Forecaster(laws, fitted.residuals, runs)


def lack(count: int) -> float:
    """What so few runs widen an interval by."""
    return max(1.0, float(np.sqrt(WIDEN_UNDER / count)))


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


def fitted_to(runs: Runs, variable: Variable | Literal[""], part: float = 1.0) -> FittedFamily:
    """The laws fitted to all of the runs, their scales as shipped: not widened by back-tests."""
    log_loss = np.log(runs.columns["loss"])
    if variable:
        curve, residuals = fit_curve(variable, runs.columns[variable], log_loss)
        return FittedFamily(curve, residuals, runs)
    surface, residuals = fit_surface(table(runs), log_loss, part)
    return FittedFamily(surface, residuals, runs)


@dataclass(frozen=True, slots=True)
class CutResult:
    """One back-test: mean and median squared error in its own scales."""

    squared: float
    middle: float


def _tested(near: Runs, far: Runs, variable: Variable | Literal[""], part: float) -> CutResult:
    fitted = fitted_to(near, variable, part)
    parts = fitted.predict(far)
    error = np.log(far.columns["loss"]) - parts.log_loss
    squared = (error / fitted.laws.scales.run(parts)) ** 2
    return CutResult(float(np.minimum(squared, MOST_SQUARED).mean()), float(np.median(squared)))


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


def kept_forecast(runs: Runs, floors: Callable[[float], float] | None = None, seed: int = 0) -> dict[str, Any]:
    """What `fitted_laws` reads as a law's forecast; `floors` gives quantiles of the irreducible loss, where more is known of it.

    Raises:
        Unforecastable: these runs say nothing of larger ones.
    """
    part = 1.0 if floors is None else 1 - floors(0.5) / float(runs.columns["loss"].min())
    family = forecaster(runs, min(part / USUAL, 1.0))
    return {**family.members(floors, seed).kept(), "tests": family.tests, "warnings": family.warnings}
