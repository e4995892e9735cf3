"""`import FILE|FOLDER…`: what trackers, trainers and tables keep of runs becomes one table of runs."""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import msgspec

from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.extras import loaded
from fitted_laws.quantities.units import NATS
from trainer.commands.reading import reading_of, reading_options
from trainer.files import IMPORTS, Refusal, write_whole
from trainer.laws.cells import best_of
from trainer.laws.settings import NAMES as SETTINGS
from trainer.laws.settings import plain
from trainer.tables.formats.json_rows import of_records
from trainer.tables.reading import ChosenColumn, ReadingOptions
from trainer.tables.runs import runs_in
from trainer.tables.trackers.columns import ChosenKeys, TrackedRows, leaf, table
from trainer.tables.trackers.recognising import has_event_files, recognised
from trainer.tables.trackers.tracked import Tracked, named

TOOLS = "trainer.tables.trackers.tools."
READERS = {
    "csv": "csv_rows",
    "wandb": "wandb",
    "mlflow": "mlflow",
    "tensorboard": "tensorboard",
    "huggingface": "huggingface",
    "lightning": "lightning",
    "nanochat": "nanochat",
    "jsonl": "steps",
    "trackio": "trackio",
}
"""By tool its module. `csv` is any table, a run a row."""
KEYED = ("loss", "params", "tokens", "compute")
"""Quantities that have an option of their own beside `--as`."""


def import_command(parser: argparse.ArgumentParser) -> None:
    """makes a table of runs from what trackers, trainers and tables keep"""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exports, files or folders of the tool")
    parser.add_argument("--from", dest="tool", choices=tuple(READERS), help="the tool; without it what the files say")
    parser.add_argument("-o", "--output", type=Path, help="the table, .jsonl, one row a run")
    parser.add_argument("--dry-run", action="store_true", help="write nothing: say what would be read as what")
    reading_options(parser)
    for meaning in KEYED:
        parser.add_argument(f"--{meaning}-key", help=f"the key that is {meaning}, as --as {meaning}=KEY")
    parser.add_argument(
        "--best-of", default="", metavar="SETTING,…", help="of runs of one size and data that differ in these the best"
    )
    parser.add_argument("--curve-key", default="", help="a setting whose values are fitted apart, one law each")
    parser.add_argument(
        "--steps-key", default="", help="the key that counts optimiser steps, where the tool's own steps count calls"
    )
    parser.add_argument(
        "--tokens-per-step", default="", help="tokens a step, or the setting that says it, where tokens were not logged"
    )
    parser.add_argument(
        "--from-name",
        type=re.compile,
        metavar="REGEX",
        help="settings in the runs' names, as named groups: '(?P<params>\\d+M)'",
    )
    parser.add_argument(
        "--curve", action="store_true", help="a row for every step at which the loss was logged, not only the last"
    )
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> None:
    if options.output is None and not options.dry_run:
        raise Refusal("expected -o runs.jsonl, or --dry-run to see what would be written, got neither")
    tools = [options.tool or recognised(path) for path in options.files]
    runs = [run for path, tool in zip(options.files, tools, strict=True) for run in read(path, tool)]
    if options.from_name:
        runs = [named(run, options.from_name) for run in runs]
    wanted = reading_of(options)
    keys = {meaning: ChosenColumn(key) for meaning in KEYED if (key := getattr(options, f"{meaning}_key"))}
    chosen = ChosenKeys(
        keys={**wanted.columns, **keys},
        curve_key=options.curve_key or (wanted.columns["curve"].name if "curve" in wanted.columns else ""),
        steps_key=options.steps_key,
        tokens_per_step=options.tokens_per_step,
        every_step=options.curve,
        loss_unit=wanted.loss_unit,
        of_table={*tools} <= {"csv", "nanochat"},
        settings=swept_keys(runs, best_of_names(options)),
    )
    result = best(table(runs, chosen), best_of_names(options))
    if not options.dry_run:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in result.rows)
        write_whole(text.encode(), options.output)
    heading = (
        f"{options.output or 'nothing written'}: {number_of(len(result.rows), 'row')} of {number_of(len(runs), 'run')}"
    )
    print(heading + f", read as {', '.join(dict.fromkeys(tools))}")
    tell(runs, result, wanted)


def best_of_names(options: argparse.Namespace) -> list[str]:
    """The settings of `--best-of`."""
    return [name.strip() for name in options.best_of.split(",") if name.strip()]


def swept_keys(runs: list[Tracked], wanted: list[str]) -> tuple[str, ...]:
    """The settings that sweeps go over, such as learning rates and seeds, and those that are asked for."""
    known = {plain(name) for setting, names in SETTINGS.items() for name in (setting, *names)} | {*map(plain, wanted)}
    keys = dict.fromkeys(key for run in runs for key in run.settings)
    return tuple(key for key in keys if plain(leaf(key)) in known)


def best(result: TrackedRows, settings: list[str]) -> TrackedRows:
    """The rows that are the best of these settings at their size and data, and those that fits leave out anyway."""
    if not settings:
        return result
    fitted = runs_in(of_records(enumerate(result.rows, start=1)), "the table", None, ReadingOptions())
    dropped = {*fitted.lines} - {*best_of(fitted, settings).lines}
    rows = [row for line, row in enumerate(result.rows, start=1) if line not in dropped]
    return msgspec.structs.replace(result, rows=rows)


def read(path: Path, tool: str) -> list[Tracked]:
    """The runs that a tool keeps in a file or folder."""
    module = READERS[tool]
    if tool == "tensorboard" and not has_event_files(path):
        module = "tensorboard_csv"
    runs: list[Tracked] = loaded(TOOLS + module, f"--from {tool}", IMPORTS).read(path)
    return runs


def tell(runs: list[Tracked], result: TrackedRows, wanted: ReadingOptions) -> None:
    """What was read as what, at which scale and in which unit, how many rows can be used and why the others cannot."""
    unused = ReadingOptions(bytes_per_token=wanted.bytes_per_token)
    fitted = runs_in(of_records(enumerate(result.rows, start=1)), "the table", None, unused)
    lines = [("column", "read as", "scale", "unit", "rows")]
    for meaning, key in result.read_as.items():
        said = sum(row.get(meaning) is not None for row in result.rows)
        unit = key.unit or (wanted.loss_unit or NATS if meaning == "loss" else "")
        lines.append((key.key, meaning, f"× {key.scale:.3g}" if key.scale != 1 else "", unit, str(said)))
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    read_keys = {key.key for key in result.read_as.values()}
    unread = dict.fromkeys(key for run in runs for key in run.keys() if key not in read_keys)  # noqa: SIM118 - no mapping
    if unread:
        print(f"  not read: {', '.join([*unread][:20])}{' …' if len(unread) > 20 else ''}")
    print(f"  {number_of(len(fitted), 'row')} can be fitted")
    for reason, count in Counter(row.reason for row in fitted.excluded).most_common():
        print(f"  {count} left out by fits: {reason}")
    for sentence in [*result.notes, *fitted.remarks]:
        print(f"  ! {sentence}")
