"""`suggest RUNS --compute 1e24`: what an answer rests on, and which further runs would narrow it."""

import argparse
from pathlib import Path

import numpy as np

from fitted_laws.quantities.spelling import read
from trainer.commands.reading import choosing_options, chosen_runs, reading_options
from trainer.laws import influence
from trainer.laws.names import named


def suggest_command(parser: argparse.ArgumentParser) -> None:
    """names the cheapest further runs that would narrow an answer"""
    parser.add_argument("runs", type=Path, help="CSV or JSONL with params, tokens and loss")
    parser.add_argument("--question", choices=("optimal",), default="optimal")
    parser.add_argument("--compute", required=True, help="the budget whose optimum is asked for, in FLOP")
    reading_options(parser)
    choosing_options(parser)
    parser.set_defaults(run=run_suggest)


def run_suggest(options: argparse.Namespace) -> None:
    runs, compute = chosen_runs(options), read(options.compute, "compute")
    fitted = influence.additive(runs)
    moves = influence.influence(fitted, compute)
    other = influence.by_parabolas(runs, fitted, compute)
    most = int(np.argmax(np.abs(moves)))
    print(f"optimal params at {compute:.3g} FLOP: {influence.optimal_params(fitted.coefficients, compute):.4g}")
    print(f"  {named(runs, most)} moves it most: without it, by {np.expm1(moves[most]):+.1%}")
    if other is not None:
        off = " to ".join(f"{np.expm1(end):+.1%}" for end in other.bias)
        print(
            f"  parabolas at {other.budgets} budgets put it at {other.params:.4g}, growing as C^{other.exponent:.3g}; "
            f"on the fitted surface their vertices are off by {off}"
        )
    for turn in influence.dial(runs, compute):
        print(
            f"  with the irreducible loss pinned at {turn.level:.4g}: {turn.params:.4g} (rms of log loss {turn.rms:.2g})"
        )
    for run in influence.suggest(runs, compute):
        print(
            f"  run {run.params:.3g} params on {run.tokens:.3g} tokens ({run.compute:.3g} FLOP): its logarithm then known to ±{run.deviation:.2g}"
        )
