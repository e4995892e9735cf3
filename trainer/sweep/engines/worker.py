"""A process that trains one run after another, on a card small ones side by side: lots of jobs come as JSON lines, what happens goes out
as JSON lines. Under torchrun several do so together, of which the first reads and says it. Needs torch.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import torch

from trainer.files import Refusal
from trainer.sweep import ranks
from trainer.sweep.engines.engine import Heard, Job, Lot
from trainer.sweep.engines.turns import in_turns
from trainer.sweep.model.ensemble import Ensemble
from trainer.sweep.model.steps import steps_of
from trainer.sweep.model.training import Limits, Progress, machine_of, training
from trainer.sweep.records import CHUNK, NO_MEMORY, Machine, RunRecord, write_records

TELL_SECONDS = 1.0
WARM_STEPS = 4
MEASURED_SECONDS = 1.5
"""A measurement ends after so long, and at least half a chunk of steps."""


def main() -> None:
    """Ends when its jobs do, or when the process that gives them is gone."""
    torch.set_num_threads(1)
    sys.stdout = os.fdopen(os.dup(1), "w")  # for what is said here alone: what a compiler prints goes elsewhere
    os.dup2(2, 1)
    parent = os.getppid()
    ranks.join()
    while line := ranks.passed_on(sys.stdin.readline() if ranks.first() else ""):
        lot = tuple(
            msgspec.structs.replace(job, device=ranks.own(job.device)) for job in msgspec.json.decode(line, type=Lot)
        )
        if lot[0].measure:
            for job in lot:
                speed = measured(job)
                for config in job.configs:
                    say(Heard(run=config.id, tokens_per_second=speed))
        else:
            carried_out(lot, parent)
    ranks.leave()


def carried_out(lot: Lot, parent: int) -> None:
    """Trains side by side; what finds too little memory so, alone once the others have ended."""
    short: list[Job] = []
    in_turns([run(job, parent, (len(lot) - 1, short)) for job in lot], lot[0].device)
    for job in short:
        in_turns([run(job, parent, (0, []))], job.device)


def run(job: Job, parent: int, others: tuple[int, list[Job]]) -> Iterator[None]:
    """Trains, writes the runs' records and takes their checkpoint away; beside others a job that finds too little memory is added to theirs."""
    beside, short = others
    paths = [Path(job.folder) / f"{config.id}.jsonl" for config in job.configs]
    checkpoint = paths[0].with_suffix(".checkpoint")
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if os.getppid() != parent:
            sys.exit(1)
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            tokens = progress.step * job.configs[0].tokens_per_step
            made = machine_of(list(job.configs), progress, job.device)
            for member in progress.members:
                loss = member.readings[-1].loss if member.readings else None
                say(with_use(Heard(run=member.id, tokens=tokens, loss=loss, seconds=progress.seconds), made))

    try:
        limits = Limits(
            checkpoint=checkpoint,
            checkpoint_seconds=job.checkpoint_seconds,
            seconds=job.seconds,
            device=job.device,
            beside=beside,
        )
        records = yield from training(list(job.configs), limits, tell)
        if not ranks.first():
            return
        if beside and records[0][-1].status == NO_MEMORY:
            short.append(job)
            return
        for lines, path in zip(records, paths, strict=True):
            write_records(lines, path)
    except (Refusal, OSError) as error:
        failed(job, error)
        return
    checkpoint.unlink(missing_ok=True)
    ended(records)


def failed(job: Job, error: Exception) -> None:
    """Says so of its runs; where processes share them, the others may wait for this one, and its end is theirs."""
    for config in job.configs:
        say(Heard(run=config.id, failed=str(error)))
    if ranks.count() > 1:
        sys.exit(1)


def ended(records: list[list[RunRecord]]) -> None:
    """Says how each run ended."""
    for last in (lines[-1] for lines in records):
        heard = Heard(
            run=last.run, tokens=last.tokens, loss=last.loss, status=last.status, seconds=last.machine.seconds
        )
        say(with_use(heard, last.machine))


def with_use(heard: Heard, made: Machine) -> Heard:
    """With how much of a card is used, where one is."""
    return msgspec.structs.replace(heard, mfu=made.mfu or None, memory=made.peak_memory or 0, notes=made.notes or [])


def measured(job: Job) -> float:
    """Tokens a second of training steps with their data, summed over the ensemble, once warm."""
    ensemble = Ensemble(list(job.configs), job.device)
    step, first, begun = 0, 0, 0.0
    steps, every = steps_of(ensemble)
    with closing(steps):
        while True:
            steps.advance(step)
            step += 1
            if step % every:
                continue
            steps.taken()
            if not begun and step >= WARM_STEPS:
                first, begun = step, time.monotonic()
            elif begun and step - first >= CHUNK // 2:
                seconds = ranks.agreed(time.monotonic() - begun, ensemble.device)
                if seconds > MEASURED_SECONDS:
                    return (step - first) * len(job.configs) * ensemble.config.tokens_per_step / seconds


def say(heard: Heard) -> None:
    if not ranks.first():
        return
    sys.stdout.write(msgspec.json.encode(heard).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
