"""The options that say how a table of runs is read, one definition for every command that takes one."""

import argparse
import shlex
from pathlib import Path

from trainer.laws.cells import averaged, best_of, finished
from trainer.laws.names import listed, without
from trainer.laws.thinning import thin
from trainer.tables.reading import LABELS, NUMERIC, ReadingOptions, reading
from trainer.tables.runs import Runs, read_runs
from trainer.tables.told import left_out, read_as

RUNS = "any table of runs: CSV, JSON, JSON lines, Excel or Parquet, with loss and params, tokens or compute"


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


def best_of_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option that takes the best of swept settings."""
    parser.add_argument(
        "--best-of",
        default="",
        metavar="SETTING,…",
        help="of runs of one size and data that differ in these (lr, batch, or any column) use the best; seeds are averaged first",
    )


def setting_names(text: str) -> list[str]:
    """The settings that `--best-of` names."""
    return [name.strip() for name in text.split(",") if name.strip()]


def choosing_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say which of the runs read are used."""
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="RUN,…",
        help="leave these runs out, by name; of runs without names 'line 14', the line of the table",
    )
    best_of_option(parser)
    parser.add_argument(
        "--checkpoints", action="store_true", help="use also what runs read in mid-schedule, not only where they ended"
    )


def chosen_runs(options: argparse.Namespace, split: str | None = None) -> Runs:
    """The runs that the options read and leave out: finished, seeds averaged, the best of settings; thinned where very many.

    Raises:
        Refusal: there is no such file, run or setting.
    """
    runs = runs_of(options.runs, options, split)
    labels = runs.labels.get("run", [])
    names = [name for text in options.without for name in listed(text, labels)]
    runs = without(runs, names) if names else runs
    runs = averaged(runs if options.checkpoints else finished(runs))
    settings = setting_names(options.best_of)
    return thin(best_of(runs, settings) if settings and len(runs) else runs)


def typed(options: argparse.Namespace) -> str:
    """The reading options as they were typed, for another command of the same runs; each after a space."""
    said = [("--as", text) for text in options.read_as] + [("--without", text) for text in options.without]
    said += [("--loss-unit", options.loss_unit), ("--best-of", options.best_of)]
    said += [("--bytes-per-token", f"{options.bytes_per_token:g}" if options.bytes_per_token else "")]
    words = [word for name, value in said if value for word in (name, shlex.quote(value))]
    return "".join(f" {word}" for word in [*words, *(["--checkpoints"] if options.checkpoints else [])])


def tell_reading(runs: Runs) -> None:
    """Prints what was read as what, and which rows were left out."""
    for sentence in (*read_as(runs), *left_out(runs)):
        print(f"  {sentence}")
