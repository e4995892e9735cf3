"""Loss against the weights that remain after magnitude pruning, at once and after a short retraining (`pruning` makes the records).

A model is compared with itself: losses over that of the unpruned one, retrained as long where the pruned one is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, powers, resamples
from trainer.sweep.records import RunRecord

LADDERS = {"lstm": "LSTM on text", "convolution": "convolution on images", "transformer": "transformer on images"}
"""By the architecture of the runs."""


def ratio(record: RunRecord, share: float, *, retrained: bool) -> float:
    """ln of the loss with the share pruned, over that with nothing pruned after as many steps."""
    by = {(each.share, each.steps > 0): each.loss for each in record.pruned or []}
    return float(np.log(by[share, retrained] / by[0.0, retrained]))


def shares(records: list[RunRecord]) -> list[float]:
    return sorted({each.share for r in records for each in r.pruned or []} - {0.0})


def ladders(records: list[RunRecord]) -> Iterator[tuple[str, list[RunRecord]]]:
    """Those that are in the records, by architecture."""
    for kind in LADDERS:
        own = [r for r in records if r.config.shape.kind == kind]
        if own:
            yield kind, own


def growth(records: list[RunRecord], share: float, *, retrained: bool) -> Array:
    """How the loss ratio's excess grows with N: the power of a line through the runs, of all and of resamples."""
    excess = np.array([[max(np.expm1(ratio(r, share, retrained=retrained)), 1e-5)] for r in records])
    return -powers(excess, np.array([[float(r.params)] for r in records]))[:, 1]


def find(records: Records) -> Finding:
    own = records["pruned"]
    rows: list[dict[str, float | str]] = []
    numbers: dict[str, float] = {}
    for kind, ladder in ladders(own):
        for params in sorted({r.params for r in ladder}):
            size = [r for r in ladder if r.params == params]
            row: dict[str, float | str] = {"ladder": LADDERS[kind], "params": params}
            row["loss"] = float(np.mean([r.loss or np.nan for r in size]))
            for share in shares(ladder):
                for name, retrained in (("", False), ("_retrained", True)):
                    mean = np.mean([ratio(r, share, retrained=retrained) for r in size])
                    row[f"percent_above_at_{share:.0%}{name}".replace("%", "")] = float(100 * np.expm1(mean))
            rows.append(row)
        for share in shares(ladder):
            every = np.array([ratio(r, share, retrained=True) for r in ladder])
            means = np.array([np.average(every, weights=w) for w in resamples(len(every))])
            numbers |= interval(f"{kind}_percent_above_at_{100 * share:.0f}_retrained", 100 * np.expm1(means))
        numbers |= interval(f"{kind}_growth_with_size_at_50_retrained", growth(ladder, 0.5, retrained=True))
    return Finding(rows=rows, numbers=numbers, says=sentence(numbers), draw=lambda axes: plotted(axes, own))


def sentence(numbers: dict[str, float]) -> str:
    """The finding in words, ladder by ladder."""
    parts = []
    for kind, name in LADDERS.items():
        if f"{kind}_percent_above_at_50_retrained" in numbers:
            half, most = (numbers[f"{kind}_percent_above_at_{share}_retrained"] for share in (50, 90))
            key = f"{kind}_growth_with_size_at_50_retrained"
            slope, low, high = (f"{numbers[key + end]:.2f}" for end in ("", "_low", "_high"))
            parts.append(
                f"{name}: without half of its weights the loss is {half:.1f} % higher, without nine tenths {most:.0f} %; "
                f"the former goes as N^{slope} (90 %: {low} to {high})"
            )
    return f"After magnitude pruning and a twentieth of the training again, {'. '.join(parts)}"


def plotted(axes: Axes, records: list[RunRecord]) -> None:
    """Losses by the weights that remain, each size's at once (dotted) and retrained."""
    for number, (kind, ladder) in enumerate(ladders(records)):
        for at, params in enumerate(sorted({r.params for r in ladder})):
            size = [r for r in ladder if r.params == params]
            parts = [0.0, *shares(ladder)]
            for retrained, line in ((False, ":"), (True, "-")):
                losses = [
                    np.mean(
                        [p.loss for r in size for p in r.pruned or [] if p.share == part and (p.steps > 0) == retrained]
                    )
                    for part in parts
                ]
                label = LADDERS[kind] if retrained and not at else None
                axes.loglog((1 - np.array(parts)) * params, losses, line, color=f"C{number}", label=label)
    axes.set(xlabel="remaining weights between embedding and head", ylabel="loss, nats a token")


STUDY = Study(
    title="Pruning a trained ladder",
    records=("pruned",),
    paper="Left open: how the trends change as models are pruned",
    find=find,
)
