"""Three learning rates tried for seconds before a sweep, at its least and its median width: does one rate serve both?
It only tells.

What it finds depends on how fast the machine is, so that it changes no run: a rate that it recommends is written into
the sweep by its owner.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import msgspec

from trainer.files import Refusal
from trainer.sweep.engines.engine import Heard, Job
from trainer.sweep.engines.local import local
from trainer.sweep.plan import SweepPlan, Tried
from trainer.sweep.records import RunConfig, read_records

FACTORS = (1 / 3, 1.0, 3.0)
FEWEST = 32
"""Steps, below which a probe says nothing."""
PART, LEAST_SECONDS = 0.02, 8.0
"""A probe takes this part of the sweep's time, and not less than so long."""
CLEAR = 0.005
"""A rate is better where each seed's loss is lower by this part or more."""
TEST_SAMPLES = 64


def probed(plan: SweepPlan, workers: int) -> SweepPlan:
    """The plan with what was tried; with nothing where fewer than FEWEST would fit.

    Raises:
        Refusal: a probe could not be carried out.
    """
    sweep, order = plan.sweep, sorted(plan.sweep.widths)
    widths = (order[0], order[len(order) // 2])
    core_seconds = max(LEAST_SECONDS, PART * plan.seconds) * workers
    per_step = (
        sum(1 / plan.speeds[w] for w in widths) * len(FACTORS) * len(sweep.seeds) * sweep.batch * sweep.domain.length
    )
    steps = min(int(core_seconds / per_step), plan.runs[0].reads[-1])
    if steps < FEWEST:
        return plan
    tries = [
        tuple(_short(sweep.run(w, seed, steps), factor) for seed in sweep.seeds)
        for w in reversed(widths)
        for factor in FACTORS
    ]
    return msgspec.structs.replace(plan, tried=trained(tries, workers, plan))


def _short(config: RunConfig, factor: float) -> RunConfig:
    samples = min(TEST_SAMPLES, config.test_samples)
    return msgspec.structs.replace(
        config, learning_rate=factor * config.learning_rate, reads=config.reads[-1:], test_samples=samples
    )


def trained(tries: list[tuple[RunConfig, ...]], workers: int, plan: SweepPlan) -> list[Tried]:
    """Each ensemble as a sweep would train it, in a folder that is then gone."""
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        failures.extend([heard.failed] * bool(heard.failed))

    with tempfile.TemporaryDirectory() as folder:
        jobs = [Job(configs=configs, folder=folder, device=plan.device, cards=plan.cards) for configs in tries]
        local(jobs, hear, workers)
        if failures:
            raise Refusal(f"the learning rates cannot be probed: {failures[0]}")
        return [_tried(configs, Path(folder)) for configs in tries]


def _tried(configs: tuple[RunConfig, ...], folder: Path) -> Tried:
    losses = [read_records(folder / f"{config.id}.jsonl")[-1].loss for config in configs]
    first = configs[0]
    return Tried(width=first.shape.width, rate=first.learning_rate, tokens=first.tokens, losses=losses)


def better(one: Tried, other: Tried) -> bool:
    """Whether each seed learns more at `one`; a run without a loss has diverged."""
    pairs = zip(one.losses, other.losses, strict=True)
    return all(a is not None and a < (1 - CLEAR) * (math.inf if b is None else b) for a, b in pairs)


def rates_tried(plan: SweepPlan) -> list[str]:
    """What the probe found, for the terminal: a line a width, then a warning where another rate did better."""
    if not plan.tried:
        return [
            "  learning rates are not probed: too few steps in the seconds that a probe has, or the card is not here"
        ]
    lines, best = [], []
    own = min({t.rate for t in plan.tried}, key=lambda rate: abs(math.log(rate / plan.sweep.learning_rate)))
    for width in sorted({t.width for t in plan.tried}):
        row = sorted((t for t in plan.tried if t.width == width), key=lambda t: t.rate)
        losses = ", ".join(f"{t.rate:.2g}: {_mean(t):.4f}" for t in row)
        lines.append(f"  width {width:<4d} rate and loss after {row[0].tokens:,d} tokens: {losses}")
        mine = next(t for t in row if t.rate == own)
        best.append(min((t for t in row if t is mine or better(t, mine)), key=_mean).rate)
    if set(best) == {own}:
        return lines
    if len(set(best)) == 1:
        return [
            *lines,
            f"! so far both widths learn more at a rate of {best[0]:.2g}: try learning_rate = {best[0]:.2g} in a file of this sweep",
        ]
    rates = " and ".join(f"{rate:.2g}" for rate in best)
    return [
        *lines,
        f"! so far one rate does not serve both widths: of these {rates} are best; if the law bends over N, try another learning_rate",
    ]


def _mean(tried: Tried) -> float:
    """The mean loss of the seeds; infinite where one diverged."""
    return sum(math.inf if loss is None else loss for loss in tried.losses) / len(tried.losses)
