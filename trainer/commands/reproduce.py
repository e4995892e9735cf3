"""`reproduce [STUDY]`: what our own sweeps say beside the paper, from the records that ship."""

import argparse
from pathlib import Path

from trainer.studies.reproducing import reproduce


def reproduce_command(made: argparse.ArgumentParser) -> None:
    """computes a study of our own sweeps again from the records that ship"""
    made.add_argument("study", nargs="?", help="without it all of them")
    made.add_argument("-o", "--output", type=Path, default=Path("docs/studies"), help="the folder of plots")
    made.add_argument("--laws", action="store_true", help="fit and freeze our laws first; the data of the sweeps must be there")
    made.set_defaults(run=reproduce)
