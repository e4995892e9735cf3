"""How each field is written on an axis, and a record of an answer as a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fitted_laws.plots.chart import PlotAxis, Point
from fitted_laws.quantities.display import brief, number
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.units import NATS
from fitted_laws.solving.extrapolation import INSIDE

COUNTED = frozenset(
    {"params", "tokens", "unique_tokens", "effective_tokens", "inference_tokens", "optimal_params", "batch_tokens"}
)
COUNTS = frozenset({"count", "steps", "tokens", "characters"})
"""Fields, and units, written with a suffix, 16.2 B; numbers elsewhere are written as digits or powers."""


TITLES = {
    "params": "model size (parameters)",
    "tokens": "training data (tokens)",
    "compute": "training compute (FLOP)",
    "inference_tokens": "tokens served",
}


def named(field: str, loss_unit: str | None = None) -> str:
    """A field with its unit, in words; `loss_unit` is that of losses, where it is not nats a token."""
    if field in TITLES:
        return TITLES[field]
    words = field.replace("_", " ")
    unit = unit_of(field, loss_unit)
    return f"{words} ({unit})" if unit and unit != "1" else words


def unit_of(field: str, loss_unit: str | None) -> str:
    unit = GLOSSARY[field].unit if field in GLOSSARY else ""
    return loss_unit if loss_unit and unit == NATS else unit


def axis(field: str, loss_unit: str | None = None) -> PlotAxis:
    """The axis of a field."""
    unit = unit_of(field, loss_unit)
    words = field.replace("_", " ")
    if field in COUNTED or unit in COUNTS:
        return PlotAxis(named(field).replace(" (count)", ""), brief, brief, words)
    what = unit if field == "compute" else words
    return PlotAxis(named(field, loss_unit), lambda x: number(x, 4), lambda x: number(x, 6), what)


def point(record: Mapping[str, Any], across: str, up: str) -> Point:
    """A record as a point; what it says of size and tokens goes with it."""
    more = [
        f"{brief(record[name])} {word}"
        for name, word in (("params", "parameters"), ("tokens", "tokens"))
        if name not in (across, up) and isinstance(record.get(name), float)
    ]
    inside = record.get("reach", INSIDE) == INSIDE  # what needs no law lies inside of none
    reach = "" if inside else f"\n{reached(record)}"
    return Point(
        x=record[across],
        y=record[up],
        low=record.get(f"{up}_low"),
        high=record.get(f"{up}_high"),
        inside=inside,
        tip=f"{', '.join(more)}{reach}",
    )


def reached(record: Mapping[str, Any]) -> str:
    """How far a record lies from the fit, in words."""
    if record["reach"] == "unknown":
        return "distance from the fit unknown"
    return "inside the fit" if not record["extrapolation"] else f"{record['extrapolation']:.2g} decades beyond the fit"
