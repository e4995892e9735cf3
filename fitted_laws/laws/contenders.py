"""Which draws can be an end of an interval at all, wherever in a small piece of the inputs it is asked: few of thousands.

All draws move together there, and each hardly against the central law: by how much is bounded by where it stands at the corners of the piece
and by how it bends, seen in the middle. Whoever is on one side of the ends throughout is counted; only what is left is computed and sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fitted_laws.laws.intervals import Places, Statistics, places, statistics

SLACK, ROUNDING = 1e-2, 1e-9
"""How much wider a draw's bounds are than what is seen of it, in parts of their distance and of the numbers themselves: solvers round."""


class Contenders(NamedTuple):
    """The draws of one field that may be next to an end, as row numbers; of the others `below_low` and `below_high` lie below the ends."""

    rows: NDArray[np.intp]
    places: Places
    below_low: int
    below_high: int

    def statistics(self, values: NDArray[np.float64]) -> Statistics:
        """The order statistics of all draws, from the values of these, (contenders,) or (contenders, rows)."""
        ordered = values.copy()
        ordered.sort(axis=0)
        low, high = self.places.low - self.below_low, self.places.high - self.below_high
        if ordered.ndim > 1:
            return Statistics(self.places, ordered[[low, low + 1, high, high + 1]], nan=False)
        four = ordered.item(low), ordered.item(low + 1), ordered.item(high), ordered.item(high + 1)
        return Statistics(self.places, four, nan=False)


def contenders(corners: Sequence[NDArray[np.float64]], centre: NDArray[np.float64], level: float) -> Contenders | None:
    """The contenders in a piece, whose draws have these values at its corners and at its centre, (1 + draws,) each; None where some have none."""
    seen = np.array([*corners, centre])
    count = seen.shape[1] - 1
    place = places(count, level)
    if not np.isfinite(seen).all() or place.high + 1 >= count:
        return None
    logs = np.log(seen) if (seen > 0).all() else seen
    apart = logs[:, 1:] - logs[:, :1]
    least, most = apart[:-1].min(axis=0), apart[:-1].max(axis=0)
    bend = np.abs(apart[-1] - apart[:-1].mean(axis=0))
    slack = bend + SLACK * (most - least + bend) + ROUNDING * np.abs(logs).max()
    least, most = least - slack, most + slack
    low, _, high, _ = statistics(least, level).ordered
    _, after_low, _, after_high = statistics(most, level).ordered
    near = ((most >= low) & (least <= after_low)) | ((most >= high) & (least <= after_high))
    below_low, below_high = (int(np.count_nonzero(~near & (most < end))) for end in (low, high))
    return Contenders(np.flatnonzero(near), place, below_low, below_high)
