"""The track record of forecasts on other people's runs: the one that ships, and its words. It measures nothing."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

FILE = Path(__file__).parent / "record.json"
ADDRESS = "/docs#fared"
SENTENCE = f"how forecasts of laws fitted to runs have fared, misses too: {ADDRESS} of the service, docs/forecasts.md"
HEADER = (
    "table",
    "curves",
    "runs held out",
    "error",
    "plain fit's",
    "90 % held",
    "plain fit's",
    "width",
    "plain fit's",
)
Kind = Literal["surface", "curve"]
TITLES: dict[Kind, str] = {"surface": "size and data vary", "curve": "one variable"}


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """One table of runs, its largest held out: mean relative error, part of the 90 % intervals for a new run that held,
    their mean width over the loss, and the interval score over the plain fit's."""

    table: str
    kind: Kind
    curves: int
    rows: int
    error: float
    plain_error: float
    coverage: float
    plain_coverage: float
    width: float
    plain_width: float
    score: float


class Distance(msgspec.Struct, frozen=True, kw_only=True):
    """Forecasts cut from the tables, by decades beyond the runs that they were made from; coverage as the families'
    mean, and each family's.
    """

    kind: Kind
    low: float
    high: float | None
    coverage: float
    families: dict[str, float]


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How forecasts did on tables of other people's runs, and by how far beyond their own runs they went."""

    tables: list[Tested]
    distances: list[Distance]

    def of(self, kind: Kind) -> list[Tested]:
        return [each for each in self.tables if each.kind == kind]


@functools.cache
def track_record() -> TrackRecord:
    """The record that ships."""
    return msgspec.json.decode(FILE.read_bytes(), type=TrackRecord)


def in_short(kind: Kind, record: TrackRecord) -> str:
    """The record in a sentence."""
    tables = record.of(kind)
    ratio = np.exp(np.mean([np.log(each.error / each.plain_error) for each in tables]))
    coverage, plain, width = (
        float(np.mean([getattr(each, name) for each in tables])) for name in ("coverage", "plain_coverage", "width")
    )
    return (
        f"Where {TITLES[kind]}, {len(tables)} tables: errors {ratio:.2f} of the plain fit's (geometric mean); "
        f"of the 90 % intervals for a new run {coverage:.0%} held, of the plain fit's {plain:.0%}; mean width {width:.1%} of the loss."
    )


def rows(kind: Kind, record: TrackRecord) -> list[tuple[str, ...]]:
    """The record's table, a row a table of runs, as texts under HEADER."""
    return [
        (
            each.table,
            str(each.curves),
            str(each.rows),
            f"{each.error:.2%}",
            f"{each.plain_error:.2%}",
            f"{each.coverage:.0%}",
            f"{each.plain_coverage:.0%}",
            f"{each.width:.1%}",
            f"{each.plain_width:.1%}",
        )
        for each in record.of(kind)
    ]


def by_distance(kind: Kind, record: TrackRecord) -> list[tuple[str, ...]]:
    """Decades beyond, how many families, how many of their 90 % intervals held, the worst family."""
    return [
        (
            f"{each.low:g} to {each.high:g}" if each.high is not None else f"over {each.low:g}",
            str(len(each.families)),
            f"{each.coverage:.0%}",
            "{} {:.0%}".format(*min(each.families.items(), key=lambda family: family[1])),
        )
        for each in record.distances
        if each.kind == kind
    ]


DISTANCE_HEADER = ("decades beyond", "families", "90 % held", "worst family")


def markdown(record: TrackRecord) -> str:
    """The record as Markdown, for docs/forecasts.md: for each kind its sentence, its table, and coverage by distance."""
    parts = []
    for kind in TITLES:
        parts += [
            in_short(kind, record),
            _grid(HEADER, rows(kind, record)),
            _grid(DISTANCE_HEADER, by_distance(kind, record)),
        ]
    return "\n\n".join(parts)


def _grid(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ("---",) * len(header), *lines))
