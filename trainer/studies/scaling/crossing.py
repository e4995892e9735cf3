"""L(C) of efficient training against L(D) of data that run out (K section 6.3): where the first falls below the second,
one of them must fail.

L(D) is that of runs on limited data, of models that size does not hold back, stopped early. L(C) and N_opt(C) follow
from the lower hull of the sweep's readings. Both lie above one floor, the entropy of the text, which both must go to.
"""

from __future__ import annotations

import msgspec
import numpy as np
from matplotlib.axes import Axes

from fitted_laws.quantities.spelling import PF_DAY
from trainer.estimation.envelope import envelope
from trainer.estimation.forms.power import surface
from trainer.estimation.objective import Array
from trainer.studies.scaling.limited import EarlyStopped, of_data, stopped
from trainer.studies.study import LEVEL, Finding, Records, Study, relation, resamples
from trainer.sweep.law.law import left_out, readings
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
    low, high = 0.0, 0.999 * float(min(hull.loss.min(), loss[weights > 0].min()))
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


def find(records: Records) -> Finding:
    """Both laws by one fit, and their crossing in closed form.

    `by_surface` is the same with L(C) and N_opt(C) of the sweep's surface.
    """
    sweep = [r for r, why in zip(records["language"], left_out(records["language"]), strict=True) if not why]
    runs = stopped(records["crossing"])
    data = of_data(runs)
    fits = drawn(sweep, data)
    hull = frontier(sweep, dict.fromkeys({r.run for r in sweep}, 1.0))
    at = crossings(fits)
    by_surface = of_surface(records["language"], data)
    numbers = {
        **shares("compute", np.exp(np.minimum(at, MOST))),
        "compute_pf_days": float(np.exp(at[0]) / PF_DAY),
        **shares("params", np.exp(np.minimum(fits[:, 5] + fits[:, 6] * at, MOST))),
        **shares("tokens", np.exp(np.minimum((1 - fits[:, 6]) * at - fits[:, 5] - np.log(6), MOST))),
        "compute_by_surface": by_surface,
        "share_without": float(np.mean(np.isinf(at[1:]))),
        **shares("floor", fits[:, 0]),
        **shares("exponent_of_compute", fits[:, 2]),
        **shares("exponent_of_data", fits[:, 4]),
        **shares("exponent_of_data_by_compute", fits[:, 4] * (1 - fits[:, 6])),
        **shares("exponent_of_size", fits[:, 6]),
        "rms_off_the_hull": off(hull.compute, hull.loss, fits[0, :3]),
        "rms_off_the_data": off(
            np.array([r.unique for r in data], float), np.array([r.loss for r in data]), fits[0, [0, 3, 4]]
        ),
        "stopping_by_own_loss_would_gain": float(np.mean([r.loss - r.own_least for r in data])),
    }
    return Finding(
        rows=rows_of(runs, data),
        numbers=numbers,
        says=sentence(numbers),
        relations=relations(fits, hull, data),
        draw=lambda axes: plotted(axes, fits[0], hull, data),
    )


MOST = 600.0
"""ln of what is as good as infinite."""


def shares(name: str, column: Array) -> dict[str, float]:
    """The number with its 90 % interval: of the draws in order, since between a crossing and none nothing lies."""
    low, high = np.quantile(column[1:], LEVEL, method="inverted_cdf")
    return {name: float(column[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def off(x: Array, loss: Array, fit: Array) -> float:
    """How far losses lie off L = floor + (x0/x)^alpha: the root mean square in ln L."""
    floor, log, alpha = fit
    return float(np.sqrt(np.mean(np.log((floor + (np.exp(log) / x) ** alpha) / loss) ** 2)))


def of_surface(records: list[RunRecord], data: list[EarlyStopped]) -> float:
    """The crossing with L(C), N_opt(C) and the floor of the sweep's surface."""
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
    return float(np.exp(crossings(np.array([fit])))[0])


def sentence(numbers: dict[str, float]) -> str:
    """The finding in words: whether and where the two laws cross."""
    slopes = (
        f"Above one floor of {numbers['floor']:.2f} nats a byte L(C) falls as C^-{numbers['exponent_of_compute']:.3f} and L(D(C)) "
        f"as C^-{numbers['exponent_of_data_by_compute']:.3f}"
    )
    if not np.isfinite(numbers["compute"]):
        return f"{slopes}: L(C) does not fall the faster, so that they never cross"
    ends = [
        f"{numbers[f'compute_{end}']:.1g}" if np.isfinite(numbers[f"compute_{end}"]) else "never"
        for end in ("low", "high")
    ]
    return (
        f"{slopes}: they cross at {numbers['compute']:.1g} FLOP (90 %: {ends[0]} to {ends[1]}), {numbers['params']:.1g} parameters and "
        f"{numbers['tokens']:.1g} bytes; in {100 * numbers['share_without']:.1f} % of the resamples they never do"
    )


def rows_of(runs: list[EarlyStopped], data: list[EarlyStopped]) -> list[dict[str, float | str]]:
    """A row of each amount of data and width: means over the seeds."""
    rows: list[dict[str, float | str]] = []
    for unique, width in sorted({(r.unique, r.width) for r in runs}):
        own = [r for r in runs if (r.unique, r.width) == (unique, width)]
        loss = np.array([r.loss for r in own])
        row = {"unique_bytes": unique, "width": width, "loss": float(loss.mean()), "seeds_apart": float(np.ptp(loss))}
        rows.append(
            {**row, "epochs": float(np.mean([r.epochs for r in own])), "fitted": "yes" if own[0] in data else "no"}
        )
    return rows


def relations(fits: Array, hull: Frontier, data: list[EarlyStopped]) -> list[dict[str, object]]:
    """The four that the question `crossover` reads, each with the draws of the same resamples."""
    floor, c0, alpha, d0, beta, size, growth = fits.T
    span = [float(min(r.unique for r in data)), float(max(r.unique for r in data))]
    ranges = {"compute": ends(hull.compute), "params": ends(hull.params), "tokens": span, "unique_tokens": span}
    early = (
        "D in L(D) is the size of a data set, trained on for many epochs and stopped early, not the tokens processed"
    )
    efficient = (
        "L(C) and N_opt(C) are of the lower hull of a sweep's readings, whose ends its smallest and largest runs set"
    )
    notes = {"frontier": [efficient], "data": [early]}
    tables = {
        "frontier": ("power-constant", ("L_inf", "x0", "alpha"), [floor, np.exp(c0), alpha]),
        "data": ("power-constant", ("L_inf", "x0", "alpha"), [floor, np.exp(d0), beta]),
        "token-allocation": ("power-growth", ("k", "a"), [np.exp(-size) / 6, 1 - growth]),
        "allocation": ("power-growth", ("k", "a"), [np.exp(size), growth]),
    }
    return [
        relation(role, form, names, np.column_stack(columns), ranges=ranges, notes=notes.get(role, []))
        for role, (form, names, columns) in tables.items()
    ]


def ends(column: Array) -> list[float]:
    return [float(column.min()), float(column.max())]


def plotted(axes: Axes, fit: Array, hull: Frontier, data: list[EarlyStopped]) -> None:
    """Both laws in compute, from the smallest runs to beyond the crossing."""
    floor, c0, alpha, d0, beta, size, growth = fit
    unique = np.array([r.unique for r in data], float)
    spent = np.exp((np.log(unique) + size + np.log(6)) / (1 - growth))
    last = min(crossings(fit[None])[0] + 4, np.log(1e30))
    compute = np.geomspace(spent.min(), max(np.exp(last), hull.compute.max()), 100)
    tokens = compute ** (1 - growth) / 6 / np.exp(size)
    axes.loglog(hull.compute, hull.loss - floor, "o", label="hull of the sweep's readings")
    axes.loglog(compute, (np.exp(c0) / compute) ** alpha, color="C0", label="L(C)")
    axes.loglog(spent, [r.loss - floor for r in data], "s", color="C1", label="runs on D bytes, stopped early")
    axes.loglog(compute, (np.exp(d0) / tokens) ** beta, color="C1", label="L(D(C))")
    axes.set(xlabel="training compute, FLOP", ylabel=f"loss above {floor:.2f}, nats a byte")


STUDY = Study(
    title="L(D) against L(C)",
    records=("language", "crossing"),
    paper="L(C) falls below L(D(C)) beyond 10⁴ PF-days, at 10¹² parameters and 10¹² tokens (Kaplan et al. 2020, eq 6.8)",
    find=find,
    law="crossing",
)
