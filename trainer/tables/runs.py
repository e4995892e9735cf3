"""Tables of runs: CSV, JSONL or Parquet in, columns of numbers out; what cannot be used is kept with its line and
reason. No fitting here.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.units import Kind, Unreadable, read
from trainer.extras import loaded
from trainer.files import Refusal

Column = NDArray[np.float64]
Row = tuple[int, dict[str, float], dict[str, str]]
"""Line, numbers, labels."""

QUANTITIES: dict[str, Kind] = {
    "params": "count",
    "tokens": "count",
    "compute": "compute",
    "unique_tokens": "count",
    "epochs": "number",
    "loss": "number",
    "steps": "number",
    "weight": "number",
}
LABELS = ("curve", "run", "split", "quality", "status")
ALIASES = {
    "n": "params",
    "n_params": "params",
    "num_params": "params",
    "parameters": "params",
    "model_size": "params",
    "d": "tokens",
    "n_tokens": "tokens",
    "num_tokens": "tokens",
    "train_tokens": "tokens",
    "c": "compute",
    "flop": "compute",
    "flops": "compute",
    "train_flops": "compute",
    "training_flops": "compute",
    "l": "loss",
    "val_loss": "loss",
    "eval_loss": "loss",
    "validation_loss": "loss",
    "final_loss": "loss",
    "mutual_information": "loss",
    "unique": "unique_tokens",
    "run_id": "run",
    "series": "curve",
}
GAPLESS = ("params", "tokens", "compute", "unique_tokens", "steps", "weight")
"""What a law may be a function of, or weighted by: a row that alone does not say it cannot be used."""
GOOD = ("", "ok", "finished", "completed", "success")


class UnreadableRuns(Refusal):
    """A table of runs cannot be used at all: file, expected, got."""


class Excluded(msgspec.Struct, frozen=True):
    """A row that a fit leaves out, and why."""

    line: int
    reason: str


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that a fit can use: columns of equal length, NaN where a run does not say; what was left out, and what was
    read as what.
    """

    columns: dict[str, Column]
    labels: dict[str, list[str]]
    lines: list[int]
    excluded: list[Excluded] = []
    aliases: dict[str, str] = {}
    remarks: list[str] = []

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, *names: str) -> bool:
        """Whether every run says all of these."""
        return all(name in self.columns and not np.isnan(self.columns[name]).any() for name in names)

    def where(self, chosen: NDArray[np.bool_]) -> Runs:
        """The rows that are `chosen`, (n,)."""
        rows = np.flatnonzero(chosen)
        return msgspec.structs.replace(
            self,
            columns={name: column[rows] for name, column in self.columns.items()},
            labels={name: [values[i] for i in rows] for name, values in self.labels.items()},
            lines=[self.lines[i] for i in rows],
        )

    def by_curve(self) -> dict[str, Runs]:
        """The runs of each curve; one law is fitted to each."""
        labels = np.array(self.labels.get("curve", [""] * len(self)))
        return {str(name): self.where(labels == name) for name in dict.fromkeys(labels.tolist())}


def read_runs(path: Path, split: str | None = None) -> Runs:
    """The runs of a CSV, JSONL or Parquet file; only those of `split` where one is named.

    Raises:
        UnreadableRuns: no such file, no rows, or no column of losses.
    """
    records = _records(path)
    if not records:
        raise UnreadableRuns(f"{path}: expected a header and rows, got none")
    names = dict.fromkeys(name for _, record in records for name in record)
    aliases = _aliases(names)
    renamed = [(line, {aliases.get(name, name): value for name, value in record.items()}) for line, record in records]
    known = {aliases.get(name, name) for name in names}
    if "loss" not in known:
        raise UnreadableRuns(f"{path}: expected a column loss, got columns {', '.join(names)}")
    if not known & {"params", "tokens", "compute", "unique_tokens"}:
        raise UnreadableRuns(f"{path}: expected a column params, tokens or compute, got columns {', '.join(names)}")
    return _table(renamed, aliases, split)


def _records(path: Path) -> list[tuple[int, Mapping[str, object]]]:
    """Line and cells of each row."""
    try:
        if path.suffix == ".parquet":
            path.open("rb").close()
            return list(loaded("trainer.tables.parquet", f"reading {path.name}").records(path))
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableRuns(f"{path}: expected a readable CSV, JSONL or Parquet file, got {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableRuns(f"{path}: expected UTF-8 text, got other bytes") from None
    return list(_json_lines(path, text) if path.suffix in (".jsonl", ".ndjson") else _csv_lines(path, text))


def _aliases(names: Iterable[str]) -> dict[str, str]:
    """What columns under other names mean: the first that means a thing is read as it, unless a column has the very
    name.
    """
    taken = {*names} & {*QUANTITIES, *LABELS}
    aliases: dict[str, str] = {}
    for name in names:
        plain = name.lower().replace(" ", "_").replace("-", "_")
        meaning = plain if plain in (*QUANTITIES, *LABELS) else ALIASES.get(plain)
        if meaning is not None and meaning not in taken:
            aliases[name] = meaning
            taken.add(meaning)
    return aliases


def _csv_lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines(), restkey="")
    try:
        for row in reader:
            yield reader.line_num, {key.strip(): value for key, value in row.items() if key}
    except csv.Error as error:
        raise UnreadableRuns(f"{path}, line {reader.line_num + 1}: expected a row of CSV, got {error}") from None


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for line, content in enumerate(text.splitlines(), start=1):
        if content.strip():
            try:
                record = json.loads(content)  # unlike msgspec it reads NaN, which trackers write for runs that diverged
            except ValueError as error:
                raise UnreadableRuns(f"{path}, line {line}: expected a JSON object, got {error}") from None
            if not isinstance(record, dict):
                raise UnreadableRuns(f"{path}, line {line}: expected a JSON object, got {content[:40]}")
            yield line, record


def _table(records: Iterable[tuple[int, Mapping[str, object]]], aliases: dict[str, str], split: str | None) -> Runs:
    usable: list[Row] = []
    excluded: list[Excluded] = []
    for line, record in records:
        labels = {name: str(record.get(name) or "") for name in LABELS if name in record}
        if split is not None and labels.get("split") != split:
            excluded.append(Excluded(line, f"split is {labels.get('split') or 'not given'}, not {split}"))
            continue
        reason, numbers = _numbers(record, labels)
        if reason:
            excluded.append(Excluded(line, reason))
        else:
            usable.append((line, numbers, labels))
    usable, gaps = _without_gaps(usable)
    excluded = sorted([*excluded, *gaps], key=lambda row: row.line)
    columns = {name: np.array([numbers.get(name, math.nan) for _, numbers, _ in usable]) for name in QUANTITIES}
    present = {name: column for name, column in columns.items() if not np.isnan(column).all()}
    labels_of = {name: [labels.get(name, "") for _, _, labels in usable] for name in LABELS}
    runs = Runs(
        columns=_completed(present),
        labels={name: values for name, values in labels_of.items() if any(values)},
        lines=[line for line, _, _ in usable],
        excluded=excluded,
        aliases=aliases,
    )
    return msgspec.structs.replace(runs, remarks=_duplicates(runs))


def _without_gaps(usable: list[Row]) -> tuple[list[Row], list[Excluded]]:
    """The rows that say what most of their curve say; of the others, what is missing."""
    counts = Counter((labels.get("curve", ""), name) for _, numbers, labels in usable for name in numbers)
    rows = Counter(labels.get("curve", "") for _, _, labels in usable)
    whole: list[Row] = []
    gaps: list[Excluded] = []
    for line, numbers, labels in usable:
        curve = labels.get("curve", "")
        derived = {"compute"} if {"params", "tokens"} <= {*numbers} else set()
        missing = [n for n in GAPLESS if n not in numbers and n not in derived and 2 * counts[curve, n] > rows[curve]]
        if missing:
            gaps.append(Excluded(line, f"{', '.join(missing)} is missing, which most rows say"))
        else:
            whole.append((line, numbers, labels))
    return whole, gaps


def _numbers(record: Mapping[str, object], labels: Mapping[str, str]) -> tuple[str | None, dict[str, float]]:
    """Why a row cannot be used, if so, and its numbers."""
    for name in ("quality", "status"):
        if labels.get(name, "").lower() not in GOOD:
            return f"{name} is {labels[name]}", {}
    numbers: dict[str, float] = {}
    for name, kind in QUANTITIES.items():
        value = record.get(name)
        if value is None or value == "":
            continue
        try:
            numbers[name] = float(value) if isinstance(value, int | float) else read(str(value), kind)
        except (Unreadable, OverflowError) as error:
            return f"{name}: {error}", {}
        if not math.isfinite(numbers[name]) or numbers[name] <= 0:
            return f"{name}: expected a finite number above 0, got {value}", {}
    if "loss" not in numbers:
        return "loss is missing", {}
    return None, numbers


def _completed(columns: dict[str, Column]) -> dict[str, Column]:
    """tokens processed, and unique tokens, where epochs are given; compute as 6 × params × tokens where it is not."""
    out = dict(columns)
    if "epochs" in out:
        epochs = np.where(np.isnan(out["epochs"]), 1.0, out["epochs"])
        unique = out.get("unique_tokens", out.get("tokens"))
        if unique is not None:
            out.update(epochs=epochs, unique_tokens=unique, tokens=unique * epochs)
    if "params" in out and "tokens" in out:
        product = 6 * out["params"] * out["tokens"]
        out["compute"] = np.where(np.isnan(out["compute"]), product, out["compute"]) if "compute" in out else product
    return out


def _duplicates(runs: Runs) -> list[str]:
    """A sentence for each set of rows that say the same of everything: they are kept, and counted twice by a fit."""
    rows = zip(
        *(runs.columns[name].tolist() for name in sorted(runs.columns)),
        *(runs.labels[name] for name in sorted(runs.labels)),
        strict=True,
    )
    numbered = [repr(row) for row in rows]
    counts = Counter(numbered)
    repeated = {
        key: [line for line, row in zip(runs.lines, numbered, strict=True) if row == key]
        for key, n in counts.items()
        if n > 1
    }
    return [f"lines {', '.join(map(str, lines))} are the same run, and are all kept" for lines in repeated.values()]
