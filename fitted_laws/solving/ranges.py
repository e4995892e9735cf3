"""Inputs given as ranges, drawn beside the draws of a law, and whose spread is how much of the whole."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.draws import NORMAL_QUANTILE, uniforms
from fitted_laws.laws.intervals import central_interval
from fitted_laws.quantities.spread import Spread
from fitted_laws.solving.column import column

DRAWS = 4000
"""Draws of a range where the law has none beside which to draw it."""


def drawn_beside(value: Any, name: str, draws: int) -> Values:
    """An input as an array, (rows,); of a range (1 + draws, rows): its geometric mean, then draws of its log-normal.

    The seed is the input's name, so that each range is independent of the law and of every other.
    """
    if not isinstance(value, Spread):
        return column(value)
    return value.at(normals(name, draws)) if draws else value.centre


@functools.lru_cache(64)
def normals(name: str, draws: int) -> Values:
    """0, then `draws` quantiles of the normal evenly spaced in probability, in an order seeded by `name`: (1 + draws, 1)."""
    order = np.argsort(uniforms(f"range {name}", (draws, 1))[:, 0])
    return np.concatenate([[0.0], NORMAL_QUANTILE((order + 0.5) / draws)])[:, None]


def draws_of(*values: Any) -> int:
    """How many draws the most drawn of these fields has, 0 where none is drawn."""
    return max((len(value) - 1 for value in values if isinstance(value, np.ndarray) and value.ndim == 2), default=0)


def share_of_law(whole: Any, by_law: Any, level: float) -> Values | None:
    """What part of the spread of `whole` is that of `by_law`, the same field with every range at its geometric mean, (rows,).

    Spread is the squared width of the interval on the log scale, which for independent causes of a product adds up.
    None where nothing is spread; NaN where an interval has no end.
    """
    if not draws_of(whole):
        return None
    if not draws_of(by_law):
        return np.zeros(np.shape(whole)[-1])
    width, own = (np.log(high / low) for low, high in (central_interval(v, level) for v in (whole, by_law)))
    return np.where(np.isfinite(width) & (width > 0), np.minimum((own / width) ** 2, 1.0), np.nan)
