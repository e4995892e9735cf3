"""Which column of a table is what: by what a user says, else by the columns' names."""

from __future__ import annotations

from typing import Any

import msgspec

from fitted_laws.quantities.spelling import Unreadable
from fitted_laws.tables.grid import Grid
from fitted_laws.tables.numerals import number
from trainer.tables.naming.headings import Heading, headings
from trainer.tables.naming.loss_units import LOSS_UNITS
from trainer.tables.naming.names import ELSEWHERE
from trainer.tables.reading import NUMERIC, ReadingOptions, UnreadableRuns

LABEL_NAMES: dict[str, tuple[str, ...]] = {
    "curve": ("curve", "series"),
    "run": ("run", "run_id", "run_name", "name", "id", "experiment_name"),
    "split": ("split",),
    "quality": ("quality",),
    "status": ("status", "state"),
    "loss_unit": ("loss_unit", "metric"),
}
"""Names of columns of texts, the first found wins."""
OF_ONE = ("name", "id")
"""Names that may as well be those of a model or a whole sweep: labels of runs only where they differ."""
TRIED = 50
"""Cells of which one must be a number."""


class ReadColumn(msgspec.Struct, frozen=True):
    """A column that is read: its name, what it is, its factor and unit."""

    name: str
    quantity: str
    scale: float = 1.0
    unit: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The column of each quantity and label, what is not read, and sentences on what else could have been meant."""

    numeric: dict[str, ReadColumn]
    labels: dict[str, str]
    unread: list[str]
    said: list[str]


def choice(grid: Grid, wanted: ReadingOptions, source: str) -> Choice:
    """What each column is.

    Raises:
        UnreadableRuns: a column that is named is not there, or several losses could be meant.
    """
    labels = _labels(grid, wanted, source)
    found = headings([name for name in grid.columns if name not in labels.values()])
    numeric = {
        quantity: _wanted(grid, wanted, quantity, found, source) for quantity in NUMERIC if quantity in wanted.columns
    }
    taken = {column.name for column in numeric.values() if column}
    said: list[str] = []
    for quantity, kind in NUMERIC.items():
        if quantity in wanted.columns:
            continue
        candidates = sorted(
            (_rank(name, quantity, each), position, name)
            for position, (name, each) in enumerate(found.items())
            if each.quantity == quantity and name not in taken
        )
        readable = [each for each in candidates if _says_a_number(grid.columns[each[2]], kind, grid)] or candidates[:1]
        if not readable:
            continue
        if quantity == "loss" and readable[0][0] >= ELSEWHERE and len(readable) > 1:
            names = ", ".join(name for _, _, name in readable)
            raise UnreadableRuns(f"{source}: expected one loss, got {names}: --as loss=COLUMN names it")
        name = readable[0][2]
        taken.add(name)
        numeric[quantity] = ReadColumn(name, quantity, found[name].scale, found[name].unit)
        others = [other for _, _, other in readable[1:] if grid.columns[other] != grid.columns[name]]
        if others and quantity in ("params", "tokens", "compute", "loss"):
            said.append(f"{quantity} is {name}, not {' or '.join(others)}: --as {quantity}=COLUMN takes another")
    chosen = {quantity: column for quantity, column in numeric.items() if column is not None}
    read = {column.name for column in chosen.values()} | {*labels.values()}
    return Choice(numeric=chosen, labels=labels, unread=[name for name in grid.columns if name not in read], said=said)


def _rank(name: str, quantity: str, found: Heading) -> int:
    """The very name before all others."""
    return -1 if name.lower() == quantity else found.rank


def _wanted(
    grid: Grid, wanted: ReadingOptions, quantity: str, found: dict[str, Heading], source: str
) -> ReadColumn | None:
    """The column that a user named, with the scale that was said, else that of its name."""
    chosen = wanted.columns[quantity]
    if not chosen.name:
        return None
    if chosen.name not in grid.columns:
        raise UnreadableRuns(
            f"{source}: --as {quantity}={chosen.name}: expected one of the columns {', '.join(grid.columns)}"
        )
    if chosen.unit is not None:
        return ReadColumn(chosen.name, quantity, chosen.unit.scale, chosen.unit.unit)
    own = found.get(chosen.name)
    return (
        ReadColumn(chosen.name, quantity, own.scale, own.unit)
        if own and own.quantity == quantity
        else ReadColumn(chosen.name, quantity)
    )


def _labels(grid: Grid, wanted: ReadingOptions, source: str) -> dict[str, str]:
    """By label its column."""
    plain = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in reversed(grid.columns)}
    labels: dict[str, str] = {}
    for label, names in LABEL_NAMES.items():
        if label in wanted.columns:
            name = wanted.columns[label].name
            if name and name not in grid.columns:
                raise UnreadableRuns(
                    f"{source}: --as {label}={name}: expected one of the columns {', '.join(grid.columns)}"
                )
            if name:
                labels[label] = name
            continue
        names_here = [
            plain[each] for each in names if each in plain and _labels_runs(label, each, grid.columns[plain[each]])
        ]
        labels |= {label: names_here[0]} if names_here else {}
    used = {column.name for column in wanted.columns.values()}
    return {label: name for label, name in labels.items() if label in wanted.columns or name not in used}


def _labels_runs(label: str, name: str, cells: list[Any]) -> bool:
    """Whether a column of that name is that label: units are known ones, and what may be the name of a whole sweep differs."""
    if label == "loss_unit":
        return bool({str(cell).strip().lower() for cell in cells} & {*LOSS_UNITS})
    return name not in OF_ONE or len({*map(str, cells)}) > 1


def _says_a_number(cells: list[Any], kind: Any, grid: Grid) -> bool:
    for cell in [cell for cell in cells if cell not in (None, "")][:TRIED]:
        try:
            if number(cell, kind, grid.comma) is not None:
                return True
        except Unreadable:
            continue
    return False
