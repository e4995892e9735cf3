"""Loss by frame of a video and by row of an image: whether later ones are easier, and whether larger models gain more
on them.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.scaling.percentiles import SWEEPS
from trainer.studies.study import Finding, Records, Study, interval, last_readings, redrawn
from trainer.sweep.records import RunRecord


def lines(run: RunRecord) -> Array:
    """Mean loss of each frame or row, the layout's first axis.

    Places are kept one by one, or in runs of which a line has a whole number.
    """
    return np.asarray(np.reshape(run.by_place, (run.config.domain.layout[0], -1)).mean(axis=1))


def find(records: Records) -> Finding:
    """ln of the first line's loss, and of the mean of all others, is a line in ln N; the slopes are compared."""
    rows: list[dict[str, float | str]] = []
    numbers: dict[str, float] = {}
    curves: dict[str, Array] = {}
    says: list[str] = []
    for name in records:
        runs = last_readings(records[name])
        params, loss = np.array([r.params for r in runs], float), np.array([lines(r) for r in runs])
        parts = np.column_stack([loss[:, 0], loss[:, 1:].mean(axis=1)])

        def slopes(weights: Array, params: Array = params, parts: Array = parts) -> Array:
            return np.asarray(np.polyfit(np.log(params), np.log(parts), 1, w=np.sqrt(weights))[0])

        drawn = redrawn(slopes, len(runs))
        curves[name] = loss[params == params.max()].mean(axis=0)
        for k in sorted({0, 1, loss.shape[1] // 2, loss.shape[1] - 1}):
            ends = {
                end: float(loss[params == at, k].mean())
                for end, at in (("smallest", params.min()), ("largest", params.max()))
            }
            rows.append({"samples": name, "line": k + 1, **{f"loss_of_{end}": value for end, value in ends.items()}})
        numbers |= interval(f"{name}_slope_of_first", drawn[:, 0]) | interval(
            f"{name}_slope_of_others_less_that_of_first", drawn[:, 1] - drawn[:, 0]
        )
        says.append(f"{name} {curves[name][0]:.2f} and {curves[name][1:].mean():.2f}")

    def draw(axes: Axes) -> None:
        for name, curve in curves.items():
            axes.plot(np.linspace(0, 1, len(curve)), curve, ".-", label=name)
        axes.set(
            xlabel="row of an image or frame of a video, from first to last",
            ylabel="loss of the largest models, nats a token",
        )

    return Finding(
        rows=rows,
        numbers=numbers,
        says=f"Nats a token of the first row or frame, and of those after it, by the largest models: {', '.join(says)}",
        draw=draw,
    )


STUDY = Study(
    title="Loss by frame and by row",
    records=(*SWEEPS, "video-pans"),
    paper="Has a power of the position for language (eq E.3); what it shows of frames and rows is not compared here",
    find=find,
)
