"""Counters and histograms whose increments wait in plain integers, until they are poured into those of prometheus-client."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Protocol


class Waiting(Protocol):
    def pour(self) -> None: ...


class Tally:
    """A counter whose increments wait."""

    __slots__ = ("_child", "waiting")

    def __init__(self, child: Any) -> None:
        self._child = child
        self.waiting = 0

    def add(self) -> None:
        self.waiting += 1

    def pour(self) -> None:
        if self.waiting:
            waiting, self.waiting = self.waiting, 0
            self._child.inc(waiting)


class Spread:
    """A histogram whose observations wait, already in their buckets."""

    __slots__ = ("_bounds", "_child", "_counts", "_total")

    def __init__(self, child: Any, bounds: Sequence[float]) -> None:
        self._child = child
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def pour(self) -> None:
        counts, self._counts = self._counts, [0] * len(self._counts)
        total, self._total = self._total, 0.0
        for bucket, count in zip(self._child._buckets, counts, strict=True):  # noqa: SLF001  # it offers one observation at a time only
            if count:
                bucket.inc(count)
        if any(counts):
            self._child._sum.inc(total)  # noqa: SLF001
