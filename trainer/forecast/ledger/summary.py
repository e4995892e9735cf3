"""The record of a ledger: how its forecasts fared, line by line and in all."""

import csv
import io
import json
from typing import Any

import msgspec
import numpy as np
from scipy import stats

from fitted_laws.quantities.display import number_of

from .chain import Ledger
from .entries import LEVELS, Forecast, Score

SHOWN = 0.9
"""The level whose interval the table shows, and whose misses it lists."""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Of the intervals at `level`, how many held, and the 95 % interval of that share (Clopper & Pearson 1934)."""

    level: float
    scored: int
    held: int
    share: float
    low: float
    high: float


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All of a ledger; `rows` are its forecasts, with what came where it is known."""

    rows: list[dict[str, Any]]
    forecasts: int
    scored: int
    coverage: list[Coverage]
    log_score: float | None
    crps: float | None
    misses: list[str]
    head: str
    broken: list[str]


def record_of(ledger: Ledger) -> Record:
    scores = ledger.scores
    pairs = [(forecast, scores[forecast.id]) for forecast in ledger.forecasts if forecast.id in scores]
    return Record(
        rows=[row_of(forecast, scores.get(forecast.id)) for forecast in ledger.forecasts],
        forecasts=len(ledger.forecasts),
        scored=len(pairs),
        coverage=[_coverage(level, [score for _, score in pairs]) for level in LEVELS] if pairs else [],
        log_score=float(np.mean([score.log_score for _, score in pairs])) if pairs else None,
        crps=float(np.mean([score.crps for _, score in pairs])) if pairs else None,
        misses=[_miss(forecast, score) for forecast, score in pairs if not score.covered[str(SHOWN)]],
        head=ledger.head,
        broken=list(ledger.breaks),
    )


def row_of(forecast: Forecast, score: Score | None) -> dict[str, Any]:
    """One forecast as a flat row."""
    wide = next(each for each in forecast.intervals if each.level == SHOWN)
    return {
        "id": forecast.id,
        "date": forecast.date,
        "from": forecast.source.name,
        "of": forecast.of,
        "inputs": " ".join(
            f"{name}={value:.6g}" if isinstance(value, float | int) else f"{name}={value}"
            for name, value in forecast.inputs.items()
        ),
        "loss": forecast.loss,
        "loss_low": wide.low,
        "loss_high": wide.high,
        "scored": score.date if score else None,
        "observed_loss": score.observed_loss if score else None,
        "covered": score.covered[str(SHOWN)] if score else None,
        "off": score.off if score else None,
        "log_score": score.log_score if score else None,
        "crps": score.crps if score else None,
        "note": "; ".join(text for text in (forecast.note, score.note if score else "") if text),
    }


def _coverage(level: float, scores: list[Score]) -> Coverage:
    held = sum(score.covered[str(level)] for score in scores)
    ends = stats.binomtest(held, len(scores)).proportion_ci(0.95, method="exact")
    return Coverage(
        level=level, scored=len(scores), held=held, share=held / len(scores), low=float(ends.low), high=float(ends.high)
    )


def _miss(forecast: Forecast, score: Score) -> str:
    wide = next(each for each in forecast.intervals if each.level == SHOWN)
    side = "above" if score.observed_loss > wide.high else "below"
    off = score.observed_loss / forecast.loss - 1
    return f"{forecast.id}: {score.observed_loss:.6g} came, {side} {wide.low:.6g} … {wide.high:.6g}, {off:+.1%} off"


def as_json(record: Record) -> str:
    return json.dumps(msgspec.to_builtins(record), indent=1, ensure_ascii=False)


def as_csv(record: Record) -> str:
    """The rows alone; totals are in the other formats."""
    out = io.StringIO()
    if record.rows:
        writer = csv.DictWriter(out, list(record.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(record.rows)
    return out.getvalue().rstrip("\n")


def as_table(record: Record) -> str:
    """For people: a line a forecast, then the totals."""
    lines = [_line(row) for row in record.rows]
    lines.append(
        f"{number_of(record.forecasts, 'forecast')}, {record.scored} scored, {record.forecasts - record.scored} open"
    )
    lines += [
        f"  {each.level:.0%} intervals held {each.held} of {each.scored}: {each.share:.0%} (95 %: {each.low:.0%} … {each.high:.0%})"
        for each in record.coverage
    ]
    if record.log_score is not None and record.crps is not None:
        lines.append(f"  of ln loss: mean log score {record.log_score:.3f} nats, mean CRPS {record.crps:.2g}")
    lines += [f"  missed {miss}" for miss in record.misses]
    lines += [f"  ! {break_}" for break_ in record.broken] or [f"  the chain is whole; its head is {record.head}"]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    expected = f"{row['loss']:.5g} ({row['loss_low']:.5g} … {row['loss_high']:.5g})"
    came = (
        "open"
        if row["observed_loss"] is None
        else f"{row['observed_loss']:.5g} {'held' if row['covered'] else 'MISSED'} {row['off']:+.1f} scales"
    )
    return f"{row['id']:14} {row['from'][:28]:28} {row['inputs']}: {expected} → {came}"


FORMATS = {"table": as_table, "csv": as_csv, "json": as_json}
