"""How a study trains runs of its own: by the settings of a sweep, with as many steps of warm-up, dearest first.

Training needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from fitted_laws.quantities.extras import loaded
from trainer.files import folder_at
from trainer.sweep.config import SweepConfig
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out, ensembles
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, read_records, write_records


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


def train_and_keep(plan: SweepPlan, folder: Path) -> None:
    """Trains in this process, and leaves beside each ensemble's records a checkpoint of its end: the first run's name has it."""
    model = loaded("trainer.sweep.model.training", "training", "make sweep")
    parts = folder_at(folder / "runs")
    for configs in ensembles(plan.runs):
        paths = [parts / f"{config.id}.jsonl" for config in configs]
        if all(path.exists() for path in paths):
            continue
        limits = model.Limits(checkpoint=paths[0].with_suffix(".checkpoint"), kept=True)
        for lines, path in zip(model.train(list(configs), limits), paths, strict=True):
            write_records(lines, path)
    write_records([r for run in plan.runs for r in read_records(parts / f"{run.id}.jsonl")], folder / "runs.jsonl")
