"""The two-term objective compiled by numba: `terms.TermProblem` for one search, its chart included.

Work arrays: t (5,) the point, g (5,) the gradient, h (10, 5) the Hessian's upper half above the metric's.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

from trainer.estimation.forms.terms import HALVINGS
from trainer.estimation.objective import Array

from .compiled_math import exp, log

F = TypeVar("F", bound=Callable[..., object])

METRIC = 5
"""First row of the metric in h."""


def jit(function: F) -> F:
    """Compiled, cached on disk, free of the interpreter's lock; sums may be reordered, which is fixed once compiled."""
    return cast(
        F, numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")(function)
    )


@jit
def look(t: Array, x: Array, y: Array, log_loss: Array, w: Array, cost: Array, rows: Array) -> float:
    """The objective at t; into rows (6, n), of each row: the shares j0, j1, j2 of the law's three parts, over its value,
    psi, the cost's slope; u, which weighs j j' in the Hessian of -r, whose own curvature adds psi; and v = psi/r of the metric.
    """
    constant, a, b, alpha, beta = t[0], t[1], t[2], t[3], t[4]
    delta, above, below = cost[0], cost[1], cost[2]
    f = 0.0
    for i in range(x.shape[0]):
        # the law is 1/j0; r = ln observed - ln law
        first, second = exp(a - alpha * x[i]), exp(b - beta * y[i])
        law = constant + first + second
        r = log_loss[i] - log(law)
        side, size = w[i] * (above if r >= 0.0 else below), abs(r)
        inside = min(size, delta)
        f += side * inside * (size - 0.5 * inside)
        psi = side * (inside if r >= 0.0 else -inside)
        rows[0, i], rows[1, i], rows[2, i] = 1.0 / law, first / law, second / law
        rows[3, i], rows[4, i] = psi, psi + (side if size <= delta else 0.0)
        rows[5, i] = side if size <= delta else side * delta / size
    return f


@jit
def gram(x: Array, y: Array, rows: Array, weights: Array, h: Array) -> None:
    """The upper half of sum w j j' into h (5, 5); j (5,) are the derivatives of ln law by the five coordinates.

    Sums stand in scalars, which stay in registers.
    """
    h00 = h01 = h02 = h03 = h04 = h11 = h12 = h13 = h14 = h22 = h23 = h24 = h33 = h34 = h44 = 0.0
    for i in range(x.shape[0]):
        j0, j1, j2 = rows[0, i], rows[1, i], rows[2, i]
        j3, j4 = -x[i] * j1, -y[i] * j2
        u0, u1, u2, u3, u4 = weights[i] * j0, weights[i] * j1, weights[i] * j2, weights[i] * j3, weights[i] * j4
        h00, h01, h02, h03, h04 = h00 + u0 * j0, h01 + u0 * j1, h02 + u0 * j2, h03 + u0 * j3, h04 + u0 * j4
        h11, h12, h13, h14, h22 = h11 + u1 * j1, h12 + u1 * j2, h13 + u1 * j3, h14 + u1 * j4, h22 + u2 * j2
        h23, h24, h33, h34, h44 = h23 + u2 * j3, h24 + u2 * j4, h33 + u3 * j3, h34 + u3 * j4, h44 + u4 * j4
    h[0, 0], h[0, 1], h[0, 2], h[0, 3], h[0, 4] = h00, h01, h02, h03, h04
    h[1, 1], h[1, 2], h[1, 3], h[1, 4], h[2, 2] = h11, h12, h13, h14, h22
    h[2, 3], h[2, 4], h[3, 3], h[3, 4], h[4, 4] = h23, h24, h33, h34, h44


@jit
def evaluate(
    t: Array, x: Array, y: Array, log_loss: Array, w: Array, cost: Array, g: Array, h: Array, rows: Array
) -> float:
    """The objective at t; gradient into g, Hessian and metric into h. cost = (delta, above, below); rows (6, n) is room.

    Each loop is written for several rows at once: none leaves any out, nor goes two ways.
    """
    f = look(t, x, y, log_loss, w, cost, rows)
    gram(x, y, rows, rows[4], h)
    gram(x, y, rows, rows[5], h[METRIC:])
    # the curvature of the two terms themselves: c.. by a slope twice
    g0 = g1 = g2 = g3 = g4 = c33 = c44 = 0.0
    for i in range(x.shape[0]):
        psi = rows[3, i]
        p1, p2 = psi * rows[1, i], psi * rows[2, i]
        g0, g1, g2 = g0 - psi * rows[0, i], g1 - p1, g2 - p2
        g3, g4 = g3 + p1 * x[i], g4 + p2 * y[i]
        c33, c44 = c33 + p1 * x[i] * x[i], c44 + p2 * y[i] * y[i]
    g[0], g[1], g[2], g[3], g[4] = g0, g1, g2, g3, g4
    h[1, 1], h[1, 3], h[3, 3] = h[1, 1] + g1, h[1, 3] + g3, h[3, 3] - c33
    h[2, 2], h[2, 4], h[4, 4] = h[2, 2] + g2, h[2, 4] + g4, h[4, 4] - c44
    return f


@jit
def add_prior(f: float, t: Array, mean: float, precision: float, g: Array, h: Array) -> float:
    """`problem.add_prior` on the asymptote."""
    if precision > 0.0:
        off = log(t[0]) - mean
        f += 0.5 * precision * off * off
        g[0] += precision * off / t[0]
        h[0, 0] += precision * max(1.0 - off, 0.0) / (t[0] * t[0])
        h[METRIC, 0] += precision / (t[0] * t[0])
    return f


@jit
def congruence(h: Array, chart: Array, work: Array) -> None:
    """h becomes chart' h chart, given its upper half; all (5, 5)."""
    for i in range(5):
        for j in range(i):
            h[i, j] = h[j, i]
    for i in range(5):
        for j in range(5):
            work[i, j] = 0.0
            for k in range(5):
                work[i, j] += h[i, k] * chart[k, j]
    for i in range(5):
        for j in range(i, 5):
            h[i, j] = 0.0
            for k in range(5):
                h[i, j] += chart[k, i] * work[k, j]


@jit
def straighten(t: Array, g: Array, h: Array, chart: Array, work: Array) -> None:
    """Gradient, Hessian and metric in the chart's coordinates, in place: `terms.TermProblem.straighten`."""
    chart[:] = 0.0
    for i in range(5):
        chart[i, i] = 1.0
    for term in (1, 2):
        slope, size = t[term + 2], exp(t[term])
        chart[0, term], chart[0, term + 2], chart[term, term + 2] = -size, size / slope, -1.0 / slope
    congruence(h[:5], chart, work)
    congruence(h[METRIC:], chart, work)
    for term in (1, 2):
        slope, size = t[term + 2], exp(t[term])
        h[term, term] -= g[0] * size
        h[term, term + 2] += g[0] * size / slope
        h[term + 2, term + 2] += (g[term] - 2.0 * g[0] * size) / (slope * slope)
    for term in (1, 2):
        slope, size = t[term + 2], exp(t[term])
        g[term + 2] += (g[0] * size - g[term]) / slope
        g[term] -= g[0] * size


@jit
def tie(g: Array, h: Array) -> None:
    """Every dependence on beta becomes one on alpha."""
    g[3] += g[4]
    for first in (0, METRIC):
        h[first + 3, 3] += 2.0 * h[first + 3, 4] + h[first + 4, 4]
        for i in range(3):
            h[first + i, 3] += h[first + i, 4]


@jit
def along(t: Array, s: Array, part: float, bounds: Array, tied: bool, moved: Array) -> None:
    """The point a part of the step s away on a straight line of the chart."""
    for i in (3, 4):
        moved[i] = min(max(t[i] + part * s[i], bounds[0, i]), bounds[1, i])
    if tied:
        moved[4] = moved[3]
    level = t[0] + part * s[0]
    for i in (1, 2):
        moved[i] = t[i] + part * s[i] + log(t[i + 2] / moved[i + 2])
        level += exp(t[i]) - exp(moved[i])
    moved[0] = level


@jit
def move(t: Array, s: Array, bounds: Array, tied: bool, curved: bool, moved: Array) -> None:
    """Where the step leads within the bounds: `terms.TermProblem.move`."""
    if curved:
        along(t, s, 1.0, bounds, tied, moved)
        if not bounds[0, 0] <= moved[0] <= bounds[1, 0]:
            inside, outside = 0.0, 1.0
            for _ in range(HALVINGS):
                middle = 0.5 * (inside + outside)
                along(t, s, middle, bounds, tied, moved)
                if bounds[0, 0] <= moved[0] <= bounds[1, 0]:
                    inside = middle
                else:
                    outside = middle
            along(t, s, outside, bounds, tied, moved)
    else:
        for i in range(5):
            moved[i] = t[i] + s[i]
    for i in range(5):
        moved[i] = min(max(moved[i], bounds[0, i]), bounds[1, i])
    if tied:
        moved[4] = moved[3]
