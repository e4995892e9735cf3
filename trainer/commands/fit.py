"""`fit RUNS -o law.json`: a law file from a table of runs, and the options that say how it is fitted."""

import argparse
import itertools
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fitted_laws.laws.relation import Counts
from trainer.commands.reading import RUNS, choosing_options, chosen_runs, reading_options, tell_reading, typed
from trainer.estimation.objective import huber, quantile, squares
from trainer.estimation.problem import FREE, Asymptote, pinned, prior
from trainer.files import Refusal, folder_at
from trainer.forecast.forecaster import kept_forecast
from trainer.laws import influence
from trainer.laws.curves import Remaining, each, is_made, request_of
from trainer.laws.exclusion import proposed, untuned
from trainer.laws.fitting import FORM_NAMES, VARIABLES, FitOptions, as_data_sets, fit_runs, require_rows
from trainer.laws.lawfile import Naming, law_of, with_forecast, write
from trainer.laws.refusal import Unfittable
from trainer.laws.residuals import grown_together, residual_diagnostics
from trainer.report.numerals import one_digit
from trainer.tables.reading import UnreadableRuns
from trainer.tables.runs import Runs
from trainer.tables.unread import unread_columns

ASKED_BEYOND = 10
"""The commands that are proposed ask so far beyond the largest run."""
MOST_FAILURES = 5
"""Curves without a law that are told of one by one."""
APART = ("command", "run", "runs", "output")
"""Options that say nothing of what is fitted."""
AUTO = (
    "auto: the additive surface where size and data vary (with repeats, that of repeated data); along one variable a power law plus constant, "
    "unless M4 or the broken power law missed the runs' own larger ones by a fifth less in rolling back-tests. With it goes a set of laws, "
    "each possible, as far apart as forecasts from such runs have erred: answers and their intervals come from the set"
)


RESAMPLES, FOR_CORRELATIONS = 4000, 400
"""Resampled fits: their quantiles are an interval's ends; their correlations are known to .05 by a tenth of them."""
OF_A_DEVIATION = 0.77
"""The scale of Student's t, four degrees of freedom, with the 90 % interval of a normal of deviation 1."""


def fit_command(parser: argparse.ArgumentParser) -> None:
    """fits a law to runs and writes a law file"""
    parser.add_argument("runs", type=Path, help=RUNS)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="the law file, or a folder that gets one a curve"
    )
    fit_options(parser)
    parser.set_defaults(run=run_fit)


def fit_options(parser: argparse.ArgumentParser) -> None:
    reading_options(parser)
    parser.add_argument("--form", choices=FORM_NAMES, default="auto", help=AUTO)
    parser.add_argument("--split", help="fit only rows of this split")
    choosing_options(parser)
    parser.add_argument(
        "--bootstrap",
        type=count,
        help=f"resampled fits behind the interval of a form that is named, {RESAMPLES} without it; by auto intervals come from the set of laws, "
        f"and {FOR_CORRELATIONS} tell how coefficients move together; 0: no interval and no forecast",
    )
    parser.add_argument("--by", choices=("auto", "rows", "size"), default="auto", help="what is resampled together")
    parser.add_argument(
        "--delta",
        type=float,
        help="Huber's delta on log loss; without it 1.345 × the robust noise (Hoffmann used 1e-3)",
    )
    parser.add_argument("--objective", choices=("huber", "squares", "quantile"), default="huber")
    parser.add_argument(
        "--irreducible-loss",
        help="pins it (1.7), bounds it (1.5..1.9), or gives a prior with its log deviation (1.7±0.05)",
    )
    parser.add_argument("--domain", help="the law's domain; without it the file's name")
    parser.add_argument("--id", help="the law's id; without it the file's name")
    parser.add_argument(
        "--counts",
        choices=("total", "non-embedding"),
        help="which parameters params counts; without it what the table's columns say, else total",
    )
    parser.add_argument("--data", default="", help="what the loss is measured on")
    parser.add_argument("--seed", type=count, default=0)


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, 0 or more, got {text}")
    return int(text)


def run_fit(options: argparse.Namespace) -> None:
    runs = chosen_runs(options, options.split)
    tell_reading(runs)
    require_rows(runs)
    curves = runs.by_curve()
    folder = options.output.suffix != ".json"
    if len(curves) > 1 and not folder:
        raise UnreadableRuns(
            f"{options.runs} holds {len(curves)} curves: expected -o with a folder, which gets one file a curve, got {options.output}"
        )
    if folder:
        folder_at(options.output)
    if not folder:
        told = fit_one(options, "", runs, options.output, "")
        print(told.text, end="")
        failures = [told.failure] if told.failure else []
    else:
        failures = fit_folder(options, curves)
    if len(failures) < len(curves):
        print("".join(f"{line}\n" for line in next_steps(options, runs, folder=folder)), end="")
    if failures:
        more = f"; and {len(failures) - MOST_FAILURES} more" if len(failures) > MOST_FAILURES else ""
        raise Unfittable("; ".join(failures[:MOST_FAILURES]) + more)


def next_steps(options: argparse.Namespace, runs: Runs, *, folder: bool) -> list[str]:
    """Commands that go on from here: the page, the law asked ten times beyond the runs, what to train next, the service."""
    table, law = shlex.quote(str(options.runs)), shlex.quote(str(options.output))
    same = typed(options)
    fitted_as = same + (f" --split {shlex.quote(options.split)}" if options.split else "")
    fitted_as += f" --form {options.form}" if options.form != "auto" else ""
    page = shlex.quote(str(options.output.with_suffix(".html") if not folder else options.output / "report.html"))
    lines = ["next:", f"  fitted-laws report {table}{fitted_as} -o {page}"]
    varied = [name for name in VARIABLES if runs.has(name) and np.ptp(runs.columns[name]) > 0]
    if not folder and {"params", "tokens"} <= {*varied}:
        compute = one_digit(ASKED_BEYOND * float(runs.columns["compute"].max()))
        lines.append(f"  fitted-laws optimal --law-file {law} --compute {compute}")
        lines.append(f"  fitted-laws suggest {table}{same} --compute {compute}")
    elif not folder and varied and options.form != "log-information":
        value = one_digit(ASKED_BEYOND * float(runs.columns[varied[0]].max()))
        lines.append(f"  fitted-laws loss --law-file {law} --{varied[0]} {value}")
    return [*lines, f"  fitted-laws backtest {table}{same}", f"  fitted-laws serve --laws {law}"]


def fit_folder(options: argparse.Namespace, curves: Mapping[str, Runs]) -> list[str]:
    """Fits each curve to a file of its own, but those whose file is there; why some could not be fitted."""
    folder_at(options.output)
    asked = {name: value for name, value in vars(options).items() if name not in APART}
    request = request_of(options.runs, asked)
    stems = stems_of(options.runs.stem, curves)
    paths = {curve: options.output / f"{stem}.json" for curve, stem in stems.items()}
    todo = [curve for curve in curves if not is_made(paths[curve], request)]
    if len(todo) < len(curves):
        print(f"{len(curves) - len(todo)} of {len(curves)} curves are fitted already, to this table and these options")

    def work(curve: str) -> Told:
        return fit_one(options, stems[curve], curves[curve], paths[curve], request)

    failures, remaining = [], Remaining(len(todo), sys.stderr)
    for curve, told in zip(todo, each(work, todo), strict=True):
        remaining.end()
        print(told.text, end="", flush=True)
        failures += [f"{curve}: {told.failure}" if curve else told.failure] if told.failure else []
        remaining.one_more()
    remaining.end()
    return failures


class Told(msgspec.Struct, frozen=True):
    """What to print of a curve's fit, or why there is none."""

    text: str = ""
    failure: str = ""


def fit_one(options: argparse.Namespace, stem: str, runs: Runs, path: Path, request: str) -> Told:
    """Fits one curve and writes its file; `stem` and `request` are empty where it is the only one."""
    try:
        law = fitted(options, stem, runs)
    except Unfittable as reason:
        return Told(failure=str(reason))
    if request:
        law["fit"]["request"] = request
    size = write(law, path)
    shown = ", ".join(f"{name} {value:.6g}" for name, value in law["coefficients"].items())
    lines = [
        f"{path} ({size / 1000:.0f} kB): {law['form']} on {len(runs)} runs: {shown}",
        f"  {law['fit']['objective']} sum {law['fit']['sum']:.9g}, rms of log loss {law['fit']['rms']:.2g}",
        *(f"  ! {note}" for note in (*law["notes"], *law["fit"]["remarks"])),
    ]
    return Told("".join(f"{line}\n" for line in lines))


def stems_of(table: str, curves: Iterable[str]) -> dict[str, str]:
    """The name of each curve's file, in order: where two names make one file name the later is numbered."""
    stems: dict[str, str] = {}
    for curve in curves:
        plain = slug(f"{table}-{curve}" if curve else table)
        numbered = (plain if i == 1 else f"{plain}-{i}" for i in itertools.count(1))
        stems[curve] = next(stem for stem in numbered if stem not in stems.values())
    return stems


def fitted(options: argparse.Namespace, stem: str, runs: Runs) -> dict[str, Any]:
    """The law file of one curve, named as asked; `stem` is its file's name, empty where there is but one curve.

    Raises:
        Unfittable: these runs determine no law.
    """
    runs = as_data_sets(runs) if options.form == "kaplan" else runs
    drawn_fit = fit_runs(runs, chosen(options))
    own = slug(options.runs.stem)
    id_ = slug(options.id + stem.removeprefix(own)) if options.id else stem or own
    counts: Counts = options.counts or runs.counts
    naming = Naming(id=id_, domain=slug(options.domain or options.runs.stem), counts=counts, data=options.data)
    noticed = residual_diagnostics(runs, drawn_fit.fit)
    notes = [
        *drawn_fit.notes,
        *noticed.notes,
        *untuned(runs, drawn_fit.fit, chosen(options)),
        *grown_together(runs),
        *influence.rests_on(runs, drawn_fit.fit),
    ]
    law = law_of(drawn_fit.fit, drawn_fit.draws, runs, options.runs, naming, notes)
    law["fit"]["remarks"] = [
        *drawn_fit.remarks,
        *noticed.remarks,
        *unread_columns(runs, drawn_fit.fit.residuals),
        *proposed(runs, drawn_fit.fit, noticed.far, chosen(options)),
        *influence.moved_most(runs, drawn_fit.fit),
    ]
    if options.form == "auto" and options.bootstrap != 0:
        forecast = kept_forecast(runs, seed=options.seed)
        if runs.seed_noise:  # of averages the residuals are less than a run's
            forecast["noise"] = max(forecast["noise"], OF_A_DEVIATION * runs.seed_noise)
        law = with_forecast(law, forecast)
    return law


def chosen(options: argparse.Namespace) -> FitOptions:
    objectives = {
        "huber": huber(options.delta) if options.delta else None,
        "squares": squares(),
        "quantile": quantile(0.5, options.delta or 1e-3),
    }
    usual = FOR_CORRELATIONS if options.form == "auto" else RESAMPLES
    return FitOptions(
        form=options.form,
        objective=objectives[options.objective],
        asymptote=asymptote(options.irreducible_loss),
        resamples=usual if options.bootstrap is None else options.bootstrap,
        seed=options.seed,
        by=options.by,
    )


def asymptote(text: str | None) -> Asymptote:
    """`1.7` pins, `1.5..1.9` bounds, `1.7±0.05` is a prior with that standard deviation of its logarithm.

    Raises:
        Refusal: it is none of these.
    """
    if text is None:
        return FREE
    between = next((mark for mark in ("..", "±") if mark in text), None)
    try:
        numbers = [float(part) for part in (text.split(between, maxsplit=1) if between else [text])]
    except ValueError:
        raise Refusal(f"--irreducible-loss: expected 1.7, 1.5..1.9 or 1.7±0.05, got {text}") from None
    if between == "..":
        return Asymptote(low=numbers[0], high=numbers[1])
    return prior(*numbers) if between else pinned(numbers[0])


def slug(text: str) -> str:
    """A name as ids and domains are written."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "runs"
