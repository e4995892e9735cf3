"""L(C) of efficient training against L(D) of data that run out (K section 6.3): where the first falls below the second,
one of them must fail. Of text, and of images as in Henighan et al. 2020 (figure 14).

L(D) is that of runs on limited data, of models that size does not hold back, stopped early. L(C) and N_opt(C) follow
from the lower hull of the sweep's readings. Both lie above one floor, the entropy of the data, which both must go to.
"""

from __future__ import annotations

from functools import partial

import msgspec
import numpy as np
from matplotlib.axes import Axes

from fitted_laws.quantities.spelling import PF_DAY
from trainer.estimation.objective import Array
from trainer.studies.finite.laws import Frontier, crossings, drawn, frontier, of_surface, off
from trainer.studies.finite.limited import EarlyStopped, of_data, stopped
from trainer.studies.study import LEVEL, SAME, Finding, Records, Study, relation, told
from trainer.sweep.law.law import left_out


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep, its runs on limited data, and what these data are counted in."""

    sweep: str
    limited: str
    noun: str
    """Of a token."""
    unique: str
    """What an amount of data counts, of which each has `length` tokens."""
    length: int


def find(of: Crossed, records: Records) -> Finding:
    """Both laws by one fit, and their crossing in closed form.

    `by_surface` is the same with L(C) and N_opt(C) of the sweep's surface.
    """
    whole = records[of.sweep]
    sweep = [r for r, why in zip(whole, left_out(whole), strict=True) if not why]
    runs = stopped(records[of.limited])
    data = of_data(runs)
    fits = drawn(sweep, data)
    hull = frontier(sweep, dict.fromkeys({r.run for r in sweep}, 1.0))
    at = crossings(fits)
    by_surface = of_surface(whole, data)
    by_compute = fits[:, 4] * (1 - fits[:, 6])
    difference, verdict = told("data_by_compute_less_compute", by_compute - fits[:, 2])
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
        **shares("exponent_of_data_by_compute", by_compute),
        **difference,
        **shares("exponent_of_size", fits[:, 6]),
        "rms_off_the_hull": off(hull.compute, hull.loss, fits[0, :3]),
        "rms_off_the_data": off(
            np.array([r.unique for r in data], float), np.array([r.loss for r in data]), fits[0, [0, 3, 4]]
        ),
        "stopping_by_own_loss_would_gain": float(np.mean([r.loss - r.own_least for r in data])),
    }
    return Finding(
        rows=rows_of(of, runs, data),
        numbers=numbers,
        says=sentence(of, numbers, verdict),
        relations=relations(fits, hull, data),
        draw=lambda axes: plotted(of, axes, fits[0], hull, data),
    )


MOST = 600.0
"""ln of what is as good as infinite."""


def shares(name: str, column: Array) -> dict[str, float]:
    """The number with its 90 % interval: of the draws in order, since between a crossing and none nothing lies."""
    low, high = np.quantile(column[1:], LEVEL, method="inverted_cdf")
    return {name: float(column[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def sentence(of: Crossed, numbers: dict[str, float], verdict: str) -> str:
    """The finding in words: whether and where the two laws cross."""
    difference = [numbers[f"data_by_compute_less_compute{end}"] for end in ("", "_low", "_high")]
    slopes = (
        f"Above one floor of {numbers['floor']:.2f} nats a {of.noun} L(C) falls as C^-{numbers['exponent_of_compute']:.3f}, L(D) as "
        f"D^-{numbers['exponent_of_data']:.3f} and so L(D(C)) as C^-{numbers['exponent_of_data_by_compute']:.3f}, an exponent that differs by "
        f"{difference[0]:+.3f} (90 %: {difference[1]:+.3f} to {difference[2]:+.3f}; {verdict} within {SAME})"
    )
    if not np.isfinite(numbers["compute"]):
        return f"{slopes}: L(C) does not fall the faster, so that they never cross"
    ends = [
        f"{numbers[f'compute_{end}']:.1g}" if np.isfinite(numbers[f"compute_{end}"]) else "never"
        for end in ("low", "high")
    ]
    return (
        f"{slopes}: they cross at {numbers['compute']:.1g} FLOP (90 %: {ends[0]} to {ends[1]}), {numbers['params']:.1g} parameters and "
        f"{numbers['tokens']:.1g} {of.noun}s; in {100 * numbers['share_without']:.1f} % of the resamples they never do"
    )


def rows_of(of: Crossed, runs: list[EarlyStopped], data: list[EarlyStopped]) -> list[dict[str, float | str]]:
    """A row of each amount of data and width: means over the seeds."""
    rows: list[dict[str, float | str]] = []
    for unique, width in sorted({(r.unique, r.width) for r in runs}):
        own = [r for r in runs if (r.unique, r.width) == (unique, width)]
        loss = np.array([r.loss for r in own])
        row: dict[str, float | str] = {
            f"unique_{of.unique}": unique // of.length,
            "width": width,
            "loss": float(loss.mean()),
            "seeds_apart": float(np.ptp(loss)),
        }
        row["epochs"] = float(np.mean([r.epochs for r in own]))
        row["turned"] = "yes" if all(r.turned for r in own) else "no"
        rows.append({**row, "fitted": "yes" if own[0] in data else "no"})
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


def plotted(of: Crossed, axes: Axes, fit: Array, hull: Frontier, data: list[EarlyStopped]) -> None:
    """Both laws in compute, from the smallest runs to beyond the crossing."""
    floor, c0, alpha, d0, beta, size, growth = fit
    unique = np.array([r.unique for r in data], float)
    spent = np.exp((np.log(unique) + size + np.log(6)) / (1 - growth))
    last = min(crossings(fit[None])[0] + 4, np.log(1e30))
    compute = np.geomspace(spent.min(), max(np.exp(last), hull.compute.max()), 100)
    tokens = compute ** (1 - growth) / 6 / np.exp(size)
    axes.loglog(hull.compute, hull.loss - floor, "o", label="hull of the sweep's readings")
    efficient = compute[compute >= hull.compute.min()]
    axes.loglog(efficient, (np.exp(c0) / efficient) ** alpha, color="C0", label="L(C)")
    axes.loglog(spent, [r.loss - floor for r in data], "s", color="C1", label=f"runs on D {of.noun}s, stopped early")
    axes.loglog(compute, (np.exp(d0) / tokens) ** beta, color="C1", label="L(D(C))")
    axes.set(xlabel="training compute, FLOP", ylabel=f"loss above {floor:.2f}, nats a {of.noun}")


TEXT = Crossed(sweep="language", limited="crossing", noun="byte", unique="bytes", length=1)
IMAGES = Crossed(
    sweep="image-8x8-convolution",
    limited="image-crossing",
    noun="token",
    unique="images",
    length=192,
)
STUDY = Study(
    title="L(D) against L(C)",
    records=(TEXT.sweep, TEXT.limited),
    paper="L(C) falls below L(D(C)) beyond 10⁴ PF-days, at 10¹² parameters and 10¹² tokens (Kaplan et al. 2020, eq 6.8)",
    find=partial(find, TEXT),
    law="crossing",
)
OF_IMAGES = Study(
    title="L(D) against L(C) for images",
    records=(IMAGES.sweep, IMAGES.limited),
    paper="Both are powers above one constant, and contradict each other far beyond the runs, sooner than for language (figure 14)",
    find=partial(find, IMAGES),
    law="image-crossing",
)
