"""`calibrate`: whether intervals hold what they promise, on sweeps of known law."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from fitted_laws.quantities.display import number_of
from trainer.files import Refusal, folder_at
from trainer.sweep.devices import chosen, device_option, name_of, on_card, usual_precision
from trainer.sweep.engines.engine import Heard, Job
from trainer.sweep.engines.local import WORKERS, local
from trainer.sweep.law.calibration import row, runs_of, sweeps
from trainer.sweep.records import name_by_id

HEADER = f"{'sweep':<16s} {'true':>8s} {'fitted':>8s} {'5 %':>8s} {'95 %':>8s} {'width':>8s} {'core s':>6s}"


def calibrate_command(parser: argparse.ArgumentParser) -> None:
    """trains forty short sweeps of known entropy, and counts in how many the interval holds it"""
    parser.add_argument(
        "--workers", type=int, default=min(WORKERS, os.cpu_count() or 1), help="processes, of one thread each"
    )
    device_option(parser)
    parser.add_argument("--only", type=int, default=0, help="the first so many sweeps alone")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("sweeps/calibrate"),
        help="the folder of the records, of which what is there is not run again",
    )
    parser.set_defaults(run=run_calibrate)


def run_calibrate(options: argparse.Namespace) -> None:
    """A line a sweep as soon as its runs are recorded; then how many intervals hold the truth."""
    device = chosen(options.device)
    precision = usual_precision(device)
    trials = [
        msgspec.structs.replace(sweep, precision=precision or msgspec.UNSET)
        for sweep in sweeps()[: options.only or None]
    ]
    folder_at(options.output)
    name_by_id(options.output, [])
    waiting = {sweep.name: runs_of(sweep, options.output) for sweep in trials}
    of_run = {config.id: sweep for sweep in trials for ensemble in waiting[sweep.name] for config in ensemble}
    left = {name: {config.id for ensemble in ensembles for config in ensemble} for name, ensembles in waiting.items()}
    rows = {sweep.name: row(sweep, options.output) for sweep in trials if not left[sweep.name]}
    sys.stdout.write("\n".join([HEADER, *map(str, rows.values())]) + "\n")
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        sweep = of_run[heard.run]
        if heard.failed:
            failures.append(f"{sweep.name}: {heard.failed}")
        elif heard.ended:
            left[sweep.name].discard(heard.run)
            if not left[sweep.name]:
                rows[sweep.name] = row(sweep, options.output)
                sys.stdout.write(f"{rows[sweep.name]}\n")
                sys.stdout.flush()

    jobs = [
        Job(configs=ensemble, folder=str(options.output), device=device, card=name_of(device))
        for ensembles in waiting.values()
        for ensemble in ensembles
    ]
    if jobs:
        local(jobs, hear, 1 if on_card(device) else options.workers)
    if failures:
        raise Refusal(
            f"{number_of(len(failures), 'run')} could not be carried out, and the same command tries them again: {failures[0]}"
        )
    sys.stdout.write(f"true entropy inside the 90 % interval: {sum(r.inside for r in rows.values())} of {len(rows)}\n")
