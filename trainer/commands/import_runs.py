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


def import_command(made: argparse.ArgumentParser) -> None:
    """makes a table of runs from what a tracker keeps"""
    made.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exports, files or folders of the tool")
    made.add_argument("--from", dest="tool", choices=tuple(READERS), required=True)
    made.add_argument("-o", "--output", type=Path, required=True, help="the table, .jsonl, one row a run")
    for meaning in KEYS:
        made.add_argument(
            f"--{meaning}-key",
            help=f"the key that is {meaning}; without it the first found of {', '.join(KEYS[meaning][:3])} …",
        )
    made.add_argument("--curve-key", default="", help="a setting whose values are fitted apart, one law each")
    made.add_argument(
        "--steps-key", default="", help="the key that counts optimiser steps, where the tool's own steps count calls"
    )
    made.add_argument(
        "--tokens-per-step", default="", help="tokens a step, or the setting that says it, where tokens were not logged"
    )
    made.add_argument(
        "--from-name",
        type=re.compile,
        metavar="REGEX",
        help="settings in the runs' names, as named groups: '(?P<params>\\d+M)'",
    )
    made.add_argument(
        "--curve", action="store_true", help="a row for every step at which the loss was logged, not only the last"
    )
    made.set_defaults(run=run_import)


def run_import(given: argparse.Namespace) -> None:
    reader = loaded(READERS[given.tool], f"--from {given.tool}")
    runs: list[Tracked] = [run for path in given.files for run in reader.read(path)]
    if given.from_name:
        runs = [named(run, given.from_name) for run in runs]
    chosen = ChosenKeys(
        keys={meaning: key for meaning in KEYS if (key := getattr(given, f"{meaning}_key"))},
        curve_key=given.curve_key,
        steps_key=given.steps_key,
        tokens_per_step=given.tokens_per_step,
        every_step=given.curve,
    )
    made = table(runs, chosen)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made.rows)
    write_whole(text.encode(), given.output)
    tell(given.output, runs, made)


def tell(output: Path, runs: list[Tracked], made: TrackedRows) -> None:
    """What was written, what was read as what, and how the runs ended."""
    print(f"{output}: {len(made.rows)} rows of {len(runs)} runs")
    for key, meaning in made.read_as.items():
        print(f"  read {key} as {meaning}")
    for quality, count in Counter(row["quality"] for row in made.rows).items():
        print(f"  {count} rows are {quality}" + ("" if quality == "ok" else ", and will be left out by fits"))
    for sentence in made.told:
        print(f"  ! {sentence}")
