"""Width over depth at one number of parameters (H on aspect ratios): the best shape, and how flat the loss is about it.

Shapes differ in size by up to 14 %: losses are corrected to one size by the surface of the sweep `language`.

`python -m trainer.studies.scaling.aspect FOLDER 2` trains the runs anew, on the text and by the settings of the sweep
`language`. That needs torch.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import numpy as np
from matplotlib.axes import Axes

from trainer.domains.collected.text import Text
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, last_readings, redrawn, relation
from trainer.studies.training import planned, shorter, train
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord

SHAPES = ((1, 96), (2, 64), (3, 56), (4, 48), (8, 32), (16, 24))
"""Layers and width: 12·layers·width² is 98,304 to 112,896."""
TOKENS = 3_000_000
FAMILY = 12.0
"""Parameters over layers·width²: attention of the width, a feed-forward of four."""
FLAT = 0.01
FEWEST = 4
"""Shapes below which a resample gives the fit to all: a parabola through three has no residual."""


def configs() -> SweepPlan:
    """The plan of the runs, with the digest of their data."""
    sweep = with_data(read_sweep("language"), None)
    if not isinstance(sweep.domain, Text):
        raise TypeError(f"expected a sweep of text, got {sweep.domain}")
    alone = shorter(msgspec.structs.replace(sweep, domain=msgspec.structs.replace(sweep.domain, also=())), TOKENS)
    runs: list[RunConfig] = []
    for layers, width in SHAPES:
        shaped = msgspec.structs.replace(alone, layers=layers)
        runs += [shaped.run(width, seed, alone.steps) for seed in sweep.seeds]
    return planned(alone, runs)


def find(records: Records) -> Finding:
    """A parabola in ln(width/layers) through the last readings of all runs; at an edge, its best is a bound."""
    runs = last_readings(records["aspect"])
    params = np.array([r.params for r in runs], float)
    size = float(np.exp(np.log(params).mean()))
    _, a, _, alpha, _ = posterior(readings(records["language"])).central
    loss = np.array([r.loss for r in runs], float) + a * (size**-alpha - params**-alpha)
    aspect = np.array([r.config.shape.width / r.config.shape.layers for r in runs])
    x = np.log(aspect)

    def best(weights: Array) -> Array:
        taken = weights if len(set(x[weights > 0])) >= FEWEST else np.ones(len(x))
        return np.array([*vertex(np.polyfit(x, loss, 2, w=np.sqrt(taken)), x)])

    best_shapes = redrawn(best, len(runs))
    ratio, width = np.exp(best_shapes[:, 0]), best_shapes[:, 1]
    shapes = sorted({(r.config.shape.layers, r.config.shape.width) for r in runs})
    rows = [
        row_of(shape, [(r, x) for r, x in zip(runs, loss.tolist(), strict=True) if at(r) == shape]) for shape in shapes
    ]
    parabola = np.polyfit(x, loss, 2)
    edges = float(np.mean(np.isin(ratio[1:], np.exp([x.min(), x.max()]))))
    numbers = {
        **interval("best_aspect", ratio),
        "share_at_an_edge": edges,
        **interval("flat_to_a_percent_within_a_factor_of", np.exp(width)),
        "spread_of_shapes": float(np.ptp([float(row["loss"]) for row in rows])),
        "spread_of_seeds": float(np.mean([float(row["seeds_apart"]) for row in rows])),
        "rms_off_the_parabola": float(np.sqrt(np.mean((np.polyval(parabola, x) - loss) ** 2))),
    }
    return Finding(
        rows=rows,
        numbers=numbers,
        says=sentence(numbers, size, (float(aspect.min()), float(aspect.max()))),
        relations=relations(runs, ratio, inside=bool(x.min() < best_shapes[0, 0] < x.max())),
        draw=lambda axes: plotted(axes, aspect, loss, parabola),
    )


def at(record: RunRecord) -> tuple[int, int]:
    return record.config.shape.layers, record.config.shape.width


def vertex(parabola: Array, x: Array) -> tuple[float, float]:
    """ln of the best aspect ratio, at the better end where the parabola has none inside, and how far from it 1 % of
    loss is.
    """
    curvature, slope, _ = parabola
    near = (
        float(np.clip(-slope / (2 * curvature), x.min(), x.max()))
        if curvature > 0
        else min(x.min(), x.max(), key=lambda end: np.polyval(parabola, end))
    )
    return near, float(np.sqrt(FLAT * np.polyval(parabola, near) / curvature)) if curvature > 0 else float(np.ptp(x))


def row_of(shape: tuple[int, int], own: list[tuple[RunRecord, float]]) -> dict[str, float | str]:
    layers, width = shape
    loss = np.array([x for _, x in own])
    row = {
        "layers": layers,
        "width": width,
        "aspect": width / layers,
        "params": own[0][0].params,
        "loss": float(loss.mean()),
    }
    return {**row, "seeds_apart": float(np.ptp(loss))}


def sentence(numbers: dict[str, float], size: float, tried: tuple[float, float]) -> str:
    span = f"{numbers['best_aspect_low']:.1f} to {numbers['best_aspect_high']:.1f}"
    beyond = f", which lies at an edge of the {tried[0]:.1f} to {tried[1]:.0f} tried in {100 * numbers['share_at_an_edge']:.0f} % of the resamples"
    return (
        f"At {size:,.0f} parameters the loss is least at a width of {numbers['best_aspect']:.1f} times the depth (90 %: {span}"
        f"{beyond if numbers['share_at_an_edge'] else ''}); it is within a percent of that over a factor of "
        f"{numbers['flat_to_a_percent_within_a_factor_of']:.1f} to either side, where shapes span {numbers['spread_of_shapes']:.3f} nats "
        f"and seeds are {numbers['spread_of_seeds']:.3f} apart"
    )


def relations(runs: list[RunRecord], ratio: Array, *, inside: bool) -> list[dict[str, Any]]:
    """The family of shapes, and the rate that its widths were trained at: 12·layers·width² = N, so width =
    (aspect·N/12)^⅓.
    """
    config, params = runs[0].config, [float(r.params) for r in runs]
    ranges = {"params": [min(params), max(params)]}
    shown = sorted({f"{r.config.shape.layers} × {r.config.shape.width}" for r in runs})
    notes = [
        f"the aspect ratio is of one size after {config.tokens:,d} tokens, and is taken to hold at others; layers × width: {', '.join(shown)}",
        f"every run took {config.tokens_per_step:,d} tokens a step, and no other number was tried: batch_tokens is not known",
    ]
    if not inside:
        notes.append(
            f"the best aspect ratio is the {'widest' if ratio[0] > 1 else 'deepest'} that was tried: a bound, not an optimum"
        )
    of_width = config.learning_rate * config.base_width
    rate = np.column_stack([of_width * (FAMILY / ratio) ** (1 / 3), np.full(len(ratio), -1 / 3)])
    used = (
        f"the rate is the one used, not one found best at this size: {config.learning_rate:g}·{config.base_width}/width for hidden and head weights "
        f"at the best shape, and {config.learning_rate:g} for embeddings"
    )
    shape = np.column_stack([np.full(len(ratio), FAMILY), ratio, np.full(len(ratio), float(config.shape.head_width))])
    return [
        relation("shape", "shape", ("k", "aspect", "head_width"), shape, ranges=ranges, notes=notes),
        relation("learning-rate", "power-growth", ("k", "a"), rate, ranges=ranges, notes=[used]),
    ]


def plotted(axes: Axes, aspect: Array, loss: Array, parabola: Array) -> None:
    fine = np.linspace(np.log(aspect.min()), np.log(aspect.max()), 50)
    axes.semilogx(aspect, loss, "o", label="runs, at one size")
    axes.semilogx(np.exp(fine), np.polyval(parabola, fine), label="parabola")
    axes.set_xticks(sorted(set(aspect.tolist())), [f"{x:.3g}" for x in sorted(set(aspect.tolist()))])
    axes.minorticks_off()
    axes.set(xlabel="width / layers", ylabel="loss, nats a byte")


STUDY = Study(
    title="Width over depth at one size",
    records=("aspect", "language"),
    paper="The loss is flat about its best aspect ratio, and domains differ in where that is",
    find=find,
    law="language",
)


if __name__ == "__main__":
    train(configs(), sys.argv[1], int(sys.argv[2]))
