"""Intervals of draws."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FEW = 100
"""Draws up to which sorting costs no more than two partitions."""


def central_interval(values: NDArray[np.float64], level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `interval` of each row; `values` has shape (1 + draws, rows)."""
    intervals = np.array([interval(column, level) for column in values.T])
    return intervals[:, 0], intervals[:, 1]


def interval(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The central interval of draws at `level`, widened where it must be to hold the headline.

    `values` has shape (1 + draws,), the headline first. Quantile p of n draws is linear between the order statistics at
    (n − 1)·p (Hyndman & Fan's definition 7). A draw without an answer counts as +∞.
    """
    return statistics(values[1:], level).interval(values.item(0))


class Places(NamedTuple):
    """Where the quantiles of a central interval lie among draws in order: at the order statistic `low`, and so much of the way to the next."""

    low: int
    low_weight: float
    high: int
    high_weight: float
    draws: int

    @property
    def mirrored(self) -> bool:
        """Whether they are the same counted from the last draw."""
        return self.low + self.high == self.draws - 2


@functools.lru_cache(64)
def places(count: int, level: float) -> Places:
    """The places of the central interval at `level` among `count` draws."""
    below, above = (count - 1) * ((1 - level) / 2), (count - 1) * ((1 + level) / 2)
    return Places(int(below), below - int(below), int(above), above - int(above), count)


class Statistics(NamedTuple):
    """The order statistics of draws that an interval follows from: those at `places`, each with its next; NaN last.

    Of one row they are floats, of several arrays.
    """

    places: Places
    ordered: Any
    nan: bool
    """Whether some draw may have no answer."""

    def interval(self, headline: Any) -> tuple[Any, Any]:
        """Both ends of the interval, which hold `headline`."""
        first, second, third, fourth = self.ordered
        low = _between(first, second, self.places.low_weight)
        high = _between(third, fourth, self.places.high_weight)
        if isinstance(headline, float):
            return min(headline, low), max(headline, high)
        return np.minimum(headline, low), np.maximum(headline, high)

    def mirrored(self, falling: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Statistics | None:
        """The order statistics of what a decreasing function makes of each draw; None where other ones are needed for them."""
        if self.nan or not self.places.mirrored:
            return None
        fell = falling(np.array(self.ordered))[::-1]
        return Statistics(self.places, fell if fell.ndim > 1 else fell.tolist(), nan=False)


def statistics(draws: NDArray[np.float64], level: float) -> Statistics:
    """The order statistics of draws, (draws,) or (draws, rows), that their central interval at `level` follows from."""
    if draws.ndim > 1:
        rows = [statistics(row, level) for row in draws.T]
        return Statistics(rows[0].places, np.array([row.ordered for row in rows]).T, any(row.nan for row in rows))
    count = len(draws)
    place = places(count, level)
    low, high = place.low, place.high
    if count < FEW or high - low < 2:
        ordered = [*in_order(draws).tolist(), np.nan]
        four = ordered[low], ordered[low + 1], ordered[high], ordered[high + 1]
        return Statistics(place, four, math.isnan(ordered[-2]))
    # two partitions, the second of what the first has left below, take half the time of one by both places, or of sorting
    parted = draws.copy()
    parted.partition(high)
    below, above = parted[:high], parted[high + 1 :]
    below.partition(low)
    ends = below.item(low), np.fmin.reduce(below[low + 1 :]).item(), parted.item(high), np.fmin.reduce(above).item()
    return Statistics(place, ends, math.isnan(above.sum()) or math.isnan(ends[2]))


def _between(lower: Any, upper: Any, weight: float) -> Any:
    value = lower * (1 - weight) + upper * weight if weight else lower
    if isinstance(value, float):
        return math.inf if math.isnan(value) else value
    return np.where(np.isnan(value), np.inf, value)


def in_order(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """The draws sorted, NaN last."""
    ordered = draws.copy()
    ordered.sort()
    return ordered


def quantile(ordered: NDArray[np.float64], p: float) -> float:
    """Quantile p of draws in order, as `interval` has it."""
    position = (len(ordered) - 1) * p
    below = int(position)
    found: float = _between(ordered.item(below), ordered.item(min(below + 1, len(ordered) - 1)), position - below)
    return found


def share_quantile(values: Sequence[float] | NDArray[np.float64], share: float) -> float:
    """The smallest value that at least `share` of the draws do not exceed."""
    ordered = np.sort(values)
    return float(ordered[min(int(np.ceil(share * len(ordered) - 1e-9)) - 1, len(ordered) - 1)])
