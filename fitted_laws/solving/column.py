"""A number, a list or a range as a column; ranges are drawn beside the draws of a law."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.draws import NORMAL_QUANTILE, uniforms
from fitted_laws.quantities.spread import Spread

DRAWS = 4000
"""Draws of a range where the law has none beside which to draw it."""


def column(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An input as an array of shape (rows,): always through arrays, since numpy's scalar and array powers differ in the
    last bit.
    """
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


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
