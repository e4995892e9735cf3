"""Carrying out a planned sweep."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.extras import loaded
from trainer.files import Refusal, folder_at
from trainer.sweep.engines.engine import CHECKPOINT_SECONDS, Engine, Heard, Job, carried_out
from trainer.sweep.engines.local import Local
from trainer.sweep.engines.progress import Table
from trainer.sweep.engines.slurm import Slurm
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import RunConfig, RunRecord, name_by_id, read_records, write_records


def ensembles(runs: list[RunConfig]) -> list[tuple[RunConfig, ...]]:
    """The runs that learn together: those that differ in their seed alone."""
    by_settings: dict[RunConfig, list[RunConfig]] = {}
    for config in runs:
        key = msgspec.structs.replace(config, seed=(config.together or (config.seed,))[0])
        by_settings.setdefault(key, []).append(config)
    return [tuple(ensemble) for ensemble in by_settings.values()]


def engine_of(kind: str, workers: int, folder: Path, name: str) -> Engine:
    """The engine of this kind: `local`, `ray` or `slurm`.

    Raises:
        MissingPackage: ray is not installed.
    """
    if kind == "ray":
        made: Engine = loaded("trainer.sweep.engines.ray", "--engine ray", "pip install ray").Ray(workers)
        return made
    return Slurm(folder, name) if kind == "slurm" else Local(workers)


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
    if jobs:
        carried_out(engine_of(engine, workers, folder, plan.sweep.name), jobs, hear)
    table.end()
    if failures:
        raise Refusal(
            f"{len(failures)} of {number_of(ahead, 'run')} could not be carried out, and the same command tries them again: {failures[0]}"
        )
    records = [record for config in plan.runs for record in read_records(parts / f"{config.id}.jsonl")]
    write_records(records, folder / "runs.jsonl")
    return records
