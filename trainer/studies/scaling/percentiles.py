"""Losses of single images by percentile (after H): whether models improve on easy and hard images alike, and by image
at each encoding.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, last_readings, redrawn

SHOWN = ("5", "25", "50", "75", "95")
SWEEPS = ("image-8x8", "image-16x16", "image-32x32", "image-vq-16x16", "image-vq-32x32")


def find(records: Records) -> Finding:
    """ln of each percentile over test images is a line in ln N; the slopes are compared."""
    numbers: dict[str, float] = {}
    rows: list[dict[str, float | str]] = []
    points: dict[str, tuple[Array, Array]] = {}
    ends: dict[str, tuple[float, float]] = {}
    for name in records:
        runs = last_readings(records[name])
        params = np.array([r.params for r in runs], float)
        length = runs[0].config.domain.length
        nats = length * np.array([[r.quantiles[q] for q in SHOWN] for r in runs])
        points[name] = (params, nats)

        def slopes(weights: Array, params: Array = params, nats: Array = nats) -> Array:
            return np.asarray(np.polyfit(np.log(params), np.log(nats), 1, w=np.sqrt(weights))[0])

        drawn = redrawn(slopes, len(runs))
        for k, q in enumerate(SHOWN):
            rows.append(
                {
                    "images": name,
                    "percentile": q,
                    "nats_of_largest": float(nats[-1, k]),
                    **interval("slope", drawn[:, k]),
                }
            )
        ends[name] = (float(drawn[0, 0]), float(drawn[0, -1]))
        numbers |= interval(f"{name}_slope_of_95_less_that_of_5", drawn[:, -1] - drawn[:, 0])

    def draw(axes: Axes) -> None:
        for (name, (params, nats)), marker in zip(points.items(), "os^Dv", strict=False):
            for k, q in enumerate(SHOWN):
                axes.loglog(
                    params,
                    nats[:, k],
                    marker,
                    color=f"C{k}",
                    label=f"{name}, {q} %" if marker == "o" or q == SHOWN[0] else None,
                )
        axes.set(xlabel="parameters of attention and MLP", ylabel="loss of an image, nats")

    times = [low / high for low, high in ends.values()]
    return Finding(
        rows=rows,
        numbers=numbers,
        says=f"The slope of ln L in ln N is {min(times):.1f} to {max(times):.1f} times as steep at the {SHOWN[0]}th percentile of images, "
        f"the easiest, as at the {SHOWN[-1]}th",
        draw=draw,
    )


STUDY = Study(
    title="Percentiles over images",
    records=SWEEPS,
    paper="Every percentile of the loss over images falls with size as a power",
    find=find,
)
