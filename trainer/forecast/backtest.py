"""Back-tests: the largest runs of each curve held out, forecast from the others, and held against what came."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.forecast.forecaster import Unforecastable, forecaster
from trainer.tables.runs import Runs

HELD_OUT = 0.2
"""Part of the runs held out, the largest, where the table names none."""


class Row(msgspec.Struct, frozen=True):
    """One held-out run: the forecast, its 90 % interval for a new run, and the loss that came."""

    predicted: float
    low: float
    high: float
    observed: float


class CurveResult(msgspec.Struct, frozen=True):
    """One curve: mean absolute relative error, part of the runs inside their intervals, mean width over the forecast."""

    curve: str
    error: float
    coverage: float
    width: float
    rows: list[Row]
    warnings: list[str] = []


def backtest(runs: Runs) -> list[CurveResult]:
    """Every curve that can be tested.

    Raises:
        Unforecastable: none can.
    """
    results, reasons = [], []
    for curve, part in runs.by_curve().items():
        try:
            results.append(tested(curve, part))
        except Unforecastable as reason:
            reasons.append(f"{curve or 'the runs'}: {reason}")
    if not results:
        raise Unforecastable("; ".join(reasons) or "no runs")
    return results


def tested(curve: str, runs: Runs) -> CurveResult:
    """The back-test of one curve: its largest runs forecast from the others.

    Raises:
        Unforecastable: there are no runs to hold out, or none, or too few, to fit.
    """
    far = held_out(runs)
    if not far.any() or far.all():
        raise Unforecastable("expected runs to fit and runs to hold out, got only one of the two")
    family, others = forecaster(runs.where(~far)), runs.where(far)
    forecast = family.forecast(others)
    predicted, low, high = np.exp(forecast.log_loss), forecast.low(), forecast.high()
    observed = others.columns["loss"]
    return CurveResult(
        curve=curve,
        error=float(np.mean(np.abs(predicted / observed - 1))),
        coverage=float(np.mean((low <= observed) & (observed <= high))),
        width=float(np.mean((high - low) / predicted)),
        rows=[Row(*map(float, values)) for values in zip(predicted, low, high, observed, strict=True)],
        warnings=list(family.warnings),
    )


def held_out(runs: Runs) -> NDArray[np.bool_]:
    """The rows whose split is test, else the fifth with the largest compute (or the one variable there is), (n,)."""
    if "test" in runs.labels.get("split", []):
        return np.array([name == "test" for name in runs.labels["split"]])
    along = next(
        (runs.columns[name] for name in ("compute", "tokens", "params") if runs.has(name)), np.zeros(len(runs))
    )
    out = np.zeros(len(runs), bool)
    out[np.argsort(along, kind="stable")[len(runs) - max(1, round(HELD_OUT * len(runs))) :]] = True
    return out
