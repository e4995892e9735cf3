"""`backtest RUNS`: how forecasts of the largest runs would have fared."""

import argparse
import json
import sys
from pathlib import Path

import msgspec
import numpy as np

from fitted_laws.quantities.display import number_of
from trainer.commands.reading import choosing_options, chosen_runs, reading_options
from trainer.forecast.backtest import Bin, CurveResult, backtest, by_distance, pooled
from trainer.laws.fitting import require_law, require_rows
from trainer.laws.refusal import Unfittable
from trainer.tables.runs import Runs


def backtest_command(parser: argparse.ArgumentParser) -> None:
    """holds out the largest runs, forecasts them, and says how it went"""
    parser.add_argument(
        "runs", type=Path, help="CSV or JSONL; rows whose split is test are held out, else the largest fifth"
    )
    parser.add_argument("--json", action="store_true", help="every row, for programs")
    parser.add_argument("--rows", action="store_true", help="every held-out run, in words")
    backtest_options(parser)
    parser.set_defaults(run=run)


def backtest_options(parser: argparse.ArgumentParser) -> None:
    """How the table is read, and which runs of it are used."""
    reading_options(parser)
    choosing_options(parser)


def run(options: argparse.Namespace) -> None:
    """Prints the back-test of a table of runs."""
    curves = backtest(with_a_law(chosen_runs(options)))
    if options.json:
        fields = ("curve", "error", "coverage", "width", "score", "rows")
        print(json.dumps({"curves": [{name: msgspec.to_builtins(c)[name] for name in fields} for c in curves]}))
        return
    for c in curves:
        print(f"{c.curve or options.runs.name}: {number_of(len(c.rows), 'run')} held out, {fared(c)}")
        for row in c.rows if options.rows else ():
            held = "" if row.held else "  missed"
            print(
                f"  {row.decades:.2f} decades: {row.predicted:.5g} ({row.low:.5g} – {row.high:.5g}), came {row.observed:.5g}{held}"
            )
        for warning in c.warnings:
            print(f"  ! {warning}")
    rows = [row for c in curves for row in c.rows]
    if len(curves) > 1:
        print(f"all {len(curves)} curves: {len(rows)} runs held out, {fared(pooled(rows))}")
    for found in by_distance(rows):
        print(f"from {found.decades:g} decades beyond: {number_of(found.rows, 'run')}, {fared(found)}")


def fared(found: CurveResult | Bin) -> str:
    """Error, coverage, width and interval score in words."""
    return f"error {found.error:.2%}, coverage {found.coverage:.0%}, width {found.width:.1%}, interval score {found.score:.4f}"


def with_a_law(runs: Runs) -> Runs:
    """The runs of those curves whose loss falls; why not, of the others, on standard error.

    Raises:
        Unfittable: there is no such curve.
    """
    require_rows(runs)
    labels, reasons = np.array(runs.labels.get("curve", [""] * len(runs))), {}
    for curve, part in runs.by_curve().items():
        try:
            require_law(part)
        except Unfittable as reason:
            reasons[curve] = f"{curve}: {reason}" if curve else str(reason)
    if {*labels.tolist()} <= {*reasons}:
        raise Unfittable("; ".join(reasons.values()))
    for sentence in reasons.values():
        print(f"trainer: {sentence}", file=sys.stderr)
    return runs.where(~np.isin(labels, list(reasons))) if reasons else runs
