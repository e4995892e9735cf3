"""A sweep: a configuration in, a plan over sizes, data and seeds, and a table of runs out; what is recorded is not run again."""

from __future__ import annotations

import math
import time
from pathlib import Path

import msgspec

from trainer.devices import CPU, name_of, on_card, peak_flops
from trainer.domains import AnyDomain
from trainer.domains.collected import Collected
from trainer.engines import CHECKPOINT_SECONDS, Heard, Job, local
from trainer.extras import loaded
from trainer.lawfile import write_whole
from trainer.records import Precision, RunConfig, RunRecord, geometric_reads, read_records, write_records
from trainer.shape import Shape
from trainer.slurm import slurm
from trainer.table import Table

SWEEPS = Path(__file__).parent / "sweeps"
USED = 0.8
"""The part of a budget that training is planned to take: starting, reading and other users take the rest."""
READING = 0.5
"""A token of the test set in tokens trained: forward alone, with exact conditionals."""
FEWEST_STEPS = 64
FEWEST_WIDTHS = 3
MOST_EPOCHS = 4
"""Beyond so many times the data of files, a token is worth less than a new one (Muennighoff et al. 2023)."""


class SweepConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to train: a domain, widths of one family, how much data, which seeds."""

    name: str
    domain: AnyDomain
    widths: tuple[int, ...]
    layers: int = 1
    head_width: int = 8
    attention: float = 1.0
    mlp: float = 4.0
    tokens: int = 2_000_000
    """The most tokens a run is trained on, where a budget does not say less."""
    reads: int = 6
    """Readings of a run, at tokens, tokens/factor, tokens/factor², …"""
    factor: float = 2.0
    batch: int = 64
    learning_rate: float = 1e-2
    base_width: int = 16
    warmup: float = 0.03
    """Part of a run's steps over which its rate rises. Readings before eight warm-ups are not fitted: a short one leaves more of them."""
    seeds: tuple[int, ...] = (0, 1)
    test_samples: int = 1024
    band: int = 0
    """Banded and strided attention (Child et al. 2019) where not 0: for long samples."""
    law_domain: str = ""
    """The domain that the law stands in; without it that of the runs."""
    depths: tuple[int, ...] = ()
    """Layers of each width, where they are not `layers` for all."""
    precision: Precision | msgspec.UnsetType = msgspec.UNSET
    fewest_tokens: int = 0
    """With a budget the largest widths are left out, down to three, until every run gets so many tokens; 0 leaves none out."""
    fewest_steps: int = 0
    """With a budget samples a step are halved until a run has so many steps: a small run wants a small batch."""

    def __post_init__(self) -> None:
        if len(set(self.widths)) < 3 or len(set(self.seeds)) < 2 or self.reads < 3:
            raise ValueError(f"a law needs 3 widths, 2 seeds and 3 readings or more, got {self.widths}, {self.seeds}, {self.reads}")
        if self.depths and len(self.depths) != len(self.widths):
            raise ValueError(f"expected as many depths as widths, {len(self.widths)}, got {self.depths}")

    def run(self, width: int, seed: int, steps: int) -> RunConfig:
        layers = dict(zip(self.widths, self.depths, strict=True))[width] if self.depths else self.layers
        shape = Shape(layers=layers, width=width, head_width=self.head_width, attention=self.attention, mlp=self.mlp, band=self.band)
        return RunConfig(
            domain=self.domain,
            shape=shape,
            batch=self.batch,
            reads=geometric_reads(steps, self.reads, self.factor),
            learning_rate=self.learning_rate,
            base_width=self.base_width,
            warmup=self.warmup,
            seed=seed,
            together=self.seeds,
            test_samples=self.test_samples,
            precision=self.precision,
        )

    @property
    def steps(self) -> int:
        return max(FEWEST_STEPS, round(self.tokens / self.batch / self.domain.length))


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A learning rate (of the base width) probed at a width: what each seed came to; None where it diverged."""

    width: int
    rate: float
    tokens: int
    losses: list[float | None]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a sweep, dearest first, with what they are thought to cost; kept beside them, so that a resumed sweep has the same."""

    sweep: SweepConfig
    budget: float
    """Seconds; 0 where none was given."""
    speeds: dict[int, float]
    """Tokens a second of a process, by width."""
    seconds: float
    runs: list[RunConfig]
    tried: list[Tried] = []
    """The probe of learning rates before it."""
    asked: SweepConfig | None = None
    """The sweep as it was given, where `sweep` is what the budget made of it."""
    device: str = CPU
    card: str = ""
    """The name of the GPU that it was measured on."""

    @property
    def flops(self) -> float:
        """The exact FLOP of all runs."""
        return sum(config.tokens * config.exact_flops_per_token for config in self.runs)

    def mfu(self, flops: float, seconds: float) -> float | None:
        """The part of the card's peak that so many FLOP in so long are; None without a card whose peak is known."""
        peak = peak_flops(self.card)
        return flops / seconds / peak if peak else None


def read_sweep(given: str) -> SweepConfig:
    """The sweep of a TOML file, or of one of the names that ship.

    Raises:
        ValueError: there is none, or its TOML says something unknown or impossible.
    """
    path = Path(given) if given.endswith(".toml") else SWEEPS / f"{given}.toml"
    if not path.is_file():
        names = ", ".join(sorted(p.stem for p in SWEEPS.glob("*.toml")))
        raise ValueError(f"expected a sweep's name ({names}) or a .toml file, got {given}")
    try:
        return msgspec.toml.decode(path.read_bytes(), type=SweepConfig)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from None


def made_for(given: str, device: str) -> str:
    """The sweep of this name that is made for a card, where one is trained on and such a sweep ships; else what is given."""
    return f"{given}-gpu" if on_card(device) and (SWEEPS / f"{given}-gpu.toml").is_file() else given


def with_data(sweep: SweepConfig, folder: str | None) -> SweepConfig:
    """The sweep on the data of `folder`, where one is named, and with the digest of its data.

    Raises:
        ValueError: this sweep makes its own data, or the data cannot be read.
    """
    domain = sweep.domain
    if isinstance(domain, Collected):
        named = domain.of_folder(str(Path(folder).resolve())) if folder else domain
        return msgspec.structs.replace(sweep, domain=named.pinned())
    if folder:
        names = ", ".join(sorted(name for name, other in shipped().items() if isinstance(other.domain, Collected)))
        raise ValueError(f"{sweep.name} makes its own data: --data is for sweeps of files: {names}")
    return sweep


def shipped() -> dict[str, SweepConfig]:
    """The sweeps that ship, by name."""
    return {path.stem: read_sweep(path.stem) for path in sorted(SWEEPS.glob("*.toml"))}


def planned(sweep: SweepConfig, budget: float, workers: int, device: str = CPU) -> Plan:
    """Measures each width for seconds, and gives every run the same tokens: as many as the sweep says, fewer where the budget is short.

    On a card what measuring took, and as long again for the runs' own set-up, is no time to train in.
    """
    asked, begun = sweep, time.monotonic()
    speeds = measured(sweep, workers, device)
    steps = sweep.steps
    if budget:
        paid = USED * budget * workers - (2 * (time.monotonic() - begun) if on_card(device) else 0.0)
        sweep = within(sweep, speeds, paid)
        steps = min(sweep.steps, affordable(sweep, speeds, paid))
    if isinstance(sweep.domain, Collected):
        steps = min(steps, round(MOST_EPOCHS * sweep.domain.material.unique_tokens / sweep.batch / sweep.domain.length))
    runs = [sweep.run(w, seed, steps) for w in sorted(sweep.widths, key=lambda w: speeds[w]) for seed in sweep.seeds]
    tokens = steps * sweep.batch * sweep.domain.length + reading_tokens(sweep)
    seconds = sum(tokens / speeds[w] for w in sweep.widths) * len(sweep.seeds) / workers
    speeds = {w: speeds[w] for w in sweep.widths}
    plan = Plan(sweep=sweep, budget=budget, speeds=speeds, seconds=seconds, runs=runs, device=device, card=name_of(device))
    return plan if asked == sweep else msgspec.structs.replace(plan, asked=asked)


def measured(sweep: SweepConfig, workers: int, device: str) -> dict[int, float]:
    """Tokens a second of each width's ensemble.

    Raises:
        ValueError: a width cannot be measured.
    """
    probes = {w: tuple(sweep.run(w, seed, sweep.steps) for seed in sweep.seeds) for w in sweep.widths}
    widths = {config.id: width for width, configs in probes.items() for config in configs}
    speeds: dict[int, float] = {}

    def hear(heard: Heard) -> None:
        if heard.failed:
            raise ValueError(f"width {widths[heard.run]} cannot be measured: {heard.failed}")
        speeds[widths[heard.run]] = heard.tokens_per_second

    local([Job(configs=configs, measure=True, device=device) for configs in probes.values()], hear, workers)
    if len(speeds) < len(probes):
        raise ValueError(f"expected the speed of widths {sorted(probes)}, got that of {sorted(speeds)} only")
    return speeds


def within(sweep: SweepConfig, speeds: dict[int, float], seconds: float) -> SweepConfig:
    """What these core-seconds make of the sweep: without its largest widths, in smaller steps, where it says how many of each are the fewest."""
    while len(sweep.widths) > FEWEST_WIDTHS and paid_tokens(sweep, speeds, seconds) < sweep.fewest_tokens:
        sweep = without_largest(sweep)
    tokens = min(sweep.tokens, paid_tokens(sweep, speeds, seconds))
    while sweep.batch > 1 and tokens < sweep.fewest_steps * sweep.batch * sweep.domain.length:
        sweep = msgspec.structs.replace(sweep, batch=sweep.batch // 2)
    return sweep


def without_largest(sweep: SweepConfig) -> SweepConfig:
    largest = max(sweep.widths)
    depths = tuple(depth for width, depth in zip(sweep.widths, sweep.depths, strict=False) if width != largest)
    return msgspec.structs.replace(sweep, widths=tuple(width for width in sweep.widths if width != largest), depths=depths)


def reading_tokens(sweep: SweepConfig) -> float:
    """What a run's readings cost, in tokens trained."""
    return READING * sweep.reads * sweep.test_samples * sweep.domain.length


def affordable(sweep: SweepConfig, speeds: dict[int, float], seconds: float) -> int:
    """Steps of each run so that all take these core-seconds.

    Raises:
        ValueError: not even the fewest steps fit.
    """
    steps = math.floor(paid_tokens(sweep, speeds, seconds) / (sweep.batch * sweep.domain.length))
    if steps < FEWEST_STEPS:
        raise ValueError(f"the budget is too short: it pays for {max(steps, 0)} steps a run, and {FEWEST_STEPS} are the fewest")
    return steps


def paid_tokens(sweep: SweepConfig, speeds: dict[int, float], seconds: float) -> float:
    """Tokens of each run so that all take these core-seconds, readings included; below 0 where not even these fit."""
    return seconds / (sum(1 / speeds[w] for w in sweep.widths) * len(sweep.seeds)) - reading_tokens(sweep)


def kept_plan(sweep: SweepConfig, budget: float, folder: Path) -> Plan | None:
    """The plan that a sweep of this folder began with, if it is of the same sweep and budget."""
    path = folder / "plan.json"
    if not path.exists():
        return None
    plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    if (plan.asked or plan.sweep, plan.budget) != (sweep, budget):
        raise ValueError(f"{folder} holds another sweep or budget, or one of other data: take another folder with -o, or remove it")
    return plan


def writable(folder: Path) -> None:
    """Refuses a folder of output before anything is measured or trained.

    Raises:
        OSError: it cannot be made, or a file in it cannot be written.
    """
    new = not folder.exists()
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"\0")
        probe.unlink()
    except OSError as error:
        if new and folder.is_dir():
            probe.unlink(missing_ok=True)
            folder.rmdir()
        raise OSError(f"{folder}: expected a folder that can be written, got: {error.strerror}; another is taken with -o") from None


def keep_plan(plan: Plan, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(msgspec.json.format(msgspec.json.encode(plan)), folder / "plan.json")


def ensembles(runs: list[RunConfig]) -> list[tuple[RunConfig, ...]]:
    """The runs that learn together: those that differ in their seed alone."""
    found: dict[RunConfig, list[RunConfig]] = {}
    for config in runs:
        key = msgspec.structs.replace(config, seed=(config.together or (config.seed,))[0])
        found.setdefault(key, []).append(config)
    return [tuple(ensemble) for ensemble in found.values()]


def carry_out(
    plan: Plan, folder: Path, workers: int, table: Table, checkpoint_seconds: float = CHECKPOINT_SECONDS, engine: str = "local"
) -> list[RunRecord]:
    """Trains what is not recorded yet; then every record, in the plan's order, in `runs.jsonl`.

    Raises:
        OSError: a run could not be carried out, and is not recorded.
    """
    parts = folder / "runs"
    parts.mkdir(parents=True, exist_ok=True)
    waiting = [e for e in ensembles(plan.runs) if not all((parts / f"{config.id}.jsonl").exists() for config in e)]
    ahead = sum(len(ensemble) for ensemble in waiting)
    table.begin(plan.runs, plan.seconds * ahead / len(plan.runs), len(plan.runs) - ahead)
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        table.hear(heard)
        if heard.failed:
            failures.append(heard.failed)

    jobs = [Job(configs=e, folder=str(parts.resolve()), checkpoint_seconds=checkpoint_seconds, device=plan.device) for e in waiting]
    if jobs and engine == "slurm":
        slurm(jobs, folder, plan.sweep.name)
    elif jobs and engine == "ray":
        loaded("trainer.cluster", "--engine ray", "pip install ray").ray_tasks(jobs, hear, workers)
    elif jobs:
        local(jobs, hear, workers)
    table.end()
    if failures:
        raise OSError(f"{len(failures)} of {ahead} runs could not be carried out, and the same command tries them again: {failures[0]}")
    records = [record for config in plan.runs for record in read_records(parts / f"{config.id}.jsonl")]
    write_records(records, folder / "runs.jsonl")
    return records
