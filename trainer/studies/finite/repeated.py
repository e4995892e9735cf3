"""Epochs by size on one text: what a repeated token is worth beside a fresh one, where overfitting sets in, and when each run stopped best.

The effective tokens of a reading on repeated data are those with which the run of the sweep `language` that has the same size, seed and
settings comes to the same loss: no law has a part in them, and what both runs share, the start above all, is gone. R_D* (Muennighoff
et al. 2023, eq 5) is fitted to them, each run up to where the other seed's loss is least; sizes and amounts of data are resampled.

`python -m trainer.studies.finite.repeated FOLDER 2` trains the runs anew, on two processes. That needs torch.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import numpy as np
from matplotlib.axes import Axes
from scipy.interpolate import PchipInterpolator

from fitted_laws.forms.surfaces import RepeatedData
from trainer.domains.collected.text import Text
from trainer.estimation.objective import Array
from trainer.studies.finite.limited import stopped, tokens_of
from trainer.studies.study import Finding, Records, Study, interval, relation, resamples
from trainer.studies.training import planned, shorter, train
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.law.law import readings, unfit
from trainer.sweep.law.posterior import posterior
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord, geometric_reads

EPOCHS = {65_536: 32.0, 131_072: 16.0, 524_288: 10.25}
"""How often a run repeats so many unique bytes."""
RUNS = ((16, 65_536), (16, 131_072), (32, 65_536), (32, 131_072), (32, 524_288))
"""Width and unique bytes. Of widths 64 and 96 the study of L(D) has others."""
READS, FACTOR = 8, 2**0.5
PASSES = np.geomspace(0.3, 1000, 1000)
"""R_D* that are tried; a thousand is as good as no loss by repeats."""
PAPER = 15.4
FINE = 4000
"""Points of a fresh run's curve among which a loss is looked up."""


def configs() -> SweepPlan:
    """The plan of the runs, with the digest of their data: seeds, rates and order of windows are those of the sweep."""
    sweep = with_data(read_sweep("language"), None)
    if not isinstance(sweep.domain, Text):
        raise TypeError(f"expected a sweep of text, got {sweep.domain}")
    runs: list[RunConfig] = []
    for width, unique in RUNS:
        domain = msgspec.structs.replace(sweep.domain, unique=unique, also=())
        repeating = shorter(msgspec.structs.replace(sweep, domain=domain), round(EPOCHS[unique] * unique))
        reads = geometric_reads(repeating.steps, READS, FACTOR)
        runs += [msgspec.structs.replace(repeating.run(width, s, repeating.steps), reads=reads) for s in sweep.seeds]
    return planned(sweep, runs)


class Effective(msgspec.Struct, frozen=True, kw_only=True):
    """Readings on repeated data, (readings,) each, with the fresh tokens that come to the same loss."""

    params: Array
    unique: Array
    epochs: Array
    log_tokens: Array
    """ln of the effective tokens."""
    cell: Array
    """Which size and amount of data, whose two seeds are resampled together."""


def fresh_curves(records: list[RunRecord]) -> dict[tuple[int, int], tuple[Array, Array]]:
    """ln loss, rising, and the ln tokens that come to it, of each size and seed on fresh data; between its readings monotone cubics."""
    groups: dict[tuple[int, int], list[RunRecord]] = {}
    for record in sorted(records, key=lambda r: r.tokens):
        groups.setdefault((record.params, record.config.seed), []).append(record)
    curves = {}
    for key, own in groups.items():
        tokens = np.log([r.tokens for r in own])
        fine = np.linspace(tokens[0], tokens[-1], FINE)
        loss = np.minimum.accumulate(PchipInterpolator(tokens, np.log([r.loss or np.nan for r in own]))(fine))
        curves[key] = (loss[::-1], fine[::-1])
    return curves


def effective(repeats: list[RunRecord], fresh: list[RunRecord], *, after: bool = False) -> Effective:
    """Of every reading that a law may be fitted to, up to the best stop, where a fresh run had its loss; `after` takes those behind it too."""
    curves = fresh_curves(fresh)
    best = {(r.unique, r.width): r for r in stopped(repeats)}
    names = sorted({(tokens_of(r.config.domain), r.params) for r in repeats})
    columns = []
    for r in repeats:
        epochs, stop = (
            r.tokens / tokens_of(r.config.domain),
            best[tokens_of(r.config.domain), r.config.shape.width].epochs,
        )
        if (r.params, r.config.seed) not in curves or unfit(r) or epochs <= 1 or (epochs > stop and not after):
            continue
        loss, tokens = curves[r.params, r.config.seed]
        found = np.interp(np.log(r.loss or np.nan), loss, tokens, left=np.nan, right=np.nan)
        if np.isfinite(found):
            columns.append(
                [
                    r.params,
                    tokens_of(r.config.domain),
                    epochs,
                    found,
                    names.index((tokens_of(r.config.domain), r.params)),
                ]
            )
    params, unique, epochs, log_tokens, cell = np.array(columns, float).T
    return Effective(params=params, unique=unique, epochs=epochs, log_tokens=log_tokens, cell=cell.astype(int))


def expected(found: Effective, passes: Array) -> Array:
    """ln of the effective tokens by R_D*: (…, readings)."""
    plain = np.ones_like(passes)
    form = RepeatedData(E=plain, A=plain, B=plain, alpha=plain, beta=plain, R_N=plain, R_D=passes)
    return np.asarray(np.log(form.effective_tokens(found.unique, found.epochs)))


def passes_of(found: Effective, weights: Array) -> Array:
    """R_D* by least squares in the logarithm of the effective tokens: (draws, cells) to (draws,)."""
    squares = (expected(found, PASSES[:, None]) - found.log_tokens) ** 2
    return np.asarray(PASSES[np.argmin(weights[:, found.cell] @ squares.T, axis=1)])


def drawn(found: Effective) -> Array:
    """R_D* of all, then of resamples of sizes and amounts of data, (1 + draws,); a resample without any gives that of all."""
    weights = resamples(int(found.cell.max()) + 1)
    none = weights[:, np.unique(found.cell)].sum(axis=1) == 0
    return passes_of(found, np.where(none[:, None], 1.0, weights))


def of_one_size(found: Effective) -> dict[str, float]:
    """R_D* of each size alone, with its interval."""
    numbers: dict[str, float] = {}
    for params in sorted(set(found.params.tolist())):
        own = found.params == params
        part = msgspec.structs.replace(
            found, **{name: getattr(found, name)[own] for name in Effective.__struct_fields__}
        )
        _, cell = np.unique(part.cell, return_inverse=True)
        numbers |= interval(f"R_D_of_{params:.0f}_parameters", drawn(msgspec.structs.replace(part, cell=cell)))
    return numbers


def rows_of(repeats: list[RunRecord], fresh: list[RunRecord]) -> list[dict[str, float | str]]:
    """Where each size stops best on each amount of data, beside the tokens with which fresh data reach that loss."""
    rows: list[dict[str, float | str]] = []
    stops = stopped(repeats)
    sizes = {r.config.shape.width: r.params for r in repeats}
    for unique, width in sorted({(r.unique, r.width) for r in stops}, key=lambda key: (key[1], key[0])):
        own = [r for r in stops if (r.unique, r.width) == (unique, width)]
        loss = float(np.mean([r.loss for r in own]))
        row: dict[str, float | str] = {"params": sizes[width], "unique_bytes": unique, "best_loss": loss}
        row["epochs_at_best"] = float(np.mean([r.epochs for r in own]))
        row["turned"] = "yes" if all(r.turned for r in own) else "no"
        tokens = fresh_tokens(fresh, sizes[width], loss)
        if tokens:
            row["epochs_of_fresh_data_to_it"] = tokens / unique
        rows.append(row)
    return rows


def fresh_tokens(fresh: list[RunRecord], params: int, loss: float) -> float:
    """The tokens with which the mean fresh run of this size reaches a loss; 0 where no reading is as high, or the size was not trained."""
    own = [r for r in fresh if r.params == params]
    tokens = sorted({r.tokens for r in own})
    means = [float(np.mean([r.loss or np.nan for r in own if r.tokens == t])) for t in tokens]
    if not own or not means[-1] <= loss <= means[0]:
        return 0.0
    return float(np.exp(np.interp(-loss, -np.array(means), np.log(tokens))))


def find(records: Records) -> Finding:
    """R_D* with its interval; the law of fresh data beside it is the sweep's, from its posterior."""
    fresh, repeats = records["language"], records["crossing"] + records["repeated"]
    found = effective(repeats, fresh)
    passes = drawn(found)
    rows = rows_of(repeats, fresh)
    off = expected(found, passes[0]) - found.log_tokens
    after = effective(repeats, fresh, after=True)
    turned = [float(r["epochs_at_best"]) for r in rows if r["turned"] == "yes"]
    numbers = {
        **interval("R_D", passes),
        **of_one_size(found),
        "R_D_with_readings_after_the_stop": float(drawn(after)[0]),
        "readings": float(len(off)),
        "rms_of_effective_tokens": float(np.sqrt(np.mean(off**2))),
        "rms_without_a_discount": float(
            np.sqrt(np.mean((np.log(found.unique * found.epochs) - found.log_tokens) ** 2))
        ),
        "epochs_at_best_least": min(turned),
        "epochs_at_best_most": max(turned),
    }
    return Finding(
        rows=rows,
        numbers=numbers,
        says=sentence(numbers),
        relations=[leaf(found, passes, fresh)],
        draw=lambda axes: plotted(axes, found, passes[0]),
    )


def leaf(found: Effective, passes: Array, fresh: list[RunRecord]) -> dict[str, Any]:
    """The relation that `repeat` reads: the sweep's law of fresh data, R_D*, and no discount of excess parameters."""
    distribution = posterior(readings(fresh))
    laws = np.vstack([distribution.central, distribution.draws(len(passes) - 1, 0)])
    table = np.column_stack([laws, np.full(len(passes), PASSES[-1]), passes])
    names = ("E", "A", "B", "alpha", "beta", "R_N", "R_D")
    tokens = found.unique * found.epochs
    spans = {
        "params": [float(min(found.params)), float(max(found.params))],
        "unique_tokens": [float(min(found.unique)), float(max(found.unique))],
        "epochs": [1.0, float(max(found.epochs))],
        "tokens": [float(min(tokens)), float(max(tokens))],
        "compute": [float(min(6 * found.params * tokens)), float(max(6 * found.params * tokens))],
    }
    return relation("repeated", "repeated", names, table, ranges=spans, notes=[FRESH, EXCESS])


FRESH = "R_D* is fitted to the fresh tokens that come to the same loss at the same size and seed; E, A, B and exponents are the sweep's"
EXCESS = "R_N* is not fitted but a thousand, which is no discount: fitted through the sweep's law it went to where it was bounded"


def sentence(numbers: dict[str, float]) -> str:
    """The finding in words."""
    inside = "inside" if numbers["R_D_low"] <= PAPER <= numbers["R_D_high"] else "outside"
    value, low, high = (f"{numbers[name]:.1f}" for name in ("R_D", "R_D_low", "R_D_high"))
    least, most = (f"{numbers[name]:.0f}" for name in ("epochs_at_best_least", "epochs_at_best_most"))
    return (
        f"Repeats are worth what fresh bytes are with R_D* = {value} passes (90 %: {low} to {high}); {PAPER}, found by Muennighoff et al. 2023 "
        f"on models of up to 9B parameters, is {inside}; runs whose loss turned were best after {least} to {most} epochs"
    )


def plotted(axes: Axes, found: Effective, passes: float) -> None:
    """What so many epochs are worth in epochs of fresh data, with the form through it."""
    for number, params in enumerate(sorted(set(found.params.tolist()))):
        own = found.params == params
        worth = np.exp(found.log_tokens[own]) / found.unique[own]
        axes.plot(found.epochs[own], worth, "o", ms=3, color=f"C{number}", label=f"{params:,.0f} parameters")
    epochs = np.geomspace(1, found.epochs.max(), 100)
    axes.plot(epochs, 1 + passes * -np.expm1(-(epochs - 1) / passes), color="black", label=f"R_D* = {passes:.1f}")
    axes.plot(epochs, epochs, ":", color="black", label="fresh data")
    axes.set(xscale="log", yscale="log", xlabel="epochs", ylabel="epochs of fresh data to the same loss")


STUDY = Study(
    title="Data repeated",
    records=("language", "crossing", "repeated"),
    paper="Left open; its language and image models see few tokens twice. Muennighoff et al. 2023: R_D* = 15.4, R_N* = 5.3",
    find=find,
    law="repeated",
)


if __name__ == "__main__":
    train(configs(), sys.argv[1], int(sys.argv[2]))
