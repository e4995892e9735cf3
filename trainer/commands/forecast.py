"""`forecast register|score|ledger`: what is typed, and the clock that dates it."""

import argparse
import math
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import fitted_laws
from trainer.forecast.ledger.chain import BrokenChain, Ledger, UnreadableLedger, append, read_ledger
from trainer.forecast.ledger.entries import Entry, Expected, Forecast, Score, Stamp, score_of
from trainer.forecast.ledger.sources import expected
from trainer.forecast.ledger.summary import FORMATS, record_of

INPUTS = (
    "params",
    "tokens",
    "compute",
    "unique_tokens",
    "epochs",
    "steps",
    "experts",
    "granularity",
    "sparsity",
    "weight_bits",
)
"""What a run can be said to be; the question `loss`, or the runs, say which of them they take."""
OPTIONS = ("domain", "law", "counts", "part", "curve")
CODE = f"fitted-laws {fitted_laws.__version__}"


def forecast_command(parser: argparse.ArgumentParser) -> None:
    """registers forecasts before their runs, scores them after, prints the record"""
    doing = parser.add_subparsers(dest="doing", required=True)
    for name, add in {"register": _register, "score": _score, "ledger": _ledger}.items():
        part = doing.add_parser(name, help=(add.__doc__ or "").strip(), allow_abbrev=False)
        part.add_argument(
            "--ledger",
            type=Path,
            default=Path("forecasts.jsonl"),
            help="the file, one entry a line; default forecasts.jsonl",
        )
        add(part)


def _register(parser: argparse.ArgumentParser) -> None:
    """writes down what a run is expected to reach, before it"""
    parser.add_argument("source", metavar="LAW|RUNS", help="a law file, a table of runs, or the id of a law that ships")
    for name in (*INPUTS, *OPTIONS):
        parser.add_argument(f"--{name.replace('_', '-')}")
    parser.add_argument("--note", default="", help="what the run is, where its record will stand")
    parser.set_defaults(run=run_register)


def _score(parser: argparse.ArgumentParser) -> None:
    """adds what came of a forecast"""
    parser.add_argument("--id", required=True, help="the forecast's, as register printed it")
    parser.add_argument("--observed-loss", required=True, type=float)
    parser.add_argument("--note", default="")
    parser.add_argument(
        "--correct", action="store_true", help="score anew what was scored; both lines stay, the last one counts"
    )
    parser.set_defaults(run=run_score)


def _ledger(parser: argparse.ArgumentParser) -> None:
    """prints the record and checks its chain"""
    parser.add_argument("--format", choices=tuple(FORMATS), help="without it a table on a terminal, else JSON")
    parser.add_argument(
        "--contains",
        metavar="HASH",
        help="the head of a chain that was shown before: says whether this ledger grew from it",
    )
    parser.set_defaults(run=run_ledger)


def run_register(options: argparse.Namespace) -> None:
    typed = {name: value for name in (*INPUTS, *OPTIONS) if (value := getattr(options, name)) is not None}
    forecast = expected(
        options.source,
        {name: value for name, value in typed.items() if name in INPUTS},
        {name: value for name, value in typed.items() if name in OPTIONS},
    )
    entry = append(options.ledger, lambda ledger: _dated(forecast, ledger, options.note))
    wide = forecast.intervals[2]
    print(
        f"{entry.id}: loss {forecast.loss:.6g}, {wide.level:.0%} interval {wide.low:.6g} … {wide.high:.6g}, in {options.ledger}"
    )
    if forecast.of == "mean":
        print("  ! the interval is the law's, not one new run's: expect it to hold less often than it says")
    for warning in forecast.warnings:
        print(f"  ! {warning}")


def _dated(forecast: Expected, ledger: Ledger, note: str) -> Forecast:
    stamp = _stamp(f"f{len(ledger.forecasts) + 1}", ledger, note)
    return Forecast(**msgspec.structs.asdict(stamp), **msgspec.structs.asdict(forecast))


def run_score(options: argparse.Namespace) -> None:
    if not (math.isfinite(options.observed_loss) and options.observed_loss > 0):
        raise UnreadableLedger(f"expected a loss above 0 as --observed-loss, got {options.observed_loss}")
    entry = append(options.ledger, lambda ledger: _scored(options, ledger))
    if isinstance(entry, Score):
        outcomes = ", ".join(
            f"{float(level):.0%} {'held' if covered else 'MISSED'}" for level, covered in entry.covered.items()
        )
        print(f"{entry.forecast}: {entry.observed_loss:.6g} came, {entry.off:+.2f} scales off: {outcomes}")
        print(f"  of ln loss: log score {entry.log_score:.3f} nats, CRPS {entry.crps:.2g}")


def _scored(options: argparse.Namespace, ledger: Ledger) -> Entry:
    forecast, before = ledger.forecast(options.id), ledger.scores.get(options.id)
    if before is not None and not options.correct:
        raise UnreadableLedger(
            f"{options.id} was scored on {before.date}, {before.observed_loss:.6g}: --correct scores it anew and keeps both"
        )
    number = len(ledger.entries) - len(ledger.forecasts) + 1
    return score_of(forecast, options.observed_loss, _stamp(f"s{number}", ledger, options.note))


def run_ledger(options: argparse.Namespace) -> None:
    if not options.ledger.exists():
        raise UnreadableLedger(f"{options.ledger}: expected a ledger, got no such file; `forecast register` begins one")
    ledger = read_ledger(options.ledger)
    print(FORMATS[options.format or ("table" if sys.stdout.isatty() else "json")](record_of(ledger)))
    if ledger.breaks:
        raise BrokenChain(f"{options.ledger}: {ledger.breaks[0]}")
    if options.contains and options.contains not in ledger.hashes:
        raise BrokenChain(
            f"{options.ledger}: expected a line with the hash {options.contains}, got none: lines were cut from its end, or it is another ledger"
        )


def _stamp(id: str, ledger: Ledger, note: str) -> Stamp:
    date = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Stamp(id=id, date=date, note=note, code=CODE, previous=ledger.head)
