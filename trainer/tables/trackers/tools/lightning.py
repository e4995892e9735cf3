"""Lightning's CSVLogger: a folder a run with `metrics.csv` and `hparams.yaml`."""

import re
from pathlib import Path
from typing import Any

from trainer.tables.trackers.tracked import Tracked, UnreadableExport

from .csv_rows import rows_of
from .steps import of_records

METRICS, HPARAMS = "metrics.csv", "hparams.yaml"
LINE = re.compile(r"( *)([\w./-]+): *(.*)")


def read(path: Path) -> list[Tracked]:
    """One run a folder with `metrics.csv`; the folders above name it."""
    files = [path] if path.is_file() else sorted(path.rglob(METRICS))
    if not files:
        raise UnreadableExport(
            f"{path}: expected folders with {METRICS}, as Lightning's CSVLogger writes them, got none"
        )
    root = path if path.is_dir() else path.parent
    return [_run(file, root) for file in files]


def _run(file: Path, root: Path) -> Tracked:
    folder = file.parent
    name = str(folder.relative_to(root)) if folder != root else folder.resolve().name
    rows = [{key: _number(cell) for key, cell in row.items()} for _, row in rows_of(file)]
    run = of_records(name, f"lightning:{name}", [{key: v for key, v in row.items() if v is not None} for row in rows])
    return Tracked(name=name, place=run.place, settings=_hparams(folder / HPARAMS), history=run.history)


def _number(cell: Any) -> float | None:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def _hparams(file: Path) -> dict[str, Any]:
    """The plain values of a YAML file as Lightning writes it, nested keys with dots between; lists and objects are left
    out.
    """
    if not file.exists():
        return {}
    settings: dict[str, Any] = {}
    above: list[tuple[int, str]] = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        match = LINE.fullmatch(line.rstrip())
        if match is None:
            continue
        indent, key, value = len(match[1]), match[2], match[3].strip("'\"")
        above = [(at, name) for at, name in above if at < indent]
        if value:
            settings[".".join([*(name for _, name in above), key])] = value
        else:
            above.append((indent, key))
    return settings
