"""A forecast as a law file keeps it: the family's laws and the scales of their errors, and whether answers stand on it or on the law."""

from typing import Any

import msgspec
import numpy as np

from trainer.fit.law import Fit
from trainer.runs import Runs

from .choosing import AVERAGED, LEAST_TESTS, misses
from .cutting import LEAST_ROWS
from .forecasting import forecaster, variable_of


def kept_forecast(runs: Runs, fitted: Fit) -> dict[str, Any]:
    """What `fitted_laws` reads as a law's forecast.

    Raises:
        Unforecastable: these runs say nothing of larger ones.
    """
    made, along = forecaster(runs), runs.columns[variable_of(runs) or "compute"]
    law = misses(fitted.form, runs.columns, runs.columns["loss"], along, max(LEAST_ROWS, len(fitted.form.coefficients) + 1))
    ours = made.missed[len(made.missed) - len(law) :]  # the smallest cuts may be too small for the law's coefficients
    enough = len(law) >= LEAST_TESTS
    kept = msgspec.structs.replace(
        made.kept,
        centre="forecast" if enough and ours.mean() < AVERAGED * law.mean() else "law",
        law_error=float(np.mean(law)) if enough else None,
        forecast_error=float(np.mean(ours)) if enough else None,
    )
    held: dict[str, Any] = msgspec.to_builtins(kept)
    return held
