"""How forecasts fare: held-out runs, and forecasts cut from a folder of tables, each by the set of laws that a law file would hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.estimation.objective import Array
from trainer.forecast.backtest import LEVEL, held_out
from trainer.forecast.baseline import Plain, plain_forecast
from trainer.forecast.family.errors import Parts, Scales
from trainer.forecast.forecaster import forecaster, variable_of
from trainer.tables.runs import Runs, read_runs

DROPS, CUTS = (0.0, 0.3), (0.35, 0.5, 0.65, 0.8)
THIN, THIN_ROWS = 3, 30
CURVE_CUTS, CURVES = (0.5, 0.7), 8
"""Cuts of curves in one variable, and of how many curves a table."""
LEAST = 4
"""Fewest rows a forecast is made from."""


@dataclass(frozen=True, slots=True)
class Case:
    """One forecast of n runs and what came, (n,) each.

    ln of the central law's loss, of the ends of the 90 % interval for a new run, and of the loss observed.
    `parts`, `scales` and `widening` are of the family that the set of laws was drawn from, for its calibration.
    """

    table: str
    curve: str
    real: bool
    rows: int
    log_loss: Array
    low: Array
    high: Array
    observed: Array
    parts: Parts
    scales: Scales
    widening: float
    plain: Plain | None

    @property
    def family(self) -> str:
        """What the table's name says before its first underscore: tables of one family are no test of one another."""
        return self.table.split("_")[0]

    @property
    def held(self) -> Array:
        """Which runs lie inside, as 1 or 0, (n,)."""
        return ((self.low <= self.observed) & (self.observed <= self.high)).astype(np.float64)


def case(table: str, curve: str, near: Runs, far: Runs, *, real: bool) -> Case:
    """The runs `far` forecast from the runs `near`, and the plain forecast beside it where the split is the real one."""
    family = forecaster(near)
    forecast = family.forecast(far)
    low, high = forecast.ends(LEVEL, "run")
    return Case(
        table=table,
        curve=curve,
        real=real,
        rows=len(near),
        log_loss=forecast.log_loss,
        low=low,
        high=high,
        observed=np.log(far.columns["loss"]),
        parts=family.predict(far),
        scales=family.scales,
        widening=family.widening,
        plain=plain_forecast(near, far) if real else None,
    )


def cases_in(folder: Path) -> Iterator[Case]:
    """The held-out runs of every curve, and forecasts at varied span, number and distance."""
    for path in sorted(folder.glob("*.csv")):
        yield from cases_of(path)


def cases_of(path: Path) -> Iterator[Case]:
    """Those of one table."""
    for number, (curve, runs) in enumerate(read_runs(path).by_curve().items()):
        out = held_out(runs)
        if not LEAST <= (~out).sum() < len(runs):
            continue
        yield case(path.stem, curve, runs.where(~out), runs.where(out), real=True)
        if not variable_of(runs) or number < CURVES:
            yield from cut_cases(path.stem, curve, runs)


def cut_cases(table: str, curve: str, runs: Runs) -> Iterator[Case]:
    """Forecasts from parts of a curve, by where they begin, where they are cut, and how densely they are taken."""
    variable = variable_of(runs)
    along = np.log(runs.columns[variable or "compute"])
    for drop in DROPS:
        for cut in CURVE_CUTS if variable else CUTS:
            least, most = np.quantile(along, (drop, cut))
            near, far = (along >= least) & (along <= most), along > most + 1e-9
            thinned = near & (np.cumsum(near) % THIN == 0)
            for chosen in (near, thinned) if len(runs) >= THIN_ROWS and not variable else (near,):
                if chosen.sum() >= LEAST and far.any():
                    yield case(table, curve, runs.where(chosen), runs.where(far), real=False)


def interval_score(low: Array, high: Array, observed: Array) -> Array:
    """Gneiting & Raftery 2007, eq 43."""
    penalty = 2 / (1 - LEVEL)
    return np.asarray(high - low + penalty * (np.maximum(low - observed, 0) + np.maximum(observed - high, 0)))
