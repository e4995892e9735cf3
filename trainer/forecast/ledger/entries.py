"""What a ledger holds, line by line: forecasts, and what came of them."""

from typing import Literal

import msgspec

from .predictive import Predictive

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Intervals that every forecast declares."""


class ForecastSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What forecast: a law or a table of runs; `digest` is the SHA-256 of its file, or of the catalogue that ships."""

    kind: Literal["law", "runs"]
    name: str
    file: str = ""
    digest: str
    domain: str = ""
    curve: str = ""


class Interval(msgspec.Struct, frozen=True):
    """The central interval at `level`."""

    level: float
    low: float
    high: float

    def holds(self, loss: float) -> bool:
        return self.low <= loss <= self.high


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast before it is dated: the loss, its intervals, the distribution they are of; `of` is `run` for one new
    run, `mean` for the law.
    """

    source: ForecastSource
    inputs: dict[str, float | str]
    loss: float
    of: Literal["run", "mean"]
    intervals: list[Interval]
    distribution: Predictive
    warnings: list[str] = []


class Forecast(Expected, frozen=True, kw_only=True, tag="forecast", tag_field="entry"):
    """What a run is expected to reach, said before it."""

    id: str
    date: str
    note: str = ""
    code: str
    previous: str


class Score(msgspec.Struct, frozen=True, kw_only=True, tag="score", tag_field="entry"):
    """What came of a forecast: `covered` says which of its intervals held, `off` how many scales above its centre the
    loss came.
    """

    id: str
    forecast: str
    date: str
    observed_loss: float
    covered: dict[str, bool]
    off: float
    log_score: float
    crps: float
    note: str = ""
    code: str
    previous: str


Entry = Forecast | Score


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What every line says of itself: its id, its date, who wrote it, the hash of the line before."""

    id: str
    date: str
    note: str
    code: str
    previous: str


def score_of(forecast: Forecast, observed: float, stamp: Stamp) -> Score:
    """The line that marks `forecast` with the loss that came."""
    declared = forecast.distribution
    return Score(
        **msgspec.structs.asdict(stamp),
        forecast=forecast.id,
        observed_loss=observed,
        covered={str(each.level): each.holds(observed) for each in forecast.intervals},
        off=declared.off(observed),
        log_score=declared.log_score(observed),
        crps=declared.crps(observed),
    )
