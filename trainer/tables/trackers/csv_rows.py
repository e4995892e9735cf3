"""A table that someone made: one run a row of a CSV file, every column a setting."""

import csv
from pathlib import Path

from .tracked import OK, Tracked, UnreadableExport

NAMES, STATES = ("run", "name", "run_id", "id"), ("quality", "status", "state")


def read(path: Path) -> list[Tracked]:
    """The rows of a file; a column of states says how each run ended."""
    return [tracked(path, line, row) for line, row in rows_of(path)]


def rows_of(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Line and cells of each row; cells that say nothing are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        raise UnreadableExport(f"{path}: expected a readable CSV file, got {reason}") from None
    reader = csv.DictReader(text.splitlines(), restkey="")
    try:
        rows = [(reader.line_num, _said(row)) for row in reader]
    except csv.Error as reason:
        raise UnreadableExport(f"{path}, line {reader.line_num + 1}: expected a row of CSV, got {reason}") from None
    if not rows:
        raise UnreadableExport(f"{path}: expected a header and rows, got none")
    return rows


def _said(row: dict[str, str]) -> dict[str, str]:
    return {key.strip(): value.strip() for key, value in row.items() if key and value and value.strip()}


def tracked(path: Path, line: int, row: dict[str, str]) -> Tracked:
    """One row as a run."""
    plain = {key.lower(): value for key, value in row.items()}
    state = next((plain[name].lower() for name in STATES if name in plain), OK)
    name = next((plain[name] for name in NAMES if name in plain), f"line {line}")
    return Tracked(
        name=name,
        place=f"{path.name}:{line}",
        quality=OK if state in ("finished", "completed", "success") else state,
        settings=dict(row),
    )
