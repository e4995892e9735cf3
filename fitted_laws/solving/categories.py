"""Columns of few different values, such as the reach of each row or what is said of it: worked with by number, listed where they are read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DENSE = 16
"""Times as many numbers as rows up to which counting them costs less than sorting the rows."""

SHORT = 2**16
"""Codes below are sorted as short ones, ten times as fast."""


class Categories:
    """One value a row; rows of one value share it. `kinds` are the values, `codes` (rows,) each row's number among them."""

    def __init__(self, kinds: Sequence[Any], codes: NDArray[np.intp]) -> None:
        self.kinds = kinds
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def first(self) -> Any:
        """The value of the first row."""
        return self.kinds[self.codes[0]]

    def tolist(self) -> list[Any]:
        """The value of each row, the same object for the same one."""
        return taken(self.kinds, self.codes)

    def head(self, rows: int) -> Categories:
        """The first rows."""
        return Categories(self.kinds, self.codes[:rows])

    @classmethod
    def of(cls, values: Categories | Sequence[Any]) -> Categories:
        """These values; equal to another is what is the same object."""
        if isinstance(values, Categories):
            return values
        known = {id(value): value for value in values}
        places = dict(zip(known, range(len(known)), strict=True))
        codes = np.fromiter((places[id(value)] for value in values), np.intp, len(values))
        return cls(list(known.values()), codes)

    def each(self, function: Callable[[Any], Any]) -> Categories:
        """What `function` makes of each value, which it is asked once."""
        return Categories([function(kind) for kind in self.kinds], self.codes)

    def rows_of_kinds(self) -> list[NDArray[np.intp]]:
        """The rows of each value, in order."""
        codes = self.codes.astype(np.uint16) if len(self.kinds) < SHORT else self.codes
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(self.kinds) + 1, dtype=codes.dtype))
        return [order[start:end] for start, end in itertools.pairwise(ends)]


class Numbered(NamedTuple):
    """The different ones among numbers, in order, and each row's place among them, (rows,)."""

    numbers: NDArray[np.intp]
    codes: NDArray[np.intp]


def numbered(values: NDArray[np.intp]) -> Numbered:
    """`values`, (rows,) and none of them negative, by their order."""
    if len(values) == 1:
        return Numbered(values, np.zeros(1, dtype=np.intp))
    most = int(values.max())
    if most > DENSE * len(values):
        numbers, codes = np.unique(values, return_inverse=True)
        return Numbered(numbers, codes.ravel())
    numbers = np.flatnonzero(np.bincount(values))
    place = np.empty(most + 1, dtype=np.intp)
    place[numbers] = np.arange(len(numbers))
    return Numbered(numbers, place[values])


def taken(kinds: Iterable[Any], codes: NDArray[np.intp]) -> list[Any]:
    """The value of each code, the same object for the same code."""
    listed = list(kinds)
    pool = np.empty(len(listed), dtype=object)
    for place, kind in enumerate(listed):  # numpy would take lists as values for rows of an array
        pool[place] = kind
    found: list[Any] = pool[codes].tolist()
    return found
