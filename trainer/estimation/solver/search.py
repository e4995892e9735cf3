"""The global search: many starts, a path of shrinking deltas, and every distinct basin that the starts end in."""

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer.estimation.forms.terms import TermProblem
from trainer.estimation.objective import Array, Objective, default_delta, robust_sigma
from trainer.estimation.problem import FitProblem, Prior

from .newton import TOLERANCE, Minima, Patience, minimize
from .parallel import in_slices

Engine = Literal["auto", "compiled", "numpy"]
ENGINE: Engine = "auto"
"""What is used unless a caller asks: the compiled solver where numba is installed and the work repays it."""
COMPILED = importlib.util.find_spec("numba") is not None
"""Whether there is a compiled solver: numba is optional, the numpy path gives the same minima."""
COMPILED_FROM = 20_000_000
"""Rows times searches from which it is used: to load it takes a second, to compile it the first time a dozen, and it
saves half a second a million. By the size alone, so that the same input always gives the same bytes."""

PART = 125
"""Searches that a thread takes at once; fewer than this are not worth a thread."""
WARM, COLD = 0.15, 1.0
"""From a near and from a far start, a delta above so many robust sigmas is minimised at once, a smaller one in steps.
"""
STEP = 4.0
"""Factor between the deltas on the way to a small one."""
RACE = ((6, Patience(8, 1e-4)), (2, Patience(25, 1e-5)))
"""How many searches are left after so many iterations: from most starts a form with a bend creeps along a valley."""
LAST = Patience(120, TOLERANCE)
"""Of those that are left."""
SAME_BASIN, SAME_VALUE = 1e-3, 1e-10
"""Minima are one basin where every coordinate agrees to the first, or the sums to the second (a flat valley)."""


@dataclass(frozen=True, slots=True)
class Basin:
    """A minimum, the sum there, how many of the starts ended in it, and the relative decrease that its model still
    promises.
    """

    theta: Array
    value: float
    starts: int
    decrement: float


def delta_path(objective: Objective, easy: float) -> list[Objective]:
    """The objective, preceded by larger deltas up to `easy` where it is close to least absolute deviations."""
    path = [objective]
    while path[0].delta < easy:
        larger = min(path[0].delta * STEP, easy)
        path.insert(0, Objective(objective.name, larger, objective.above, objective.below))
    return path


def solve(
    problem: FitProblem, theta: Array, weights: Array, path: list[Objective], prior: Prior, engine: Engine = ENGINE
) -> Minima:
    """Minima from theta (r, p) under weights (r, n) or (1, n), compiled where there is a compiled solver for the
    problem.
    """
    repaid = COMPILED and len(theta) * weights.shape[1] >= COMPILED_FROM
    if isinstance(problem, TermProblem) and (engine == "compiled" or (engine == "auto" and repaid)):
        return _solve_compiled(problem, theta, weights, path, prior)
    return minimize(problem, theta, weights, path, prior)


def _solve_compiled(problem: TermProblem, theta: Array, weights: Array, path: list[Objective], prior: Prior) -> Minima:
    moved = np.array(theta, np.float64, order="C")
    out = np.zeros((len(moved), 3))
    costs = np.array([(o.delta, o.above, o.below) for o in path])
    bounds = np.array([problem.low, problem.high])
    contiguous = np.ascontiguousarray(weights, np.float64)
    compiled = importlib.import_module("trainer.estimation.solver.compiled")  # numba alone takes half a second

    def part(rows: slice) -> None:
        own = contiguous if len(contiguous) == 1 else contiguous[rows]
        means = prior.mean if len(prior.mean) == 1 else prior.mean[rows]
        compiled.solve(
            moved[rows],
            problem.x,
            problem.y,
            problem.log_loss,
            own,
            costs,
            bounds,
            problem.tied,
            problem.curved,
            means,
            prior.precision,
            out[rows],
        )

    in_slices(part, len(moved), PART)
    return Minima(moved, out[:, 0].copy(), out[:, 1].copy(), out[:, 2].astype(np.int64))


def best_of(
    problem: FitProblem, starts: Array, weights: Array, objective: Objective, prior: Prior, engine: Engine = ENGINE
) -> list[Basin]:
    """Every distinct basin that the starts (k, p) lead to under weights (n,), the lowest first."""
    sigma = robust_sigma(problem.residuals(starts[:1])[0][weights > 0])
    path = delta_path(objective, COLD * sigma)
    if problem.exact:
        minima = solve(problem, starts, weights[None, :], path, prior, engine)
    else:
        minima = _raced(problem, starts, weights[None, :], path, prior)
    order = np.argsort(minima.value, kind="stable")
    basins: list[Basin] = []
    for index in order[np.isfinite(minima.value[order])]:
        _file(basins, minima, int(index))
    return basins


def _raced(problem: FitProblem, starts: Array, weights: Array, path: list[Objective], prior: Prior) -> Minima:
    """Minima of the starts that a race leaves: searches of a few steps from all of them, longer ones from the best."""
    for left, patience in RACE:
        minima = minimize(problem, starts, weights, path, prior, patience)
        starts, path = minima.theta[np.argsort(minima.value, kind="stable")[:left]], path[-1:]
    return minimize(problem, starts, weights, path, prior, LAST)


def _file(basins: list[Basin], minima: Minima, index: int) -> None:
    """Counts the minimum into the basin it lies in, or opens a new one."""
    theta, value = minima.theta[index], float(minima.value[index])
    for place, basin in enumerate(basins):
        near = np.abs(theta - basin.theta) <= SAME_BASIN * (1.0 + np.abs(basin.theta))
        if near.all() or abs(value - basin.value) <= SAME_VALUE * basin.value:
            basins[place] = Basin(basin.theta, basin.value, basin.starts + 1, basin.decrement)
            return
    basins.append(Basin(theta, value, 1, float(minima.decrement[index])))


def scaled_to_noise(problem: FitProblem, basins: list[Basin], weights: Array) -> float:
    """1.345 robust sigmas of the residuals at the lowest of the basins."""
    return default_delta(problem.residuals(basins[0].theta[None, :])[0][weights > 0])
