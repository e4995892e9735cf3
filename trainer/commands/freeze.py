"""`freeze law.json`: puts a law file among the coefficients that ship."""

import argparse
from pathlib import Path

from trainer.laws.freeze import freeze


def freeze_command(parser: argparse.ArgumentParser) -> None:
    """puts a law file among the coefficients that ship"""
    parser.add_argument("law", type=Path)
    parser.set_defaults(run=lambda options: print(f"frozen: {freeze(options.law)}"))
