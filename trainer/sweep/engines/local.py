"""Where runs execute: in processes of this machine, one thread each, so that two cores train two runs. Needs no torch itself."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import queue
import subprocess
from collections.abc import Callable, Iterator, Sequence

import msgspec

from trainer.files import Refusal
from trainer.sweep.devices import on_card
from trainer.sweep.engines.engine import (
    ONE_THREAD,
    Heard,
    Job,
    Lot,
    carried_out,
    command,
    failed,
    lots,
    merged,
    runs_of,
)

WORKERS = 2
RESTING: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
"""Workers on cards between lists of jobs: what one has loaded and compiled for measuring, seconds a shape, serves probe and runs too.
They end as this process does, which closes their input."""


class NoTorch(Refusal):
    """Training needs torch, and it is not installed."""


class Local:
    """As many processes as there are workers, each of which takes up lots in the order of the jobs as it becomes free."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.waiting: queue.SimpleQueue[Lot] = queue.SimpleQueue()
        self.going: list[subprocess.Popen[str]] = []

    def submit(self, jobs: Sequence[Job]) -> Iterator[Heard]:
        """Raises:
        NoTorch: torch is not installed.
        """
        if importlib.util.find_spec("torch") is None:
            raise NoTorch(
                "training needs torch, which is not installed here: `make sweep` brings it, or `pip install torch`"
            )
        for lot in lots(jobs):
            self.waiting.put(lot)
        yield from merged([self.served() for _ in range(min(self.workers, len(jobs)))])

    def cancel(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self.waiting.get_nowait()
        for process in self.going:
            process.terminate()

    def served(self) -> Iterator[Heard]:
        """Gives lots to a worker until none waits; a worker that dies is replaced, and its run said to have failed."""
        process: subprocess.Popen[str] | None = None
        lasting = False
        while not self.waiting.empty():
            try:
                lot = self.waiting.get_nowait()
            except queue.Empty:
                break
            if process is None or process.poll() is not None:
                process = (rested() if lot[0].cards == 1 else None) or worker(lot[0].cards)
                self.going.append(process)
            lasting = on_card(lot[0].device)
            yield from told(process, lot)
            if lot[0].cards > 1:  # one that fails ends the others: none of them goes on to another lot
                process.communicate()
                process = None
        if process is not None and lasting:
            RESTING.put(process)
        elif process is not None:
            process.communicate()  # closes its input, which ends it


def local(jobs: Sequence[Job], hear: Callable[[Heard], None], workers: int = WORKERS) -> None:
    """Runs every job on this machine; `hear` is called from this thread alone.

    Raises:
        NoTorch: torch is not installed.
    """
    carried_out(Local(workers), jobs, hear)


def rested() -> subprocess.Popen[str] | None:
    """A worker of an earlier list of jobs, if one rests and lives."""
    with contextlib.suppress(queue.Empty):
        process = RESTING.get_nowait()
        return process if process.poll() is None else None
    return None


def worker(cards: int = 1) -> subprocess.Popen[str]:
    environment = {**os.environ, **ONE_THREAD}
    return subprocess.Popen(command(cards), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own module


def told(process: subprocess.Popen[str], lot: Lot) -> Iterator[Heard]:
    """What a worker says of a lot until all its runs have ended; if it ends before them, that they have failed."""
    if process.stdin is None or process.stdout is None:
        return
    left = runs_of(lot)
    with contextlib.suppress(BrokenPipeError):  # then it says nothing
        process.stdin.write(msgspec.json.encode(lot).decode() + "\n")
        process.stdin.flush()
    for line in process.stdout:
        heard = msgspec.json.decode(line, type=Heard)
        left -= {heard.run} if heard.ended else set()
        yield heard
        if not left:
            return
    yield from failed(left, f"its process ended with code {process.wait()}")
