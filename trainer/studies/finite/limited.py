"""Runs on so many unique bytes of the text of the sweep `language`, or unique images of the sweep `image-8x8-convolution`, each read
until its loss has turned, and where each is stopped.

`python -m trainer.studies.finite.limited SWEEP FOLDER 2` trains them anew, on two processes. That needs torch.
"""

from __future__ import annotations

import sys

import msgspec
import numpy as np

from trainer.domains.collected.pictures import Pictures
from trainer.domains.collected.text import Text
from trainer.domains.registry import AnyDomain
from trainer.studies.training import planned, shorter, train
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord, geometric_reads

FACTOR = 2**0.5
"""Between the readings of a run."""
SETTLED = 1e-3
"""Data have run out where a run's last reading is not lower by so much of the loss than the least before it."""
LEARNT = 0.9
"""An amount of data whose least loss is above so much of a guess's, ln V, has taught nothing that a power could describe."""


class LimitedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Runs by the settings of a sweep on so much of its data."""

    amounts: dict[int, tuple[int, ...]]
    """Bytes of text, or images, that each width is trained on: the first on all, others to see whether size matters."""
    least_tokens: int
    """Tokens of a run on the least data."""
    growth: float
    """The power by which they grow with the data."""
    reads: int
    longer: dict[tuple[int, int], int] = {}
    """Epochs of the runs, by width and amount, whose loss still fell at their end as planned."""


BYTES = tuple(8192 * 2**k for k in range(7))
IMAGES = (10, 25, 63, 100, 158, 251, 398, 1000)
LIMITED = {
    # the loss was least after 15 to 20 epochs, which 64 kB and less are trained for
    "language": LimitedRuns(amounts={64: BYTES, 96: BYTES[::3]}, least_tokens=360_000, growth=0.65, reads=8),
    # by speed and by losses in training alone: on 128 images they fall below those of fresh data in their tenth epoch
    "image-8x8-convolution": LimitedRuns(
        amounts={32: IMAGES, 16: IMAGES[:-1], 44: (25, 158, 1000)},
        least_tokens=500_000,
        growth=0.5,
        reads=10,
        longer={(16, 398): 110},
    ),
}


def configs(name: str) -> SweepPlan:
    """The plan of the runs by the settings of this sweep, with the digest of their data."""
    sweep, of = with_data(read_sweep(name), None), LIMITED[name]
    runs: list[RunConfig] = []
    least = min(map(min, of.amounts.values()))
    for width, unique in [(width, unique) for width, amounts in of.amounts.items() for unique in amounts]:
        domain = limited_to(sweep.domain, unique)
        epochs = of.longer.get((width, unique))
        tokens = epochs * tokens_of(domain) if epochs else of.least_tokens * (unique / least) ** of.growth
        limited = shorter(msgspec.structs.replace(sweep, domain=domain), round(tokens))
        reads = geometric_reads(limited.steps, of.reads, FACTOR)
        runs += [msgspec.structs.replace(limited.run(width, seed, limited.steps), reads=reads) for seed in sweep.seeds]
    return planned(sweep, runs)


def limited_to(domain: AnyDomain, unique: int) -> AnyDomain:
    """The domain with so much to train on, its rows kept for the processes that train."""
    match domain:
        case Text():
            return msgspec.structs.replace(domain, unique=unique, also=())
        case Pictures():
            return msgspec.structs.replace(domain, unique=unique, digest="").pinned()
    raise TypeError(f"expected a sweep of text or of pictures, got {domain}")


def tokens_of(domain: AnyDomain) -> int:
    """Tokens that training is limited to; 0 where it is not."""
    match domain:
        case Text(unique=int(unique)):
            return unique
        case Pictures(unique=int(unique)):
            return unique * domain.length
    return 0


class EarlyStopped(msgspec.Struct, frozen=True, kw_only=True):
    """A run on limited data at the reading where the other seeds' loss is least, so that its own noise has no part in
    the choice.
    """

    unique: int
    """Tokens."""
    width: int
    loss: float
    own_least: float
    epochs: float
    turned: bool
    """Whether the seeds' mean loss has stopped falling: else the data have not run out."""
    learnt: bool
    """Whether its loss is well below a guess's."""


def stopped(records: list[RunRecord]) -> list[EarlyStopped]:
    """Each run where it is stopped, in the order of data, width and seed."""
    groups: dict[tuple[int, int], dict[int, list[RunRecord]]] = {}
    for record in sorted(records, key=lambda r: (r.tokens, r.config.seed)):
        groups.setdefault((tokens_of(record.config.domain), record.config.shape.width), {}).setdefault(
            record.config.seed, []
        ).append(record)
    stops = []
    for (unique, width), seeds in sorted(groups.items()):
        losses = {seed: np.array([r.loss for r in own], float) for seed, own in seeds.items()}
        mean = np.mean(list(losses.values()), axis=0)
        turned = bool(mean[-1] > (1 - SETTLED) * mean[:-1].min())
        for seed, own in losses.items():
            others = np.mean([other for name, other in losses.items() if name != seed], axis=0)
            at = int(np.argmin(others))
            vocabulary = seeds[seed][at].config.domain.vocabulary
            stops.append(
                EarlyStopped(
                    unique=unique,
                    width=width,
                    loss=own[at],
                    own_least=own.min(),
                    epochs=seeds[seed][at].tokens / unique,
                    turned=turned,
                    learnt=bool(own[at] <= LEARNT * np.log(vocabulary)),
                )
            )
    return stops


def of_data(runs: list[EarlyStopped]) -> list[EarlyStopped]:
    """Of each amount of data that ran out, and that taught something, the width with the least mean."""
    best_runs = []
    for unique in sorted({r.unique for r in runs}):
        own = [r for r in runs if r.unique == unique]
        best = min({r.width for r in own}, key=lambda width: np.mean([r.loss for r in own if r.width == width]))
        best_runs += [
            r
            for r in own
            if r.width == best and all(other.turned and other.learnt for other in own if other.width == best)
        ]
    return best_runs


if __name__ == "__main__":
    train(configs(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
