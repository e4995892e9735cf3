"""What kinds of questions cost, as far as this process has answered them: by it the expensive ones are told from the cheap."""

from __future__ import annotations

import heapq
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

EXPENSIVE_SECONDS = 0.002
"""An answer's: more than a change of processes is worth."""
TRIALS = 3
"""Steps of a kind that are not counted, the dearest: the first ones fill memories."""
REMEMBERED = 1000
"""Answers after which earlier ones count half: a kind may become dear."""
MOST_KINDS = 4096
"""Held at once; those that were asked longest ago go first."""


class CostKind(NamedTuple):
    """A kind of questions at an address."""

    address: str
    asked: Hashable


class Mean:
    """Seconds an answer, without the `leaving_out` dearest steps, each of which made one or several."""

    def __init__(self, leaving_out: int) -> None:
        self._dearest = [(0.0, 0)] * leaving_out
        self.seconds, self.answers = 0.0, 0.0

    def add(self, seconds: float, answers: int) -> None:
        """Counts a step of so many answers."""
        spent, made = heapq.heappushpop(self._dearest, (seconds, answers))
        self.seconds += spent
        self.answers += made

    @property
    def each(self) -> float:
        """Seconds an answer; 0 before there are any."""
        return self.seconds / self.answers if self.answers else 0.0


class Costs:
    """What kinds of questions cost, in seconds of this thread's processor time, be they answered or refused."""

    def __init__(self) -> None:
        self._kinds: OrderedDict[CostKind, Mean] = OrderedDict()
        self._new: dict[str, Mean] = {}
        """By address, what kinds cost there that nothing is known of yet: they could be made up one after the other."""

    def expensive(self, kind: CostKind) -> bool:
        """Whether answers of this kind, or new ones at its address, cost more than a change of processes."""
        mean = self._kinds.get(kind)
        if mean is None or not mean.answers:
            mean = self._new.get(kind.address)
        return mean is not None and mean.each > EXPENSIVE_SECONDS

    @contextmanager
    def measured(self, kind: CostKind, answers: int) -> Iterator[None]:
        """Records what so many answers cost that the block inside makes, also where it raises."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add(kind, time.thread_time() - began, answers)

    def add(self, kind: CostKind, seconds: float, answers: int) -> None:
        """Counts what so many answers have cost together."""
        mean = self._kinds.setdefault(kind, Mean(TRIALS))
        if not mean.answers:
            self._new.setdefault(kind.address, Mean(TRIALS)).add(seconds, answers)
        mean.add(seconds, answers)
        if mean.answers > REMEMBERED:
            mean.seconds, mean.answers = mean.seconds / 2, mean.answers / 2
        self._kinds.move_to_end(kind)
        if len(self._kinds) > MOST_KINDS:
            self._kinds.popitem(last=False)
