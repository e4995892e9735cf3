"""The two-term objective compiled by numba: `terms.TermProblem` for one search, its chart included.

Work arrays: t (5,) the point, g (5,) the gradient, h (10, 5) the Hessian's upper half above the metric's.
"""

from collections.abc import Callable
from math import exp, log
from typing import TypeVar, cast

import numba

from trainer.estimation.forms.terms import HALVINGS
from trainer.estimation.objective import Array

F = TypeVar("F", bound=Callable[..., object])

METRIC = 5
"""First row of the metric in h."""


def jit(function: F) -> F:
    """Compiled, cached on disk, free of the interpreter's lock; sums may be reordered, which is fixed once compiled."""
    return cast(
        F, numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")(function)
    )


@jit
def evaluate(t: Array, x: Array, y: Array, log_loss: Array, w: Array, cost: Array, g: Array, h: Array) -> float:
    """The objective at t; gradient into g, Hessian and metric into h. cost = (delta, above, below).

    Sums stand in scalars, which stay in registers: h.. of the Hessian's Gauss-Newton part, m.. of the metric, and c..
    of what the curvature of the two terms themselves adds to the Hessian.
    """
    constant, a, b, alpha, beta = t[0], t[1], t[2], t[3], t[4]
    delta, above, below = cost[0], cost[1], cost[2]
    f = g0 = g1 = g2 = g3 = g4 = c1 = c13 = c33 = c2 = c24 = c44 = 0.0
    h00 = h01 = h02 = h03 = h04 = h11 = h12 = h13 = h14 = h22 = h23 = h24 = h33 = h34 = h44 = 0.0
    m00 = m01 = m02 = m03 = m04 = m11 = m12 = m13 = m14 = m22 = m23 = m24 = m33 = m34 = m44 = 0.0
    for i in range(x.shape[0]):
        if w[i] == 0.0:
            continue
        # the law is 1/j0; r = ln observed - ln law
        first, second = exp(a - alpha * x[i]), exp(b - beta * y[i])
        j0 = 1.0 / (constant + first + second)
        r = log_loss[i] + log(j0)
        side, size = w[i] * (above if r >= 0.0 else below), abs(r)
        # psi: the cost's slope; u weighs j j' in the Hessian of -r, whose own curvature adds psi; v = psi/r in the metric
        if size <= delta:
            f += side * 0.5 * r * r
            psi, u, v = side * r, side * (1.0 + r), side
        else:
            f += side * delta * (size - 0.5 * delta)
            psi = side * delta if r > 0.0 else -side * delta
            u, v = psi, side * delta / size
        # j: derivatives of ln law by the five coordinates
        j1, j2 = first * j0, second * j0
        j3, j4 = -x[i] * j1, -y[i] * j2
        g0, g1, g2, g3, g4 = g0 - psi * j0, g1 - psi * j1, g2 - psi * j2, g3 - psi * j3, g4 - psi * j4
        c1, c13, c33 = c1 + psi * j1, c13 + psi * j3, c33 - psi * j3 * x[i]
        c2, c24, c44 = c2 + psi * j2, c24 + psi * j4, c44 - psi * j4 * y[i]
        p00, p01, p02, p03, p04 = j0 * j0, j0 * j1, j0 * j2, j0 * j3, j0 * j4
        p11, p12, p13, p14, p22, p23, p24 = j1 * j1, j1 * j2, j1 * j3, j1 * j4, j2 * j2, j2 * j3, j2 * j4
        p33, p34, p44 = j3 * j3, j3 * j4, j4 * j4
        h00, h01, h02, h03, h04 = h00 + u * p00, h01 + u * p01, h02 + u * p02, h03 + u * p03, h04 + u * p04
        h11, h12, h13, h14, h22 = h11 + u * p11, h12 + u * p12, h13 + u * p13, h14 + u * p14, h22 + u * p22
        h23, h24, h33, h34, h44 = h23 + u * p23, h24 + u * p24, h33 + u * p33, h34 + u * p34, h44 + u * p44
        m00, m01, m02, m03, m04 = m00 + v * p00, m01 + v * p01, m02 + v * p02, m03 + v * p03, m04 + v * p04
        m11, m12, m13, m14, m22 = m11 + v * p11, m12 + v * p12, m13 + v * p13, m14 + v * p14, m22 + v * p22
        m23, m24, m33, m34, m44 = m23 + v * p23, m24 + v * p24, m33 + v * p33, m34 + v * p34, m44 + v * p44
    g[0], g[1], g[2], g[3], g[4] = g0, g1, g2, g3, g4
    h[0, 0], h[0, 1], h[0, 2], h[0, 3], h[0, 4] = h00, h01, h02, h03, h04
    h[1, 1], h[1, 2], h[1, 3], h[1, 4] = h11 - c1, h12, h13 - c13, h14
    h[2, 2], h[2, 3], h[2, 4], h[3, 3], h[3, 4], h[4, 4] = h22 - c2, h23, h24 - c24, h33 - c33, h34, h44 - c44
    m = h[METRIC:]
    m[0, 0], m[0, 1], m[0, 2], m[0, 3], m[0, 4] = m00, m01, m02, m03, m04
    m[1, 1], m[1, 2], m[1, 3], m[1, 4] = m11, m12, m13, m14
    m[2, 2], m[2, 3], m[2, 4], m[3, 3], m[3, 4], m[4, 4] = m22, m23, m24, m33, m34, m44
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
