"""Maximum a posteriori fits of many laws to many subsets of the runs at once: damped Gauss-Newton on Huber's cost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trainer.estimation.objective import Array

TURNS = 60
SETTLED = 1e-7
HUBER = 1.345

Model = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True, slots=True)
class Task:
    """Minimise sum w huber((target - model)/sigma) + precision/2 (theta - centre)^2 for each of r problems.

    target (n,) or (r, n), weights and sigma (r, n), (r, 1) or (n,), centre (p,) or (r, p), precision (r, p), bounds low and high (p,).
    """

    model: Model
    target: Array
    weights: Array
    sigma: Array
    centre: Array
    precision: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class MapFits:
    """Optima (r, p), their covariances (r, p, p) by the local curvature, and costs (r,)."""

    theta: Array
    covariance: Array
    cost: Array


def solve(task: Task, starts: Array, turns: int = TURNS) -> MapFits:
    """The optimum that each start (r, p) leads to, one a problem; all step together until none gains.

    A step is Newton's with the positive part of the curvature, its diagonal lifted by the damping (Levenberg and
    Marquardt).
    """
    low, high = task.low, task.high
    theta = np.clip(starts, low, high)
    damping = np.full(len(theta), 1e-2)
    cost, gradient, curvature = _local(task, theta)
    eye = np.eye(theta.shape[1])
    for _ in range(turns):
        diagonal = np.einsum("rpp->rp", curvature)
        at_bound = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0))
        # a coordinate at its bound that is pushed outwards keeps its place: its row and column become the diagonal's
        lifted = curvature + damping[:, None, None] * diagonal[:, :, None] * eye
        lifted = np.where(at_bound[:, :, None] | at_bound[:, None, :], eye * diagonal[:, None, :], lifted)
        step = np.linalg.solve(lifted, -np.where(at_bound, 0, gradient)[..., None])[..., 0]
        moved = np.clip(theta + step, low, high)
        new, new_gradient, new_curvature = _local(task, moved)
        # a problem keeps a step that lowers its cost, and is damped less next time, else more
        better = new < cost
        done = np.abs(cost - new) <= SETTLED * (1 + np.abs(cost))
        theta = np.where(better[:, None], moved, theta)
        gradient = np.where(better[:, None], new_gradient, gradient)
        curvature = np.where(better[:, None, None], new_curvature, curvature)
        cost = np.where(better, new, cost)
        damping = np.where(better, damping / 5, damping * 4).clip(1e-9, 1e9)
        if done.all():
            break
    return MapFits(theta, np.asarray(np.linalg.inv(curvature), np.float64), cost)


def _local(task: Task, theta: Array) -> tuple[Array, Array, Array]:
    """Cost (r,), gradient (r, p) and the positive part of the curvature (r, p, p)."""
    value, slopes = task.model(theta)
    scaled = (task.target - value) / task.sigma
    size = np.abs(scaled)
    inside = np.minimum(size, HUBER)
    off = theta - task.centre
    cost = (task.weights * inside * (size - inside / 2)).sum(axis=1) + (task.precision * off**2).sum(axis=1) / 2
    pull = task.weights * np.clip(scaled, -HUBER, HUBER) / task.sigma
    keep = task.weights * np.minimum(1, HUBER / np.maximum(size, 1e-12)) / task.sigma**2
    gradient = -np.einsum("rnp,rn->rp", slopes, pull) + task.precision * off
    curvature = slopes.transpose(0, 2, 1) @ (slopes * keep[..., None])
    return cost, gradient, curvature + task.precision[:, :, None] * np.eye(theta.shape[1])
