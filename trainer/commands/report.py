"""`report RUNS|LAW -o page.html`: a page of plots."""

import argparse
from pathlib import Path

from trainer.commands.fit import fit_options, fitted
from trainer.commands.reading import runs_of
from trainer.files import write_whole
from trainer.laws.fitting import Unfittable
from trainer.report.report import report
from trainer.report.subject import of_file, of_fit


def report_command(parser: argparse.ArgumentParser) -> None:
    """makes a page of plots from runs, which it fits, or from a law file"""
    parser.add_argument(
        "runs", type=Path, metavar="RUNS|LAW", help="CSV or JSONL as fit takes it, or a law file (.json)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="the page, .html")
    fit_options(parser)
    parser.set_defaults(run=run_report)


def run_report(options: argparse.Namespace) -> None:
    """One page: of every curve of the runs, or of every relation of the law file."""
    failures: list[str] = []
    if options.runs.suffix == ".json":
        subjects = of_file(options.runs)
    else:
        runs = runs_of(options.runs, options, options.split)
        curves = runs.by_curve()
        subjects = []
        for curve, part in curves.items():
            try:
                subjects.append(of_fit(fitted(options, curve if len(curves) > 1 else "", part), part, options.runs))
            except Unfittable as reason:
                failures.append(f"{curve}: {reason}" if curve else str(reason))
    if subjects:
        page = report(subjects)
        size = write_whole(page, options.output)
        print(f"{options.output} ({size / 1000:.0f} kB): {', '.join(subject.name for subject in subjects)}")
    if failures or not subjects:
        raise Unfittable(
            "; ".join(failures)
            or f"{options.runs} holds no relation of loss to size, data or compute: there is nothing to show"
        )
