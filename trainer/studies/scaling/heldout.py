"""What our sweeps forecast of their own largest models and largest data, held out: whether intervals for one new run
hold.
"""

from __future__ import annotations

import msgspec
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from trainer.forecast.backtest import CurveResult, tested
from trainer.studies.study import RECORDS, Finding, Records, Study
from trainer.sweep.config import SWEEPS
from trainer.sweep.law.law import usable
from trainer.sweep.records import read_records
from trainer.tables.runs import Runs, read_runs


def swept(name: str) -> Runs:
    """The readings of a sweep that its law is fitted to."""
    path = RECORDS / f"{name}.jsonl"
    return usable(read_runs(path), read_records(path))


def forecast_of(runs: Runs, out: NDArray[np.bool_]) -> CurveResult:
    """The forecast of the rows in `out` by a fit to the others, beside what was observed."""
    split = ["test" if row else "train" for row in out]
    return tested("", msgspec.structs.replace(runs, labels={**runs.labels, "split": split}))


def find(records: Records) -> Finding:
    """Each sweep's forecasts of its largest size, and of its most tokens, by fits without them."""
    forecasts = {}
    for name in records:
        runs = swept(name)
        for what in ("params", "tokens"):
            forecasts[name, what] = forecast_of(runs, runs.columns[what] == runs.columns[what].max())
    rows: list[dict[str, float | str]] = [
        {
            "sweep": name,
            "held_out": f"largest {what}",
            "readings": len(test.rows),
            "error_percent": 100 * test.error,
            "inside_percent": 100 * test.coverage,
            "width_percent": 100 * test.width,
        }
        for (name, what), test in forecasts.items()
    ]
    means = {
        what: float(np.mean([test.coverage for (_, other), test in forecasts.items() if other == what]))
        for what in ("params", "tokens")
    }
    both = float(np.mean([test.coverage for test in forecasts.values()]))

    def draw(axes: Axes) -> None:
        axes.axvspan(-1, 1, color="0.9", label="90 % intervals")
        for y, name in enumerate(reversed(list(records))):
            for what, marker, colour, shift in (("params", "o", "C0", 0.15), ("tokens", "D", "C1", -0.15)):
                off = [2 * (row.observed - row.predicted) / (row.high - row.low) for row in forecasts[name, what].rows]
                label = f"largest {what}" if y == 0 else None
                axes.plot(
                    np.clip(off, -3, 3), np.full(len(off), y + shift), marker, markersize=3, color=colour, label=label
                )
        axes.set_yticks(range(len(records)), list(reversed(list(records))))
        axes.set(xlabel="observed less forecast, in half widths of its interval", xlim=(-3.2, 3.2))

    return Finding(
        rows=rows,
        numbers={
            "inside_of_largest_params": means["params"],
            "inside_of_largest_tokens": means["tokens"],
            "inside": both,
        },
        says=f"Of the 90 % intervals for a new run, averaged over {len(records)} sweeps, {100 * means['params']:.0f} % held the losses "
        f"of the largest size, and {100 * means['tokens']:.0f} % those of the most tokens, both together {100 * both:.0f} %",
        draw=draw,
    )


STUDY = Study(
    title="Our own sweeps' largest runs, held out",
    records=tuple(sorted(path.stem for path in RECORDS.glob("*.jsonl") if (SWEEPS / f"{path.stem}.toml").exists())),
    paper="Its fits are shown with the runs that they were fitted to",
    find=find,
)
