"""Logs of one run by step: JSON lines as trainers write them (OLMo, Levanter and many scripts), and llm.c's own lines."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fitted_laws.tables.texts import NoTable, decoded
from trainer.files import content_of
from trainer.tables.formats.json_rows import flat
from trainer.tables.trackers.tracked import History, Tracked, UnreadableExport

STEPS = ("step", "global_step", "iteration", "iter", "steps", "_step", "trainer/global_step", "train/step")
"""Keys that count steps, the first found wins."""
NAMES = ("run", "run_name", "run_id", "name")
SUFFIXES = (".jsonl", ".ndjson")
LLMC = re.compile(r"s:(\d+) (tel|trl|eval):([-+.\w]+)(?: lr:([-+.\w]+))?.*")
LLMC_KEYS = {"tel": "val_loss", "trl": "train_loss", "eval": "hellaswag"}
"""What llm.c's logger calls what it logs at a step."""


def read(path: Path) -> list[Tracked]:
    """A run a file, or a run of each name that lines say; of a folder all its JSON lines and logs of llm.c."""
    files = [path] if path.is_file() or not path.exists() else sorted(filter(_is_log, path.rglob("*")))
    if not files:
        raise UnreadableExport(
            f"{path}: expected a folder with JSON lines (*.jsonl) or logs of llm.c (main.log), got none"
        )
    root = path if path.is_dir() else path.parent
    return [run for file in files for run in of_file(file, root)]


def _is_log(file: Path) -> bool:
    return file.suffix in SUFFIXES or (file.suffix == ".log" and is_llmc(file))


def is_llmc(file: Path) -> bool:
    """Whether a file begins with a line of llm.c's logger."""
    with file.open("rb") as stream:
        return LLMC.fullmatch(stream.readline(200).decode("utf-8", "replace").strip()) is not None


def of_file(file: Path, root: Path) -> list[Tracked]:
    """The runs of one log."""
    try:
        text = decoded(content_of(file, "a log of steps")).content
    except NoTable as reason:
        raise UnreadableExport(f"{file}: {reason.detail}") from None
    name = str(file.relative_to(root).with_suffix("")) if file.parent != root else file.stem
    first = text.lstrip().split("\n", 1)[0].strip()
    if LLMC.fullmatch(first):
        folder = file.resolve().parent.name if file.stem == "main" else file.stem
        return [Tracked(name=folder, place=f"{file.name}:{folder}", history=_of_llmc(text))]
    records = list(_records(file, text))
    runs: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        own = next((str(record[key]) for key in NAMES if record.get(key) not in (None, "")), name)
        runs.setdefault(own, []).append(record)
    return [of_records(own, f"{file.name}:{own}", rows) for own, rows in runs.items()]


def of_records(name: str, place: str, records: list[dict[str, Any]]) -> Tracked:
    """A run from its records: what comes with a step is logged, all else is a setting or a last value."""
    history: History = {}
    settings: dict[str, Any] = {}
    for record in records:
        step = next((record[key] for key in STEPS if _numeric(record.get(key))), None)
        for key, value in record.items():
            if step is not None and _numeric(value):
                history.setdefault(key, []).append((float(step), float(value)))
            elif value is not None and not isinstance(value, list):
                settings[key] = value
    return Tracked(name=name, place=place, settings=settings, history={key: sorted(v) for key, v in history.items()})


def _of_llmc(text: str) -> History:
    history: History = {}
    for line in text.splitlines():
        match = LLMC.fullmatch(line.strip())
        if match:
            step = float(match[1])
            history.setdefault(LLMC_KEYS[match[2]], []).append((step, float(match[3])))
            history.setdefault("step", []).append((step, step))
    return history


def _records(file: Path, text: str) -> Iterator[dict[str, Any]]:
    """The objects of a text, nested keys with dots between; a last one that is cut short is left out."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    for number, line in lines:
        try:
            record = json.loads(line)
        except ValueError as error:
            if number == lines[-1][0] and number > 1:
                return
            raise UnreadableExport(f"{file}, line {number}: expected a JSON object, got {error}") from None
        if not isinstance(record, Mapping):
            raise UnreadableExport(f"{file}, line {number}: expected a JSON object, got {line[:40]}")
        yield flat(record)


def _numeric(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
