"""`report RUNS|LAW -o page.html`: a page of plots."""

import argparse
from pathlib import Path

from trainer.commands.fit import fit_options, fitted, stems_of
from trainer.commands.reading import chosen_runs
from trainer.files import write_whole
from trainer.laws.fitting import require_rows
from trainer.laws.refusal import Unfittable
from trainer.report.report import report
from trainer.report.subject import of_file, of_fit
from trainer.tables.formats.contents import is_law


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
    if is_law(options.runs):
        subjects = of_file(options.runs)
    else:
        runs = chosen_runs(options, options.split)
        require_rows(runs)
        curves = runs.by_curve()
        stems = stems_of(options.runs.stem, curves)
        subjects = []
        for curve, part in curves.items():
            try:
                law = fitted(options, stems[curve] if len(curves) > 1 else "", part)
                subjects.append(of_fit(law, part, options.runs))
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
