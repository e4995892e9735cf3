"""Tables of runs: any table in, columns of numbers out; what cannot be used is kept with its line and reason. No fitting
here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.laws.relation import Counts
from fitted_laws.quantities.units import NATS
from fitted_laws.tables.grid import Grid
from fitted_laws.tables.numerals import Numbers, numbers
from trainer.tables.choosing import Choice, ReadColumn, choice
from trainer.tables.deriving import Derived, derived
from trainer.tables.doubts import doubts
from trainer.tables.formats.contents import grid_of
from trainer.tables.naming.loss_units import LOSS_UNITS
from trainer.tables.reading import LABELS, NUMERIC, QUANTITIES, ReadingOptions, UnreadableRuns
from trainer.tables.usable import duplicates, gaps, reasons

Column = NDArray[np.float64]

SIZES = ("params", "active_params", "non_embedding_params", "embedding_params")
DATA = ("tokens", "unique_tokens", "tokens_per_param", "steps")


class Excluded(msgspec.Struct, frozen=True):
    """A row that a fit leaves out, why, and the name of its run where it has one."""

    line: int
    reason: str
    run: str = ""

    @property
    def name(self) -> str:
        """`run lr-3e-2 (line 14)`, or `line 14`."""
        return f"run {self.run} (line {self.line})" if self.run else f"line {self.line}"


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that a fit can use: columns of equal length, NaN where a run does not say; what was left out, and what was
    read as what.

    `read_as` is what each column was read as; `others` holds the cells of columns that were not read, `remarks` sentences
    on what was made from what and what is doubted, `counts` which parameters params counts, `seed_noise` the standard deviation of ln loss
    between seeds that were averaged.
    """

    columns: dict[str, Column]
    labels: dict[str, list[str]]
    lines: list[int]
    excluded: list[Excluded] = []
    read_as: list[ReadColumn] = []
    others: dict[str, list[Any]] = {}
    remarks: list[str] = []
    loss_unit: str = NATS
    counts: Counts = "total"
    seed_noise: float = 0.0

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def aliases(self) -> dict[str, str]:
        """What columns under other names were read as."""
        return {column.name: column.quantity for column in self.read_as if column.name != column.quantity}

    def has(self, *names: str) -> bool:
        """Whether every run says all of these."""
        return all(name in self.columns and not np.isnan(self.columns[name]).any() for name in names)

    def where(self, chosen: NDArray[np.bool_]) -> Runs:
        """The rows that are `chosen`, (n,)."""
        rows = np.flatnonzero(chosen)
        return msgspec.structs.replace(
            self,
            columns={name: column[rows] for name, column in self.columns.items()},
            labels={name: [values[i] for i in rows] for name, values in self.labels.items()},
            lines=[self.lines[i] for i in rows],
            others={name: [cells[i] for i in rows] for name, cells in self.others.items()},
        )

    def by_curve(self) -> dict[str, Runs]:
        """The runs of each curve; one law is fitted to each."""
        labels = np.array(self.labels.get("curve", [""] * len(self)))
        return {str(name): self.where(labels == name) for name in dict.fromkeys(labels.tolist())}


def read_runs(path: Path, split: str | None = None, wanted: ReadingOptions | None = None) -> Runs:
    """The runs of a table in a file; only those of `split` where one is named.

    Raises:
        UnreadableRuns: no such file, no table, or no column of losses or of sizes, data or compute.
    """
    return runs_in(grid_of(path), str(path), split, wanted or ReadingOptions())


def runs_in(grid: Grid, source: str, split: str | None, wanted: ReadingOptions) -> Runs:
    """The runs of a table; `source` is its name in refusals."""
    chosen = choice(grid, wanted, source)
    _require(chosen, grid, source)
    labels = {label: [_text(cell) for cell in grid.columns[name]] for label, name in chosen.labels.items()}
    read = {quantity: _column(grid, column) for quantity, column in chosen.numeric.items()}
    whys = reasons(len(grid), labels, read, split)
    columns = {name: each.values for name, each in read.items() if name == "loss" or not each.missing.all()}
    usable = np.array([not why for why in whys], dtype=bool)
    names = {quantity: column.name for quantity, column in chosen.numeric.items() if quantity in columns}
    unit = _loss_unit(chosen, labels, wanted, usable)
    made = derived(
        {name: np.where(usable, values, math.nan) for name, values in columns.items()},
        names,
        wanted.counts,
        unit,
        wanted.bytes_per_token,
    )
    whole = Runs(
        columns=made.columns,
        labels={name: values for name, values in labels.items() if name in LABELS},
        lines=grid.lines,
        read_as=[*(chosen.numeric[name] for name in columns), *_read_labels(chosen)],
        others={name: grid.columns[name] for name in chosen.unread},
    )
    curves = labels.get("curve", [""] * len(grid))
    whys = [why or gap for why, gap in zip(whys, gaps(made.columns, curves, usable), strict=True)]
    names_of = labels.get("run", [""] * len(grid))
    left = [Excluded(line, why, run) for line, why, run in zip(grid.lines, whys, names_of, strict=True) if why]
    left += [Excluded(line, why) for line, why in grid.unreadable.items()]
    runs = whole.where(np.array([not why for why in whys], dtype=bool))
    return _said(runs, chosen, made, sorted(left, key=lambda row: row.line), grid)


def _said(runs: Runs, chosen: Choice, made: Derived, left: list[Excluded], grid: Grid) -> Runs:
    """The runs with what is to be told of them."""
    names = {name: column.name for name, column in chosen.numeric.items() if name in runs.columns}
    kept = {*QUANTITIES, "total_params", "embedding_params", "non_embedding_params", "batch_size", "batch_tokens"}
    read_as = [_renamed(column, active=made.counts == "active") for column in runs.read_as]
    doubted = list(doubts(runs.columns, made.loss_unit, names))
    return msgspec.structs.replace(
        runs,
        columns={n: column for n, column in runs.columns.items() if n in kept and not np.isnan(column).all()},
        labels={name: values for name, values in runs.labels.items() if any(values)},
        excluded=left,
        read_as=read_as,
        remarks=[*grid.remarks, *chosen.said, *made.said, *doubted, *duplicates(runs.columns, runs.labels, runs.lines)],
        loss_unit=made.loss_unit,
        counts=made.counts,
    )


def _renamed(column: ReadColumn, *, active: bool) -> ReadColumn:
    """What a column of sizes became where the size is the active one."""
    became = {"params": "total_params", "active_params": "params"}.get(column.quantity) if active else None
    return msgspec.structs.replace(column, quantity=became) if became else column


def _require(chosen: Choice, grid: Grid, source: str) -> None:
    columns = ", ".join(grid.columns)
    if "loss" not in chosen.numeric:
        raise UnreadableRuns(f"{source}: expected a column loss, got columns {columns}; --as loss=COLUMN names it")
    if not {*chosen.numeric} & {*SIZES, *DATA, "compute"}:
        raise UnreadableRuns(
            f"{source}: expected a column params, tokens or compute, got columns {columns}; --as params=COLUMN names it"
        )


def _read_labels(chosen: Choice) -> list[ReadColumn]:
    return [ReadColumn(name, label) for label, name in chosen.labels.items()]


def _text(cell: Any) -> str:
    """A label as it is written; a number of Excel without its `.0`."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _column(grid: Grid, column: ReadColumn) -> Numbers:
    """The numbers of a column, times its scale; a cell that says its own (`10B`) is taken by that."""
    cells = grid.columns[column.name]
    read = numbers(cells, NUMERIC[column.quantity], grid.comma)
    if column.scale == 1:
        return read
    own = np.array([isinstance(cell, str) and cell.strip()[-1:].isalpha() for cell in cells], dtype=bool)
    return msgspec.structs.replace(read, values=read.values * np.where(own, 1.0, column.scale))


def _loss_unit(
    chosen: Choice, labels: Mapping[str, list[str]], wanted: ReadingOptions, usable: NDArray[np.bool_]
) -> str:
    """The unit that a user says, else that of the column's name, else that which a column of units says of every row."""
    if wanted.loss_unit:
        return wanted.loss_unit
    if chosen.numeric["loss"].unit:
        return chosen.numeric["loss"].unit
    said = {text for text, used in zip(labels.get("loss_unit", []), usable, strict=False) if used}
    return LOSS_UNITS.get(said.pop().lower(), NATS) if len(said) == 1 else NATS
