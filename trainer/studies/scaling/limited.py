"""Runs on so many unique bytes of the text of the sweep `language`, each read until its loss has turned, and where each
is stopped.

`python -m trainer.studies.scaling.limited FOLDER 2` trains them anew, on two processes. That needs torch.
"""

from __future__ import annotations

import sys

import msgspec
import numpy as np

from trainer.domains.collected.text import Text
from trainer.studies.training import planned, shorter, train
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord, geometric_reads

UNIQUE = tuple(8192 * 2**k for k in range(7))
WIDTH, WIDER = 64, 96
CHECKED = UNIQUE[::3]
"""The amounts of data that a wider model is trained on as well."""
LEAST_TOKENS, GROWTH = 360_000, 0.65
"""Tokens of a run on the least data, and how they grow with it: the loss was least after 15 to 20 epochs, which 64 kB
and less are trained for.
"""
READS, FACTOR = 8, 2**0.5


def configs() -> SweepPlan:
    """The plan of the runs, with the digest of their data."""
    sweep = with_data(read_sweep("language"), None)
    if not isinstance(sweep.domain, Text):
        raise TypeError(f"expected a sweep of text, got {sweep.domain}")
    runs: list[RunConfig] = []
    for width, unique in [*((WIDER, u) for u in CHECKED), *((WIDTH, u) for u in UNIQUE)]:
        domain = msgspec.structs.replace(sweep.domain, unique=unique, also=())
        limited = shorter(
            msgspec.structs.replace(sweep, domain=domain), round(LEAST_TOKENS * (unique / UNIQUE[0]) ** GROWTH)
        )
        reads = geometric_reads(limited.steps, READS, FACTOR)
        runs += [msgspec.structs.replace(limited.run(width, seed, limited.steps), reads=reads) for seed in sweep.seeds]
    return planned(sweep, runs)


class EarlyStopped(msgspec.Struct, frozen=True, kw_only=True):
    """A run on limited data at the reading where the other seeds' loss is least, so that its own noise has no part in
    the choice.
    """

    unique: int
    width: int
    loss: float
    own_least: float
    epochs: float
    turned: bool
    """Whether the loss rises after: else the data have not run out."""


def stopped(records: list[RunRecord]) -> list[EarlyStopped]:
    """Each run where it is stopped, in the order of data, width and seed."""
    groups: dict[tuple[int, int], dict[int, list[RunRecord]]] = {}
    for record in sorted(records, key=lambda r: (r.tokens, r.config.seed)):
        unique = getattr(record.config.domain, "unique", 0)
        groups.setdefault((unique, record.config.shape.width), {}).setdefault(record.config.seed, []).append(record)
    stops = []
    for (unique, width), seeds in sorted(groups.items()):
        losses = {seed: np.array([r.loss for r in own], float) for seed, own in seeds.items()}
        for seed, own in losses.items():
            others = np.mean([other for name, other in losses.items() if name != seed], axis=0)
            at = int(np.argmin(others))
            epochs, turned = seeds[seed][at].tokens / unique, at < len(own) - 1
            stops.append(
                EarlyStopped(
                    unique=unique, width=width, loss=own[at], own_least=own.min(), epochs=epochs, turned=turned
                )
            )
    return stops


def of_data(runs: list[EarlyStopped]) -> list[EarlyStopped]:
    """Of each amount of data that ran out the width with the lower mean."""
    best_runs = []
    for unique in sorted({r.unique for r in runs}):
        own = [r for r in runs if r.unique == unique]
        best = min({r.width for r in own}, key=lambda width: np.mean([r.loss for r in own if r.width == width]))
        best_runs += [r for r in own if r.width == best and all(other.turned for other in own if other.width == best)]
    return best_runs


if __name__ == "__main__":
    train(configs(), sys.argv[1], int(sys.argv[2]))
