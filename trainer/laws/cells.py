"""Runs that differ in no size and no data: seeds are averaged, of settings the best is taken, of a run's readings the last."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.display import number_of
from trainer.estimation.objective import Array
from trainer.laws.names import run_of
from trainer.laws.settings import SEED, setting_named, settings_of
from trainer.tables.runs import Excluded, Runs

SAME = 0.01
"""Sizes and tokens within so much of each other are one cell: a budget is met to a step of a batch."""
PLACE = ("params", "tokens", "unique_tokens", "epochs", "compute")
EDGE, EDGE_VALUES = 1 / 3, 3
"""It is told where the best is the last value tried in such a part of the cells that tried so many."""
FEWEST = 3
"""Cells with several values from which on a setting is one that was swept."""
LEAST_ROWS = 5
"""Fewer finished runs than a fit needs: then a run's readings are what there is to fit."""

Groups = list[list[int]]
K = TypeVar("K", bound=Hashable)


def finished(runs: Runs) -> Runs:
    """Of each run with several readings the last, if that leaves rows enough to fit; the others are left out by name.

    What a run reads in mid-schedule, before its learning rate has come down, lies above a run that ends there.
    """
    along = next((name for name in ("tokens", "unique_tokens", "steps", "compute") if name in runs.columns), "")
    if "run" not in runs.labels or not along:
        return runs
    curves = runs.labels.get("curve", [""] * len(runs))
    # a row without a name is a run of its own
    own = [run or f"{row}" for row, run in enumerate(runs.labels["run"])]
    named = _grouped(list(zip(curves, own, strict=True)))
    reading, out, several, remarks = runs.columns[along], np.zeros(len(runs), bool), 0, []
    for curve in dict.fromkeys(curves):
        of_curve = [rows for (each, _), rows in named.items() if each == curve]
        early = [row for rows in of_curve for row in rows if reading[row] < reading[rows].max()]
        if early and len(of_curve) >= LEAST_ROWS:
            out[early] = True
            several += sum(len({*reading[rows].tolist()}) > 1 for rows in of_curve)
        elif early and len(of_curve) > 1:
            remarks.append(
                f"{len(of_curve)} finished runs are too few to fit: their readings in mid-schedule are fitted too"
            )
    if several:
        remarks.append(
            f"{number_of(several, 'run')} {'has' if several == 1 else 'have'} readings in mid-schedule, which are left out: "
            "--checkpoints fits them too"
        )
    excluded = [
        Excluded(runs.lines[row], "a reading in mid-schedule", run_of(runs, row))
        for row in np.flatnonzero(out).tolist()
    ]
    return _left(runs, ~out, excluded, remarks)


def averaged(runs: Runs) -> Runs:
    """Runs that differ by their seed alone as one row of their mean ln loss, whose scatter is kept as one run's noise."""
    known = settings_of(runs)
    if SEED not in known:
        return runs
    groups = [rows for rows in _cells(runs, known, but={SEED}, same=0.0) if len({known[SEED][row] for row in rows}) > 1]
    if not groups:
        return runs
    log_loss = np.log(runs.columns["loss"])
    off = np.concatenate([log_loss[rows] - log_loss[rows].mean() for rows in groups])
    noise = float(np.sqrt((off**2).sum() / (len(off) - len(groups))))
    loss, keep = runs.columns["loss"].copy(), np.ones(len(runs), bool)
    for rows in groups:
        loss[rows[0]] = np.exp(log_loss[rows].mean())
        keep[rows[1:]] = False
    remark = f"{len(off)} runs of several seeds were averaged to {len(groups)}: seeds scatter by {100 * np.expm1(noise):.2g} %"
    whole = msgspec.structs.replace(runs, columns={**runs.columns, "loss": loss}, seed_noise=noise)
    return _left(whole, keep, [], [remark])


def best_of(runs: Runs, names: Sequence[str]) -> Runs:
    """Of the runs of each cell of size and data that differ in these settings the one of lowest loss.

    Raises:
        NotFound: the table has no such setting.
    """
    known = settings_of(runs)
    chosen = dict(setting_named(runs, name) for name in names)
    cells = _cells(runs, {**known, **chosen}, but={*chosen, SEED}, same=SAME)
    loss, keep = runs.columns["loss"], np.zeros(len(runs), bool)
    best = [min(rows, key=lambda row: float(loss[row])) for rows in cells]
    keep[best] = True
    excluded = [
        Excluded(runs.lines[row], f"not the best of {', '.join(chosen)}", run_of(runs, row))
        for row in np.flatnonzero(~keep).tolist()
    ]
    remark = f"{int(keep.sum())} of {len(runs)} runs are the best of {', '.join(chosen)} at their size and data"
    return _left(runs, keep, excluded, [remark, *_at_edges(chosen, cells, best)])


def swept(runs: Runs) -> list[str]:
    """Settings but seeds of which several cells of size and data have several values: a law of all is of untuned runs."""
    known = settings_of(runs)
    cells = [rows for rows in _cells(runs, {}, but=set(), same=SAME) if len(rows) > 1]
    return [
        name
        for name, values in known.items()
        if name != SEED and sum(len({values[row] for row in rows}) > 1 for rows in cells) >= FEWEST
    ]


def _at_edges(chosen: Mapping[str, Sequence[str]], cells: Groups, best: Sequence[int]) -> list[str]:
    """A sentence for each setting whose best is often the last one tried."""
    sentences = []
    for name, values in chosen.items():
        try:
            numbers = [float(value) for value in values]
        except ValueError:
            continue
        tried = [(sorted({numbers[row] for row in rows}), numbers[row]) for rows, row in zip(cells, best, strict=True)]
        enough = [(each, one) for each, one in tried if len(each) >= EDGE_VALUES]
        for side, end in (("smallest", 0), ("largest", -1)):
            count = sum(each[end] == one for each, one in enough)
            if enough and count > EDGE * len(enough):
                beyond = "smaller" if end == 0 else "larger"
                sentences.append(
                    f"the best {name} is the {side} tried in {count} of {len(enough)} cells: {beyond} ones may be better"
                )
    return sentences


def _cells(runs: Runs, settings: Mapping[str, Sequence[str]], but: set[str], same: float) -> Groups:
    """Rows of one size, data, curve and split, and of one value of each setting but some, in order of appearance."""
    count = len(runs)
    keys: list[Sequence[object]] = [runs.labels.get(name, [""] * count) for name in ("curve", "split")]
    keys += [values for name, values in settings.items() if name not in but]
    given = [name for name in PLACE if name in runs.columns]
    keys += [_numbered(runs.columns[name], same) for name in given if name != "compute" or len(given) < 3]
    return list(_grouped(list(zip(*keys, strict=True))).values())


def _numbered(column: Array, same: float) -> list[int]:
    """The number of each value's neighbourhood: values within `same` of its least, as a part."""
    numbers, number, first = [0] * len(column), -1, -np.inf
    for row in np.argsort(column, kind="stable").tolist():
        if not column[row] <= first * (1 + same):
            number, first = number + 1, float(column[row])
        numbers[row] = number
    return numbers


def _grouped(keys: Sequence[K]) -> dict[K, list[int]]:
    groups: dict[K, list[int]] = {}
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    return groups


def _left(runs: Runs, keep: NDArray[np.bool_], excluded: list[Excluded], remarks: list[str]) -> Runs:
    """The rows that are kept, with those left out and what is told of them."""
    return msgspec.structs.replace(
        runs.where(keep),
        excluded=sorted([*runs.excluded, *excluded], key=lambda row: row.line),
        remarks=[*runs.remarks, *remarks],
    )
