"""`backtest RUNS`: how forecasts of the largest runs would have fared."""

import argparse
from pathlib import Path

from trainer import backtest


def backtest_command(made: argparse.ArgumentParser) -> None:
    """holds out the largest runs, forecasts them, and says how it went"""
    made.add_argument("runs", type=Path, help="CSV or JSONL; rows whose split is test are held out, else the largest fifth")
    made.add_argument("--json", action="store_true", help="every row, for programs")
    made.set_defaults(run=lambda given: backtest.run(given.runs, as_json=given.json))
