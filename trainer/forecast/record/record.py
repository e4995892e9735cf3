"""The public record of forecasts: measured on a folder of tables, kept as numbers, shown as figures and in the
documentation.

`python -m trainer.forecast.record.record FOLDER` measures anew (minutes); without a folder it only draws and writes
what is kept. Only measures of forecasts are kept, no run of any table.
"""

import argparse
import re
from pathlib import Path

import msgspec
import numpy as np

from fitted_laws.forecast.record import FILE, TITLES, Distance, Kind, Tested, TrackRecord, markdown, track_record
from trainer.estimation.objective import Array
from trainer.files import write_whole
from trainer.forecast.backtest import EDGES

from .figures import FIGURES
from .measuring import Case, cases_in, interval_score

DOCS = Path(__file__).parents[3] / "docs"
PAGE = "forecasts.md"
BETWEEN = re.compile(r"(<!-- record -->\n).*(\n<!-- end of record -->)", re.DOTALL)
DIGITS = 4


def measured(folder: Path) -> TrackRecord:
    """The record of a folder's tables."""
    return record_of(list(cases_in(folder)))


def record_of(cases: list[Case]) -> TrackRecord:
    """The record of forecasts, by table and by distance."""
    tables = [
        _tested(name, [c for c in cases if c.table == name and c.real])
        for name in dict.fromkeys(c.table for c in cases)
    ]
    kinds: dict[str, Kind] = {each.table: each.kind for each in tables}
    distances = []
    for kind in TITLES:
        here = [c for c in cases if kinds[c.table] == kind and not c.real]
        for low, high in zip(EDGES, (*EDGES[1:], np.inf), strict=True):
            distance = _distance(here, kind, low, high)
            if distance:
                distances.append(distance)
    return TrackRecord(tables=tables, distances=distances)


def _tested(name: str, here: list[Case]) -> Tested:
    centre, low, high, observed, held = (
        np.concatenate([getattr(c, part) for c in here]) for part in ("log_loss", "low", "high", "observed", "held")
    )
    plain, plain_low, plain_high = (
        np.concatenate([getattr(c.plain, part) for c in here]) for part in ("log_loss", "low", "high")
    )
    return Tested(
        table=name,
        kind="surface" if here[0].scales.coefficient else "curve",
        curves=len(here),
        rows=len(observed),
        error=_mean(np.abs(np.expm1(centre - observed))),
        plain_error=_mean(np.abs(np.expm1(plain - observed))),
        coverage=_mean(held),
        plain_coverage=_mean(np.asarray((plain_low <= observed) & (observed <= plain_high), np.float64)),
        width=_mean(np.exp(high - centre) - np.exp(low - centre)),
        plain_width=_mean(np.exp(plain_high - plain) - np.exp(plain_low - plain)),
        score=_mean(interval_score(low, high, observed)) / _mean(interval_score(plain_low, plain_high, observed)),
    )


def _distance(here: list[Case], kind: Kind, low: float, high: float) -> Distance | None:
    hits: dict[str, list[Array]] = {}
    for case in here:
        inside = (case.parts.beyond >= low) & (case.parts.beyond < high)
        if inside.any():
            hits.setdefault(case.family, []).append(case.held[inside])
    families = {family: _mean(np.concatenate(outcomes)) for family, outcomes in sorted(hits.items())}
    if not families:
        return None
    return Distance(
        kind=kind,
        low=low,
        high=float(high) if np.isfinite(high) else None,
        coverage=_mean(np.array([*families.values()])),
        families=families,
    )


def _mean(values: Array) -> float:
    return round(float(np.mean(values)), DIGITS)


def shown(record: TrackRecord, docs: Path) -> None:
    """Writes the figures, and the tables between the page's marks."""
    for name, draw in FIGURES.items():
        write_whole(draw(record), docs / name)
    page = docs / PAGE
    write_whole(
        BETWEEN.sub(lambda match: f"{match[1]}{markdown(record)}{match[2]}", page.read_text(encoding="utf-8")).encode(),
        page,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.forecast.record.record", description=(__doc__ or "").split("\n\n", maxsplit=1)[0]
    )
    parser.add_argument(
        "folder", type=Path, nargs="?", help="CSV tables of runs; a family is what a name says before its first _"
    )
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="the folder of forecasts.md")
    options = parser.parse_args()
    record = measured(options.folder) if options.folder else track_record()
    if options.folder:
        write_whole(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n", FILE)
    shown(record, options.output)


if __name__ == "__main__":
    main()
