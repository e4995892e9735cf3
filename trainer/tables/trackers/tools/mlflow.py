"""MLflow: its SQLite database, and the folders of its older file store. Both are read as they lie, without its package.

The package would refuse a database of an older release until it is migrated, and refuses file stores; the tables and
files read here have been the same since its first releases.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from trainer.tables.trackers.tracked import OK, History, Tracked, UnreadableExport

STATUSES = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
"""RunStatus of its service.proto, which the file store writes as numbers."""
LARGEST = 1.7976931348623157e308
"""What it stores an infinity as."""


def read(path: Path) -> list[Tracked]:
    """The runs of a database, or of a file store (`mlruns`); those that were deleted are left out."""
    if path.is_dir() and (path / "mlflow.db").exists():
        path /= "mlflow.db"
    runs = list(of_folder(path) if path.is_dir() else of_database(path))
    if not runs:
        raise UnreadableExport(
            f"{path}: expected runs of MLflow, a database (mlflow.db) or a file store (mlruns), got none"
        )
    return runs


def of_database(path: Path) -> Iterator[Tracked]:
    """The active runs of an SQLite database.

    Raises:
        UnreadableExport: it is none, or none of MLflow's.
    """
    if not path.exists():
        raise UnreadableExport(f"{path}: expected a database of MLflow, got no such file")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            active = database.execute(
                "SELECT run_uuid, runs.name, status, experiments.name FROM runs JOIN experiments USING (experiment_id)"
                " WHERE runs.lifecycle_stage = 'active' ORDER BY runs.start_time, run_uuid"
            ).fetchall()
            for id_, name, status, experiment in active:
                yield _of_rows(database, id_, name or id_, status, experiment)
    except sqlite3.Error as reason:
        raise UnreadableExport(f"{path}: expected a database of MLflow, got {reason}") from None


def _of_rows(database: sqlite3.Connection, id_: str, name: str, status: str, experiment: str) -> Tracked:
    settings: dict[str, Any] = dict(database.execute("SELECT key, value FROM tags WHERE run_uuid = ?", [id_]))
    settings |= dict(database.execute("SELECT key, value FROM params WHERE run_uuid = ?", [id_]))
    history: History = {}
    logged = "SELECT key, step, value, is_nan FROM metrics WHERE run_uuid = ? ORDER BY step, timestamp"
    for key, step, value, is_nan in database.execute(logged, [id_]):
        history.setdefault(key, []).append((float(step), _value(value, nan=bool(is_nan))))
    return _tracked(id_, name, status, {"experiment": experiment, **settings}, history)


def of_folder(path: Path) -> Iterator[Tracked]:
    """The active runs of a file store.

    Raises:
        UnreadableExport: one of its files is not what it should be.
    """
    for about in sorted(path.rglob("meta.yaml")):
        text = _text(about)
        id_, status = (re.search(rf"^{key}: '?(\w+)'?$", text, re.MULTILINE) for key in ("run_id", "status"))
        if id_ is None or status is None or re.search(r"^lifecycle_stage: deleted", text, re.MULTILINE):
            continue
        settings = {**_texts(about.parent / "tags"), **_texts(about.parent / "params")}
        history = {
            key: sorted(_lines(about.parent / "metrics", key, logged), key=lambda point: point[0])
            for key, logged in _texts(about.parent / "metrics").items()
        }
        yield _tracked(
            id_[1], settings.get("mlflow.runName", id_[1]), STATUSES.get(status[1], status[1]), settings, history
        )


def _texts(folder: Path) -> dict[str, str]:
    """Every file under a folder: its relative path is the key."""
    return {str(file.relative_to(folder)): _text(file) for file in sorted(folder.rglob("*")) if file.is_file()}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise UnreadableExport(f"{file}: expected a text of MLflow's file store, got {reason}") from None


def _lines(folder: Path, key: str, logged: str) -> Iterator[tuple[float, float]]:
    """Step and value of lines `timestamp value step`; the oldest have no step."""
    for line in logged.splitlines():
        try:
            _, value, *rest = line.split()
            yield float(rest[0]) if rest else 0.0, float(value)
        except ValueError:
            raise UnreadableExport(
                f"{folder / key}: expected lines of timestamp, value and step, got {line!r}"
            ) from None


def _value(value: float, *, nan: bool) -> float:
    return float("nan") if nan else value if abs(value) < LARGEST else value * 2


def _tracked(id_: str, name: str, status: str, settings: dict[str, Any], history: History) -> Tracked:
    quality = {"FINISHED": OK, "RUNNING": "unfinished", "SCHEDULED": "unfinished"}.get(status, status.lower())
    return Tracked(name=name, place=f"mlflow:{id_}", quality=quality, settings=settings, history=history)
