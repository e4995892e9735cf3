"""Runs in, law out: the exact optimum of a form over its runs, and draws of its coefficients."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.problems import Unanswerable
from trainer.estimation.forms.base import Form, Inputs
from trainer.estimation.solver.newton import Minima
from trainer.estimation.solver.search import (
    COLD,
    ENGINE,
    WARM,
    Basin,
    Engine,
    best_of,
    delta_path,
    scaled_to_noise,
    solve,
)
from trainer.files import Refusal

from .bootstrap import resampled_weights
from .objective import Array, Objective, default_delta, huber, robust_sigma
from .problem import FREE, Asymptote, FitProblem, Prior

SCALE_ROUNDS = 6
"""Re-estimates of the noise while delta follows it."""
SETTLED = 1e-6
"""Relative change of delta that ends them."""
NO_PRIOR = Prior(0, np.zeros(1), 0.0)
RIVAL = 0.05
"""Basins within this part of the lowest sum start resamples too."""
MOST_RIVALS = 3
UNFINISHED, RESCUES = 1e-8, 4
"""A resample whose sum could still fall by more than the first, as a part of it, is searched from so many other starts.
"""
AT_BOUND = 1e-9


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one fit: input columns (n,), the observed quantity (n,) in its unit, and the rows' weights (n,)."""

    inputs: Inputs
    observed: Array
    weights: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if not self.weights.size:
            object.__setattr__(self, "weights", np.ones(len(self.observed)))
        for name, column in (*self.inputs.items(), ("observed", self.observed)):
            if not (len(column) == len(self.weights) and np.all(np.isfinite(column) & (column > 0))):
                raise ValueError(f"{name} must be {len(self.weights)} positive finite numbers")
        if not (np.all(np.isfinite(self.weights) & (self.weights >= 0)) and self.weights.any()):
            raise ValueError("weights must be finite, not negative, and not all zero")


@dataclass(frozen=True, slots=True)
class Fit:
    """The global minimum: coefficients (m,) in the form's order, the sum there, and what it took.

    `residuals` are ln observed - ln predicted (n,); `decrement` is the relative decrease of the sum that the optimum's
    quadratic model still promises; `bounded` names the working coordinates that ended at a bound.
    """

    form: Form
    objective: Objective
    coefficients: Array
    value: float
    residuals: Array
    basins: tuple[Basin, ...]
    decrement: float
    bounded: tuple[int, ...]
    problem: FitProblem
    prior: Prior
    weights: Array


def fit(
    form: Form, runs: Rows, objective: Objective | None = None, asymptote: Asymptote = FREE, engine: Engine = ENGINE
) -> Fit:
    """The exact optimum over all starts; without an objective Huber's with delta at 1.345 robust sigmas of its own
    residuals.
    """
    problem = form.problem(runs.inputs, runs.observed, asymptote)
    starts = problem.starts(runs.weights)
    first = objective or huber(default_delta(problem.residuals(starts[:1])[0][runs.weights > 0]))
    basins = best_of(problem, starts, runs.weights, first, NO_PRIOR, engine)
    if not basins:
        raise Unanswerable(
            f"no start of the {form.name} form has a finite objective on these {len(runs.observed)} runs"
        )
    chosen = objective or first
    if objective is None:
        chosen, basins = _scale_delta(problem, basins, runs.weights, first, engine)
    prior = _prior(problem, asymptote, chosen, basins[0], runs.weights)
    if prior.precision:
        basins = best_of(problem, np.array([*(b.theta for b in basins), *starts]), runs.weights, chosen, prior, engine)
    return _filed(form, problem, chosen, basins, prior, runs.weights)


def _scale_delta(
    problem: FitProblem, basins: list[Basin], weights: Array, objective: Objective, engine: Engine
) -> tuple[Objective, list[Basin]]:
    """Delta and the optimum made consistent: delta is 1.345 robust sigmas of the residuals that it leads to."""
    for _ in range(SCALE_ROUNDS):
        delta = scaled_to_noise(problem, basins, weights)
        if abs(delta / objective.delta - 1) < SETTLED:
            break
        objective = huber(delta)
        refitted = best_of(problem, np.array([b.theta for b in basins]), weights, objective, NO_PRIOR, engine)
        counts = sum(b.starts for b in basins)
        basins = [Basin(b.theta, b.value, counts if len(refitted) == 1 else b.starts, b.decrement) for b in refitted]
    return objective, basins


def _prior(problem: FitProblem, asymptote: Asymptote, objective: Objective, basin: Basin, weights: Array) -> Prior:
    """The asymptote's prior in the objective's units, from the noise at the optimum without it."""
    if np.isinf(asymptote.log_sd):
        return NO_PRIOR
    if problem.asymptote_index < 0:
        raise Refusal("this form has no asymptote to hold")
    noise = objective.noise_scale(problem.residuals(basin.theta[None, :])[0], weights)
    mean = np.log(asymptote.centre) - problem.log_unit
    return Prior(problem.asymptote_index, np.array([mean]), noise / asymptote.log_sd**2)


def _filed(
    form: Form, problem: FitProblem, objective: Objective, basins: list[Basin], prior: Prior, weights: Array
) -> Fit:
    best = basins[0]
    theta = best.theta[None, :]
    residuals = problem.residuals(theta)[0]
    spread = problem.high - problem.low
    edge = (spread > 0) & ((best.theta - problem.low <= AT_BOUND) | (problem.high - best.theta <= AT_BOUND))
    return Fit(
        form=form,
        objective=objective,
        coefficients=problem.coefficients(theta)[0],
        value=objective.total(residuals, weights),
        residuals=residuals,
        basins=tuple(basins),
        decrement=best.decrement,
        bounded=tuple(int(i) for i in np.flatnonzero(edge)),
        problem=problem,
        prior=prior,
        weights=weights,
    )


def draws(
    fitted: Fit,
    clusters: NDArray[np.int64] | None = None,
    resamples: int = 4000,
    seed: int = 0,
    engine: Engine = ENGINE,
) -> Array:
    """Coefficients of the law refitted to resampled runs, (resamples, m).

    Rows are resampled, or whole clusters of them, (n,) from 0; each refit starts from the optimum and from every rival
    basin, at the fit's own delta. With a prior its centre is redrawn too, so that the draws spread as the posterior
    does.
    """
    numbers = np.arange(len(fitted.residuals)) if clusters is None else clusters
    weights = resampled_weights(numbers, resamples, seed)
    if not (fitted.weights == 1).all():
        weights *= fitted.weights
    return fitted.problem.coefficients(refit(fitted, weights, _redrawn(fitted.prior, fitted, resamples, seed), engine))


def refit(fitted: Fit, weights: Array, prior: Prior, engine: Engine = ENGINE) -> Array:
    """Working coordinates of the optimum under each line of weights (r, n), (r, p).

    Searches that did not finish from the optimum or a rival basin are searched again from the fit's first starts.
    """
    near = WARM * robust_sigma(fitted.residuals[fitted.weights > 0])
    rivals = [b.theta for b in fitted.basins[:MOST_RIVALS] if b.value <= (1 + RIVAL) * fitted.value]
    minima = _lowest(fitted, np.array(rivals or [fitted.basins[0].theta]), weights, near, prior, engine)
    lost = np.flatnonzero(~(minima.decrement <= UNFINISHED))
    if lost.size:
        starts = fitted.problem.starts(fitted.weights)[:RESCUES]
        local = prior if len(prior.mean) == 1 else Prior(prior.index, prior.mean[lost], prior.precision)
        again = _lowest(fitted, starts, weights[lost], near * COLD / WARM, local, engine)
        better = again.value < minima.value[lost]
        minima.theta[lost[better]] = again.theta[better]
    return minima.theta


def _lowest(fitted: Fit, starts: Array, weights: Array, easy: float, prior: Prior, engine: Engine) -> Minima:
    """The lowest of the minima that starts (k, p) lead to under each line of weights (r, n)."""
    path = delta_path(fitted.objective, easy)
    best = solve(fitted.problem, np.tile(starts[0], (len(weights), 1)), weights, path, prior, engine)
    for start in starts[1:]:
        minima = solve(fitted.problem, np.tile(start, (len(weights), 1)), weights, path, prior, engine)
        lower = np.flatnonzero(minima.value < best.value)
        best.theta[lower], best.value[lower], best.decrement[lower] = (
            minima.theta[lower],
            minima.value[lower],
            minima.decrement[lower],
        )
    return best


def _redrawn(prior: Prior, fitted: Fit, resamples: int, seed: int) -> Prior:
    """The prior with its centre redrawn for each resample (randomise, then optimise)."""
    if prior.precision == 0:
        return prior
    noise = fitted.objective.noise_scale(fitted.residuals, fitted.weights)
    spread = np.sqrt(noise / prior.precision)
    mean = prior.mean + spread * np.random.default_rng([seed, 1]).standard_normal(resamples)
    return Prior(prior.index, mean, prior.precision)
