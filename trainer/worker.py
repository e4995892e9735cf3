"""A process that trains one run after another: jobs come as JSON lines, what happens goes out as JSON lines. Needs torch."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
import torch

from trainer.engines import Heard, Job
from trainer.records import write_records
from trainer.train import CHUNK, Limits, Progress, Trainer, data, train

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
            say(Heard(run=job.config.id, tokens_per_second=measured(job)))
        else:
            run(job, parent)


def run(job: Job, parent: int) -> None:
    """Trains, writes the run's records and takes its checkpoint away."""
    config, path = job.config, Path(job.folder) / f"{job.config.id}.jsonl"
    checkpoint = path.with_suffix(".checkpoint")
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if os.getppid() != parent:
            sys.exit(1)
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            loss = progress.readings[-1].loss if progress.readings else None
            say(Heard(run=config.id, tokens=progress.step * config.tokens_per_step, loss=loss, seconds=progress.seconds))

    try:
        limits = Limits(checkpoint=checkpoint, checkpoint_seconds=job.checkpoint_seconds, seconds=job.seconds, device=job.device)
        records = train(config, limits, tell)
        write_records(records, path)
    except OSError as error:
        say(Heard(run=config.id, failed=str(error)))
        return
    checkpoint.unlink(missing_ok=True)
    last = records[-1]
    say(Heard(run=config.id, tokens=last.tokens, loss=last.loss, status=last.status, seconds=last.machine.seconds))


def measured(job: Job) -> float:
    """Tokens a second of training steps with their data, once warm."""
    trainer = Trainer(job.config, job.device)
    steps, begun = 0, 0.0
    while True:
        tokens, targets = data(job.config, 0, trainer.device)
        for i in range(CHUNK):
            if i == 4 and not begun:
                begun, steps = time.monotonic(), 0
            float(trainer.train(tokens[i], targets[i], i))
            steps += 1
            if begun and time.monotonic() - begun > MEASURED_SECONDS and steps >= CHUNK // 2:
                return steps * job.config.tokens_per_step / (time.monotonic() - begun)


def say(heard: Heard) -> None:
    sys.stdout.write(msgspec.json.encode(heard).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
