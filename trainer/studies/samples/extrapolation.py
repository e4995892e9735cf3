"""Mathematics harder than trained on (after H): loss at each difficulty against the loss of training, all sizes on one
curve or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from trainer.domains.generated.mathematics import Mathematics
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, redrawn, relation
from trainer.sweep.law.law import unfit
from trainer.sweep.records import RunRecord


def find(records: Records) -> Finding:
    """One power of the training loss for each difficulty beyond, over readings of all sizes and amounts of data."""
    read = [r for r in records["math"] if not unfit(r) and r.loss]
    domain = read[0].config.domain
    if not isinstance(domain, Mathematics):
        raise TypeError(f"expected runs on mathematics, got {domain}")
    beyond = [str(k) for k in range(domain.digits + 1, domain.digits + domain.beyond + 1)]
    trained = np.array([r.loss for r in read], float)
    params = np.array([r.params for r in read], float)
    ranges = {"training_loss": [float(trained.min()), float(trained.max())]}
    numbers: dict[str, float] = {}
    relations = []
    curves: dict[str, Array] = {}
    for level in beyond:
        harder = np.array([r.elsewhere[level] for r in read])
        drawn = powers(trained, harder, [r.run for r in read])
        curves[level] = drawn[0]
        numbers |= interval(f"power_at_{level}_digits", drawn[:, 1])
        numbers |= scatter(np.log(trained), np.log(harder), params, level)
        relations.append(relation("beyond", "loss-beyond", ("a", "b"), drawn, part=level, ranges=ranges))
    return Finding(
        rows=last_losses(read),
        numbers=numbers,
        says=summary(beyond[-1], numbers),
        relations=relations,
        draw=lambda axes: draw(axes, read, curves),
    )


def powers(trained: Array, harder: Array, run_names: Sequence[str]) -> Array:
    """a, b of harder = a·trained^b, (1 + draws, 2), by least squares in logarithms; whole runs are resampled."""
    names = sorted(set(run_names))
    run = np.array([names.index(name) for name in run_names])

    def line(weights: Array) -> Array:
        slope, level = np.polyfit(np.log(trained), np.log(harder), 1, w=np.sqrt(weights[run]))
        return np.array([np.exp(level), slope])

    return redrawn(line, len(names))


def last_losses(read: Sequence[RunRecord]) -> list[dict[str, float | str]]:
    """The table: of each size the loss of the last reading, as trained and at each difficulty."""
    rows: list[dict[str, float | str]] = []
    for size in sorted({r.params for r in read}):
        last = max((r for r in read if r.params == size), key=lambda r: (r.tokens, r.run))
        by_level = {f"digits_{level}": last.elsewhere[level] for level in sorted(read[0].elsewhere)}
        rows.append({"params": float(size), "trained": float(last.loss or 0), **by_level})
    return rows


def summary(worst: str, numbers: dict[str, float]) -> str:
    """What the study says, at the hardest difficulty."""
    alone, together = numbers[f"rms_by_size_at_{worst}"], numbers[f"rms_of_one_curve_at_{worst}"]
    power, low, high = (numbers[f"power_at_{worst}_digits{end}"] for end in ("", "_low", "_high"))
    change = "are worse" if high < 0 else "are better" if low > 0 else "may be better or worse"
    return (
        f"At {worst} digits, beyond training, the loss goes as the {power:.2f} power of the training loss (90 %: {low:.2f} to {high:.2f}), "
        f"so better models {change} there. All sizes lie on one curve: readings scatter by {together:.2f} in ln L about it, "
        f"and by {alone:.2f} about a curve for each size"
    )


def draw(axes: Axes, read: Sequence[RunRecord], curves: Mapping[str, Array]) -> None:
    """Each difficulty's readings against the training loss, with its curve (a, b) where it lies beyond training."""
    trained = np.array([r.loss for r in read], float)
    for k, level in enumerate(sorted(read[0].elsewhere)):
        axes.loglog(trained, [r.elsewhere[level] for r in read], ".", color=f"C{k}", label=f"{level} digits")
        if level in curves:
            fine = np.geomspace(trained.min(), trained.max(), 20)
            axes.loglog(fine, curves[level][0] * fine ** curves[level][1], color=f"C{k}")
    axes.set(xlabel="loss on the difficulties trained on, nats a token of the answer", ylabel="loss at one difficulty")


def scatter(x: Array, y: Array, params: Array, level: str) -> dict[str, float]:
    """Root mean squares in ln L about one line for all sizes, and about a line for each.

    Coefficients are counted as lost.
    """
    sizes = sorted(set(params.tolist()))
    one = y - np.polyval(np.polyfit(x, y, 1), x)
    each = np.concatenate(
        [y[params == s] - np.polyval(np.polyfit(x[params == s], y[params == s], 1), x[params == s]) for s in sizes]
    )
    freedom = (len(x) - 2, len(x) - 2 * len(sizes))
    return {
        f"rms_of_one_curve_at_{level}": float(np.sqrt((one**2).sum() / freedom[0])),
        f"rms_by_size_at_{level}": float(np.sqrt((each**2).sum() / freedom[1])),
    }


STUDY = Study(
    title="Mathematics beyond the difficulty trained on",
    records=("math",),
    paper="Loss beyond training depends on the training loss alone, not on the size",
    find=find,
    law="math",
)
