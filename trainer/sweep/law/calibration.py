"""`python -m trainer calibrate`: does the interval of the entropy hold the truth? Forty short sweeps over the domains
that know it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from fitted_laws.laws.intervals import interval
from fitted_laws.laws.members import LawSet
from trainer.domains.generated.arithmetic import Arithmetic
from trainer.domains.generated.captions import Captions
from trainer.domains.generated.classes import Classes
from trainer.domains.generated.field import Field
from trainer.domains.generated.ising import Ising
from trainer.domains.generated.markov import Markov
from trainer.domains.generated.sprites import Sprites
from trainer.domains.registry import AnyDomain
from trainer.estimation.objective import Array
from trainer.forecast.forecaster import kept_forecast
from trainer.sweep.config import SweepConfig
from trainer.sweep.execution import ensembles
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import Readings, posterior
from trainer.sweep.records import RunConfig, read_records
from trainer.tables.runs import Runs

LEVEL = 0.9

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
    Markov(symbols=40, chain=31),
    Markov(symbols=32, chain=32, beta=1.2),
    Markov(symbols=56, chain=33, sigma=1.8),
    Markov(symbols=48, chain=34, beta=0.9, sigma=1.1),
    Markov(symbols=72, chain=35, beta=1.4),
    Markov(symbols=64, chain=36, sigma=1.4),
    Markov(symbols=80, chain=37, beta=1.3),
    Markov(symbols=28, chain=38, context=24),
    Ising(width=5, coupling=0.3),
    Ising(width=5, coupling=0.4),
    Ising(width=6, coupling=0.3),
    Ising(width=6, coupling=0.45),
    Ising(width=7, coupling=0.35),
    Ising(width=5, states=3, coupling=0.5),
    Ising(width=4, states=4, coupling=0.8),
    Field(height=5, width=5, levels=8, spread=0.9, memory=0.8),
    Field(height=6, width=6, levels=7, spread=0.8, memory=0.65),
    Field(height=6, width=5, levels=10, spread=1.2, memory=0.85, decay=1.5),
    Field(height=4, width=8, levels=11, spread=1.3, memory=0.75, decay=1.0),
    Field(height=5, width=5, levels=6, spread=0.7, memory=0.6, decay=2.5),
    Field(height=4, width=4, channels=3, levels=6, spread=0.8, memory=0.75),
    Sprites(frames=2, width=3, sprites=1, velocities=4, flip=0.04),
    Sprites(frames=3, width=3, sprites=1, velocities=2, flip=0.03, redraw=0.3),
    Sprites(frames=2, width=4, sprites=2, velocities=4, flip=0.04),
    Sprites(frames=2, width=4, sprites=1, velocities=2, flip=0.04),
    Sprites(frames=3, width=3, sprites=2, velocities=2, flip=0.03, redraw=0.4),
    Arithmetic(digits=1, modules=("add",), replaced=0.2),
    Arithmetic(digits=1, modules=("subtract", "compare"), replaced=0.15),
    Arithmetic(digits=1, modules=("multiply", "compare"), replaced=0.25),
    Arithmetic(digits=1, modules=("gcd", "add"), replaced=0.2),
    Arithmetic(digits=1, modules=("subtract", "gcd"), replaced=0.25),
    Captions(attributes=(4, 6, 4), wrong=(0.15, 0.2, 0.25), mentioned=(0, 1, 2)),
    Captions(attributes=(7, 6, 5), wrong=(0.1, 0.1, 0.2), mentioned=(0, 2)),
    Captions(attributes=(5, 7), wrong=(0.25, 0.2), mentioned=(0, 1), order="text-image"),
    Captions(attributes=(8, 5, 5), wrong=(0.15, 0.05, 0.2), mentioned=(0, 1, 2), noise=2),
    Captions(
        attributes=(5, 4, 5, 4), wrong=(0.15, 0.1, 0.1, 0.15), mentioned=(0, 1, 2, 3), noise=2, order="text-image"
    ),
    Classes(image=Ising(width=4), couplings=(0.2, 0.45)),
    Classes(image=Ising(width=5), couplings=(0.15, 0.3, 0.45)),
    Classes(image=Field(height=4, width=5, levels=6, spread=0.8), couplings=(0.4, 0.85)),
    Classes(image=Field(height=5, width=5, levels=4, spread=0.8), couplings=(0.3, 0.8)),
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
            seeds=(3000 + 2 * number, 3001 + 2 * number),
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
    """The interval of the entropy by the law that the sweep's records give, beside the truth."""
    runs = [sweep.run(width, seed, sweep.steps) for width in sweep.widths for seed in sweep.seeds]
    records = [record for config in runs for record in read_records(folder / f"{config.id}.jsonl")]
    limits = limits_of(readings(records))
    low, high = interval(limits, LEVEL)
    seconds = sum(r.machine.seconds for r in records if r.config.seed == sweep.seeds[0] and r.tokens == r.config.tokens)
    return CalibratedSweep(sweep.name, sweep.domain.entropy.value, float(limits[0]), low, high, seconds)


def limits_of(used: Readings) -> Array:
    """The irreducible losses of the set of laws that answers for these readings, the central law's first, (1 + members,)."""
    columns = {
        "params": used.params,
        "tokens": used.tokens,
        "compute": 6 * used.params * used.tokens,
        "loss": used.loss,
    }
    runs = Runs(columns=columns, labels={}, lines=[*range(1, len(used.loss) + 1)])
    kept = msgspec.convert(kept_forecast(runs, posterior(used).quantile), LawSet)
    return np.concatenate([[kept.central["E"]], kept.members["E"]])
