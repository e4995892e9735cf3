"""`python -m trainer sweep`: plan, train, fit, freeze, ask a server of the law, and say where the true entropy lies."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import get_args

import msgspec

from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.extras import MissingPackage, loaded
from trainer.commands.served import answer_line, closing, irreducible
from trainer.files import IMPORTS, Refusal, folder_at, writable, write_whole
from trainer.laws.freeze import freeze
from trainer.report.subject import of_file
from trainer.sweep.config import SweepConfig, made_for, read_sweep, with_data
from trainer.sweep.devices import CPU, CUDA, are_here, chosen, device_option, on_card, usual_precision
from trainer.sweep.elsewhere import planned_elsewhere
from trainer.sweep.engines.engine import CHECKPOINT_SECONDS
from trainer.sweep.engines.local import WORKERS
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.law.law import sweep_law
from trainer.sweep.law.precision import expected_precision
from trainer.sweep.plan import SweepPlan, keep_plan, kept_plan, planned
from trainer.sweep.probe import probed, rates_tried
from trainer.sweep.records import Precision

UNITS = {"s": 1, "m": 60, "h": 3600}


def sweep_command(parser: argparse.ArgumentParser) -> None:
    """trains a ladder of models on a domain and fits its law"""
    parser.add_argument("sweep", metavar="NAME|FILE.toml", help="a sweep that ships, or a file of one")
    parser.add_argument(
        "--budget",
        type=duration,
        default=0.0,
        help="time for all of it, such as 20m; without it the sweep's own tokens",
    )
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        help="train on the files of this folder: text, pictures, clips, pairs or token arrays, by sweep",
    )
    parser.add_argument(
        "--engine",
        choices=("local", "slurm", "ray"),
        default="local",
        help="where runs execute: here, a job array, Ray",
    )
    device_option(parser)
    parser.add_argument(
        "--cards",
        type=int,
        default=1,
        metavar="N",
        help="GPUs of one machine that train each run together, a share of every batch each; with --device cpu processes",
    )
    parser.add_argument(
        "--precision",
        choices=get_args(Precision),
        help="of training alone; without it bfloat16 on a GPU, float32 on a CPU",
    )
    parser.add_argument(
        "--workers", type=int, default=min(WORKERS, os.cpu_count() or 1), help="processes, of one thread each"
    )
    parser.add_argument(
        "--checkpoint", type=duration, default=CHECKPOINT_SECONDS, help="time between a run's checkpoints, such as 5s"
    )
    parser.add_argument(
        "--tensorboard",
        metavar="FOLDER",
        type=Path,
        help="write loss, gap and rate of each run as event files into this folder",
    )
    parser.add_argument("--dry-run", action="store_true", help="plan only")
    parser.add_argument(
        "--speeds",
        metavar="RUNS.jsonl",
        type=Path,
        help="with --dry-run: plan for the card that trained these runs, which need not be here",
    )
    parser.add_argument("--ask", action="store_true", help="close by asking a server that is started and stopped")
    parser.add_argument(
        "-o", "--output", type=Path, help="the folder of plan, runs, law and page; without it sweeps/NAME"
    )
    parser.set_defaults(run=run_sweep)


def duration(text: str) -> float:
    """`90s`, `20m`, `1.5h` in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if not match or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a time such as 90s, 20m or 1.5h, got {text}")
    return float(match[1]) * UNITS[match[2]]


def run_sweep(options: argparse.Namespace) -> None:
    if options.speeds:
        sys.stdout.write(described(plan_elsewhere(options), 1))
        return
    device, cards = chosen(options.device), options.cards
    are_here(cards, device)
    workers = 1 if (on_card(device) or cards > 1) and options.engine == "local" else options.workers
    sweep = with_precision(
        with_data(read_sweep(made_for(options.sweep, device)), options.data),
        options.precision or usual_precision(device),
    )
    sys.stderr.write(slow_without_card(sweep, device))
    folder: Path = options.output or Path("sweeps") / sweep.name
    table = table_of(None if options.dry_run else options.tensorboard, folder)
    if not options.dry_run:
        writable(folder)
    former = kept_plan(sweep, options.budget, folder)
    plan = (
        msgspec.structs.replace(former, device=device, cards=cards)
        if former
        else probed(planned(sweep, options.budget, workers, device, cards), workers)
    )
    sys.stdout.write(described(plan, workers))
    if options.dry_run:
        return
    keep_plan(plan, folder)
    records = carry_out(plan, folder, workers, table, options.checkpoint, options.engine)
    for record in records:
        if record.loss is None:
            sys.stdout.write(
                f"! run {record.run}, width {record.config.shape.width}: {record.status}, {record.reason}\n"
            )
    law = sweep_law(plan.sweep, folder)
    frozen = freeze(law, folder_at(folder / "frozen"))
    sys.stdout.write(
        f"{folder / 'runs.jsonl'}: {len(records)} records; {reported(law, folder / 'report.html')}; frozen: {frozen}\n"
    )
    sys.stdout.write((answer_line(frozen, records) if options.ask else closing(irreducible(frozen), records)) + "\n")


def slow_without_card(sweep: SweepConfig, device: str) -> str:
    """A line before a sweep that is made for a card is measured on a CPU, where steps of its largest widths take minutes; else nothing."""
    if on_card(device) or not sweep.name.endswith("-gpu"):
        return ""
    return (
        f"{sweep.name} is made for a GPU, and even to measure its widths may take a CPU hours: "
        f"--dry-run --speeds RUNS.jsonl plans it by a card's records, {sweep.name.removesuffix('-gpu')} is the sweep for a CPU\n"
    )


def plan_elsewhere(options: argparse.Namespace) -> SweepPlan:
    """The plan for a card that is not here.

    Raises:
        Refusal: more than a plan is asked for, or another device.
    """
    if not options.dry_run or options.device == CPU or options.cards > 1:
        raise Refusal(
            "--speeds plans for one card that need not be here: expected --dry-run, no --cards, no --device cpu"
        )
    sweep = with_data(read_sweep(made_for(options.sweep, CUDA)), options.data)
    return planned_elsewhere(
        with_precision(sweep, options.precision or usual_precision(CUDA)), options.budget, options.speeds
    )


def with_precision(sweep: SweepConfig, precision: Precision | None) -> SweepConfig:
    """The sweep's own, or where it says none this one; nothing said is float32."""
    return sweep if precision is None or sweep.precision else msgspec.structs.replace(sweep, precision=precision)


def table_of(events: Path | None, folder: Path) -> Table:
    """Of progress, and where asked of event files as well.

    Raises:
        MissingPackage: tensorboard is not installed.
        Refusal: their folder cannot be written.
    """
    if events is None:
        return Table(sys.stdout)
    module = loaded("trainer.sweep.engines.tensorboard", "--tensorboard", IMPORTS)
    writable(events)
    table: Table = module.EventTable(sys.stdout, events, folder / "runs")
    return table


def described(plan: SweepPlan, workers: int) -> str:
    """The plan, its cost, its expected precision."""
    sweep, first = plan.sweep, plan.runs[0]
    tokens = [step * first.tokens_per_step for step in first.reads]
    place = "on the card" if plan.card else f"on {workers} process{'es' if workers > 1 else ''}"
    axes = f"{number_of(len(sweep.widths), 'width')} × {number_of(len(sweep.seeds), 'seed')}"
    lines = [
        f"sweep {sweep.name}: {number_of(len(plan.runs), 'run')} = {axes}, each read at {len(tokens)} D",
        *([f"  device   {plan.card}, {first.precision or 'float32'}"] if plan.card else []),
        f"  tokens   {', '.join(f'{t:,d}' for t in tokens)}, {first.tokens_per_step:,d} a step",
        *(speed_of(plan, width) for width in sorted(plan.speeds)),
        *rates_tried(plan),
        f"  cost     about {plan.seconds:.0f} s {place}, {plan.flops:.2g} FLOP{mfu_note(plan, plan.flops, plan.seconds)}",
        f"  expected precision of the irreducible loss: ± {expected_precision(plan):.2g} nats at 90 %",
    ]
    if plan.asked and set(plan.asked.widths) - set(sweep.widths):
        lines.insert(
            1,
            f"  the budget leaves out widths {', '.join(str(w) for w in sorted(set(plan.asked.widths) - set(sweep.widths)))}",
        )
    return "\n".join(lines) + "\n"


def speed_of(plan: SweepPlan, width: int) -> str:
    """A width's line."""
    config, speed = next(run for run in plan.runs if run.shape.width == width), plan.speeds[width]
    return f"  width {width:<4d} {speed:>9,.0f} tokens/s a process{mfu_note(plan, speed * config.exact_flops_per_token, 1.0)}"


def mfu_note(plan: SweepPlan, flops: float, seconds: float) -> str:
    used = plan.mfu(flops, seconds)
    return "" if used is None else f", MFU {used:.3f}"


def reported(law: Path, page: Path) -> str:
    """Writes the law's page, where matplotlib is there for its plots; what to say of it."""
    try:
        write_whole(
            loaded("trainer.report.report", "the page of plots", "pip install matplotlib").report(of_file(law)), page
        )
    except MissingPackage as missing:
        return str(missing)
    return f"{page}: plots"
