"""Damped Newton on many small problems at once, in numpy: the reference for the compiled solver and its stand-in.

Both follow one path: a Newton step damped by mu times a positive scale, coordinates held at a bound while the
gradient pushes outwards, a step kept only where it lowers the objective, and an end that is relative to the sum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.objective import Array, Objective
from trainer.estimation.problem import FitProblem, Prior, Quadratic, add_prior

Mask = NDArray[np.bool_]

TOLERANCE = 1e-12
"""Converged when the model promises to lower the objective by less than this part of it; that last step is still taken.
"""
ROUNDING = 1e-11
"""A refused step that promised less than this part of the objective is rounding, and ends the search."""
LOOSE = 1e-4
"""The same for the stepping stones on the way to a small delta."""
MAX_ITERATIONS = 300
SMALLEST_DAMPING, FIRST_DAMPING, LARGEST_DAMPING = 1e-3, 1e-2, 1e12
RAISE, LOWER = 5.0, 0.2
SCALE_FLOOR = 1e-10
"""The least damping scale, as a part of the largest: a coordinate without effect stays where it is."""
PIVOT = 1e-12
"""A pivot below this part of the scale counts as not positive definite."""
FLOOR = 1e-30
"""Absolute end of the objective: exact data leave residuals of rounding."""
CHUNK_CELLS = 50_000
"""Rows times problems handled at once: what keeps the temporaries in a core's cache."""


STALLED, STALLS = 1e-5, 6
"""A search of a form without second derivatives that gained less than the first, as a part of the sum, in so many steps
on end has reached the floor of a valley.
"""


@dataclass(frozen=True, slots=True)
class Patience:
    """When searches end: after so many iterations, or at such a promise left, as a part of the objective."""

    iterations: int = MAX_ITERATIONS
    tolerance: float = TOLERANCE


PATIENT = Patience()


@dataclass(frozen=True, slots=True)
class Minima:
    """Where r searches ended: points (r, p), objectives, the decrease still promised (as a part of the objective),
    iterations.
    """

    theta: Array
    value: Array
    decrement: Array
    iterations: NDArray[np.int64]


@dataclass(slots=True)
class _State:
    """The searches of one chunk while they run."""

    theta: Array
    model: Quadratic
    damping: Array
    decrement: Array
    iterations: NDArray[np.int64]
    stalls: NDArray[np.int64]


def minimize(
    problem: FitProblem,
    theta: Array,
    weights: Array,
    objectives: list[Objective],
    prior: Prior,
    patience: Patience = PATIENT,
) -> Minima:
    """Minimise from each row of theta (r, p) under weights (r, n) or (1, n), through each objective in turn.

    All but the last objective are stepping stones (larger deltas), solved loosely.
    """
    size = max(1, CHUNK_CELLS // weights.shape[1])
    parts = []
    for first in range(0, len(theta), size):
        rows = slice(first, first + size)
        own = weights if len(weights) == 1 else weights[rows]
        local = Prior(prior.index, prior.mean if len(prior.mean) == 1 else prior.mean[rows], prior.precision)
        parts.append(_minimize_chunk(problem, theta[rows], own, objectives, local, patience))
    return Minima(
        theta=np.concatenate([p.theta for p in parts]),
        value=np.concatenate([p.value for p in parts]),
        decrement=np.concatenate([p.decrement for p in parts]),
        iterations=np.concatenate([p.iterations for p in parts]),
    )


def _minimize_chunk(
    problem: FitProblem, theta: Array, weights: Array, objectives: list[Objective], prior: Prior, patience: Patience
) -> Minima:
    used = np.zeros(len(theta), np.int64)
    for stage, objective in enumerate(objectives):
        own = patience if stage == len(objectives) - 1 else Patience(patience.iterations, LOOSE)
        state = _descend(problem, theta, weights, objective, prior, own)
        theta, used = state.theta, used + state.iterations
    return Minima(state.theta, state.model.value, state.decrement, used)


def _descend(
    problem: FitProblem, theta: Array, weights: Array, objective: Objective, prior: Prior, patience: Patience
) -> _State:
    theta = np.clip(theta, problem.low, problem.high)
    state = _State(
        theta=theta,
        model=_model(problem, theta, weights, objective, prior),
        damping=np.zeros(len(theta)),
        decrement=np.full(len(theta), np.inf),
        iterations=np.ones(len(theta), np.int64),
        stalls=np.zeros(len(theta), np.int64),
    )
    active = np.flatnonzero(np.isfinite(state.model.value))  # numbers of the searches that go on
    while active.size:
        trial, promised = _propose(state, active, problem)
        # converged: an undamped step promises next to nothing; it is taken all the same
        done = (state.damping[active] <= SMALLEST_DAMPING) & (
            promised <= patience.tolerance * state.model.value[active] + FLOOR
        )
        state.theta[active[done]] = trial[done]
        going = ~done & (state.iterations[active] < patience.iterations) & (state.damping[active] < LARGEST_DAMPING)
        state.decrement[active] = promised / np.maximum(state.model.value[active], FLOOR)
        active, trial, promised = active[going], trial[going], promised[going]
        if not active.size:
            break
        # the others' trial points: kept where they lower the objective
        rows = weights if len(weights) == 1 else weights[active]
        means = Prior(prior.index, prior.mean if len(prior.mean) == 1 else prior.mean[active], prior.precision)
        model = _model(problem, trial, rows, objective, means)
        active = active[_keep(problem, state, active, trial, model, promised)]
    return state


def _model(problem: FitProblem, theta: Array, weights: Array, objective: Objective, prior: Prior) -> Quadratic:
    with np.errstate(all="ignore"):  # a step too far overflows, and is refused
        return problem.straighten(theta, add_prior(problem.quadratic(theta, weights, objective), theta, prior))


def _keep(
    problem: FitProblem, state: _State, active: NDArray[np.int64], trial: Array, model: Quadratic, promised: Array
) -> Mask:
    """Take the steps that lower the objective, adapt the damping; True where the search goes on."""
    state.iterations[active] += 1
    better = model.value < state.model.value[active]
    gained = state.model.value[active] - model.value > STALLED * state.model.value[active] + FLOOR
    state.stalls[active] = np.where(gained, 0, state.stalls[active] + 1)
    taken = active[better]
    state.theta[taken] = trial[better]
    for name in ("value", "gradient", "hessian", "metric"):
        getattr(state.model, name)[taken] = getattr(model, name)[better]
    damping = state.damping[active]
    lowered = np.where(damping < SMALLEST_DAMPING, 0.0, damping * LOWER)
    state.damping[active] = np.where(better, lowered, np.maximum(FIRST_DAMPING, damping * RAISE))
    going: Mask = better | (promised > ROUNDING * state.model.value[active] + FLOOR)
    if not problem.exact:
        going &= state.stalls[active] < STALLS
    return going


def _propose(state: _State, active: NDArray[np.int64], problem: FitProblem) -> tuple[Array, Array]:
    """The clipped trial points of the active searches and the decrease that their models promise."""
    theta, gradient, hessian = state.theta[active], state.model.gradient[active], state.model.hessian[active]
    scale = np.einsum("rpp->rp", state.model.metric[active])
    scale = scale + SCALE_FLOOR * scale.max(axis=1, keepdims=True)
    free = ~((theta <= problem.low) & (gradient >= 0) | (theta >= problem.high) & (gradient <= 0))
    damping = state.damping[active]
    todo = np.arange(len(active))
    steps = np.zeros_like(theta)
    while todo.size:
        step, good = damped_steps(gradient[todo], hessian[todo], scale[todo], damping[todo], free[todo])
        steps[todo] = np.where(good[:, None], step, 0.0)
        bad = todo[~good]
        damping[bad] = np.maximum(SMALLEST_DAMPING, damping[bad] * RAISE)
        todo = bad[damping[bad] < LARGEST_DAMPING]
    state.damping[active] = damping
    promised = -np.einsum("rp,rp->r", steps, np.where(free, gradient, 0.0))
    with np.errstate(all="ignore"):
        return problem.move(theta, steps), promised


def damped_steps(gradient: Array, hessian: Array, scale: Array, damping: Array, free: Mask) -> tuple[Array, Mask]:
    """-(H + mu diag(scale))^-1 g over the free coordinates by Cholesky, (r, p), and where H was positive definite."""
    both = free[:, :, None] & free[:, None, :]
    matrix = np.where(both, hessian, 0.0)
    np.einsum("rpp->rp", matrix)[...] += np.where(free, damping[:, None] * scale, 1.0)
    step = np.where(free, -gradient, 0.0)
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:  # of one of them; which, is seen one by one
        lower = np.array([_factor(one) for one in matrix])
    pivots = np.einsum("rpp->rp", lower) ** 2
    good = (~free | (pivots > PIVOT * scale)).all(axis=1)
    step[good] = np.linalg.solve(matrix[good], step[good][..., None])[..., 0]
    return step, good & np.isfinite(step).all(axis=1)


def _factor(matrix: Array) -> Array:
    """Its Cholesky factor; zeros where it is not positive definite."""
    try:
        return np.asarray(np.linalg.cholesky(matrix), np.float64)
    except np.linalg.LinAlgError:
        return np.zeros_like(matrix)
