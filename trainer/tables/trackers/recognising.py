"""Which tool wrote a file or a folder, where a user does not say it: what lies in it says so."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

from .tools.steps import SUFFIXES, is_llmc
from .tools.trackio import is_database
from .tracked import UnreadableExport

LOOKED_AT = 20_000
"""Files of a folder that are looked at."""
STEPS = {"step", "global_step", "_step", "iteration", "trainer/global_step"}

SIGNS: dict[str, Callable[[Path], bool]] = {
    "wandb": lambda file: file.suffix == ".wandb",
    "huggingface": lambda file: file.name == "trainer_state.json",
    "mlflow": lambda file: file.name in ("mlflow.db", "meta.yaml"),
    "tensorboard": lambda file: "tfevents" in file.name or _begins(file, "Wall time,Step,Value"),
    "lightning": lambda file: file.name == "metrics.csv",
    "trackio": lambda file: file.suffix == ".db" and is_database(file),
    "nanochat": lambda file: file.name == "results.csv" or (file.name.startswith("meta_") and file.suffix == ".json"),
    "jsonl": lambda file: (file.suffix in SUFFIXES and of_steps(file)) or (file.suffix == ".log" and is_llmc(file)),
}
"""By tool what tells a file of it."""
ONLY_IN_FOLDERS = ("nanochat", "lightning")
"""Tools whose files are plain tables, told by their names alone: a file given by itself is read as one."""


def recognised(path: Path) -> str:
    """The tool that wrote what lies at `path`; `csv` for a file that is none of theirs.

    Raises:
        UnreadableExport: nothing is there, or nothing in the folder is of a known tool.
    """
    if not path.exists():
        raise UnreadableExport(f"{path}: expected a file or a folder, got none")
    if path.is_file():
        named = ("lightning",) if path.name == "metrics.csv" else ("nanochat",) if path.suffix == ".json" else ()
        tools = [tool for tool in SIGNS if tool not in ONLY_IN_FOLDERS or tool in named]
        return next((tool for tool in tools if SIGNS[tool](path)), "csv")
    files = [file for file in itertools.islice(path.rglob("*"), LOOKED_AT) if file.is_file()]
    for tool, sign in SIGNS.items():
        if any(map(sign, files)):
            return tool
    raise UnreadableExport(f"{path}: expected files of {', '.join(SIGNS)}, got none of them: --from names the tool")


def of_steps(file: Path) -> bool:
    """Whether JSON lines are those of a run by step, not of one run a line."""
    with file.open("rb") as stream:
        lines = [line for line in itertools.islice(stream, 50) if line.strip()]
    records = []
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            break
    said = [{*record} for record in records if isinstance(record, dict)]
    stepped = sum(bool(keys & STEPS) for keys in said)
    return len(said) > 0 and 2 * stepped > len(said) and not any({"params", "tokens"} <= keys for keys in said)


def _begins(file: Path, header: str) -> bool:
    if file.suffix != ".csv":
        return False
    with file.open("rb") as stream:
        return stream.readline(100).decode("utf-8", "replace").lstrip("\ufeff").strip().replace('"', "") == header


def has_event_files(path: Path) -> bool:
    """Whether TensorBoard's event files are there, or else its CSV downloads."""
    if path.is_dir():
        return any(path.rglob("*tfevents*")) or not any(path.rglob("*.csv"))
    return path.suffix != ".csv"
