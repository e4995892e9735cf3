"""Where runs execute: in processes of this machine, one thread each, so that two cores train two runs. Needs no torch itself."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec

from trainer.files import Refusal
from trainer.sweep.devices import on_card, peak_flops
from trainer.sweep.records import RunConfig

WORKERS = 2
CHECKPOINT_SECONDS = 15.0
COMMAND = (sys.executable, "-P", "-m", "trainer.sweep.engines.worker")
TORCHRUN = (
    sys.executable,
    "-P",
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--local-addr=127.0.0.1",
    "--no-python",
)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""What starts a worker, and the variables that it has beside those here."""
RESTING: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
"""Workers on cards between lists of jobs: what one has loaded and compiled for measuring, seconds a shape, serves probe and runs too.
They end as this process does, which closes their input."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that learn together, to be trained into a folder, or only measured."""

    configs: tuple[RunConfig, ...]
    folder: str = ""
    measure: bool = False
    seconds: float = 1e9
    """The run's time limit."""
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    device: str = "cpu"
    card: str = ""
    """The GPU's name, by whose peak small jobs are put side by side; without it each is trained alone."""
    cards: int = 1
    """GPUs of one machine that share each batch, a process each; on a CPU so many processes."""

    @property
    def flops_per_step(self) -> float:
        """Exact FLOP of a step of all its runs."""
        first = self.configs[0]
        return first.exact_flops_per_token * first.tokens_per_step * len(self.configs)


Lot = tuple[Job, ...]
"""Jobs that one process trains side by side; more than one on a card alone."""


def command(cards: int) -> tuple[str, ...]:
    """What starts a worker: by torchrun as many as share a run."""
    return COMMAND if cards == 1 else (*TORCHRUN, f"--nproc-per-node={cards}", *COMMAND)


FILLING_SECONDS = 1e-3
"""Steps that would take so long at a card's peak fill it. On an H100 one of 1.4 ms (width 256) was measured at .19 of the peak, of .4 ms
(width 128) at .10, of .1 ms (width 64) at .05, whatever the batch.
"""
MOST_BESIDE = 4


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker says of a run: how far it is; its end where `status` is there; why it stopped without records where `failed` is."""

    run: str
    tokens: int = 0
    loss: float | None = None
    seconds: float = 0.0
    status: str = ""
    failed: str = ""
    tokens_per_second: float = 0.0
    mfu: float | None = None
    memory: int = 0
    """Bytes of a card, at most."""
    notes: list[str] = []

    @property
    def ended(self) -> bool:
        return bool(self.status or self.failed or self.tokens_per_second)


class NoTorch(Refusal):
    """Training needs torch, and it is not installed."""


def lots(jobs: Sequence[Job]) -> list[Lot]:
    """In this order: neighbours side by side, as many as do not fill their card together."""
    found: list[Lot] = []
    for job in jobs:
        beside = (*found[-1], job) if found else (job,)
        filling = (peak_flops(job.card) or 0.0) * FILLING_SECONDS
        fits = job.cards == 1 and sum(each.flops_per_step for each in beside) <= filling and len(beside) <= MOST_BESIDE
        found[-1:] = [beside] if fits else [*found[-1:], (job,)]
    return found


def local(jobs: Sequence[Job], hear: Callable[[Heard], None], workers: int = WORKERS) -> None:
    """Runs every job, in this order as workers become free; `hear` is called from one thread at a time.

    Raises:
        NoTorch: torch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise NoTorch(
            "training needs torch, which is not installed here: `make sweep` brings it, or `pip install torch`"
        )
    waiting: queue.SimpleQueue[Lot] = queue.SimpleQueue()
    for lot in lots(jobs):
        waiting.put(lot)
    lock = threading.Lock()

    def said(heard: Heard) -> None:
        with lock:
            hear(heard)

    threads = [
        threading.Thread(target=serve, args=(waiting, said), daemon=True) for _ in range(min(workers, len(jobs)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def serve(waiting: queue.SimpleQueue[Lot], said: Callable[[Heard], None]) -> None:
    """Gives lots to a worker until none waits; a worker that dies is replaced, and its run said to have failed."""
    process: subprocess.Popen[str] | None = None
    lasting = False
    while not waiting.empty():
        try:
            lot = waiting.get_nowait()
        except queue.Empty:
            break
        if process is None or process.poll() is not None:
            process = (rested() if lot[0].cards == 1 else None) or worker(lot[0].cards)
        lasting = on_card(lot[0].device)
        for heard in told(process, lot):
            said(heard)
        if lot[0].cards > 1:  # one that fails ends the others: none of them goes on to another lot
            process.communicate()
            process = None
    if process is not None and lasting:
        RESTING.put(process)
    elif process is not None:
        process.communicate()  # closes its input, which ends it


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
    left = {config.id for job in lot for config in job.configs}
    with contextlib.suppress(BrokenPipeError):  # then it says nothing
        process.stdin.write(msgspec.json.encode(lot).decode() + "\n")
        process.stdin.flush()
    for line in process.stdout:
        heard = msgspec.json.decode(line, type=Heard)
        left -= {heard.run} if heard.ended else set()
        yield heard
        if not left:
            return
    for run in sorted(left):
        yield Heard(run=run, failed=f"its process ended with code {process.wait()}")
