"""Bisection of many brackets at once."""

from __future__ import annotations

import math
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


ROOT_TURNS = 200


def falling_root(above: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function passes 0, to the last bits; `high` where it never does.

    Steps along the chord, of which the end that stays weighs half as much each time (Illinois), and halvings where these do not shorten it.
    """
    at_low, at_high = above(low), above(high)
    if at_high > 0:
        return high
    for turn in range(ROOT_TURNS):
        chord = low + (high - low) * at_low / (at_low - at_high) if turn % 3 < 2 and at_low < math.inf else math.nan
        middle = chord if low < chord < high else (low + high) / 2
        if not low < middle < high:
            break
        value = above(middle)
        if value > 0:
            low, at_low, at_high = middle, value, at_high / 2
        else:
            high, at_high, at_low = middle, value, at_low / 2
        if value == 0:
            break
    return high


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
