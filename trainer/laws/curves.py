"""Many curves: fitted on every core, told in order as they come, gone on with where they were broken off."""

import hashlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TextIO, TypeVar

import msgspec

import fitted_laws
from trainer.estimation.solver.parallel import cores
from trainer.files import digest

T = TypeVar("T")
FEW = 4
"""Fewer curves are fitted here: a process more costs as much as it saves."""
TOLD_EVERY, REDRAWN_EVERY = 10.0, 0.5
"""Seconds between two words on how much is left: into a file, at a terminal."""
_WORK: list[Callable[[str], Any]] = []
"""What the forked processes inherit, so that neither runs nor options are sent."""


class _Made(msgspec.Struct):
    request: str = ""


class _Law(msgspec.Struct):
    fit: _Made = msgspec.field(default_factory=_Made)


def request_of(source: Path, options: Mapping[str, object]) -> str:
    """What a law file was asked for: the table's content, the options, and the version that fits."""
    asked = sorted((name, str(value)) for name, value in options.items())
    text = f"{digest(source)} {asked} {fitted_laws.__version__}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_made(path: Path, request: str) -> bool:
    """Whether the file is the law of that request; not where it is none, or another's."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Law).fit.request == request
    except (OSError, msgspec.MsgspecError):
        return False


def each(work: Callable[[str], T], names: Sequence[str]) -> Iterator[T]:
    """What `work` gives for each name, in order, by as many processes as there are cores.

    Processes are forked, which starts them in no time and shares the runs; where a system cannot do that safely, and
    for few names, they are worked one after another here.
    """
    if len(names) < FEW or cores() < 2 or sys.platform != "linux":
        yield from map(work, names)
        return
    _WORK.append(work)
    try:
        with ProcessPoolExecutor(cores(), mp_context=multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_worked, names)
    finally:
        _WORK.pop()


def _worked(name: str) -> Any:
    return _WORK[-1](name)


class Remaining:
    """How many curves are done and how long the others will take, on a stream: redrawn at a terminal, else now and then."""

    def __init__(self, total: int, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.out, self.clock = total, out, clock
        self.done, self.begun = 0, clock()
        self.told = self.begun

    def one_more(self) -> None:
        """Counts a curve, and tells where it is time to."""
        self.done += 1
        now = self.clock()
        if now - self.told < (REDRAWN_EVERY if self.out.isatty() else TOLD_EVERY):
            return
        self.told = now
        left = (now - self.begun) / self.done * (self.total - self.done)
        text = f"{self.done} of {self.total} curves, about {minutes(left)} to go"
        self.out.write(f"\r\x1b[2K{text}" if self.out.isatty() else f"{text}\n")
        self.out.flush()

    def end(self) -> None:
        """Leaves the line that was redrawn."""
        if self.out.isatty() and self.told > self.begun:
            self.out.write("\r\x1b[2K")
            self.out.flush()


def minutes(seconds: float) -> str:
    """A time as people say it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
