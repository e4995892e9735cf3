"""`suggest RUNS --question loss --params 70B --tokens 1.4T --budget 1e21`: what an answer rests on, and which further runs would narrow it."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fitted_laws.answers.formats import write_records
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.documents.usage import metavar, written
from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.questions import registry
from trainer.commands.fit import count
from trainer.commands.reading import RUNS, choosing_options, chosen_runs, reading_options
from trainer.forecast.plans.asked import QUESTIONS
from trainer.forecast.plans.candidates import MOST_RUNS
from trainer.forecast.plans.paying import FLEET, budget_of, rates_of
from trainer.forecast.plans.reckoning import OUTCOMES, planner
from trainer.forecast.plans.telling import as_record, known_now, plans_told, rows_of
from trainer.laws import influence
from trainer.laws.fitting import require_law
from trainer.laws.names import named
from trainer.tables.reading import UnreadableRuns
from trainer.tables.runs import Runs

INPUTS = ("params", "tokens", "compute", "loss", "kl")
"""Of the questions that can be asked here."""
WHY = "names the further runs, few large or many small, that would narrow an answer within a budget"
HOW = (
    "The question is put to the set of laws that `fit` keeps. Truths are drawn from it, the runs of each plan are simulated with one run's noise, "
    "and the set is fitted anew: the widths that come out are those to expect. "
    "Without --budget or --cost it says what is known now, and of an optimum what that rests on."
)
NO_BUDGET = "--budget FLOP, or --cost with --accelerator, --mfu and --price-per-hour, lists plans of further runs"


def suggest_command(parser: argparse.ArgumentParser) -> None:
    """names the further runs that would narrow an answer within a budget"""
    parser.description = f"{WHY[0].upper()}{WHY[1:]}. {HOW}"
    parser.add_argument("runs", type=Path, help=f"{RUNS}; plans need params and tokens in every row")
    asked = parser.add_argument_group(
        "the question",
        "with the inputs that it needs: optimal --compute; target --loss or --kl; loss --params and --tokens, or --compute",
    )
    asked.add_argument("--question", choices=QUESTIONS, default="optimal", help="without it optimal")
    for name in INPUTS:
        _input(asked, name, QUESTIONS)
    asked.add_argument(
        "--field", default="", help="the field whose interval is to be narrowed; without it the headline"
    )
    asked.add_argument("--level", default="0.9", help="of the interval; without it 0.9")
    spent = parser.add_argument_group(
        "the budget of further runs", "FLOP, or money, which needs --accelerator, --mfu and --price-per-hour"
    )
    spent.add_argument(
        "--budget", metavar="FLOP", help="compute of all further runs together: 1e21, 3 PF-days, 3000 H100-days@40%%"
    )
    spent.add_argument("--cost", metavar="MONEY", help="what all further runs together may cost, in your currency")
    for name in FLEET:
        _input(spent, name, ("plan",))
    spent.add_argument(
        "--most-runs",
        type=count,
        default=MOST_RUNS,
        metavar="N",
        help=f"runs of a plan at most; without it {MOST_RUNS}",
    )
    parser.add_argument(
        "--outcomes",
        type=count,
        default=OUTCOMES,
        metavar="N",
        help=f"possible truths that each listed plan is tried on; without it {OUTCOMES}",
    )
    parser.add_argument(
        "--seed", type=count, default=0, help="of the laws and of the noise: the same gives the same plans"
    )
    parser.add_argument(
        "--format", choices=("text", "json", "csv"), default="text", help="csv is a row a further run; without it text"
    )
    reading_options(parser)
    choosing_options(parser)
    parser.set_defaults(run=run_suggest)


def _input(place: argparse._ArgumentGroup, name: str, questions: tuple[str, ...]) -> None:
    """An input as the question that it belongs to declares it."""
    entry = next(inputs[name] for question in questions if name in (inputs := inputs_of(registry.named(question))))
    place.add_argument(f"--{name.replace('_', '-')}", metavar=metavar(entry), help=written(entry).replace("%", "%%"))


def run_suggest(options: argparse.Namespace) -> None:
    runs = _of_one_curve(chosen_runs(options), options.runs)
    rates = rates_of({name: value for name in FLEET if (value := getattr(options, name)) is not None})
    budget = budget_of(options.budget, options.cost, rates)
    _require_some(options)
    require_law(runs)
    given = {name: value for name in (*INPUTS, "level") if (value := getattr(options, name)) is not None}
    asked = planner(runs, options.question, given, options.field, options.seed)
    chosen = [] if budget is None else [*asked.chosen(budget, options.most_runs), asked.grid(budget)]
    plans = [asked.reckoned(plan, options.outcomes) for plan in chosen]
    if options.format == "json":
        print(msgspec.json.encode(as_record(asked, plans, rates)).decode())
        return
    if options.format == "csv":
        print(write_records(rows_of(plans, rates)), end="")
        return
    print(known_now(asked))
    for line in rests_on(runs, asked.whole, with_next=budget is None) if options.question == "optimal" else ():
        print(f"  {line}")
    for line in plans_told(asked, plans, rates) if plans else (NO_BUDGET,):
        print(line)


def _require_some(options: argparse.Namespace) -> None:
    """That there are runs and outcomes to speak of.

    Raises:
        NotUnderstood: none are asked for.
    """
    none = [Fault(name, "1 or more", "0") for name in ("most_runs", "outcomes") if not getattr(options, name)]
    if options.format == "csv" and options.budget is None and options.cost is None:
        none.append(Fault("format", "csv with --budget or --cost, since its rows are further runs", "neither"))
    if none:
        raise NotUnderstood.of(*none)


def _of_one_curve(runs: Runs, table: Path) -> Runs:
    """The runs, which are of one law.

    Raises:
        UnreadableRuns: they are of several.
    """
    curves = runs.by_curve()
    if len(curves) > 1:
        raise UnreadableRuns(
            f"{table} holds {len(curves)} curves: expected the runs of one law, since a plan is for one"
        )
    return runs


def rests_on(runs: Runs, answer: Mapping[str, Any], *, with_next: bool) -> Iterator[str]:
    """What the optimum of an additive law rests on, in sentences: the run that moves it most, parabolas, the irreducible loss; and the next runs."""
    compute = float(answer["compute"])
    fitted = influence.additive(runs)
    moves = influence.influence(fitted, compute)
    most = int(np.argmax(np.abs(moves)))
    other = influence.by_parabolas(runs, fitted, compute)
    yield (
        f"by the additive law alone {influence.optimal_params(fitted.coefficients, compute):.4g} params; "
        f"{named(runs, most)} moves it most: without it, by {np.expm1(moves[most]):+.1%}"
    )
    if other is not None:
        off = " to ".join(f"{np.expm1(end):+.1%}" for end in other.bias)
        yield (
            f"parabolas at {number_of(other.budgets, 'budget')} put it at {other.params:.4g}, growing as C^{other.exponent:.3g}; "
            f"on the fitted surface their vertices are off by {off}"
        )
    for turn in influence.dial(runs, compute):
        yield f"with the irreducible loss pinned at {turn.level:.4g}: {turn.params:.4g} (rms of log loss {turn.rms:.2g})"
    for run in influence.suggest(runs, compute) if with_next else ():
        yield (
            f"run {run.params:.3g} params on {run.tokens:.3g} tokens ({run.compute:.3g} FLOP): its logarithm then known to ±{run.deviation:.2g}"
        )
