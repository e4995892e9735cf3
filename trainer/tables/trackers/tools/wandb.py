"""Weights & Biases: CSV exports of its tables and charts, and the `.wandb` files of runs, synced or offline.

Its package is not needed: it no longer reads these files itself, and brings 55 MB. The numbers of fields are those of
`wandb/proto/wandb_internal.proto`, where they never change.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from trainer.tables.formats.json_rows import flat
from trainer.tables.trackers.tools import csv_rows, protobuf
from trainer.tables.trackers.tracked import OK, History, Tracked, UnreadableExport

HISTORY, SUMMARY, CONFIG, RUN, EXIT = 2, 3, 5, 17, 18
"""Fields of Record."""
RUN_ID, RUN_CONFIG, DISPLAY_NAME = 1, 4, 8
KEY, NESTED_KEY, INTEGER, NUMBER, VALUE_JSON = 1, 2, 5, 6, 16
MAGIC, BLOCK, FRAME = b":W&B\xe1\xbe\x00", 32768, 7
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4
"""Kinds of frame, as in LevelDB's log."""
AXES = ("step", "_step", "relative time (process)", "relative time (wall)", "wall time")


def read(path: Path) -> list[Tracked]:
    """The runs of an export, of one `.wandb` file, or of all under a folder; one that was resumed is one run."""
    if path.suffix == ".csv":
        return of_csv(path)
    files = sorted({file.resolve() for file in path.rglob("*.wandb")}) if path.is_dir() else [path]
    if not files:
        raise UnreadableExport(f"{path}: expected a folder with .wandb files (offline-run-…/run-….wandb), got none")
    runs: dict[str, Tracked] = {}
    for file in files:
        try:
            run = of_log(file)
        except (protobuf.NoMessage, json.JSONDecodeError) as reason:
            raise UnreadableExport(f"{file}: expected records of Weights & Biases, got {reason}") from None
        runs[run.place] = resumed(runs[run.place], run) if run.place in runs else run
    return list(runs.values())


def of_csv(path: Path) -> list[Tracked]:
    """A table of runs, or a chart: then one column a run and key, `name - key`, beside the least and largest of each."""
    rows = csv_rows.rows_of(path)
    columns = list(dict.fromkeys(column for _, row in rows for column in row))
    axis = next((column for column in columns if column.lower() in AXES), "")
    series = [column for column in columns if " - " in column and not column.endswith(("__MIN", "__MAX"))]
    if not (axis and series):
        return [csv_rows.tracked(path, line, row) for line, row in rows]
    history: dict[str, History] = {}
    for column in series:
        name, _, key = column.rpartition(" - ")
        try:
            points = [(float(row[axis]), float(row[column])) for _, row in rows if column in row]
        except (KeyError, ValueError) as reason:
            raise UnreadableExport(f"{path}: expected numbers under {axis} and {column}, got {reason}") from None
        history.setdefault(name, {})[key] = points
    return [Tracked(name=name, place=f"{path.name}:{name}", history=logged) for name, logged in history.items()]


def resumed(first: Tracked, then: Tracked) -> Tracked:
    """One run of two files: what the later one says counts."""
    history = {
        key: sorted([*first.history.get(key, []), *then.history.get(key, [])])
        for key in {**first.history, **then.history}
    }
    return msgspec.structs.replace(
        then, settings=first.settings | then.settings, finals=first.finals | then.finals, history=history
    )


def of_log(path: Path) -> Tracked:
    """One `.wandb` file; without a last record the run is still going, or was killed: `unfinished`."""
    name = id_ = ""
    quality = "unfinished"
    settings: dict[str, Any] = {}
    finals: dict[str, float] = {}
    history: History = {}
    for record in records(path):
        for field, value in protobuf.fields(record):
            if not isinstance(value, bytes):
                continue
            if field == HISTORY:
                _log(history, value)
            elif field == SUMMARY:
                finals.update({key: float(logged) for key, logged in items(value) if _numeric(logged)})
            elif field == CONFIG:
                settings.update(flat(dict(items(value))))
            elif field == RUN:
                id_, name = protobuf.text(value, RUN_ID), protobuf.text(value, DISPLAY_NAME)
                settings.update(
                    flat(
                        {
                            key: logged
                            for config in protobuf.messages(value, RUN_CONFIG)
                            for key, logged in items(config)
                        }
                    )
                )
            elif field == EXIT:
                quality = "failed" if protobuf.integer(value, 1) else OK
    if not id_:
        raise UnreadableExport(f"{path}: expected a run in a .wandb file, got none: it was cut before its first record")
    return Tracked(
        name=name or id_, place=f"wandb:{id_}", quality=quality, settings=settings, finals=finals, history=history
    )


def _log(history: History, raw: bytes) -> None:
    logged = dict(items(raw))
    step = float(logged.get("_step", protobuf.integer((protobuf.messages(raw, 2) or [b""])[-1], 1)))
    for key, value in logged.items():
        if _numeric(value):
            history.setdefault(key, []).append((step, float(value)))


def _numeric(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def items(raw: bytes) -> Iterator[tuple[str, Any]]:
    """Key and value of every item of a history, summary or configuration; nested keys with dots between."""
    for item in protobuf.messages(raw, 1):
        key = protobuf.text(item, KEY) or ".".join(part.decode() for part in protobuf.messages(item, NESTED_KEY))
        texts, numbers = protobuf.messages(item, VALUE_JSON), protobuf.messages(item, NUMBER)
        if texts:
            yield key, json.loads(texts[-1])
        elif numbers:
            yield key, protobuf.double(numbers[-1])
        elif any(field == INTEGER for field, _ in protobuf.fields(item)):
            yield key, protobuf.integer(item, INTEGER)


def records(path: Path) -> Iterator[bytes]:
    """The records of a file: frames within blocks of 32 KiB, each with its CRC-32; a last one that was cut short is
    left out.

    Raises:
        UnreadableExport: it is no such file, or a frame was damaged.
    """
    try:
        raw = path.read_bytes()
    except OSError as reason:
        raise UnreadableExport(f"{path}: expected a .wandb file, got {reason.strerror}") from None
    if not raw.startswith(MAGIC):
        raise UnreadableExport(f"{path}: expected a .wandb file of format 0, got {raw[: len(MAGIC)]!r} at its start")
    at, whole = len(MAGIC), b""
    while at + FRAME <= len(raw):
        if (left := BLOCK - at % BLOCK) < FRAME:
            at += left
            continue
        crc, size, kind = struct.unpack_from("<IHB", raw, at)
        data = raw[at + FRAME : at + FRAME + size]
        if len(data) < size or not kind:
            return
        if zlib.crc32(bytes([kind]) + data) != crc:
            raise UnreadableExport(
                f"{path}: a frame at byte {at} does not have the CRC-32 that it was written with: the file is damaged"
            )
        whole = data if kind in (WHOLE, FIRST) else whole + data
        if kind in (WHOLE, LAST):
            yield whole
        at += FRAME + size
