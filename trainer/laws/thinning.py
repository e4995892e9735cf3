"""More rows than a law needs, thinned by what they tell: evenly over the logarithms of size and data, not as they came."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.estimation.objective import Array
from trainer.tables.runs import Runs

ABOVE = 2000
"""Rows of a curve up to which all are used: no ladder of separate runs has as many."""
MOST = 1000
"""Rows that are left of more: the law's error is then far below what its form errs by."""
PLACED_BY = ("params", "tokens", "unique_tokens", "epochs", "steps", "compute")
FINEST = 1 << 16
"""Cells along one input at most."""


def thin(runs: Runs) -> Runs:
    """The runs with each curve of more than ABOVE rows (in each split, apart) thinned to about MOST; a remark says so.

    Rows are kept as they are, neither averaged nor weighed: what a law says of one run's noise is read from them. In
    each cell of an even grid over the logarithms of the inputs that vary rows are kept evenly in their order.
    """
    if len(runs) <= ABOVE:
        return runs
    curves = np.array(runs.labels.get("curve", [""] * len(runs)))
    groups = np.char.add(np.char.add(curves, "\n"), np.array(runs.labels.get("split", [""] * len(runs))))
    _, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
    kept, remarks = np.ones(len(runs), bool), []
    for number in np.flatnonzero(counts > ABOVE).tolist():
        rows = np.flatnonzero(group == number)
        names = _varied(runs, rows)
        chosen = evenly([np.log(runs.columns[name][rows]) for name in names])
        kept[rows] = chosen
        remarks.append(
            f"{len(rows):,} rows{_of(str(curves[rows[0]]))} were thinned to {int(chosen.sum()):,}, spread evenly over {' and '.join(names)}"
        )
    left = runs.where(kept) if remarks else runs
    return msgspec.structs.replace(left, remarks=[*runs.remarks, *remarks])


def _of(curve: str) -> str:
    return f" of {curve}" if curve else ""


def _varied(runs: Runs, rows: NDArray[np.int64]) -> list[str]:
    """The inputs that vary among rows; compute alone where nothing says more."""
    varied = [name for name in PLACED_BY if runs.has(name) and np.ptp(runs.columns[name][rows]) > 0]
    return [name for name in varied if name != "compute"][:3] or varied[:1] or ["compute"]


def evenly(logs: list[Array]) -> NDArray[np.bool_]:
    """Which rows, (n,), are kept: about MOST, as many from each cell of the finest grid that leaves no more cells."""
    coarse, fine = 1, FINEST
    while fine - coarse > 1:
        middle = int(np.sqrt(coarse * fine)) if fine > coarse + 2 else coarse + 1
        coarse, fine = (middle, fine) if len(np.unique(_cells(logs, middle))) <= MOST else (coarse, middle)
    _, cell, counts = np.unique(_cells(logs, coarse), return_inverse=True, return_counts=True)
    each = max(1, MOST // len(counts))
    order = np.argsort(cell, kind="stable")
    rank = np.empty(len(cell), np.int64)
    rank[order] = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts, counts)
    left = np.minimum(each, counts)[cell]
    # a row is kept where it is the first of one of as many equal parts of its cell as rows are left of it
    return np.asarray((rank * left) % counts[cell] < left)


def _cells(logs: list[Array], parts: int) -> NDArray[np.int64]:
    """The number of each row's cell, (n,), with `parts` cells along every input's range."""
    number = np.zeros(len(logs[0]), np.int64)
    for log in logs:
        place = (log - log.min()) / max(float(np.ptp(log)), 1e-300) * parts
        number = number * (parts + 1) + np.minimum(place.astype(np.int64), parts)
    return number
