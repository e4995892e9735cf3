"""Bisection of many brackets at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms.base import Values


def bisected(
    holds: Callable[[Values], NDArray[np.bool_]], low: Values, high: Values, halvings: int
) -> tuple[Values, Values]:
    """The two ends of each bracket after so many halvings, where `holds` is true at `low` and no longer at `high`.

    `low` may lie above `high`. `holds` gets the middles and says of each whether it is still on the side of `low`.
    """
    for _ in range(halvings):
        middle = (low + high) / 2
        before = holds(middle)
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return low, high


BASIN_OVERHEAD = 1.01
"""The basin: sizes that reach the optimal loss for less than 1 % more compute."""
FARTHEST, BASIN_HALVINGS = 4.0, 60
"""In log ratio, where the ends of a basin are looked for, and how often that is halved."""


Basin: TypeAlias = tuple[Values, Values]
"""Both ends of a basin."""


def basin_of(overhead: Callable[[Values], Values], shape: tuple[int, ...] = (1, 1)) -> Basin:
    """Where `overhead(ratio)` is 1.01 below and above its minimum of 1 at ratio 1, by bisection in log ratio to the
    last bits.
    """

    def end(sign: float) -> Values:
        cheap, _ = bisected(
            lambda log_ratio: overhead(np.exp(log_ratio)) <= BASIN_OVERHEAD,
            np.zeros(shape),
            np.full(shape, sign * FARTHEST),
            BASIN_HALVINGS,
        )
        return np.asarray(np.exp(cheap))

    return end(-1.0), end(1.0)
