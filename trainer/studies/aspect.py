"""Width over depth at one number of parameters (H on aspect ratios): how flat the loss is about its best shape.

`python -m trainer.studies.aspect FOLDER` trains the runs anew, on the text and by the settings of the sweep `language`. That needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
from matplotlib.axes import Axes

from trainer.records import RunConfig
from trainer.studies.study import Finding, Records, Study, last_readings
from trainer.sweep import Plan, carry_out, read_sweep, with_data
from trainer.table import Table

SHAPES = ((1, 64), (2, 48), (4, 32), (8, 24))
"""Layers and width: 12·layers·width² is 49,152 or 55,296."""
TOKENS = 600_000


def configs() -> Plan:
    """The runs, with the digest of their data."""
    sweep = with_data(msgspec.structs.replace(read_sweep("language"), tokens=TOKENS), None)
    runs: list[RunConfig] = []
    for layers, width in SHAPES:
        shaped = msgspec.structs.replace(sweep, layers=layers)
        runs += [shaped.run(width, seed, sweep.steps) for seed in sweep.seeds]
    return Plan(sweep=sweep, budget=0.0, speeds={}, seconds=0.0, runs=runs)


def find(records: Records) -> Finding:
    """Mean and spread of the seeds' losses at each shape, and the best shape by a parabola in the logarithm of width over depth."""
    runs = last_readings(records["aspect"])
    shapes = sorted({(r.config.shape.layers, r.config.shape.width) for r in runs})
    rows: list[dict[str, float | str]] = []
    for layers, width in shapes:
        own = [r for r in runs if (r.config.shape.layers, r.config.shape.width) == (layers, width)]
        losses = np.array([r.loss for r in own], float)
        found = {"layers": layers, "width": width, "aspect": width / layers, "params": own[0].params}
        rows.append({**found, "loss": float(losses.mean()), "seeds_apart": float(np.ptp(losses))})
    aspect, loss = (np.array([float(row[name]) for row in rows]) for name in ("aspect", "loss"))
    best = rows[int(np.argmin(loss))]
    spread, seeds = float(np.ptp(loss)), float(np.mean([float(row["seeds_apart"]) for row in rows]))

    def draw(axes: Axes) -> None:
        axes.semilogx([r.config.shape.width / r.config.shape.layers for r in runs], [float(r.loss or 0) for r in runs], "o", label="runs")
        axes.semilogx(aspect, loss, label="means of seeds")
        axes.set(xlabel="width / layers", ylabel="loss, nats a byte")

    return Finding(
        rows=rows,
        numbers={"best_aspect": float(best["aspect"]), "spread_of_shapes": spread, "spread_of_seeds": seeds},
        says=f"From {aspect.min():.0f} to {aspect.max():.0f} times as wide as deep, at about 50,000 parameters, the loss spans {spread:.3f} nats "
        f"where seeds are {seeds:.3f} apart; the best of the four is {best['width']} wide and {best['layers']} deep",
        draw=draw,
    )


STUDY = Study(
    title="Width over depth at one size",
    records=("aspect",),
    paper="The loss is flat about its best aspect ratio, and domains differ in where that is",
    find=find,
)


if __name__ == "__main__":
    carry_out(configs(), Path(sys.argv[1]), 1, Table(sys.stdout))
