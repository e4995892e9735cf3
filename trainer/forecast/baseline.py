"""The plain fit that forecasts are held against: Hoffmann's additive law, resampled, residuals added."""

from dataclasses import dataclass

import numpy as np

from trainer.estimation.fit import Rows, draws, fit
from trainer.estimation.forms.base import Form
from trainer.estimation.forms.power import Additive, PowerConstant
from trainer.estimation.forms.surfaces import Repeated
from trainer.estimation.objective import HOFFMANN_DELTA, Array, huber
from trainer.tables.runs import Runs

from .forecaster import variable_of

RESAMPLES = 500
SURFACE_ROWS = 7
"""Below, five coefficients are not determined: a power law plus constant in compute is fitted instead."""


@dataclass(frozen=True, slots=True)
class Plain:
    """ln of the plain forecast and of the ends of its 90 % interval, (n,) each."""

    log_loss: Array
    low: Array
    high: Array


def plain_forecast(runs: Runs, others: Runs, seed: int = 0) -> Plain:
    """Approach 3 with delta 1e-3, 500 resamples, and residuals added to them."""
    form = plain_form(runs)
    fitted = fit(
        form, Rows({name: runs.columns[name] for name in form.inputs}, runs.columns["loss"]), huber(HOFFMANN_DELTA)
    )
    drawn = np.log(form.value(draws(fitted, None, RESAMPLES, seed), others.columns))
    spread = drawn + np.random.default_rng(seed).choice(fitted.residuals, drawn.shape)
    low, high = np.nanquantile(spread, (0.05, 0.95), axis=0)
    return Plain(np.log(form.value(fitted.coefficients, others.columns)), low, high)


def plain_form(runs: Runs) -> Form:
    """The additive law, Muennighoff's where tokens repeat, a power law plus constant in one variable."""
    variable = variable_of(runs) or ("compute" if len(runs) < SURFACE_ROWS else "")
    if variable:
        return PowerConstant(variable)
    return Repeated() if "epochs" in runs.columns and (runs.columns["epochs"] > 1).any() else Additive()
