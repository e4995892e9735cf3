"""trackio: its SQLite database of a project, read as it lies, without its package."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from trainer.tables.formats.json_rows import flat
from trainer.tables.trackers.tracked import Tracked, UnreadableExport

from .steps import of_records

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


def is_database(file: Path) -> bool:
    """Whether a file is a database of trackio."""
    try:
        with closing(_opened(file)) as database:
            return {"metrics", "configs"} <= {name for (name,) in database.execute(TABLES)}
    except sqlite3.Error:
        return False


def read(path: Path) -> list[Tracked]:
    """The runs of a project's database, or of all in a folder."""
    files = [path] if path.is_file() or not path.exists() else sorted(filter(is_database, path.rglob("*.db")))
    if not files:
        raise UnreadableExport(f"{path}: expected a folder with a database of trackio (PROJECT.db), got none")
    return [run for file in files for run in of_database(file)]


def of_database(file: Path) -> list[Tracked]:
    """The runs of one database.

    Raises:
        UnreadableExport: it is none, or none of trackio's.
    """
    try:
        with closing(_opened(file)) as database:
            columns = {name for _, name, *_ in database.execute("PRAGMA table_info(metrics)")}
            key = "run_id" if "run_id" in columns else "run_name"
            logged = database.execute(f"SELECT {key}, run_name, step, metrics FROM metrics ORDER BY id").fetchall()  # noqa: S608 - two known names
            configs = _configs(database)
    except sqlite3.Error as reason:
        raise UnreadableExport(f"{file}: expected a database of trackio, got {reason}") from None
    names: dict[str, str] = {}
    runs: dict[str, list[dict[str, Any]]] = {}
    for id_, name, step, metrics in logged:
        names[id_ or name] = name
        runs.setdefault(id_ or name, []).append({**flat(json.loads(metrics)), "step": step})
    return [
        of_records(names[id_], f"trackio:{names[id_]}", [configs.get(id_, configs.get(names[id_], {})), *rows])
        for id_, rows in runs.items()
    ]


def _configs(database: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """Settings by run, without trackio's own."""
    columns = {name for _, name, *_ in database.execute("PRAGMA table_info(configs)")}
    keys = [key for key in ("run_name", "run_id") if key in columns]
    rows = database.execute(f"SELECT {', '.join([*keys, 'config'])} FROM configs").fetchall()  # noqa: S608 - known names
    return {
        id_: {key: value for key, value in flat(json.loads(config)).items() if not key.startswith("_")}
        for *ids, config in rows
        for id_ in ids
        if id_
    }


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
