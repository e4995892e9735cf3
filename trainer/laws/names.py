"""Runs by name, as sentences about them and `--without` say it."""

import difflib
from collections.abc import Sequence

import msgspec
import numpy as np

from trainer.files import Refusal
from trainer.tables.runs import Excluded, Runs

LINE = "line "
MOST_KNOWN = 8


def named(runs: Runs, row: int) -> str:
    """`run lr-3e-2`, with its line where several rows are of that run; without a name `line 14`."""
    run = run_of(runs, row)
    line = f"{LINE}{runs.lines[row]}"
    if not run:
        return line
    return f"run {run}" + (f" ({line})" if runs.labels["run"].count(run) > 1 else "")


def run_of(runs: Runs, row: int) -> str:
    """The name of a row's run; empty where it has none."""
    return runs.labels["run"][row] if "run" in runs.labels else ""


def handle(runs: Runs, row: int) -> str:
    """What `--without` calls a row's run: its name, or else its line."""
    return run_of(runs, row) or f"{LINE}{runs.lines[row]}"


def without(runs: Runs, names: Sequence[str]) -> Runs:
    """The runs but those named, which are counted as left out.

    Raises:
        Refusal: a name that no run has.
    """
    labels = runs.labels.get("run", [""] * len(runs))
    lines = [str(line) for line in runs.lines]
    out = np.zeros(len(runs), bool)
    for name in names:
        number = name.lower().removeprefix(LINE).strip()
        rows = (
            np.array([label == name for label in labels]) if name in labels else np.array([n == number for n in lines])
        )
        if not rows.any():
            raise Refusal(
                f"--without: expected the name of a run, or a line of the table, got {name!r}; {_known(labels, lines, name)}"
            )
        out |= rows
    excluded = [
        Excluded(runs.lines[row], "--without names it", run_of(runs, row)) for row in np.flatnonzero(out).tolist()
    ]
    kept = runs.where(~out)
    return msgspec.structs.replace(kept, excluded=sorted([*runs.excluded, *excluded], key=lambda row: row.line))


def listed(text: str, labels: Sequence[str]) -> list[str]:
    """Names between commas; a run's name that has commas itself is one."""
    return [text] if text in labels else [part.strip() for part in text.split(",") if part.strip()]


def _known(labels: Sequence[str], lines: Sequence[str], name: str) -> str:
    runs = list(dict.fromkeys(filter(None, labels)))
    if not runs:
        return (
            f"its runs have no names, and stand in lines {lines[0]} to {lines[-1]}" if lines else "it has no usable row"
        )
    near = difflib.get_close_matches(name, runs, n=3, cutoff=0.4)
    more = ", …" if len(runs) > MOST_KNOWN else ""
    return f"nearest: {', '.join(near)}" if near else f"its runs are {', '.join(runs[:MOST_KNOWN])}{more}"
