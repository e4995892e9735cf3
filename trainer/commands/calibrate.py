"""`calibrate`: whether intervals hold what they promise, on sweeps of known law."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from trainer.sweep.devices import chosen, device_option, name_of, on_card, usual_precision
from trainer.sweep.engines.local import WORKERS, Heard, Job, local
from trainer.sweep.law.calibration import row, runs_of, sweeps
from trainer.sweep.records import name_by_id

HEADER = f"{'sweep':<16s} {'true':>8s} {'fitted':>8s} {'5 %':>8s} {'95 %':>8s} {'width':>8s} {'core s':>6s}"


def calibrate_command(made: argparse.ArgumentParser) -> None:
    """trains forty short sweeps of known entropy, and counts in how many the interval holds it"""
    made.add_argument(
        "--workers", type=int, default=min(WORKERS, os.cpu_count() or 1), help="processes, of one thread each"
    )
    device_option(made)
    made.add_argument("--only", type=int, default=0, help="the first so many sweeps alone")
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("sweeps/calibrate"),
        help="the folder of the records, of which what is there is not run again",
    )
    made.set_defaults(run=run_calibrate)


def run_calibrate(given: argparse.Namespace) -> None:
    """A line a sweep as soon as its runs are recorded; then how many intervals hold the truth."""
    device = chosen(given.device)
    precision = usual_precision(device)
    asked = [
        msgspec.structs.replace(sweep, precision=precision or msgspec.UNSET) for sweep in sweeps()[: given.only or None]
    ]
    given.output.mkdir(parents=True, exist_ok=True)
    name_by_id(given.output, [])
    waiting = {sweep.name: runs_of(sweep, given.output) for sweep in asked}
    of_run = {config.id: sweep for sweep in asked for ensemble in waiting[sweep.name] for config in ensemble}
    left = {name: {config.id for ensemble in found for config in ensemble} for name, found in waiting.items()}
    rows = {sweep.name: row(sweep, given.output) for sweep in asked if not left[sweep.name]}
    sys.stdout.write("\n".join([HEADER, *map(str, rows.values())]) + "\n")
    failures: list[str] = []

    def hear(heard: Heard) -> None:
        sweep = of_run[heard.run]
        if heard.failed:
            failures.append(f"{sweep.name}: {heard.failed}")
        elif heard.ended:
            left[sweep.name].discard(heard.run)
            if not left[sweep.name]:
                rows[sweep.name] = row(sweep, given.output)
                sys.stdout.write(f"{rows[sweep.name]}\n")
                sys.stdout.flush()

    jobs = [
        Job(configs=ensemble, folder=str(given.output), device=device, card=name_of(device))
        for found in waiting.values()
        for ensemble in found
    ]
    if jobs:
        local(jobs, hear, 1 if on_card(device) else given.workers)
    if failures:
        raise OSError(
            f"{len(failures)} runs could not be carried out, and the same command tries them again: {failures[0]}"
        )
    sys.stdout.write(f"true entropy inside the 90 % interval: {sum(r.inside for r in rows.values())} of {len(rows)}\n")
