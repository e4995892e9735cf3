"""How a study trains runs of its own: by the settings of a sweep, with as many steps of warm-up, dearest first.

Training needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from trainer.sweep.config import SweepConfig
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig


def shorter(sweep: SweepConfig, tokens: int) -> SweepConfig:
    """The sweep with runs of so many tokens, their rates rising over as many steps as the sweep's own."""
    cut = msgspec.structs.replace(sweep, tokens=tokens)
    return msgspec.structs.replace(cut, warmup=round(sweep.warmup * sweep.steps / cut.steps, 4))


def planned(sweep: SweepConfig, runs: list[RunConfig]) -> SweepPlan:
    """A plan without a budget; runs that learn together stay together."""
    dearest = sorted(runs, key=lambda run: -run.tokens * run.exact_flops_per_token)
    return SweepPlan(sweep=sweep, budget=0.0, speeds={}, seconds=0.0, runs=dearest)


def train(plan: SweepPlan, folder: str, workers: int) -> None:
    carry_out(plan, Path(folder), workers, Table(sys.stdout))
