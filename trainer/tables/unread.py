"""Columns of a table that were not read and go with what a fit leaves: settings that the law does not know of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from fitted_laws.tables.numerals import numbers
from trainer.estimation.objective import Array, robust_sigma
from trainer.tables.runs import Runs

LEAST_ROWS = 10
EXPLAINS = 0.3
"""Share of the residuals' variance from which on a column is named."""
CHANCE = 1e-3
"""Probability, over all columns tried, under which it is no accident."""
LEAST = 0.002
"""Residuals of .2 % are nothing to explain."""
MOST_NAMED = 3


def unread_columns(runs: Runs, residuals: Array) -> list[str]:
    """Sentences on the columns whose values, as a parabola in their ranks, explain most of the residuals of log loss,
    (n,): a learning rate is best in the middle.
    """
    columns = {name: values for name, cells in runs.others.items() if (values := _varying(cells)) is not None}
    if len(residuals) < LEAST_ROWS or robust_sigma(residuals) < LEAST or not columns:
        return []
    cut = 4 * robust_sigma(residuals)
    off = np.clip(residuals - np.median(residuals), -cut, cut)
    shares = {name: share for name, values in columns.items() if (share := _explained(values, off, len(columns)))}
    named = sorted(shares, key=lambda name: -shares[name])[:MOST_NAMED]
    return [
        f"{name} was not read, and goes with what the fit leaves: it explains {shares[name]:.0%} of it. "
        f"--best-of {name} takes the best of each size and data, --as curve={name} fits its values apart"
        for name in named
    ]


def _varying(cells: list[object]) -> NDArray[np.float64] | None:
    """A column of numbers that every row says and that differ; None where it is none."""
    read = numbers(cells, "compute")
    if read.faults or not np.isfinite(read.values).all() or len(np.unique(read.values)) < 2:
        return None
    return read.values


def _explained(values: NDArray[np.float64], off: Array, tried: int) -> float:
    """The share of the variance that a column explains; 0 where that is little, or may be chance."""
    distinct, ranks = np.unique(values, return_inverse=True)
    x = ranks / max(len(distinct) - 1, 1)
    terms = np.column_stack([x**power for power in range(min(len(distinct), 3))])
    fitted = terms @ np.linalg.lstsq(terms, off, rcond=None)[0]
    total, left = float(((off - off.mean()) ** 2).sum()), float(((off - fitted) ** 2).sum())
    above, below = terms.shape[1] - 1, len(off) - terms.shape[1]
    share = 1 - left / total if total else 0.0
    if share < EXPLAINS or left <= 0:
        return max(share, 0.0) if left <= 0 and share >= EXPLAINS else 0.0
    chance = float(fdtrc(above, below, share / above / ((1 - share) / below)))
    return share if chance * tried < CHANCE else 0.0
