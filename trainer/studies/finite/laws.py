"""L(C) and L(D) above one floor, fitted to the hull of a sweep's readings and to runs on limited data together."""

from __future__ import annotations

import msgspec
import numpy as np

from fitted_laws.questions.budgets.crossover import SEARCHED
from trainer.estimation.envelope import envelope
from trainer.estimation.forms.power import surface
from trainer.estimation.objective import Array
from trainer.studies.finite.limited import EarlyStopped
from trainer.studies.study import resamples
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.records import RunRecord

FLOORS, FINER = 80, 3
"""Floors tried at once, and how often again between the neighbours of the best."""
FEWEST = 3
"""Corners of the hull, and amounts of data, below which a resample gives the fit to all."""


class Frontier(msgspec.Struct, frozen=True):
    """Corners of the lower hull of readings: compute in FLOP, parameters, loss in nats, (corners,) each."""

    compute: Array
    params: Array
    loss: Array


def frontier(records: list[RunRecord], weights: dict[str, float]) -> Frontier:
    """Of the seeds' means, each run as often as its weight says."""
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for record in records:
        if weights[record.run]:
            cells.setdefault((record.params, record.tokens), []).append((weights[record.run], float(record.loss or 0)))
    params, tokens = np.array(list(cells), float).T
    loss = np.array([np.average([x for _, x in cell], weights=[w for w, _ in cell]) for cell in cells.values()])
    rows = envelope(6 * params * tokens, loss)
    return Frontier((6 * params * tokens)[rows], params[rows], loss[rows])


def powers(x: Array, loss: Array, weights: Array, floors: Array) -> tuple[Array, Array, Array]:
    """ln x0, alpha and the sum of squares in ln L of L = floor + (x0/x)^alpha, for each floor."""
    excess = loss - floors[:, None]
    near = weights * (excess / loss) ** 2  # a step in ln(L − floor) is so much of one in ln L
    share = near / near.sum(axis=1, keepdims=True)
    logs, height = np.log(x), np.log(excess)
    middle, level = (share * logs).sum(axis=1), (share * height).sum(axis=1)
    slope = (share * (logs - middle[:, None]) * height).sum(axis=1) / (share * (logs - middle[:, None]) ** 2).sum(
        axis=1
    )
    fitted = floors[:, None] + np.exp(level[:, None] + slope[:, None] * (logs - middle[:, None]))
    return middle - level / slope, -slope, (weights * np.log(fitted / loss) ** 2).sum(axis=1)


def together(hull: Frontier, unique: Array, loss: Array, weights: Array) -> Array:
    """One floor for both: E, ln C0, alpha of L(C), ln D0, alpha of L(D), ln k and exponent of N_opt."""
    loss = np.where(weights > 0, loss, loss[weights > 0].max())  # a floor may lie above a run that was not drawn
    low, high = 0.0, 0.999 * float(min(hull.loss.min(), loss.min()))
    for _ in range(1 + FINER):
        floors = np.linspace(low, high, FLOORS)
        by_compute, by_data = (
            powers(hull.compute, hull.loss, np.ones(len(hull.loss)), floors),
            powers(unique, loss, weights, floors),
        )
        best = int(np.argmin(by_compute[2] + by_data[2]))
        low, high = floors[max(best - 1, 0)], floors[min(best + 1, FLOORS - 1)]
    growth, size = np.polyfit(np.log(hull.compute), np.log(hull.params), 1)
    return np.array(
        [floors[best], by_compute[0][best], by_compute[1][best], by_data[0][best], by_data[1][best], size, growth]
    )


def crossings(fits: Array) -> Array:
    """ln of the compute where both lie the same above the floor, (fits,).

    Infinite where L(C) does not fall the faster.
    """
    _, c0, alpha, d0, beta, size, growth = fits.T
    faster = alpha - beta * (1 - growth)
    at = (alpha * c0 - beta * (d0 + np.log(6) + size)) / np.where(faster > 0, faster, 1.0)
    return np.asarray(np.where(faster > 0, at, np.inf))


def drawn(sweep: list[RunRecord], data: list[EarlyStopped]) -> Array:
    """The fit to all, then to resamples of the runs of both, (1 + draws, coefficients)."""
    names = sorted({r.run for r in sweep})
    unique, loss = np.array([r.unique for r in data], float), np.array([r.loss for r in data])
    fits: list[Array] = []
    for of_sweep, of_limited in zip(resamples(len(names)), resamples(len(data), 1), strict=True):
        hull = frontier(sweep, dict(zip(names, of_sweep.tolist(), strict=True)))
        few = len(hull.loss) < FEWEST or len(set(unique[of_limited > 0])) < FEWEST
        fits.append(fits[0] if few else together(hull, unique, loss, of_limited))
    return np.array(fits)


def off(x: Array, loss: Array, fit: Array) -> float:
    """How far losses lie off L = floor + (x0/x)^alpha: the root mean square in ln L."""
    floor, log, alpha = fit
    return float(np.sqrt(np.mean(np.log((floor + (np.exp(log) / x) ** alpha) / loss) ** 2)))


def of_surface(records: list[RunRecord], data: list[EarlyStopped]) -> float:
    """The crossing with L(C), N_opt(C) and the floor of the sweep's surface; infinite beyond where `crossover` looks for one."""
    law = surface(posterior(readings(records)).central)
    by_compute, growth = law.frontier(), law.params_exponent
    d0, of_d, _ = powers(
        np.array([r.unique for r in data], float),
        np.array([r.loss for r in data]),
        np.ones(len(data)),
        np.array([law.E]),
    )
    by_size = [np.log(law.params_at(1.0)), growth]
    fit = [law.E, np.log(by_compute.x0), by_compute.alpha, d0[0], of_d[0], *by_size]
    at = float(np.exp(crossings(np.array([fit])))[0])
    return at if at <= SEARCHED[1] else np.inf
