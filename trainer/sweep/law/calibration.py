"""`python -m trainer calibrate`: does the interval of the entropy hold the truth? Forty short sweeps over the domains
that know it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from trainer.domains.generated.arithmetic import Arithmetic
from trainer.domains.generated.captions import Captions
from trainer.domains.generated.classes import Classes
from trainer.domains.generated.field import Field
from trainer.domains.generated.ising import Ising
from trainer.domains.generated.markov import Markov
from trainer.domains.generated.sprites import Sprites
from trainer.domains.registry import AnyDomain
from trainer.sweep.config import SweepConfig
from trainer.sweep.execution import ensembles
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.records import RunConfig, read_records

TOKENS = {
    "markov": 250_000,
    "ising": 300_000,
    "field": 250_000,
    "sprites": 500_000,
    "arithmetic": 600_000,
    "captions": 200_000,
    "classes": 250_000,
}
"""A run's: what a ladder needs to leave the plateaus that a domain begins with, in about a minute of a core a sweep."""
DOMAINS: tuple[AnyDomain, ...] = (
    Markov(symbols=32, chain=21),
    Markov(symbols=32, chain=22, beta=1.5),
    Markov(symbols=48, chain=23, sigma=2.0),
    Markov(symbols=48, chain=24, beta=0.8, sigma=1.0),
    Markov(symbols=64, chain=25, beta=1.5),
    Markov(symbols=64, chain=26, sigma=1.2),
    Markov(symbols=96, chain=27, beta=1.2),
    Markov(symbols=24, chain=28, context=24),
    Ising(width=5, coupling=0.25),
    Ising(width=5, coupling=0.45),
    Ising(width=6, coupling=0.35),
    Ising(width=6, coupling=0.5),
    Ising(width=7, coupling=0.3),
    Ising(width=5, states=3, coupling=0.6),
    Ising(width=4, states=4, coupling=0.9),
    Field(height=5, width=5, levels=8, spread=0.8, memory=0.85),
    Field(height=6, width=6, levels=8, spread=0.9, memory=0.6),
    Field(height=6, width=6, levels=10, spread=1.1, memory=0.9, decay=1.5),
    Field(height=4, width=8, levels=12, spread=1.5, memory=0.7, decay=1.0),
    Field(height=5, width=5, levels=6, spread=0.6, memory=0.7, decay=3.0),
    Field(height=4, width=4, channels=3, levels=5, spread=0.7, memory=0.8),
    Sprites(frames=2, width=3, sprites=1, velocities=4, flip=0.03),
    Sprites(frames=3, width=3, sprites=1, velocities=2, flip=0.02, redraw=0.2),
    Sprites(frames=2, width=4, sprites=2, velocities=4, flip=0.03),
    Sprites(frames=2, width=4, sprites=1, velocities=2, flip=0.05),
    Sprites(frames=3, width=3, sprites=2, velocities=2, flip=0.04, redraw=0.5),
    Arithmetic(digits=1, modules=("add",), replaced=0.15),
    Arithmetic(digits=1, modules=("add", "compare"), replaced=0.1),
    Arithmetic(digits=1, modules=("multiply", "gcd"), replaced=0.3),
    Arithmetic(digits=1, modules=("gcd", "compare"), replaced=0.25),
    Arithmetic(digits=1, modules=("subtract", "linear"), replaced=0.2),
    Captions(attributes=(4, 5, 4), wrong=(0.1, 0.25, 0.3), mentioned=(0, 1, 2)),
    Captions(attributes=(8, 6, 5), wrong=(0.05, 0.1, 0.25), mentioned=(0, 2)),
    Captions(attributes=(6, 7), wrong=(0.3, 0.15), mentioned=(0, 1), order="text-image"),
    Captions(attributes=(9, 5, 5), wrong=(0.2, 0.0, 0.15), mentioned=(0, 1, 2), noise=2),
    Captions(attributes=(5, 5, 5, 4), wrong=(0.1, 0.15, 0.1, 0.1), mentioned=(0, 1, 2, 3), noise=2, order="text-image"),
    Classes(image=Ising(width=4), couplings=(0.15, 0.5)),
    Classes(image=Ising(width=5), couplings=(0.2, 0.35, 0.5)),
    Classes(image=Field(height=4, width=5, levels=6, spread=0.9), couplings=(0.3, 0.9)),
    Classes(image=Field(height=5, width=5, levels=4, spread=0.7), couplings=(0.4, 0.9)),
)
"""What is trained on: every domain of known entropy, in sizes, couplings and noises."""
LADDERS = ((12, 20, 32), (12, 16, 28))
"""Widths of every other sweep."""
SAMPLES_OF_256_TOKENS = 256


def sweeps() -> list[SweepConfig]:
    """A short sweep of each of DOMAINS; no two share a seed."""
    return [
        SweepConfig(
            name=f"{number:02d}-{domain.__struct_config__.tag}",
            domain=domain,
            widths=LADDERS[number % 2],
            layers=2 if isinstance(domain, Sprites) else 1,
            head_width=4,
            tokens=TOKENS[str(domain.__struct_config__.tag)],
            reads=7,
            factor=2**0.5,
            batch=max(4, round(SAMPLES_OF_256_TOKENS / domain.length)),
            seeds=(2000 + 2 * number, 2001 + 2 * number),
            test_samples=512,
        )
        for number, domain in enumerate(DOMAINS)
    ]


class CalibratedSweep(msgspec.Struct, frozen=True):
    """A sweep's true entropy and what its records say of it."""

    name: str
    true: float
    fitted: float
    low: float
    high: float
    seconds: float

    @property
    def inside(self) -> bool:
        return self.low <= self.true <= self.high

    def __str__(self) -> str:
        place = "inside" if self.inside else "outside"
        numbers = " ".join(
            f"{value:8.4f}" for value in (self.true, self.fitted, self.low, self.high, self.high - self.low)
        )
        return f"{self.name:<16s} {numbers} {self.seconds:6.0f}  {place}"


def runs_of(sweep: SweepConfig, folder: Path) -> list[tuple[RunConfig, ...]]:
    """The ensembles of a sweep that are not recorded."""
    runs = [sweep.run(width, seed, sweep.steps) for width in sorted(sweep.widths, reverse=True) for seed in sweep.seeds]
    return [e for e in ensembles(runs) if not all((folder / f"{config.id}.jsonl").exists() for config in e)]


def row(sweep: SweepConfig, folder: Path) -> CalibratedSweep:
    """The interval of the entropy that the sweep's records give, beside the truth."""
    runs = [sweep.run(width, seed, sweep.steps) for width in sweep.widths for seed in sweep.seeds]
    records = [record for config in runs for record in read_records(folder / f"{config.id}.jsonl")]
    distribution = posterior(readings(records))
    seconds = sum(r.machine.seconds for r in records if r.config.seed == sweep.seeds[0] and r.tokens == r.config.tokens)
    true = sweep.domain.entropy.value
    return CalibratedSweep(
        sweep.name, true, distribution.quantile(0.5), distribution.quantile(0.05), distribution.quantile(0.95), seconds
    )
