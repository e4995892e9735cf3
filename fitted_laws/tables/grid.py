"""A table before it means anything: named columns of cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from fitted_laws.tables.texts import NoTable

Comma: TypeAlias = Literal["decimal", "groups", "unclear"]
"""What a comma means within a number: `1,5`, `1,500,000`, or only what its own shape says."""


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of equal length by name, the line (from 1) of each row, and lines that cannot be rows, with why.

    `remarks` says how the text was read, where that was not UTF-8 with commas between.
    """

    columns: dict[str, list[Any]]
    lines: list[int]
    comma: Comma = "groups"
    unreadable: dict[int, str] = {}
    remarks: list[str] = []

    def __len__(self) -> int:
        return len(self.lines)


def once_each(names: Iterable[str]) -> None:
    """Refuses names of which one comes twice.

    Raises:
        NoTable: naming it.
    """
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise NoTable(f"expected each column once, got {', '.join(map(repr, repeated))} several times")


def of_rows(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any]]],
    comma: Comma = "groups",
    remarks: Sequence[str] = (),
) -> Grid:
    """A table of a header and rows with their lines. A row with further cells is unreadable; one with fewer says nothing
    of the last columns. Columns without a name and empty rows at the end are left out.

    Raises:
        NoTable: no header, no rows, or a name twice.
    """
    names = [str(name).strip() for name in header]
    rows = rows[: _last_that_says(rows)]
    once_each(name for name in names if name)
    width = len(names)
    lines: list[int] = []
    cells: list[Sequence[Any]] = []
    unreadable: dict[int, str] = {}
    for line, row in rows:
        beyond = [cell for cell in row[width:] if cell not in ("", None)]
        if beyond:
            unreadable[line] = f"{len(row)} cells under {width} names"
        else:
            lines.append(line)
            cells.append(row if len(row) == width else [*row[:width], *[None] * (width - len(row))])
    if not any(names) or not (lines or unreadable):
        raise NoTable("expected a header and rows, got none")
    columns = zip(*cells, strict=True) if cells else ([] for _ in names)
    named = {name: list(column) for name, column in zip(names, columns, strict=True) if name}
    return Grid(columns=named, lines=lines, comma=comma, unreadable=unreadable, remarks=list(remarks))


def _last_that_says(rows: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """How many rows there are up to the last one that says anything."""
    return next((at for at in range(len(rows), 0, -1) if any(cell not in ("", None) for cell in rows[at - 1][1])), 0)
