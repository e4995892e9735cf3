"""Back-tests: the largest runs of each curve held out, forecast from the others, and held against what came."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.forecast.forecaster import Unforecastable, forecaster
from trainer.tables.runs import Runs

LEVEL = 0.9
EDGES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Where distances are told apart, in decades."""
HELD_OUT = 0.2
"""Part of the runs held out, the largest, where the table names none."""


class Row(msgspec.Struct, frozen=True):
    """One held-out run: the forecast, its 90 % interval for a new run, the loss that came, and how far beyond the others it is.

    `decades` are of compute, or of the one variable.
    """

    predicted: float
    low: float
    high: float
    observed: float
    decades: float = 0.0

    @property
    def held(self) -> bool:
        return self.low <= self.observed <= self.high

    @property
    def score(self) -> float:
        """The interval score of ln loss."""
        low, high, came = np.log([self.low, self.high, self.observed])
        return float(high - low + 2 / (1 - LEVEL) * (max(low - came, 0) + max(came - high, 0)))


class CurveResult(msgspec.Struct, frozen=True):
    """One curve: mean absolute relative error, part of the runs inside their intervals, mean width over the forecast.

    `score` is the mean interval score of ln loss (Gneiting & Raftery 2007, eq 43); lower is better.
    """

    curve: str
    error: float
    coverage: float
    width: float
    score: float
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


class Bin(msgspec.Struct, frozen=True):
    """Held-out runs of one distance: from how many decades beyond the others, how many, and how their forecasts fared."""

    decades: float
    rows: int
    error: float
    coverage: float
    width: float
    score: float


def by_distance(rows: list[Row]) -> list[Bin]:
    """How forecasts fared by half decades beyond the runs that they were made from; two to three, and further, as one."""
    out = []
    for low, high in zip(EDGES, (*EDGES[1:], np.inf), strict=True):
        here = [row for row in rows if low <= row.decades < high]
        if here:
            out.append(pooled(here, low))
    return out


def pooled(rows: list[Row], decades: float = 0.0) -> Bin:
    """How these forecasts fared together, each row alike."""
    return Bin(
        decades=decades,
        rows=len(rows),
        error=float(np.mean([abs(row.predicted / row.observed - 1) for row in rows])),
        coverage=float(np.mean([row.held for row in rows])),
        width=float(np.mean([(row.high - row.low) / row.predicted for row in rows])),
        score=float(np.mean([row.score for row in rows])),
    )


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
    predicted, low, high = np.exp(forecast.log_loss), forecast.low(LEVEL), forecast.high(LEVEL)
    observed, decades = others.columns["loss"], family.predict(others).beyond
    rows = [Row(*map(float, values)) for values in zip(predicted, low, high, observed, decades, strict=True)]
    return CurveResult(
        curve=curve,
        error=float(np.mean(np.abs(predicted / observed - 1))),
        coverage=float(np.mean((low <= observed) & (observed <= high))),
        width=float(np.mean((high - low) / predicted)),
        score=float(np.mean([row.score for row in rows])),
        rows=rows,
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
