"""`freeze law.json`: puts a law file among the coefficients that ship."""

import argparse
from pathlib import Path

from trainer.laws.freeze import freeze


def freeze_command(made: argparse.ArgumentParser) -> None:
    """puts a law file among the coefficients that ship"""
    made.add_argument("law", type=Path)
    made.set_defaults(run=lambda given: print(f"frozen: {freeze(given.law)}"))
