"""Carrying out a planned sweep."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fitted_laws.quantities.extras import loaded
from trainer.files import Refusal, folder_at
from trainer.sweep.engines.local import CHECKPOINT_SECONDS, Heard, Job, local
from trainer.sweep.engines.progress import Table
from trainer.sweep.engines.slurm import slurm
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord, name_by_id, read_records, write_records


def ensembles(runs: list[RunConfig]) -> list[tuple[RunConfig, ...]]:
    """The runs that learn together: those that differ in their seed alone."""
    by_settings: dict[RunConfig, list[RunConfig]] = {}
    for config in runs:
        key = msgspec.structs.replace(config, seed=(config.together or (config.seed,))[0])
        by_settings.setdefault(key, []).append(config)
    return [tuple(ensemble) for ensemble in by_settings.values()]


def carry_out(
    plan: SweepPlan,
    folder: Path,
    workers: int,
    table: Table,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    engine: str = "local",
) -> list[RunRecord]:
    """Trains what is not recorded yet; then every record, in the plan's order, in `runs.jsonl`.

    Raises:
        Refusal: a run could not be carried out, and is not recorded.
    """
    parts = folder_at(folder / "runs")
    name_by_id(parts, plan.runs)
    waiting = [e for e in ensembles(plan.runs) if not all((parts / f"{config.id}.jsonl").exists() for config in e)]
    ahead = sum(len(ensemble) for ensemble in waiting)
    table.begin(plan.runs, plan.seconds * ahead / len(plan.runs), len(plan.runs) - ahead)
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        table.hear(heard)
        if heard.failed:
            failures.append(heard.failed)

    jobs = [
        Job(
            configs=e,
            folder=str(parts.resolve()),
            checkpoint_seconds=checkpoint_seconds,
            device=plan.device,
            card=plan.card,
            cards=plan.cards,
        )
        for e in waiting
    ]
    if jobs and engine == "slurm":
        slurm(jobs, folder, plan.sweep.name)
    elif jobs and engine == "ray":
        loaded("trainer.sweep.engines.ray", "--engine ray", "pip install ray").ray_tasks(jobs, hear, workers)
    elif jobs:
        local(jobs, hear, workers)
    table.end()
    if failures:
        raise Refusal(
            f"{len(failures)} of {ahead} runs could not be carried out, and the same command tries them again: {failures[0]}"
        )
    records = [record for config in plan.runs for record in read_records(parts / f"{config.id}.jsonl")]
    write_records(records, folder / "runs.jsonl")
    return records
