"""A trial of a schedule, and its losses as they are recorded. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from trainer.domains.collected.text import Text
from trainer.domains.generated.markov import Markov
from trainer.domains.registry import AnyDomain
from trainer.files import content_of

CONTEXT = 64
WHOLE = 64
"""Samples: amounts of data are multiples of it, so that no batch is cut."""
BRANCHES = 0.875
"""What decays over a part 1 of each reading's data add to the data of four readings, each of twice the data of that before: 1/2 + 1/4 + 1/8.

The last reading's decay is the run's own end. Of the sweeps for a card, with six and seven such readings, it is .97 and .98.
"""
DOMAINS: dict[str, tuple[AnyDomain, float]] = {
    "markov": (Markov(symbols=64, context=CONTEXT), 0.01),
    "language": (Text(source="gcide", context=CONTEXT), 0.02),
}
"""With the learning rate that the sweep of that name has."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of several seeds at a constant rate, read at several amounts of data in several ways.

    All amounts are in samples of CONTEXT tokens. The seeds' samples and their order are the same whatever the batch.
    """

    domain: Literal["markov", "language"]
    width: int
    batches: tuple[int, ...] = (16,)
    """Samples a step: the first for the first 2048 samples, each next until there are twice as many as before, the last to the end."""
    reads: tuple[int, ...] = (4096, 8192, 16384)
    seeds: tuple[int, ...] = (0, 1, 2)
    decays: tuple[float, ...] = ()
    """The part of a reading's data over which a branch of its own decays to a rate of 0, linearly. The run itself goes on undecayed."""
    averages: tuple[float, ...] = (0.1, 0.2, 0.4)
    """The part of a reading's data over which weights are averaged."""

    def batch(self, at: int) -> int:
        """Samples of the step that begins at `at`."""
        return self.batches[min(max(0, (at // 2048).bit_length()), len(self.batches) - 1)]

    @property
    def name(self) -> str:
        return " to ".join(str(batch) for batch in sorted({self.batches[0], self.batches[-1]}))


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The losses of a trial's seeds at a reading, read in one way."""

    trial: Trial
    way: Literal["last", "average", "decay"]
    part: float = 0.0
    """Of the data, over which weights were averaged or the rate decayed."""
    samples: int
    steps: int
    losses: list[float]
    critical: list[float] | msgspec.UnsetType = msgspec.UNSET
    """Samples of the simple noise scale tr Σ / |G|² at these weights (McCandlish et al. 2018, eq 2.9), beside the way `last`."""


def dearer(read: int, decay: float) -> float:
    """The samples at which a run without branches has cost what one with them had at `read`; runs are read at the nearest whole ones."""
    return (1 + BRANCHES * decay) * read


def whole(samples: float) -> int:
    return WHOLE * round(samples / WHOLE)


def read_measured(path: Path) -> Iterator[Measured]:
    """Raises msgspec.ValidationError where a line is none."""
    for line in content_of(path).splitlines():
        yield msgspec.json.decode(line, type=Measured)
