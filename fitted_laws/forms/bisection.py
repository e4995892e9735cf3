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
    shape = np.shape(overhead(np.ones(shape)))  # of draws there are as many basins
    start = np.zeros((2, *shape))
    farthest = np.full((2, *shape), FARTHEST)
    farthest[0] *= -1

    def cheap(log_ratio: Values) -> NDArray[np.bool_]:
        return np.asarray(overhead(np.exp(log_ratio)) <= BASIN_OVERHEAD)

    if start.size <= FEW_BRACKETS:
        ends = foreseen(cheap, start, farthest, BASIN_HALVINGS)
    else:
        ends, _ = bisected(cheap, start, farthest, BASIN_HALVINGS)
    below, above = np.exp(ends)
    return below, above


FEW_BRACKETS, LEVELS = 8, 6
"""Brackets of which several halvings are foreseen at once: a call then costs more than what it computes."""


def foreseen(holds: Callable[[Values], NDArray[np.bool_]], low: Values, high: Values, halvings: int) -> Values:
    """The first end that `bisected` gives, to the bit, in fewer calls of `holds`: each gets every middle that `LEVELS` halvings may come to,
    with one axis before those of `low`.
    """
    which = np.arange(low.size)
    for _ in range(halvings // LEVELS):
        lows, highs = low.reshape(1, -1), high.reshape(1, -1)
        middles = []
        for _ in range(LEVELS):
            middles.append((lows + highs) / 2)
            lows, highs = np.concatenate([lows, middles[-1]]), np.concatenate([middles[-1], highs])
        before = holds(np.concatenate(middles).reshape(-1, *low.shape)).reshape(-1, low.size)
        bracket = [_descended(column) for column in before.T.tolist()]
        low, high = (ends[bracket, which].reshape(low.shape) for ends in (lows, highs))
    return low


def _descended(before: list[bool]) -> int:
    """Where among the last brackets the answers lead, level after level, `1 << level` of them each."""
    bracket = 0
    for level in range(LEVELS):
        bracket += before[(1 << level) - 1 + bracket] << level
    return bracket
