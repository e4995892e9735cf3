"""A table that someone made, in any format that fits read: one run a row, every column a setting."""

from pathlib import Path
from typing import Any

from trainer.tables.formats.contents import grid_of
from trainer.tables.reading import UnreadableRuns
from trainer.tables.trackers.tracked import OK, Tracked, UnreadableExport

NAMES, STATES = ("run", "name", "run_id", "id"), ("quality", "status", "state")


def read(path: Path) -> list[Tracked]:
    """The rows of a file; a column of states says how each run ended."""
    return [tracked(path, line, row) for line, row in rows_of(path)]


def rows_of(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Line and cells of each row; cells that say nothing are left out."""
    try:
        grid = grid_of(path)
    except UnreadableRuns as reason:
        raise UnreadableExport(str(reason)) from None
    names = list(grid.columns)
    rows = zip(*grid.columns.values(), strict=True)
    return [
        (line, {name: cell for name, cell in zip(names, row, strict=True) if cell not in (None, "")})
        for line, row in zip(grid.lines, rows, strict=True)
    ]


def tracked(path: Path, line: int, row: dict[str, Any]) -> Tracked:
    """One row as a run."""
    plain = {key.lower(): str(value) for key, value in row.items()}
    state = next((plain[name].lower() for name in STATES if name in plain), OK)
    name = next((plain[name] for name in NAMES if name in plain), f"line {line}")
    return Tracked(
        name=name,
        place=f"{path.name}:{line}",
        quality=OK if state in ("finished", "completed", "success") else state,
        settings=dict(row),
    )
