"""Under torchrun: the losses of steps that processes share, by the CPU's own steps and by those of a card, as JSON of (way, step, member)."""

import sys
from contextlib import closing

import msgspec
import torch

from trainer.sweep import ranks
from trainer.sweep.model.captured import Captured
from trainer.sweep.model.ensemble import Ensemble
from trainer.sweep.model.steps import Stepped
from trainer.sweep.records import RunConfig


def losses(configs: list[RunConfig], count: int) -> list[list[list[float]]]:
    """By both ways of taking a step."""
    found = []
    for way in (Stepped, Captured):
        with closing(way(Ensemble(configs, "cpu"))) as steps:
            rows = []
            for step in range(count):
                steps.advance(step)
                rows.append(steps.taken()[0])
        found.append(rows)
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    ranks.join()
    said = msgspec.json.encode(losses(msgspec.json.decode(sys.argv[1], type=list[RunConfig]), int(sys.argv[2])))
    if ranks.first():
        sys.stdout.buffer.write(said)
    ranks.leave()
