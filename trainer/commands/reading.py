"""The options that say how a table of runs is read, one definition for every command that takes one."""

import argparse
from pathlib import Path

from fitted_laws.quantities.units import NATS
from trainer.tables.reading import LABELS, NUMERIC, ReadingOptions, reading
from trainer.tables.runs import Runs, read_runs

RUNS = "any table of runs: CSV, JSON, JSON lines, Excel or Parquet, with loss and params, tokens or compute"
MOST_SHOWN = 20
"""Rows left out that are told one by one."""


def reading_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that `reading_of` reads."""
    parser.add_argument(
        "--as",
        dest="read_as",
        action="append",
        default=[],
        metavar="QUANTITY=COLUMN[:SCALE]",
        help=f"which column is what, where its name does not say it, at which scale (params=model_size:B, compute=budget:PF-days); "
        f"`epochs=` reads none. Quantities: {', '.join((*NUMERIC, *LABELS))}",
    )
    parser.add_argument(
        "--loss-unit", default="", help="what the loss is measured in: nats/token, bits/token, perplexity, bits/byte, …"
    )
    parser.add_argument(
        "--bytes-per-token",
        type=float,
        default=0.0,
        help="mean length of a token, by which a loss a byte becomes nats a token; a column of that name says it as well",
    )


def reading_of(options: argparse.Namespace) -> ReadingOptions:
    """What the options say.

    Raises:
        Refusal: one of them cannot be read.
    """
    counts = getattr(options, "counts", None) or ""
    return reading(options.read_as, options.loss_unit, options.bytes_per_token, counts)


def runs_of(path: Path, options: argparse.Namespace, split: str | None = None) -> Runs:
    """The runs of a table as the options say; only those of `split` where one is named."""
    return read_runs(path, split, reading_of(options))


def tell_reading(runs: Runs) -> None:
    """Prints what was read as what, and which rows were left out."""
    for column in runs.read_as:
        unit = f", in {column.unit}" if column.unit else f" × {column.scale:.0e}" if column.scale != 1 else ""
        if column.name != column.quantity or unit:
            print(f"  read {column.name} as {column.quantity}{unit}")
    if runs.loss_unit != NATS:
        print(f"  the loss is in {runs.loss_unit}: --bytes-per-token makes it {NATS}")
    for row in runs.excluded[:MOST_SHOWN]:
        print(f"  line {row.line} left out: {row.reason}")
    if len(runs.excluded) > MOST_SHOWN:
        print(f"  … and {len(runs.excluded) - MOST_SHOWN} more left out")
