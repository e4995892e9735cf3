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

from .figures import FIGURES
from .measuring import EDGES, Case, cases_in, half_widths, interval_score

DOCS = Path(__file__).parents[3] / "docs"
PAGE = "forecasts.md"
BETWEEN = re.compile(r"(<!-- record -->\n).*(\n<!-- end of record -->)", re.DOTALL)
DIGITS = 4


def measured(folder: Path) -> TrackRecord:
    """The record of a folder's tables, intervals calibrated without each one's own family."""
    cases = list(cases_in(folder))
    halves = half_widths(cases)
    pairs = list(zip(cases, halves, strict=True))
    tables = [
        _tested(name, [(c, half) for c, half in pairs if c.table == name and c.real and c.plain])
        for name in dict.fromkeys(c.table for c in cases)
    ]
    kinds: dict[str, Kind] = {each.table: each.kind for each in tables}
    distances = []
    for kind in TITLES:
        here = [(c, half) for c, half in pairs if kinds[c.table] == kind and not c.real]
        for low, high in zip(EDGES, (*EDGES[1:], np.inf), strict=True):
            distance = _distance(here, kind, low, high)
            if distance:
                distances.append(distance)
    return TrackRecord(tables=tables, distances=distances)


def _tested(name: str, here: list[tuple[Case, Array]]) -> Tested:
    errors, half = (np.concatenate(parts) for parts in zip(*((c.errors, half) for c, half in here), strict=True))
    centre = np.concatenate([c.parts.log_loss for c, _ in here])
    plain, low, high = (
        np.concatenate([getattr(c.plain, part) for c, _ in here]) for part in ("log_loss", "low", "high")
    )
    observed = centre + errors
    return Tested(
        table=name,
        kind="surface" if here[0][0].fitted.scales.coefficient else "curve",
        curves=len(here),
        rows=len(errors),
        error=_mean(np.abs(np.expm1(-errors))),
        plain_error=_mean(np.abs(np.expm1(plain - observed))),
        coverage=_mean(np.abs(errors) <= half),
        plain_coverage=_mean((low <= observed) & (observed <= high)),
        width=_mean(2 * np.sinh(half)),
        plain_width=_mean(np.exp(high - plain) - np.exp(low - plain)),
        score=_mean(interval_score(centre - half, centre + half, observed))
        / _mean(interval_score(low, high, observed)),
    )


def _distance(here: list[tuple[Case, Array]], kind: Kind, low: float, high: float) -> Distance | None:
    hits: dict[str, list[Array]] = {}
    for case, half in here:
        inside = (case.parts.beyond >= low) & (case.parts.beyond < high)
        if inside.any():
            hits.setdefault(case.family, []).append((np.abs(case.errors[inside]) <= half[inside]).astype(np.float64))
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
