"""A sweep: a configuration in, a plan over sizes, data and seeds, and a table of runs out.

What is recorded is not run again.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import msgspec

from fitted_laws.quantities.display import number_of
from trainer.domains.collected.base import Collected
from trainer.files import Refusal, content_of, folder_at, write_whole
from trainer.sweep.config import FEWEST_STEPS, SweepConfig
from trainer.sweep.devices import CPU, name_of, on_card, peak_flops
from trainer.sweep.engines.engine import Heard, Job
from trainer.sweep.engines.local import local
from trainer.sweep.records import RunConfig

USED = 0.8
"""The part of a budget that training is planned to take: starting, reading and other users take the rest."""
READING = 0.5
"""A token of the test set in tokens trained: forward alone, with exact conditionals."""
FEWEST_WIDTHS = 3
SET_UP = 1.25
"""Of what measuring took on a card: the same process then has compiled what runs need, and captures it anew."""
MOST_EPOCHS = 4
"""Beyond so many times the data of files, a token is worth less than a new one (Muennighoff et al. 2023)."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A learning rate (of the base width) probed at a width: what each seed came to; None where it diverged."""

    width: int
    rate: float
    tokens: int
    losses: list[float | None]


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a sweep, dearest first, with what they are thought to cost.

    Kept beside them, so that a resumed sweep has the same.
    """

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
    cards: int = 1
    """Of them, or processes of a CPU, that share each batch."""

    @property
    def flops(self) -> float:
        """The exact FLOP of all runs."""
        return sum(config.tokens * config.exact_flops_per_token for config in self.runs)

    def mfu(self, flops: float, seconds: float) -> float | None:
        """The part of the cards' peak that so many FLOP in so long are; None without a card whose peak is known."""
        peak = peak_flops(self.card)
        return flops / seconds / peak / self.cards if peak else None


def planned(sweep: SweepConfig, budget: float, workers: int, device: str = CPU, cards: int = 1) -> SweepPlan:
    """Measures each width for seconds, and plans by that.

    On a card what measuring took, and a part of it again for the runs' own set-up, is no time to train in.
    """
    begun = time.monotonic()
    speeds = measured(sweep, workers, device, cards)
    spent = SET_UP * (time.monotonic() - begun) if on_card(device) else 0.0
    plan = by_speeds(sweep, speeds, budget, USED * budget * workers - spent, cards)
    seconds = plan.seconds / workers
    return msgspec.structs.replace(plan, seconds=seconds, device=device, card=name_of(device))


def by_speeds(sweep: SweepConfig, speeds: dict[int, float], budget: float, paid: float, cards: int = 1) -> SweepPlan:
    """Gives every run the same tokens: as many as the sweep says, fewer where there is a budget and the core-seconds `paid` are short.

    What it costs is of one process.
    """
    asked, steps = sweep, sweep.steps
    if budget:
        sweep = within(sweep, speeds, paid, cards)
        steps = min(sweep.steps, affordable(sweep, speeds, paid))
    if isinstance(sweep.domain, Collected):
        steps = min(steps, round(MOST_EPOCHS * sweep.domain.material.unique_tokens / sweep.batch / sweep.domain.length))
    runs = [sweep.run(w, seed, steps) for w in sorted(sweep.widths, key=lambda w: speeds[w]) for seed in sweep.seeds]
    tokens = steps * sweep.batch * sweep.domain.length + reading_tokens(sweep)
    plan = SweepPlan(
        sweep=sweep,
        budget=budget,
        speeds={w: speeds[w] for w in sweep.widths},
        seconds=sum(tokens / speeds[w] for w in sweep.widths) * len(sweep.seeds),
        runs=runs,
        cards=cards,
    )
    return plan if asked == sweep else msgspec.structs.replace(plan, asked=asked)


def measured(sweep: SweepConfig, workers: int, device: str, cards: int) -> dict[int, float]:
    """Tokens a second of each width's ensemble.

    Raises:
        Refusal: a width cannot be measured.
    """
    probes = {w: tuple(sweep.run(w, seed, sweep.steps) for seed in sweep.seeds) for w in sweep.widths}
    widths = {config.id: width for width, configs in probes.items() for config in configs}
    speeds: dict[int, float] = {}

    def hear(heard: Heard) -> None:
        if heard.failed:
            raise Refusal(f"width {widths[heard.run]} cannot be measured: {heard.failed}")
        speeds[widths[heard.run]] = heard.tokens_per_second

    jobs = [Job(configs=configs, measure=True, device=device, cards=cards) for configs in probes.values()]
    local(jobs, hear, workers)
    if len(speeds) < len(probes):
        raise Refusal(f"expected the speed of widths {sorted(probes)}, got that of {sorted(speeds)} only")
    return speeds


def within(sweep: SweepConfig, speeds: dict[int, float], seconds: float, cards: int = 1) -> SweepConfig:
    """What these core-seconds make of the sweep: without its largest widths, in smaller steps, where it says how many of each are the fewest.

    A step keeps a sample or more for each of the cards that share it.
    """
    while len(sweep.widths) > FEWEST_WIDTHS and paid_tokens(sweep, speeds, seconds) < sweep.fewest_tokens:
        sweep = without_largest(sweep)
    tokens = min(sweep.tokens, paid_tokens(sweep, speeds, seconds))
    while sweep.batch >= 2 * cards and tokens < sweep.fewest_steps * sweep.batch * sweep.domain.length:
        sweep = msgspec.structs.replace(sweep, batch=sweep.batch // 2)
    return sweep


def without_largest(sweep: SweepConfig) -> SweepConfig:
    largest = max(sweep.widths)
    depths = tuple(depth for width, depth in zip(sweep.widths, sweep.depths, strict=False) if width != largest)
    return msgspec.structs.replace(
        sweep, widths=tuple(width for width in sweep.widths if width != largest), depths=depths
    )


def reading_tokens(sweep: SweepConfig) -> float:
    """What a run's readings cost, in tokens trained."""
    return READING * sweep.reads * sweep.test_samples * sweep.domain.length


def affordable(sweep: SweepConfig, speeds: dict[int, float], seconds: float) -> int:
    """Steps of each run so that all take these core-seconds.

    Raises:
        Refusal: not even the fewest steps fit.
    """
    steps = math.floor(paid_tokens(sweep, speeds, seconds) / (sweep.batch * sweep.domain.length))
    if steps < FEWEST_STEPS:
        raise Refusal(
            f"the budget is too short: it pays for {number_of(max(steps, 0), 'step')} a run, and {FEWEST_STEPS} are the fewest"
        )
    return steps


def paid_tokens(sweep: SweepConfig, speeds: dict[int, float], seconds: float) -> float:
    """Tokens of each run so that all take these core-seconds, readings included; below 0 where not even these fit."""
    return seconds / (sum(1 / speeds[w] for w in sweep.widths) * len(sweep.seeds)) - reading_tokens(sweep)


def kept_plan(sweep: SweepConfig, budget: float, folder: Path) -> SweepPlan | None:
    """The plan that a sweep of this folder began with, if it is of the same sweep and budget."""
    path = folder / "plan.json"
    if not path.exists():
        return None
    try:
        plan = msgspec.json.decode(content_of(path), type=SweepPlan)
    except msgspec.MsgspecError as error:
        raise Refusal(f"{path}: expected the plan of a sweep, got {error}: take another folder with -o") from None
    if (plan.asked or plan.sweep, plan.budget) != (sweep, budget):
        raise Refusal(
            f"{folder} holds another sweep or budget, or one of other data: take another folder with -o, or remove it"
        )
    return plan


def keep_plan(plan: SweepPlan, folder: Path) -> None:
    write_whole(msgspec.json.format(msgspec.json.encode(plan)), folder_at(folder) / "plan.json")
