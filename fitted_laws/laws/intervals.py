"""Intervals of draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def central_interval(values: NDArray[np.float64], level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `interval` of each row; `values` has shape (1 + draws, rows)."""
    intervals = np.array([interval(column, level) for column in values.T])
    return intervals[:, 0], intervals[:, 1]


def interval(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The central interval of draws at `level`, widened where it must be to hold the headline.

    `values` has shape (1 + draws,), the headline first. Quantile p of n draws is linear between the order statistics at
    (n − 1)·p (Hyndman & Fan's definition 7). A draw without an answer counts as +∞.
    """
    return ends(values.item(0), in_order(values[1:]), level)


def in_order(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """The draws sorted, NaN last."""
    ordered = draws.copy()
    ordered.sort()
    return ordered


def ends(headline: float, ordered: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The `interval` of draws in order."""
    low, high = quantile(ordered, (1 - level) / 2), quantile(ordered, (1 + level) / 2)
    return (min(headline, low)), (max(headline, high))


def quantile(ordered: NDArray[np.float64], p: float) -> float:
    """Quantile p of draws in order, as `interval` has it."""
    position = (len(ordered) - 1) * p
    below = int(position)
    weight = position - below
    value = ordered.item(below)
    if weight:
        value = value * (1 - weight) + ordered.item(below + 1) * weight
    return math.inf if math.isnan(value) else value


def share_quantile(values: Sequence[float] | NDArray[np.float64], share: float) -> float:
    """The smallest value that at least `share` of the draws do not exceed."""
    ordered = np.sort(values)
    return float(ordered[min(int(np.ceil(share * len(ordered) - 1e-9)) - 1, len(ordered) - 1)])
