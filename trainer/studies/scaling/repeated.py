"""Runs of two sizes on unique bytes of the text of the sweep `language`, repeated up to 32 times.

`python -m trainer.studies.scaling.repeated FOLDER 2` trains them anew, on two processes. That needs torch.
"""

from __future__ import annotations

import sys

import msgspec

from trainer.domains.collected.text import Text
from trainer.studies.training import planned, shorter, train
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, geometric_reads

EPOCHS = {65_536: 32.0, 131_072: 32.0, 524_288: 10.25}
"""How often each run repeats so many unique bytes."""
RUNS = ((16, 65_536), (16, 131_072), (16, 524_288), (32, 65_536), (32, 131_072), (32, 524_288))
"""Width and unique bytes. Of width 64 the study of L(D) has the other amounts."""
READS, FACTOR = 8, 2**0.5


def configs() -> SweepPlan:
    """The plan of the runs, with the digest of their data: seeds, rates and order of windows are those of the sweep."""
    sweep = with_data(read_sweep("language"), None)
    if not isinstance(sweep.domain, Text):
        raise TypeError(f"expected a sweep of text, got {sweep.domain}")
    runs: list[RunConfig] = []
    for width, unique in RUNS:
        domain = msgspec.structs.replace(sweep.domain, unique=unique, also=())
        repeating = shorter(msgspec.structs.replace(sweep, domain=domain), round(EPOCHS[unique] * unique))
        reads = geometric_reads(repeating.steps, READS, FACTOR)
        runs += [msgspec.structs.replace(repeating.run(width, s, repeating.steps), reads=reads) for s in sweep.seeds]
    return planned(sweep, runs)


if __name__ == "__main__":
    train(configs(), sys.argv[1], int(sys.argv[2]))
