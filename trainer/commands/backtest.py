"""`backtest RUNS`: how forecasts of the largest runs would have fared."""

import argparse
import json
from pathlib import Path

import msgspec

from trainer.commands.reading import reading_options, runs_of
from trainer.forecast.backtest import backtest


def backtest_command(parser: argparse.ArgumentParser) -> None:
    """holds out the largest runs, forecasts them, and says how it went"""
    parser.add_argument(
        "runs", type=Path, help="CSV or JSONL; rows whose split is test are held out, else the largest fifth"
    )
    parser.add_argument("--json", action="store_true", help="every row, for programs")
    reading_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Prints the back-test of a table of runs."""
    curves = backtest(runs_of(options.runs, options))
    if options.json:
        fields = ("curve", "error", "coverage", "width", "rows")
        print(json.dumps({"curves": [{name: msgspec.to_builtins(c)[name] for name in fields} for c in curves]}))
        return
    for c in curves:
        print(
            f"{c.curve or options.runs.name}: {len(c.rows)} runs held out, error {c.error:.2%}, coverage {c.coverage:.0%}, width {c.width:.1%}"
        )
        for warning in c.warnings:
            print(f"  ! {warning}")
