"""Which draws can be an end of an interval at all, wherever in a small piece of the inputs it is asked: few of thousands.

All draws move together there, and each hardly against the central law: by how much is bounded by where it stands at the corners of the piece
and by how it bends, seen in the middle. Whoever is on one side of the ends throughout is counted; only what is left is computed and sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fitted_laws.laws.intervals import Places, Statistics, places

SLACK, ROUNDING = 1e-2, 1e-9
"""How much wider a draw's bounds are than what is seen of it, in parts of their distance and of the numbers themselves: solvers round."""


class Contenders(NamedTuple):
    """The draws of one field that may be next to an end, as rows of a table whose first is the headline.

    Of the others `below_low` and `below_high` lie below the ends.
    """

    rows: NDArray[np.intp]
    places: Places
    below_low: int
    below_high: int

    @property
    def at(self) -> tuple[int, int, int, int]:
        """The places of the order statistics at both ends, and of their next, among these in order."""
        low, high = self.places.low - self.below_low, self.places.high - self.below_high
        return low, low + 1, high, high + 1


class Ordering:
    """Puts the contenders of several fields in order, all at once: to sort five fields costs little more than to sort one."""

    def __init__(self, fields: Mapping[str, Contenders], draws: int) -> None:
        """`fields` has the contenders of each as rows of a table of so many draws."""
        most = max(len(found.rows) for found in fields.values())
        self.fields = dict(fields)
        self._columns = np.arange(len(fields))
        # a field with fewer than most has the row of NaN besides, which comes last
        self._rows = np.array(
            [np.pad(found.rows, (0, most - len(found.rows)), constant_values=draws) for found in fields.values()]
        ).T
        self._at = np.array([found.at for found in fields.values()]).T
        self._draws = draws

    def statistics(self, solved: Mapping[str, NDArray[np.float64]], size: int) -> dict[str, Statistics]:
        """The order statistics of all draws of each field, from the values of these, (draws, rows), in `size` rows."""
        table = np.empty((self._draws + 1, len(self.fields), size))
        table[-1] = np.nan
        for column, name in enumerate(self.fields):
            table[:-1, column] = solved[name]
        contending = table[self._rows, self._columns]
        contending.sort(axis=0)
        ordered = contending[self._at, self._columns].swapaxes(0, 1)  # (fields, 4, rows)
        each = ordered[:, :, 0].tolist() if size == 1 else ordered
        return {
            name: Statistics(found.places, four, nan=False)
            for (name, found), four in zip(self.fields.items(), each, strict=True)
        }


def contenders(
    corners: Sequence[NDArray[np.float64]], centre: NDArray[np.float64], level: float, within: Contenders | None = None
) -> Contenders | None:
    """The contenders in a piece, whose draws have these values at its corners and at its centre, (1 + draws,) each; None where some have none.

    Of a piece of a larger one whose contenders are known, `within`, these alone are looked at: the values are then of a table of those.
    """
    seen = np.array([*corners, centre])
    if within is None:
        within = Contenders(np.arange(1, seen.shape[1]), places(seen.shape[1] - 1, level), 0, 0)
    place = within.places
    if not np.isfinite(seen).all() or place.high + 1 >= place.draws:
        return None
    logs = np.log(seen) if (seen > 0).all() else seen
    apart = logs[:, within.rows] - logs[:, :1]
    least, most = apart[:-1].min(axis=0), apart[:-1].max(axis=0)
    bend = np.abs(apart[-1] - apart[:-1].mean(axis=0))
    slack = bend + SLACK * (most - least + bend) + ROUNDING * np.abs(logs).max()
    least, most = least - slack, most + slack
    low, _, high, _ = np.sort(least)[list(within.at)]
    _, after_low, _, after_high = np.sort(most)[list(within.at)]
    near = ((most >= low) & (least <= after_low)) | ((most >= high) & (least <= after_high))
    below_low, below_high = (int(np.count_nonzero(~near & (most < end))) for end in (low, high))
    return Contenders(within.rows[near], place, within.below_low + below_low, within.below_high + below_high)
