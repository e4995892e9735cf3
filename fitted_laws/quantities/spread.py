"""A number known only as a range: the central 90 % of a log-normal, whose geometric mean is the headline."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

SHARE = 0.9
"""What of the log-normal lies between both ends."""

Ends: TypeAlias = Any
"""A float, or an array of one a row."""


class Spread(msgspec.Struct, frozen=True):
    """`low..high`, both above zero: floats, or columns of them; a row whose ends are one is a plain number."""

    low: Ends
    high: Ends

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, rows: slice) -> Spread:
        return Spread(self.low[rows], self.high[rows])

    @property
    def in_columns(self) -> bool:
        """Whether it is a range a row."""
        return isinstance(self.low, np.ndarray)

    @property
    def centre(self) -> NDArray[np.float64]:
        """The geometric mean, (rows,)."""
        low, high = np.atleast_1d(self.low), np.atleast_1d(self.high)
        return np.asarray(np.where(low == high, low, np.sqrt(low) * np.sqrt(high)))

    def at(self, normal: Any) -> NDArray[np.float64]:
        """The log-normal where the normal of its logarithm is `normal`, in standard deviations."""
        low, high = np.atleast_1d(self.low), np.atleast_1d(self.high)
        return np.asarray(self.centre * np.exp(normal * np.log(high / low) / (2 * reach_of(SHARE))))

    def interval(self, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Its central ends at `level`; at 0.9 those that were given."""
        if level == SHARE:
            return np.atleast_1d(self.low), np.atleast_1d(self.high)
        reach = reach_of(level)
        return self.at(-reach), self.at(reach)


def reach_of(level: float) -> float:
    """How many standard deviations to either side of its middle hold that share of a normal."""
    return NormalDist().inv_cdf((1 + level) / 2)
