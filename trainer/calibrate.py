"""`python -m trainer calibrate`: does the interval of the entropy hold the truth? Forty short sweeps over the domains that know it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from trainer.asymptote import posterior
from trainer.devices import chosen, device_option, on_card, usual_precision
from trainer.domains import AnyDomain
from trainer.domains.arithmetic import Arithmetic
from trainer.domains.captions import Captions
from trainer.domains.classes import Classes
from trainer.domains.field import Field
from trainer.domains.ising import Ising
from trainer.domains.markov import Markov
from trainer.domains.sprites import Sprites
from trainer.engines import WORKERS, Heard, Job, local
from trainer.records import RunConfig, read_records
from trainer.sweep import SweepConfig, ensembles
from trainer.sweeplaw import readings

TOKENS = {"markov": 250_000, "ising": 300_000, "field": 250_000, "sprites": 500_000, "arithmetic": 600_000, "captions": 200_000, "classes": 250_000}
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
    """One a domain; no two share a seed."""
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


class Row(msgspec.Struct, frozen=True):
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
        numbers = " ".join(f"{value:8.4f}" for value in (self.true, self.fitted, self.low, self.high, self.high - self.low))
        return f"{self.name:<16s} {numbers} {self.seconds:6.0f}  {place}"


HEADER = f"{'sweep':<16s} {'true':>8s} {'fitted':>8s} {'5 %':>8s} {'95 %':>8s} {'width':>8s} {'core s':>6s}"


def calibrate_command(made: argparse.ArgumentParser) -> None:
    """trains forty short sweeps of known entropy, and counts in how many the interval holds it"""
    made.add_argument("--workers", type=int, default=min(WORKERS, os.cpu_count() or 1), help="processes, of one thread each")
    device_option(made)
    made.add_argument("--only", type=int, default=0, help="the first so many sweeps alone")
    made.add_argument(
        "-o", "--output", type=Path, default=Path("sweeps/calibrate"), help="the folder of the records, of which what is there is not run again"
    )
    made.set_defaults(run=run_calibrate)


def run_calibrate(given: argparse.Namespace) -> None:
    """A line a sweep as soon as its runs are recorded; then how many intervals hold the truth."""
    device = chosen(given.device)
    precision = usual_precision(device)
    asked = [msgspec.structs.replace(sweep, precision=precision or msgspec.UNSET) for sweep in sweeps()[: given.only or None]]
    given.output.mkdir(parents=True, exist_ok=True)
    waiting = {sweep.name: runs_of(sweep, given.output) for sweep in asked}
    of_run = {config.id: sweep for sweep in asked for ensemble in waiting[sweep.name] for config in ensemble}
    left = {name: {config.id for ensemble in found for config in ensemble} for name, found in waiting.items()}
    rows = {sweep.name: row(sweep, given.output) for sweep in asked if not left[sweep.name]}
    sys.stdout.write("\n".join([HEADER, *map(str, rows.values())]) + "\n")
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        sweep = of_run[heard.run]
        if heard.failed:
            failures.append(f"{sweep.name}: {heard.failed}")
        elif heard.ended:
            left[sweep.name].discard(heard.run)
            if not left[sweep.name]:
                rows[sweep.name] = row(sweep, given.output)
                sys.stdout.write(f"{rows[sweep.name]}\n")
                sys.stdout.flush()

    jobs = [Job(configs=ensemble, folder=str(given.output), device=device) for found in waiting.values() for ensemble in found]
    if jobs:
        local(jobs, hear, 1 if on_card(device) else given.workers)
    if failures:
        raise OSError(f"{len(failures)} runs could not be carried out, and the same command tries them again: {failures[0]}")
    sys.stdout.write(f"true entropy inside the 90 % interval: {sum(r.inside for r in rows.values())} of {len(rows)}\n")


def runs_of(sweep: SweepConfig, folder: Path) -> list[tuple[RunConfig, ...]]:
    """The ensembles of a sweep that are not recorded."""
    runs = [sweep.run(width, seed, sweep.steps) for width in sorted(sweep.widths, reverse=True) for seed in sweep.seeds]
    return [e for e in ensembles(runs) if not all((folder / f"{config.id}.jsonl").exists() for config in e)]


def row(sweep: SweepConfig, folder: Path) -> Row:
    """What the sweep's records say."""
    runs = [sweep.run(width, seed, sweep.steps) for width in sweep.widths for seed in sweep.seeds]
    records = [record for config in runs for record in read_records(folder / f"{config.id}.jsonl")]
    found = posterior(readings(records))
    seconds = sum(r.machine.seconds for r in records if r.config.seed == sweep.seeds[0] and r.tokens == r.config.tokens)
    true = sweep.domain.entropy.value
    return Row(sweep.name, true, found.quantile(0.5), found.quantile(0.05), found.quantile(0.95), seconds)
