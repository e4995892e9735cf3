"""Loss of an image by resolution and encoding, of the same tiles of photographs: what a picture costs in nats, whatever
its tokens are.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from fitted_laws.catalogue import load
from trainer.estimation.objective import Array
from trainer.studies.scaling.exponents import PAPER
from trainer.studies.scaling.percentiles import SWEEPS
from trainer.studies.study import Finding, Records, Study, interval, last_readings, redrawn


def find(records: Records) -> Finding:
    """Losses at each run's end, times the tokens of an image; ln of them is a line in ln N."""
    paper = {law.domain.id: law for law in load(check=False) if law.id == PAPER}
    rows: list[dict[str, float | str]] = []
    points: dict[str, tuple[Array, Array]] = {}
    for name in records:
        runs = last_readings(records[name])
        length = runs[0].config.domain.length
        params = np.array([r.params for r in runs], float)
        nats = length * np.array([r.loss for r in runs], float)
        points[name] = (params, nats)

        def slope(weights: Array, params: Array = params, nats: Array = nats) -> Array:
            return np.asarray(np.polyfit(np.log(params), np.log(nats), 1, w=np.sqrt(weights))[:1])

        row: dict[str, float | str] = {
            "images": name,
            "tokens": length,
            "images_trained_on": runs[0].tokens / length,
            "nats_of_smallest": float(nats[params == params.min()].mean()),
            "nats_of_largest": float(nats[params == params.max()].mean()),
            **interval("slope", redrawn(slope, len(runs))[:, 0]),
        }
        rows.append(row | {"limit_paper": length * paper[name].relations["converged", None].coefficients["L_inf"]})

    def draw(axes: Axes) -> None:
        for name, (params, nats) in points.items():
            axes.loglog(params, nats, "o", label=name)
        axes.set(xlabel="parameters of attention and MLP", ylabel="loss of an image, nats")

    costs = ", ".join(f"{row['nats_of_largest']:,.0f} as {row['images']}" for row in rows)
    return Finding(rows=rows, numbers={}, says=f"To its largest model an image costs, in nats, {costs}", draw=draw)


STUDY = Study(
    title="Loss of an image by resolution and encoding",
    records=SWEEPS,
    paper="The limits that it fits are 599 nats for an image of 8×8 pixels and rise 3.4 and 3.3 times with each doubling; those of codes 3.1 times",
    find=find,
)
