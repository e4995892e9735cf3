"""Bisection of many brackets at once."""

from __future__ import annotations

from collections.abc import Callable

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
