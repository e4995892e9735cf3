"""Two other ways from runs to a frontier: the envelope of learning curves, and isoFLOP parabolas.

The surface (approach 3) is the standard; these say what a sweep shows without assuming one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.forms.base import Form

from .objective import Array

SAME_BUDGET = 0.05
"""Runs whose computes lie within this part of each other share a budget."""
FEWEST_SIZES = 4
"""A parabola through three sizes has no residual: a budget needs this many."""


def envelope(compute: Array, loss: Array) -> NDArray[np.int64]:
    """Rows on the lower convex hull of ln loss against ln compute, in order of compute, (k,).

    Henighan et al. 2020, section 2.2: points of all learning curves together; the hull ends at the lowest loss, and the
    frontier L(C) is fitted to it. It needs curves to convergence on both sides, and hugs the luckiest runs from below.
    """
    x, y = np.log(compute), np.log(loss)
    order = np.lexsort((y, x))
    order = order[: int(np.argmin(y[order])) + 1]
    hull: list[int] = []
    for row in order.tolist():
        while len(hull) >= 2 and _turn(x, y, hull[-2], hull[-1], row) <= 0:
            hull.pop()
        hull.append(row)
    while len(hull) >= 2 and y[hull[1]] >= y[hull[0]]:
        hull.pop(0)
    return np.array(hull, np.int64)


def _turn(x: Array, y: Array, first: int, second: int, third: int) -> float:
    """Positive where the path through three rows turns left, as a lower hull does."""
    return float((x[second] - x[first]) * (y[third] - y[first]) - (y[second] - y[first]) * (x[third] - x[first]))


@dataclass(frozen=True, slots=True)
class Parabola:
    """The optimum of one budget: compute in FLOP, params at the vertex, the loss there, its curvature by (ln N)^2, its
    runs.

    `inside` says whether the vertex lies between the sizes that were trained.
    """

    compute: float
    params: float
    loss: float
    curvature: float
    runs: int
    inside: bool


def budgets(compute: Array) -> NDArray[np.int64]:
    """The number of each run's budget, from 0 in order of compute: neighbours within SAME_BUDGET belong together, (n,)."""
    order = np.argsort(compute, kind="stable")
    steps = np.diff(np.log(compute[order]), prepend=np.log(compute[order[:1]])) > np.log1p(SAME_BUDGET)
    numbers = np.empty(len(compute), np.int64)
    numbers[order] = np.cumsum(steps)
    return numbers


def isoflop_parabolas(params: Array, compute: Array, loss: Array, weights: Array) -> list[Parabola]:
    """A parabola in ln N for every budget of FEWEST_SIZES sizes or more that curves upwards (Hoffmann et al. 2022,
    approach 2).

    N_opt(C) is the power law through the vertices: `PowerGrowth` on those that are `inside`. It is biased even without
    noise (arXiv:2603.22339): at a fixed budget an additive surface is no parabola in ln N unless alpha = beta and the
    sizes are centred on the optimum, so that the vertex moves with the sizes' range; `vertex_bias` measures it.
    """
    numbers = budgets(compute)
    parabolas = []
    for number in range(int(numbers.max()) + 1):
        rows = np.flatnonzero((numbers == number) & (weights > 0))
        if len(np.unique(params[rows])) >= FEWEST_SIZES:
            parabola = _parabola(params[rows], compute[rows], loss[rows], weights[rows])
            if parabola.curvature > 0:
                parabolas.append(parabola)
    return parabolas


def _parabola(params: Array, compute: Array, loss: Array, weights: Array) -> Parabola:
    x = np.log(params)
    mean = float(x.mean())
    square, slope, level = np.polyfit(x - mean, loss, 2, w=np.sqrt(weights))
    vertex = mean - slope / (2 * square)
    return Parabola(
        compute=float(np.exp(np.average(np.log(compute), weights=weights))),
        params=float(np.exp(np.clip(vertex, -700, 700))),
        loss=float(level - slope**2 / (4 * square)),
        curvature=float(2 * square),
        runs=len(x),
        inside=bool(x.min() <= vertex <= x.max()),
    )


def vertex_bias(form: Form, coefficients: Array, params: Array, compute: Array) -> Array:
    """ln of (parabola's optimum / true optimum) at each budget when the surface is exact and without noise, (budgets,).

    The same sizes and budgets are put through `isoflop_parabolas`; tokens are compute/6N. Where this is not small
    beside the intervals, approach 2 disagrees with approach 3 on the method's account, not the runs'.
    """
    loss = form.value(coefficients, {"params": params, "tokens": compute / 6 / params})
    biases = []
    for parabola in isoflop_parabolas(params, compute, loss, np.ones_like(loss)):
        fine = np.geomspace(params.min() / 100, params.max() * 100, 20001)
        exact = form.value(coefficients, {"params": fine, "tokens": parabola.compute / 6 / fine})
        biases.append(np.log(parabola.params / fine[int(np.argmin(exact))]))
    return np.array(biases)
