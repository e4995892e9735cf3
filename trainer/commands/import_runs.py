"""`import FILE… --from TOOL`: what a tracker keeps of runs becomes a table of runs."""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

from trainer.extras import loaded
from trainer.files import write_whole
from trainer.tables.trackers.columns import KEYS, ChosenKeys, TrackedRows, table
from trainer.tables.trackers.tracked import Tracked, named

READERS = {
    "csv": "trainer.tables.trackers.csv_rows",
    "wandb": "trainer.tables.trackers.wandb",
    "mlflow": "trainer.tables.trackers.mlflow",
    "tensorboard": "trainer.tables.trackers.tensorboard",
}


def import_command(parser: argparse.ArgumentParser) -> None:
    """makes a table of runs from what a tracker keeps"""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exports, files or folders of the tool")
    parser.add_argument("--from", dest="tool", choices=tuple(READERS), required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table, .jsonl, one row a run")
    for meaning in KEYS:
        parser.add_argument(
            f"--{meaning}-key",
            help=f"the key that is {meaning}; without it the first found of {', '.join(KEYS[meaning][:3])} …",
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
    reader = loaded(READERS[options.tool], f"--from {options.tool}")
    runs: list[Tracked] = [run for path in options.files for run in reader.read(path)]
    if options.from_name:
        runs = [named(run, options.from_name) for run in runs]
    chosen = ChosenKeys(
        keys={meaning: key for meaning in KEYS if (key := getattr(options, f"{meaning}_key"))},
        curve_key=options.curve_key,
        steps_key=options.steps_key,
        tokens_per_step=options.tokens_per_step,
        every_step=options.curve,
    )
    result = table(runs, chosen)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in result.rows)
    write_whole(text.encode(), options.output)
    tell(options.output, runs, result)


def tell(output: Path, runs: list[Tracked], result: TrackedRows) -> None:
    """What was written, what was read as what, and how the runs ended."""
    print(f"{output}: {len(result.rows)} rows of {len(runs)} runs")
    for key, meaning in result.read_as.items():
        print(f"  read {key} as {meaning}")
    for quality, count in Counter(row["quality"] for row in result.rows).items():
        print(f"  {count} rows are {quality}" + ("" if quality == "ok" else ", and will be left out by fits"))
    for sentence in result.notes:
        print(f"  ! {sentence}")
