"""The trainer's command line: fit tables of runs, report on the law, freeze it. Needs no torch."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fitted_laws.catalogue import BadLawFile
from fitted_laws.problems import Problem, Unanswerable
from fitted_laws.units import Unreadable, read
from trainer import backtest, judgement
from trainer.calibrate import calibrate_command
from trainer.fit.objective import huber, quantile, squares
from trainer.fit.problem import FREE, Asymptote, pinned, prior
from trainer.fitting import FORM_NAMES, Chosen, Unfittable, as_data_sets, fit_runs
from trainer.forecast.forecasting import Unforecastable
from trainer.forecast.keeping import kept_forecast
from trainer.freeze import freeze
from trainer.imports.command import import_command
from trainer.lawfile import Naming, law_of, write, write_whole
from trainer.ledger.chain import BrokenChain
from trainer.ledger.command import forecast_command
from trainer.runs import Runs, UnreadableRuns, read_runs
from trainer.structure import grown_together, structured
from trainer.subjects import of_file, of_fit
from trainer.sweeping import sweep_command

DONE, NOT_UNDERSTOOD, UNFITTABLE = 0, 2, 3
AUTO = (
    "auto: the additive surface where size and data vary (with repeats, that of repeated data); along one variable a power law plus constant, "
    "unless M4 or the broken power law missed the runs' own larger ones by a fifth less in rolling back-tests. It also keeps a forecast averaged "
    "over a family of laws: interval=run answers from it, and answers about the mean do where it missed by a tenth less than the law itself"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 done, 2 not understood, 3 nothing can be determined."""
    made = argparse.ArgumentParser(prog="python -m trainer", description="Fits scaling laws to tables of runs.", allow_abbrev=False)
    commands = made.add_subparsers(dest="command", required=True)
    for name, add in COMMANDS.items():
        add(commands.add_parser(name, help=(add.__doc__ or "").strip().splitlines()[0], allow_abbrev=False))
    given = made.parse_args(arguments)
    try:
        given.run(given)
    except (Unfittable, Unforecastable, BrokenChain, Unanswerable) as reason:
        print(f"trainer: {reason}", file=sys.stderr)
        return UNFITTABLE
    except (UnreadableRuns, BadLawFile, Unreadable, Problem, OSError, ValueError) as reason:
        print(f"trainer: {reason}", file=sys.stderr)
        return NOT_UNDERSTOOD
    return DONE


def fit_command(made: argparse.ArgumentParser) -> None:
    """fits a law to runs and writes a law file"""
    made.add_argument("runs", type=Path, help="CSV or JSONL with loss and params, tokens or compute")
    made.add_argument("-o", "--output", type=Path, required=True, help="the law file, or a folder that gets one a curve")
    fit_options(made)
    made.set_defaults(run=run_fit)


def fit_options(made: argparse.ArgumentParser) -> None:
    made.add_argument("--form", choices=FORM_NAMES, default="auto", help=AUTO)
    made.add_argument("--split", help="fit only rows of this split")
    made.add_argument("--bootstrap", type=int, default=4000, help="resampled fits behind the interval; 0: no interval and no forecast")
    made.add_argument("--by", choices=("auto", "rows", "size"), default="auto", help="what is resampled together")
    made.add_argument("--delta", type=float, help="Huber's delta on log loss; without it 1.345 × the robust noise (Hoffmann used 1e-3)")
    made.add_argument("--objective", choices=("huber", "squares", "quantile"), default="huber")
    made.add_argument("--irreducible-loss", help="pins it (1.7), bounds it (1.5..1.9), or gives a prior with its log deviation (1.7±0.05)")
    made.add_argument("--domain", help="the law's domain; without it the file's name")
    made.add_argument("--id", help="the law's id; without it the file's name")
    made.add_argument("--counts", choices=("total", "non-embedding"), default="total", help="which parameters params counts")
    made.add_argument("--data", default="", help="what the loss is measured on")
    made.add_argument("--seed", type=int, default=0)


def report_command(made: argparse.ArgumentParser) -> None:
    """makes a page of plots from runs, which it fits, or from a law file"""
    made.add_argument("runs", type=Path, metavar="RUNS|LAW", help="CSV or JSONL as fit takes it, or a law file (.json)")
    made.add_argument("-o", "--output", type=Path, required=True, help="the page, .html")
    fit_options(made)
    made.set_defaults(run=run_report)


def suggest_command(made: argparse.ArgumentParser) -> None:
    """names the cheapest further runs that would narrow an answer"""
    made.add_argument("runs", type=Path, help="CSV or JSONL with params, tokens and loss")
    made.add_argument("--question", choices=("optimal",), default="optimal")
    made.add_argument("--compute", required=True, help="the budget whose optimum is asked for, in FLOP")
    made.set_defaults(run=run_suggest)


def freeze_command(made: argparse.ArgumentParser) -> None:
    """puts a law file among the coefficients that ship"""
    made.add_argument("law", type=Path)
    made.set_defaults(run=lambda given: print(f"frozen: {freeze(given.law)}"))


def backtest_command(made: argparse.ArgumentParser) -> None:
    """holds out the largest runs, forecasts them, and says how it went"""
    made.add_argument("runs", type=Path, help="CSV or JSONL; rows whose split is test are held out, else the largest fifth")
    made.add_argument("--json", action="store_true", help="every row, for programs")
    made.set_defaults(run=lambda given: backtest.run(given.runs, as_json=given.json))


def reproduce_command(made: argparse.ArgumentParser) -> None:
    """computes a study of our own sweeps again from the records that ship"""
    made.add_argument("study", nargs="?", help="without it all of them")
    made.add_argument("-o", "--output", type=Path, default=Path("docs/studies"), help="the folder of plots")
    made.add_argument("--laws", action="store_true", help="fit and freeze our laws first; the data of the sweeps must be there")
    made.set_defaults(run=lambda given: importlib.import_module("trainer.studies.reproducing").reproduce(given))  # brings matplotlib


COMMANDS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "sweep": sweep_command,
    "calibrate": calibrate_command,
    "import": import_command,
    "fit": fit_command,
    "backtest": backtest_command,
    "report": report_command,
    "suggest": suggest_command,
    "forecast": forecast_command,
    "freeze": freeze_command,
    "reproduce": reproduce_command,
}


def run_fit(given: argparse.Namespace) -> None:
    runs = read_runs(given.runs, given.split)
    tell(runs)
    curves = runs.by_curve()
    folder = given.output.suffix != ".json"
    if len(curves) > 1 and not folder:
        raise UnreadableRuns(f"{given.runs} holds {len(curves)} curves: expected -o with a folder, which gets one file a curve, got {given.output}")
    if folder:
        given.output.mkdir(parents=True, exist_ok=True)
    failures = [reason for curve, part in curves.items() if (reason := fit_one(given, curve, part, folder=folder))]
    if failures:
        raise Unfittable("; ".join(failures))


def run_suggest(given: argparse.Namespace) -> None:
    runs, compute = read_runs(given.runs), read(given.compute, "compute")
    fitted = judgement.additive(runs)
    moves = judgement.influence(fitted, compute)
    most = int(np.argmax(np.abs(moves)))
    print(f"optimal params at {compute:.3g} FLOP: {judgement.optimal_params(fitted.coefficients, compute):.4g}")
    print(f"  line {runs.lines[most]} moves it most: without it, by {np.expm1(moves[most]):+.1%}")
    for turn in judgement.dial(runs, compute):
        print(f"  with the irreducible loss pinned at {turn.level:.4g}: {turn.params:.4g} (rms of log loss {turn.rms:.2g})")
    for run in judgement.suggest(runs, compute):
        print(f"  run {run.params:.3g} params on {run.tokens:.3g} tokens ({run.compute:.3g} FLOP): its logarithm then known to ±{run.deviation:.2g}")


def fit_one(given: argparse.Namespace, curve: str, runs: Runs, *, folder: bool) -> str | None:
    """Fits one curve and writes its file; why not, where it cannot be fitted."""
    stem = stem_of(given, curve) if folder else given.output.stem
    path = given.output / f"{stem}.json" if folder else given.output
    try:
        law = fitted(given, curve if folder else "", runs)
    except Unfittable as reason:
        return f"{curve}: {reason}" if curve else str(reason)
    size = write(law, path)
    shown = ", ".join(f"{name} {value:.6g}" for name, value in law["coefficients"].items())
    print(f"{path} ({size / 1000:.0f} kB): {law['form']} on {len(runs)} runs: {shown}")
    print(f"  {law['fit']['objective']} sum {law['fit']['sum']:.9g}, rms of log loss {law['fit']['rms']:.2g}")
    for note in law["notes"]:
        print(f"  ! {note}")
    return None


def stem_of(given: argparse.Namespace, curve: str) -> str:
    return slug(f"{given.runs.stem}-{curve}" if curve else given.runs.stem)


def fitted(given: argparse.Namespace, curve: str, runs: Runs) -> dict[str, Any]:
    """The law file of one curve, named as asked; `curve` is empty where there is but one.

    Raises:
        Unfittable: these runs determine no law.
    """
    runs = as_data_sets(runs) if given.form == "kaplan" else runs
    found = fit_runs(runs, chosen(given))
    id_ = slug(f"{given.id}-{curve}" if curve else given.id) if given.id else stem_of(given, curve)
    naming = Naming(id=id_, domain=slug(given.domain or given.runs.stem), counts=given.counts, data=given.data)
    notes = [*found.notes, *structured(runs, found.fit), *grown_together(runs), *judgement.rests_on(runs, found.fit)]
    law = law_of(found.fit, found.draws, runs, given.runs, naming, notes)
    if given.form == "auto" and given.bootstrap:
        law["fit"]["forecast"] = kept_forecast(runs, found.fit)
        law["notes"] += law["fit"]["forecast"]["warnings"]
    return law


def run_report(given: argparse.Namespace) -> None:
    """One page: of every curve of the runs, or of every relation of the law file."""
    failures: list[str] = []
    if given.runs.suffix == ".json":
        subjects = of_file(given.runs)
    else:
        runs = read_runs(given.runs, given.split)
        curves = runs.by_curve()
        subjects = []
        for curve, part in curves.items():
            try:
                subjects.append(of_fit(fitted(given, curve if len(curves) > 1 else "", part), part, given.runs))
            except Unfittable as reason:
                failures.append(f"{curve}: {reason}" if curve else str(reason))
    if subjects:
        page = importlib.import_module("trainer.report").report(subjects)  # brings matplotlib, a start that no fit should wait for
        size = write_whole(page, given.output)
        print(f"{given.output} ({size / 1000:.0f} kB): {', '.join(subject.name for subject in subjects)}")
    if failures or not subjects:
        raise Unfittable("; ".join(failures) or f"{given.runs} holds no relation of loss to size, data or compute: there is nothing to show")


def chosen(given: argparse.Namespace) -> Chosen:
    objectives = {"huber": huber(given.delta) if given.delta else None, "squares": squares(), "quantile": quantile(0.5, given.delta or 1e-3)}
    return Chosen(
        form=given.form,
        objective=objectives[given.objective],
        asymptote=asymptote(given.irreducible_loss),
        resamples=given.bootstrap,
        seed=given.seed,
        by=given.by,
    )


def asymptote(text: str | None) -> Asymptote:
    """`1.7` pins, `1.5..1.9` bounds, `1.7±0.05` is a prior with that standard deviation of its logarithm."""
    if text is None:
        return FREE
    if ".." in text:
        low, high = map(float, text.split(".."))
        return Asymptote(low=low, high=high)
    if "±" in text:
        centre, deviation = map(float, text.split("±"))
        return prior(centre, deviation)
    return pinned(float(text))


def tell(runs: Runs) -> None:
    """What was read as what, and what was left out."""
    for name, meaning in runs.aliases.items():
        print(f"  read {name} as {meaning}")
    for row in runs.excluded[:20]:
        print(f"  line {row.line} left out: {row.reason}")
    if len(runs.excluded) > 20:
        print(f"  … and {len(runs.excluded) - 20} more left out")


def slug(text: str) -> str:
    """A name as ids and domains are written."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "runs"


if __name__ == "__main__":
    sys.exit(main())
