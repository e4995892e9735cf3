"""What an engine is: it has jobs carried out, tells what it hears of them, and can end them. Needs no torch itself."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from trainer.sweep.devices import peak_flops
from trainer.sweep.records import RunConfig

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


def command(cards: int) -> tuple[str, ...]:
    """What starts a worker: by torchrun as many as share a run."""
    return COMMAND if cards == 1 else (*TORCHRUN, f"--nproc-per-node={cards}", *COMMAND)


def lots(jobs: Sequence[Job]) -> list[Lot]:
    """In this order: neighbours side by side, as many as do not fill their card together."""
    found: list[Lot] = []
    for job in jobs:
        beside = (*found[-1], job) if found else (job,)
        filling = (peak_flops(job.card) or 0.0) * FILLING_SECONDS
        fits = job.cards == 1 and sum(each.flops_per_step for each in beside) <= filling and len(beside) <= MOST_BESIDE
        found[-1:] = [beside] if fits else [*found[-1:], (job,)]
    return found


class Engine(Protocol):
    """Where jobs are carried out: processes here, tasks of Ray, a job array of Slurm. Of use once."""

    def submit(self, jobs: Sequence[Job]) -> Iterator[Heard]:
        """Has all jobs carried out; what is heard of them, until each of their runs has ended.

        Raises:
            Refusal: they cannot be submitted.
        """
        ...

    def cancel(self) -> None:
        """Ends what still goes on; what was recorded, and the last checkpoints, stay."""
        ...


def carried_out(engine: Engine, jobs: Sequence[Job], hear: Callable[[Heard], None]) -> None:
    """To their end; where `hear` raises, or this process is interrupted, they are cancelled."""
    try:
        for heard in engine.submit(jobs):
            hear(heard)
    except BaseException:
        engine.cancel()
        raise


def merged(sources: Sequence[Iterable[Heard]]) -> Iterator[Heard]:
    """What all of them say, as it comes, each listened to in a thread of its own, until all have ended.

    Raises:
        Exception: what the first of them raised that did.
    """
    said: queue.SimpleQueue[Heard | Exception | None] = queue.SimpleQueue()

    def listen(source: Iterable[Heard]) -> None:
        try:
            for heard in source:
                said.put(heard)
        except Exception as error:  # noqa: BLE001 - raised below
            said.put(error)
        said.put(None)

    for source in sources:
        threading.Thread(target=listen, args=(source,), daemon=True).start()
    going = len(sources)
    while going:
        heard = said.get()
        if isinstance(heard, Exception):
            raise heard
        if heard is None:
            going -= 1
        else:
            yield heard


def failed(runs: Iterable[str], reason: str) -> Iterator[Heard]:
    """That these runs have, in the order of their names."""
    for run in sorted(runs):
        yield Heard(run=run, failed=reason)


def runs_of(jobs: Iterable[Job]) -> set[str]:
    return {config.id for job in jobs for config in job.configs}
