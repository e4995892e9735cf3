"""Damped Newton on the two-term problem compiled by numba: `newton.py` search by search, to the same minimum."""

from math import sqrt

import numpy as np

from trainer.estimation.objective import Array

from .compiled_terms import METRIC, add_prior, evaluate, jit, move, straighten, tie
from .newton import (
    FIRST_DAMPING,
    FLOOR,
    LARGEST_DAMPING,
    LOOSE,
    LOWER,
    MAX_ITERATIONS,
    PIVOT,
    RAISE,
    ROUNDING,
    SCALE_FLOOR,
    SMALLEST_DAMPING,
    TOLERANCE,
)


@jit
def propose(g: Array, h: Array, free: Array, damping: float, s: Array, c: Array) -> bool:
    """s = -(H + mu D)^-1 g over the free coordinates by Cholesky; False where that is not positive definite.

    D is the metric's diagonal; c is room for the factor, row by row; coordinates that are not free have the identity's.
    """
    largest = 0.0
    for i in range(5):
        largest = max(largest, h[METRIC + i, i])
    for j in range(5):
        for i in range(j, 5):
            if free[i] and free[j]:
                v = h[j, i]
                scale = h[METRIC + i, i] + SCALE_FLOOR * largest
                if i == j:
                    v += damping * scale
                for k in range(j):
                    v -= c[i, k] * c[j, k]
                if i != j:
                    c[i, j] = v / c[j, j]
                elif v > PIVOT * scale:
                    c[i, i] = sqrt(v)
                else:
                    return False
            else:
                c[i, j] = 1.0 if i == j else 0.0
    # forward with the factor, then backward with its transpose
    for i in range(5):
        v = -g[i] if free[i] else 0.0
        for k in range(i):
            v -= c[i, k] * s[k]
        s[i] = v / c[i, i]
    for i in range(4, -1, -1):
        v = s[i]
        for k in range(i + 1, 5):
            v -= c[k, i] * s[k]
        s[i] = v / c[i, i]
    return True


@jit
def prepare(
    t: Array, bounds: Array, tied: bool, curved: bool, g: Array, h: Array, free: Array, chart: Array, work: Array
) -> bool:
    """The model at an accepted point made ready for a step: charted, tied, and which coordinates are free; True if
    charted.
    """
    charted = curved and bounds[0, 0] < t[0] < bounds[1, 0]
    if charted:
        straighten(t, g, h, chart, work)
    if tied:
        tie(g, h)
    for i in range(5):
        at_bound = (t[i] <= bounds[0, i] and g[i] >= 0.0) or (t[i] >= bounds[1, i] and g[i] <= 0.0)
        free[i] = 0.0 if at_bound or (tied and i == 4) else 1.0
    return charted


@jit
def descend(
    t: Array,
    x: Array,
    y: Array,
    log_loss: Array,
    w: Array,
    cost: Array,
    bounds: Array,
    tied: bool,
    curved: bool,
    mean: float,
    precision: float,
    tolerance: float,
    out: Array,
) -> None:
    """One search from t, which it moves; value and decrement are written to out (3,), iterations added.

    `newton._descend` is the same search in numpy. Names that end in n are those of the trial point.
    """
    g, gn, s, tn, free = np.empty(5), np.empty(5), np.zeros(5), np.empty(5), np.empty(5)
    h, hn, c, chart, work = np.zeros((10, 5)), np.zeros((10, 5)), np.zeros((5, 5)), np.zeros((5, 5)), np.zeros((5, 5))
    rows = np.empty((6, len(x)))
    for i in range(5):
        t[i] = min(max(t[i], bounds[0, i]), bounds[1, i])
    if tied:
        t[4] = t[3]
    f = add_prior(evaluate(t, x, y, log_loss, w, cost, g, h, rows), t, mean, precision, g, h)
    charted = prepare(t, bounds, tied, curved, g, h, free, chart, work)
    damping, promised, used = 0.0, np.inf, 1
    while f < np.inf:
        # a step, damped until the matrix is positive definite, and the decrease that the model promises of it
        while not propose(g, h, free, damping, s, c) and damping < LARGEST_DAMPING:
            damping = max(SMALLEST_DAMPING, damping * RAISE)
        promised = 0.0
        for i in range(5):
            promised -= s[i] * g[i] * free[i]
        move(t, s, bounds, tied, charted, tn)
        # converged: an undamped step promises next to nothing; it is taken all the same
        if damping <= SMALLEST_DAMPING and promised <= tolerance * f + FLOOR:
            t[:] = tn
            break
        if used >= MAX_ITERATIONS or damping >= LARGEST_DAMPING:
            break
        # the step is kept if it lowers the objective; else damping is raised, until what is promised is rounding
        fn = add_prior(evaluate(tn, x, y, log_loss, w, cost, gn, hn, rows), tn, mean, precision, gn, hn)
        used += 1
        if fn < f:
            f = fn
            t[:], g[:], h[:] = tn, gn, hn
            charted = prepare(t, bounds, tied, curved, g, h, free, chart, work)
            damping = 0.0 if damping < SMALLEST_DAMPING else damping * LOWER
        else:
            damping = max(FIRST_DAMPING, damping * RAISE)
            if not promised > ROUNDING * f + FLOOR:
                break
    out[0], out[1] = f, promised / max(f, FLOOR)
    out[2] += used


@jit
def solve(
    theta: Array,
    x: Array,
    y: Array,
    log_loss: Array,
    weights: Array,
    costs: Array,
    bounds: Array,
    tied: bool,
    curved: bool,
    means: Array,
    precision: float,
    out: Array,
) -> None:
    """Searches from each row of theta (r, 5), in place, through each row of costs (k, 3).

    weights (r, n) and means (r,) may have one line for all; value, decrement and iterations go to out (r, 3).
    """
    for r in range(theta.shape[0]):
        w = weights[min(r, weights.shape[0] - 1)]
        mean = means[min(r, means.shape[0] - 1)]
        out[r, 2] = 0.0
        for k in range(costs.shape[0]):
            tolerance = TOLERANCE if k == costs.shape[0] - 1 else LOOSE
            descend(theta[r], x, y, log_loss, w, costs[k], bounds, tied, curved, mean, precision, tolerance, out[r])
