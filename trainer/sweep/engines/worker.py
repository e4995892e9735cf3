"""A process that trains one run after another: jobs come as JSON lines, what happens goes out as JSON lines. Needs torch."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
import torch

from trainer.files import Refusal
from trainer.sweep.engines.local import Heard, Job
from trainer.sweep.model.ensemble import CHUNK, Ensemble, data
from trainer.sweep.model.training import Limits, Progress, train
from trainer.sweep.records import write_records

TELL_SECONDS = 1.0
MEASURED_SECONDS = 1.5
"""A measurement ends after so long, and at least one chunk of steps."""


def main() -> None:
    """Ends when its jobs do, or when the process that gives them is gone."""
    torch.set_num_threads(1)
    parent = os.getppid()
    for line in sys.stdin:
        job = msgspec.json.decode(line, type=Job)
        if job.measure:
            speed = measured(job)
            for config in job.configs:
                say(Heard(run=config.id, tokens_per_second=speed))
        else:
            run(job, parent)


def run(job: Job, parent: int) -> None:
    """Trains, writes the runs' records and takes their checkpoint away."""
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
            for member in progress.members:
                loss = member.readings[-1].loss if member.readings else None
                say(Heard(run=member.id, tokens=tokens, loss=loss, seconds=progress.seconds))

    try:
        limits = Limits(
            checkpoint=checkpoint, checkpoint_seconds=job.checkpoint_seconds, seconds=job.seconds, device=job.device
        )
        records = train(list(job.configs), limits, tell)
        for lines, path in zip(records, paths, strict=True):
            write_records(lines, path)
    except (Refusal, OSError) as error:
        for config in job.configs:
            say(Heard(run=config.id, failed=str(error)))
        return
    checkpoint.unlink(missing_ok=True)
    for last in (lines[-1] for lines in records):
        say(Heard(run=last.run, tokens=last.tokens, loss=last.loss, status=last.status, seconds=last.machine.seconds))


def measured(job: Job) -> float:
    """Tokens a second of training steps with their data, summed over the ensemble, once warm."""
    ensemble = Ensemble(list(job.configs), job.device)
    steps, begun = 0, 0.0
    while True:
        tokens, targets = data(ensemble.configs, 0, ensemble.device)
        for i in range(CHUNK):
            if i == 4 and not begun:
                begun, steps = time.monotonic(), 0
            ensemble.train(tokens[i], targets[i], i).tolist()
            steps += 1
            if begun and time.monotonic() - begun > MEASURED_SECONDS and steps >= CHUNK // 2:
                return steps * len(job.configs) * ensemble.config.tokens_per_step / (time.monotonic() - begun)


def say(heard: Heard) -> None:
    sys.stdout.write(msgspec.json.encode(heard).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
