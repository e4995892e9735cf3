"""A forecast as a law file keeps it: how far it stands from the file's law, and its scales, by decades beyond the data."""

from typing import Any

import numpy as np

from trainer.fit.law import Fit
from trainer.fit.objective import Array
from trainer.runs import Column, Runs

from .forecasting import forecaster, variable_of
from .parts import FREEDOM

DECADES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
LARGEST = 0.75
"""Runs above this quantile of compute say at which tokens a parameter the table is made."""
LEVELS = (0.01, 0.05, 0.25, 0.75, 0.95, 0.99)


def offsets(runs: Runs, fitted: Fit) -> dict[str, Any]:
    """By decades beyond the largest run: ln of the forecast over the law's loss, and the scales of ln loss.

    A quantile for a new run is ln of the law's loss + shift + run * quantiles[level]; for the mean, with `mean`. The
    table is along `along`, at the largest runs' own tokens a parameter.
    """
    made, variable = forecaster(runs), variable_of(runs)
    ahead = _ahead(runs, variable)
    forecast = made.forecast(ahead)
    law = np.log(fitted.form.value(fitted.coefficients, ahead.columns))
    return {
        "along": variable or "compute",
        "from": float(runs.columns[variable or "compute"].max()),
        "decades": list(DECADES),
        "shift": _rounded(forecast.log_loss - law),
        "mean": _rounded(forecast.mean_scale),
        "run": _rounded(forecast.run_scale),
        "quantiles": {str(level): round(float(np.sign(level - 0.5) * forecast.reach(abs(2 * level - 1))), 4) for level in LEVELS},
        "freedom": FREEDOM,
        "tests": made.tests,
        "warnings": list(made.warnings),
    }


def _ahead(runs: Runs, variable: str) -> Runs:
    """Runs at each distance beyond the largest."""
    beyond = 10.0 ** np.array(DECADES)
    lines = list(range(len(DECADES)))
    if variable:
        return Runs(columns={variable: runs.columns[variable].max() * beyond}, labels={}, lines=lines)
    compute = runs.columns["compute"]
    large = compute >= np.quantile(compute, LARGEST)
    size, data = (runs.columns[name][large] for name in ("params", "tokens"))
    ratio, excess = (float(np.exp(np.median(np.log(part)))) for part in (data / size, compute[large] / (6 * size * data)))
    params: Column = np.sqrt(compute.max() * beyond / 6 / ratio / excess)
    columns = {"params": params, "tokens": params * ratio, "compute": compute.max() * beyond}
    once = {"unique_tokens": params * ratio, "epochs": np.ones(len(params))}
    return Runs(columns={**columns, **(once if "epochs" in runs.columns else {})}, labels={}, lines=lines)


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
