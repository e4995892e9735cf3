"""`reproduce [STUDY]`: what our own sweeps say beside the paper, from the records that ship."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from trainer.files import Refusal, folder_at, write_whole
from trainer.laws.lawfile import write
from trainer.studies.page import data_of, plot, section
from trainer.studies.registry import STUDIES
from trainer.studies.sweep_laws import LAWS, frozen_path, law_of_records


def reproduce_command(parser: argparse.ArgumentParser) -> None:
    """computes a study of our own sweeps again from the records that ship"""
    parser.add_argument("study", nargs="?", help="without it all of them")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/studies"), help="the folder of plots")
    parser.add_argument(
        "--laws", action="store_true", help="fit and freeze our laws first; the data of the sweeps must be there"
    )
    parser.set_defaults(run=reproduce)


def reproduce(options: argparse.Namespace) -> None:
    """One study, or all; with `laws` the laws of our sweeps before.

    Raises:
        Refusal: there is no such study.
    """
    if options.laws:
        for name in LAWS:
            size = write(law_of_records(name, data_of(name)), frozen_path(name))
            sys.stdout.write(f"{frozen_path(name).name}: {size / 1000:.0f} kB\n")
    if options.study and options.study not in STUDIES:
        raise Refusal(f"expected a study among {', '.join(STUDIES)}, got {options.study}")
    folder_at(options.output)
    for name in [options.study] if options.study else STUDIES:
        finding = STUDIES[name].finding()
        write_whole(plot(finding), options.output / f"{name}.svg")
        sys.stdout.write(section(name, finding))
