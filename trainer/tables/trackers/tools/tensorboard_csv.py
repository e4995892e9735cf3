"""TensorBoard's own CSV download: a file a run and tag, both in its name (`run-RUN-tag-TAG.csv`)."""

import re
from pathlib import Path

from trainer.tables.trackers.tracked import History, Tracked, UnreadableExport

from .csv_rows import rows_of

NAMED = re.compile(r"(?:run-)?(?P<run>.*?)-tag-(?P<tag>.+)")
HEADER = {"Step", "Value"}


def read(path: Path) -> list[Tracked]:
    """A run of all files that name it; a file that names none is its own run, and its tag is its name."""
    files = [path] if path.is_file() else sorted(path.rglob("*.csv"))
    runs: dict[str, History] = {}
    for file in files:
        rows = rows_of(file)
        if not {*rows[0][1]} >= HEADER:
            raise UnreadableExport(f"{file}: expected columns Step and Value, got {', '.join(rows[0][1])}")
        match = NAMED.fullmatch(file.stem)
        run, tag = (match["run"], match["tag"]) if match else (file.stem, file.stem)
        points = [(float(row["Step"]), float(row["Value"])) for _, row in rows if {*row} >= HEADER]
        runs.setdefault(run, {})[tag] = points
    return [Tracked(name=run, place=f"tensorboard:{run}", history=history) for run, history in runs.items()]
