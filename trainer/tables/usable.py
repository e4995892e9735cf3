"""Which rows of a table a fit can use: why each of the others cannot, and which are one run twice."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fitted_laws.tables.numerals import Numbers

Values = NDArray[np.float64]

GAPLESS = ("params", "tokens", "compute", "unique_tokens", "steps", "weight")
"""What a law may be a function of, or weighted by: a row that alone does not say it cannot be used."""
GOOD = ("", "ok", "finished", "completed", "complete", "success", "succeeded", "done")
DIVERGED = "the loss is {}: the run diverged"


def reasons(
    count: int, labels: Mapping[str, Sequence[str]], read: Mapping[str, Numbers], split: str | None
) -> list[str]:
    """By row, of `count`, why it cannot be used; empty where it can."""
    whys = [""] * count
    if split is not None:
        for row, text in enumerate(labels.get("split", [""] * count)):
            whys[row] = f"split is {text or 'not given'}, not {split}" if text != split else ""
    for name in ("quality", "status"):
        for row, text in enumerate(labels.get(name, [])):
            if text.lower() not in GOOD:
                whys[row] = whys[row] or f"{name} is {text}"
    for name, each in read.items():
        for row, why in _of_numbers(name, each).items():
            whys[row] = whys[row] or why
    return whys


def _of_numbers(name: str, read: Numbers) -> dict[int, str]:
    """By row why a number cannot be used. A NaN says that a run diverged where it is a loss, else nothing."""
    faults = {row: f"{name}: {why}" for row, why in read.faults.items()}
    unusable = ~(np.isfinite(read.values) & (read.values > 0))
    for row in np.flatnonzero(unusable).tolist():
        value = float(read.values[row])
        if row in faults or (name != "loss" and math.isnan(value)):
            continue
        if read.missing[row]:
            faults[row] = "loss is missing"
        elif name == "loss" and not math.isfinite(value):
            faults[row] = DIVERGED.format("NaN" if math.isnan(value) else "infinite")
        else:
            faults[row] = f"{name}: expected a finite number above 0, got {value:.6g}"
    return faults


def gaps(columns: Mapping[str, Values], curves: Sequence[str], usable: NDArray[np.bool_]) -> list[str]:
    """By row what it lacks that most usable rows of its curve say; empty where nothing."""
    whys = [""] * len(usable)
    labels = np.array(curves)
    for curve in dict.fromkeys(curves):
        rows = np.flatnonzero((labels == curve) & usable)
        lacking: dict[int, list[str]] = {}
        for name in GAPLESS:
            unsaid = np.isnan(columns[name][rows]) if name in columns else np.zeros(0, bool)
            if 0 < unsaid.sum() < len(rows) / 2:
                for row in rows[unsaid].tolist():
                    lacking.setdefault(row, []).append(name)
        for row, names in lacking.items():
            if "compute" in names and len(names) > 1:
                names.remove("compute")  # it would follow from the others
            whys[row] = f"{', '.join(names)} is missing, which most rows say"
    return whys


def duplicates(columns: Mapping[str, Values], labels: Mapping[str, Sequence[str]], lines: Sequence[int]) -> list[str]:
    """A sentence for each set of rows that say the same of everything: they are kept, and counted twice by a fit."""
    cells = [*(columns[name].tolist() for name in sorted(columns)), *(labels[name] for name in sorted(labels))]
    rows = [repr(row) for row in zip(*cells, strict=True)]
    counts = Counter(rows)
    repeated: dict[str, list[int]] = {}
    for line, row in zip(lines, rows, strict=True):
        if counts[row] > 1:
            repeated.setdefault(row, []).append(line)
    return [f"lines {', '.join(map(str, lines))} are the same run, and are all kept" for lines in repeated.values()]
