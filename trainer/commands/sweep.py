"""`python -m trainer sweep`: plan, train, fit, freeze, ask a server of the law, and say where the true entropy lies."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from trainer.commands.served import asked, closing, irreducible
from trainer.extras import loaded
from trainer.files import folder_at, writable, write_whole
from trainer.laws.freeze import freeze
from trainer.report.report import report
from trainer.report.subject import of_file
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.engines.local import CHECKPOINT_SECONDS, WORKERS
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.law.law import sweep_law
from trainer.sweep.law.precision import expected_precision
from trainer.sweep.plan import SweepPlan, keep_plan, kept_plan, planned
from trainer.sweep.probe import probed, rates_tried

UNITS = {"s": 1, "m": 60, "h": 3600}


def sweep_command(made: argparse.ArgumentParser) -> None:
    """trains a ladder of models on a domain and fits its law"""
    made.add_argument("sweep", metavar="NAME|FILE.toml", help="a sweep that ships, or a file of one")
    made.add_argument(
        "--budget",
        type=duration,
        default=0.0,
        help="time for all of it, such as 20m; without it the sweep's own tokens",
    )
    made.add_argument(
        "--data",
        metavar="FOLDER",
        help="train on the files of this folder: text, pictures, clips, pairs or token arrays, by sweep",
    )
    made.add_argument(
        "--engine",
        choices=("local", "slurm", "ray"),
        default="local",
        help="where runs execute: here, a job array, Ray",
    )
    made.add_argument(
        "--workers", type=int, default=min(WORKERS, os.cpu_count() or 1), help="processes, of one thread each"
    )
    made.add_argument(
        "--checkpoint", type=duration, default=CHECKPOINT_SECONDS, help="time between a run's checkpoints, such as 5s"
    )
    made.add_argument(
        "--tensorboard",
        metavar="FOLDER",
        type=Path,
        help="write loss, gap and rate of each run as event files into this folder",
    )
    made.add_argument("--dry-run", action="store_true", help="plan only")
    made.add_argument("--ask", action="store_true", help="close by asking a server that is started and stopped")
    made.add_argument(
        "-o", "--output", type=Path, help="the folder of plan, runs, law and page; without it sweeps/NAME"
    )
    made.set_defaults(run=run_sweep)


def duration(text: str) -> float:
    """`90s`, `20m`, `1.5h` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if not found or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a time such as 90s, 20m or 1.5h, got {text}")
    return float(found[1]) * UNITS[found[2]]


def run_sweep(given: argparse.Namespace) -> None:
    sweep = with_data(read_sweep(given.sweep), given.data)
    folder: Path = given.output or Path("sweeps") / sweep.name
    table = table_of(None if given.dry_run else given.tensorboard, folder)
    if not given.dry_run:
        writable(folder)
    plan = kept_plan(sweep, given.budget, folder) or probed(planned(sweep, given.budget, given.workers), given.workers)
    sys.stdout.write(described(plan, given.workers))
    if given.dry_run:
        return
    keep_plan(plan, folder)
    records = carry_out(plan, folder, given.workers, table, given.checkpoint, given.engine)
    for record in records:
        if record.loss is None:
            sys.stdout.write(
                f"! run {record.run}, width {record.config.shape.width}: {record.status}, {record.reason}\n"
            )
    law = sweep_law(plan.sweep, folder)
    frozen = freeze(law, folder_at(folder / "frozen"))
    write_whole(report(of_file(law)), folder / "report.html")
    sys.stdout.write(
        f"{folder / 'runs.jsonl'}: {len(records)} records; {folder / 'report.html'}: plots; frozen: {frozen}\n"
    )
    sys.stdout.write((asked(frozen, records) if given.ask else closing(irreducible(frozen), records)) + "\n")


def table_of(events: Path | None, folder: Path) -> Table:
    """Of progress, and where asked of event files as well.

    Raises:
        MissingPackage: tensorboard is not installed.
        Refusal: their folder cannot be written.
    """
    if events is None:
        return Table(sys.stdout)
    module = loaded("trainer.sweep.engines.tensorboard", "--tensorboard")
    writable(events)
    made: Table = module.EventTable(sys.stdout, events, folder / "runs")
    return made


def described(plan: SweepPlan, workers: int) -> str:
    """The plan, its cost, its expected precision."""
    sweep, first = plan.sweep, plan.runs[0]
    tokens = [step * first.tokens_per_step for step in first.reads]
    lines = [
        f"sweep {sweep.name}: {len(plan.runs)} runs = {len(sweep.widths)} widths × {len(sweep.seeds)} seeds, each read at {len(tokens)} D",
        f"  tokens   {', '.join(f'{t:,d}' for t in tokens)}",
        *(f"  width {w:<4d} {speed:>9,.0f} tokens/s a process" for w, speed in sorted(plan.speeds.items())),
        *rates_tried(plan),
        f"  cost     about {plan.seconds:.0f} s on {workers} processes, {sum(c.tokens * c.exact_flops_per_token for c in plan.runs):.2g} FLOP",
        f"  expected precision of the irreducible loss: ± {expected_precision(plan):.4f} nats at 90 %",
    ]
    return "\n".join(lines) + "\n"
