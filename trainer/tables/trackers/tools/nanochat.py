"""nanochat: the `results.csv` of its scaling-law script, and the `meta_….json` of its checkpoints."""

import json
from pathlib import Path
from typing import Any

from trainer.files import content_of
from trainer.tables.formats.json_rows import flat
from trainer.tables.trackers.tracked import Tracked, UnreadableExport

from . import csv_rows
from .steps import of_records

RESULTS, META = "results.csv", "meta_*.json"


def read(path: Path) -> list[Tracked]:
    """A run a row of results, or a folder of checkpoints."""
    if path.is_file():
        return csv_rows.read(path) if path.suffix != ".json" else [_run(path.parent, [path])]
    results = sorted(path.rglob(RESULTS))
    if results:
        return [run for file in results for run in csv_rows.read(file)]
    metas = sorted(path.rglob(META))
    if not metas:
        raise UnreadableExport(f"{path}: expected nanochat's {RESULTS} or the {META} of its checkpoints, got none")
    folders = dict.fromkeys(file.parent for file in metas)
    return [_run(folder, [file for file in metas if file.parent == folder]) for folder in folders]


def _run(folder: Path, files: list[Path]) -> Tracked:
    records: list[dict[str, Any]] = []
    for file in files:
        try:
            records.append(flat(json.loads(content_of(file, "a checkpoint's meta file"))))
        except (ValueError, AttributeError) as error:
            raise UnreadableExport(f"{file}: expected JSON as nanochat writes it, got {error}") from None
    return of_records(folder.name, f"nanochat:{folder.name}", records)
