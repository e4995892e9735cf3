"""The global search: many starts, a path of shrinking deltas, and every distinct basin that the starts end in."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer.estimation.forms.terms import TermProblem
from trainer.estimation.objective import Array, Objective, default_delta, robust_sigma
from trainer.estimation.problem import FitProblem, Prior

from .newton import Minima, minimize
from .parallel import in_slices

try:
    from trainer.estimation.solver import compiled
except ImportError:  # numba is optional: the numpy path gives the same minima
    COMPILED = False
else:
    COMPILED = True

Engine = Literal["compiled", "numpy"]
ENGINE: Engine = "compiled" if COMPILED else "numpy"
"""What is used unless a caller asks: the compiled solver where numba is installed."""

PART = 125
"""Searches that a thread takes at once; fewer than this are not worth a thread."""
WARM, COLD = 0.15, 1.0
"""From a near and from a far start, a delta above so many robust sigmas is minimised at once, a smaller one in steps.
"""
STEP = 4.0
"""Factor between the deltas on the way to a small one."""
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
    if engine == "compiled" and isinstance(problem, TermProblem):
        return _solve_compiled(problem, theta, weights, path, prior)
    return minimize(problem, theta, weights, path, prior)


def _solve_compiled(problem: TermProblem, theta: Array, weights: Array, path: list[Objective], prior: Prior) -> Minima:
    moved = np.array(theta, np.float64, order="C")
    out = np.zeros((len(moved), 3))
    costs = np.array([(o.delta, o.above, o.below) for o in path])
    bounds = np.array([problem.low, problem.high])
    contiguous = np.ascontiguousarray(weights, np.float64)

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
    minima = solve(problem, starts, weights[None, :], delta_path(objective, COLD * sigma), prior, engine)
    order = np.argsort(minima.value, kind="stable")
    basins: list[Basin] = []
    for index in order[np.isfinite(minima.value[order])]:
        _file(basins, minima, int(index))
    return basins


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
