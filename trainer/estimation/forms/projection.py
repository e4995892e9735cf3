"""Starts by variable projection: a grid over the exponents, the linear coefficients solved at every point of it.

Golub & Pereyra 1973. The cost there is Huber's on relative residuals, (L - observed)/observed, by reweighted least
squares; it is close enough to the log residual that the grid's minima lie in the basins of the real objective.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.objective import Array, default_delta

LINE = np.geomspace(0.01, 2.5, 40)
"""Exponents tried where a form has one."""
SQUARE = np.geomspace(0.03, 1.5, 12)
"""Exponents tried, each way, where a form has two."""
ROUNDS = 2
"""Linear solves at each point: one by least squares, then reweighted."""
BLOCKS = 2
"""The best point of each of BLOCKS x BLOCKS parts of the grid is a start, besides the grid's local minima."""
WORTHY = 10.0
"""... unless it costs more than this multiple of the grid's lowest."""
MOST_STARTS = 12
SMALLEST_TERM = 1e-5
"""A vanished term starts at this part of the typical loss."""
RIDGE = 1e-13


@dataclass(frozen=True, slots=True)
class Linear:
    """The linear coefficients' ranges, (3,) each: the constant and the two terms over the typical loss."""

    low: Array
    high: Array


def project(x: Array, y: Array, log_loss: Array, low: Array, high: Array, tied: bool, weights: Array) -> Array:
    """Starts (k, 5) in the coordinates (E, a, b, alpha, beta) of `TermProblem`, the lowest cost first; weights (n,)."""
    second = high[2] > low[2]
    alpha = LINE if tied or not second else np.repeat(SQUARE, len(SQUARE))
    beta = alpha if tied or not second else np.tile(SQUARE, len(SQUARE))
    basis = np.empty((len(alpha), 3, len(x)))
    basis[:, 0] = np.exp(-log_loss)
    basis[:, 1] = np.exp(-alpha[:, None] * x - log_loss)
    basis[:, 2] = np.exp(-beta[:, None] * y - log_loss) if second else 0.0
    ranges = Linear(
        low=np.array([low[0], SMALLEST_TERM, SMALLEST_TERM if second else 0.0]),
        high=np.array([high[0], np.inf, np.inf if second else 0.0]),
    )
    linear, cost = robust_linear(basis, np.ones_like(x), weights, ranges)
    shape = (len(SQUARE), len(SQUARE)) if second and not tied else (len(LINE), 1)
    chosen = promising(cost.reshape(shape))
    with np.errstate(divide="ignore"):
        logs = np.where(linear > 0, np.log(linear), low[2])
    return np.column_stack([linear[:, 0], logs[:, 1], logs[:, 2], alpha, beta])[chosen]


def robust_linear(basis: Array, target: Array, weights: Array, ranges: Linear) -> tuple[Array, Array]:
    """Huber regression of target (n,) on basis (g, m, n) at each of g points: coefficients (g, m), costs (g,)."""
    row_weights = np.broadcast_to(weights, (len(basis), basis.shape[2]))
    delta = np.inf
    for turn in range(ROUNDS):
        weighted = basis * row_weights[:, None, :]
        gram = np.einsum("gin,gjn->gij", weighted, basis)
        linear = bounded_solve(gram, weighted @ target, ranges)
        residuals = target - (linear[:, None, :] @ basis)[:, 0]
        size = np.abs(residuals)
        if turn == 0:
            best = int(np.argmin(size @ weights))
            delta = default_delta(residuals[best][weights > 0])
        row_weights = weights * np.minimum(1.0, delta / np.maximum(size, 1e-300))
    inside = np.minimum(size, delta)
    return linear, (inside * (size - 0.5 * inside)) @ weights


def bounded_solve(gram: Array, right: Array, ranges: Linear) -> Array:
    """Least squares within ranges from normal equations (g, m, m), (g, m): violators are fixed at their bound in turn."""
    count = right.shape[1]
    solution = np.broadcast_to(ranges.low, right.shape).copy()
    fixed: NDArray[np.bool_] = np.broadcast_to(ranges.low == ranges.high, right.shape).copy()
    diagonal = np.einsum("gii->gi", gram)
    for _ in range(count):
        system = np.where(fixed[:, :, None] | fixed[:, None, :], 0.0, gram)
        np.einsum("gii->gi", system)[...] += np.where(fixed, 1.0, RIDGE * diagonal + 1e-300)
        known = np.einsum("gij,gj->gi", gram, np.where(fixed, solution, 0.0))
        free = np.linalg.solve(system, np.where(fixed, 0.0, right - known)[:, :, None])[:, :, 0]
        solution = np.where(fixed, solution, np.clip(free, ranges.low, ranges.high))
        out = ~fixed & ((free < ranges.low) | (free > ranges.high))
        if not out.any():
            break
        fixed |= out
    return solution


def promising(cost: Array) -> NDArray[np.int64]:
    """Flat indices of the grid's local minima and of the best point of each block, the lowest cost first."""
    padded = np.pad(cost, 1, constant_values=np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    minima = np.flatnonzero(cost <= windows.min(axis=(2, 3)))
    flat = np.arange(cost.size).reshape(cost.shape)
    blocks = [
        part.ravel()[np.argmin(cost.ravel()[part.ravel()])]
        for strip in np.array_split(flat, min(BLOCKS, cost.shape[0]), axis=0)
        for part in np.array_split(strip, min(BLOCKS, cost.shape[1]), axis=1)
    ]
    minima = minima[np.argsort(cost.ravel()[minima], kind="stable")]
    blocks = sorted(blocks, key=lambda index: float(cost.ravel()[index]))
    worthy = [int(b) for b in blocks if cost.flat[b] <= WORTHY * cost.min()]
    order = list(dict.fromkeys([*minima[:MOST_STARTS].tolist(), *worthy]))
    return np.array(order[:MOST_STARTS], np.int64)
