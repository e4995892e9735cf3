"""Which law, or forecast, the runs themselves speak for: what each missed by in the same rolling back-tests."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.fit import Rows, fit
from trainer.estimation.forms.base import Form
from trainer.estimation.objective import Array, robust_sigma, squares

LEAST_TESTS = 2
"""One back-test chooses nothing."""
FURTHER, OFTEN = 0.8, 0.75
"""A law with further coefficients must miss by a fifth less on the mean, and by less in three of four back-tests."""
SMOOTH, MEAN_OF_SIGMA = 20, 0.8
"""Fewest rows that show how they scatter; the mean size of a normal deviate over its standard deviation."""


def misses(form: Form, columns: Mapping[str, Array], loss: Array, along: Array, least: int) -> Array:
    """Mean |ln observed - ln forecast| of the law in each back-test, fitted to at least so many rows.

    Curves are fitted by least squares: a Huber fit follows its noise through many rounds, which the choice does not
    need.
    """
    objective = squares() if len(form.inputs) == 1 else None
    inputs = {name: columns[name] for name in form.inputs}
    out = []
    for near in cuts(along, least):
        fitted = fit(form, Rows({name: column[near] for name, column in inputs.items()}, loss[near]), objective)
        ahead = form.value(fitted.coefficients, {name: column[~near] for name, column in inputs.items()})
        out.append(float(np.abs(np.log(loss[~near]) - np.log(ahead)).mean()))
    return np.array(out)


def best_curve(forms: Sequence[Form], columns: Mapping[str, Array], loss: Array, variable: str) -> Form:
    """The first form, unless another forecast the runs' own larger ones clearly better."""
    along, least = columns[variable], 2 * len(forms[0].coefficients) + LEAST_TESTS
    first = misses(forms[0], columns, loss, along, max(least, *(len(form.coefficients) + 1 for form in forms)))
    best, lowest = forms[0], FURTHER * first.mean() if len(first) >= LEAST_TESTS else 0.0
    if lowest < scatter(along, loss):
        return best
    for form in forms[1:] if lowest else ():
        its = misses(form, columns, loss, along, max(least, *(len(form.coefficients) + 1 for form in forms)))
        if its.mean() < lowest and (its < first).mean() >= OFTEN:
            best, lowest = form, float(its.mean())
    return best


def scatter(along: Array, loss: Array) -> float:
    """Mean |ln loss| that neighbours differ by in no order, which no smooth law forecasts; 0 of few rows."""
    if len(loss) < SMOOTH:
        return 0.0
    bends = np.diff(np.log(loss[np.argsort(along, kind="stable")]), 2)
    return float(MEAN_OF_SIGMA * robust_sigma(bends) / np.sqrt(6))


CUTS = (0.4, 0.55, 0.7, 0.85)
"""Quantiles of compute, or of the one variable there is."""
LEAST_ROWS = 6
"""Fewest rows a back-test is fitted to."""


def cuts(along: Array, least: int = LEAST_ROWS) -> list[NDArray[np.bool_]]:
    """Which rows each rolling back-test is fitted to, (n,) each."""
    nears = [along <= np.quantile(along, cut) for cut in CUTS]
    return [near for near in nears if near.sum() >= least and not near.all()]
