"""How far beyond the fitted data an answer lies, in decades and in which quantities, and what reach that is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.forms.protocols import OfOne
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import QUANTITIES, Relation, Validated
from fitted_laws.laws.sampling import build
from fitted_laws.solving.solution import Caution, Fields

INSIDE, NEAR, FAR, BEYOND, UNKNOWN = "inside", "near", "far", "beyond", "unknown"
NEAR_ENDS, FAR_ENDS = 1.0, 3.0
"""Decades at which `near` and `far` end."""
WORDS = {
    "compute": "compute",
    "params": "size",
    "tokens": "data",
    "tokens_per_param": "tokens a parameter",
    "unique_tokens": "unique data",
    "finetune_characters": "fine-tuning data",
    "epochs": "epochs",
    "experts": "experts",
    "granularity": "granularity",
    "sparsity": "sparsity",
    "bits": "bits",
    "exponent_bits": "bits of the exponent",
    "mantissa_bits": "bits of the mantissa",
    "block": "block",
    "width": "width",
    "layers": "layers",
    "training_loss": "training loss",
    "position": "position",
    "context": "context",
}
"""Quantities as sentences have them."""
PLANE = ("compute", "params", "tokens", "tokens_per_param")
"""Any two of these fix the others, by C = 6ND: a range that follows is no further range."""
AXES = {
    "surface": ("params", "tokens"),
    "mixed-surface": ("params", "tokens"),
    "shape-surface": ("params", "tokens"),
    "moe-surface": ("params", "tokens"),
    "repeated": ("params", "unique_tokens", "epochs"),
    "overfitting": ("params", "unique_tokens"),
    "path": ("params",),
    "converged": ("params",),
    "moe-converged": ("params",),
    "data": ("tokens",),
    "finetuned-loss": ("params", "finetune_characters"),
    "finetuned-error": ("params", "finetune_characters"),
}
"""What a relation is fitted in, where that is more than its one variable, or that one alone."""
ANYTHING = "what it was fitted over"
COLUMNS = {"bits": ("weight_bits", "activation_bits", "cache_bits")}
"""The fields that give a quantity, where they are not named as it is."""


class RangeDistance(msgspec.Struct, frozen=True):
    """Decades beyond one fitted range, (rows,), above its high end or below its low one."""

    quantity: str
    values: Values
    high: float
    decades: Values
    relations: Sequence[Relation]


class Fit(msgspec.Struct, frozen=True):
    """What one law's relations were fitted in: ranges of the quantities that are stated, and the names of those that are not."""

    law: Law | None
    relations: Sequence[Relation]
    ranges: Mapping[str, tuple[float, float]]
    unstated: Sequence[str]


def fits_of(law: Law, sources: Sequence[Drawn[object]]) -> Sequence[Fit]:
    """What the relations used were fitted in, law by law; `law` keeps it."""
    key = tuple(id(drawn.relation) for drawn in sources)
    found: Sequence[Fit] | None = law.derived.get(key)
    if found is None:
        found = law.derived[key] = list(_fits(law, sources))
    return found


def _fits(law: Law, sources: Sequence[Drawn[object]]) -> Iterator[Fit]:
    for name in dict.fromkeys([law.id, *(drawn.relation.id for drawn in sources)]):
        relations = [drawn.relation for drawn in sources if drawn.relation.id == name]
        own = law if name == law.id else None
        ranges = fitted_ranges(own, relations)
        yield Fit(own, relations, ranges, list(missing(relations, ranges)))


def extrapolation(
    law: Law, sources: Sequence[Drawn[object]], own: Mapping[str, Any], columns: Mapping[str, Any], size: int
) -> Fields:
    """`extrapolation`, `extrapolation_in` and `reach` of each row: the largest distance in decades beyond any fitted range.

    `own` are the values in the law's own count; another law that is compared with it is asked at those of the answer, `columns`.
    A range that is exceeded counts even where others are not stated; else one that is not makes the distance unknown, null.
    """
    distances: list[RangeDistance] = []
    unstated: list[str] = []
    for fit in fits_of(law, sources):
        distances += measured(fit, with_size(fit, own if fit.law else columns), size)
        unstated += fit.unstated
    if not unstated and not distances:
        return Fields(
            fields={"extrapolation": np.zeros(size), "extrapolation_in": [None] * size, "reach": [INSIDE] * size}
        )
    largest = np.max([found.decades for found in distances], axis=0) if distances else np.zeros(size)
    rounded = np.round(largest, 2)
    reach = [reach_of(decades, known=not unstated) for decades in rounded.tolist()]
    tested = [found == BEYOND and validated(distances, row) for row, found in enumerate(reach)]
    fields = {
        "extrapolation": np.where((rounded == 0) & bool(unstated), np.nan, largest),
        "extrapolation_in": [furthest(distances, row) if far else None for row, far in enumerate(rounded.tolist())],
        "reach": [FAR if within else found for within, found in zip(tested, reach, strict=True)],
    }
    return Fields(fields=fields, warnings=[*cautions(distances, rounded, tested), *unknown(unstated, reach)])


def reach_of(decades: float, *, known: bool) -> str:
    """What the distance beyond the fit, rounded to hundredths of a decade, amounts to."""
    if decades == 0:
        return INSIDE if known else UNKNOWN
    return NEAR if decades < NEAR_ENDS else FAR if decades < FAR_ENDS else BEYOND


def fitted_ranges(law: Law | None, relations: Sequence[Relation]) -> dict[str, tuple[float, float]]:
    """Of each quantity that of the first relation used that has one, or else that of the law."""
    ranges = dict(law.first.ranges) if law else {}
    for relation in reversed(relations):
        ranges |= relation.ranges
    return {quantity: ranges[quantity] for quantity in QUANTITIES if quantity in ranges}


def with_size(fit: Fit, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values; where only a budget is among them, and no range of budgets is stated, with the size that N_opt(C) prints for it."""
    compute = values.get("compute")
    if compute is None or values.get("params") is not None or "compute" in fit.ranges or "params" not in fit.ranges:
        return values
    budget = np.asarray(compute, dtype=float)
    held = [*fit.relations, *(fit.law.relations.values() if fit.law else ())]
    printed = next((relation for relation in held if relation.role == "allocation"), None)
    if printed is None:
        return values
    form = build(printed.form, {name: np.array([value]) for name, value in printed.coefficients.items()})
    return {**values, "params": cast(OfOne, form).value(budget / printed.scale)}


def measured(fit: Fit, values: Mapping[str, Any], size: int) -> Iterator[RangeDistance]:
    """How far the values of each quantity lie beyond its range, where some do; of a sparsity the part that is used counts.

    What is null lies nowhere.
    """
    for quantity, ends in fit.ranges.items():
        low, high = (1 - ends[1], 1 - ends[0]) if quantity == "sparsity" else ends
        for found in given(values, quantity):
            value = 1 - found if quantity == "sparsity" else found
            if low <= value <= high if type(value) is float else not ((value < low) | (value > high)).any():
                continue
            logs = np.log10(np.broadcast_to(value, size))
            low_end, high_end = np.log10([low, high])
            decades = np.fmax(0.0, np.maximum(logs - high_end, low_end - logs))
            yield RangeDistance(quantity, np.broadcast_to(found, size), ends[1], decades, fit.relations)


def given(values: Mapping[str, Any], quantity: str) -> Sequence[Any]:
    """What the answer or its inputs say of a quantity: an array, or the float of one row."""
    if quantity == "tokens_per_param" and values.get("tokens") is not None and values.get("params") is not None:
        return (numbers(values["tokens"]) / numbers(values["params"]),)
    if quantity in COLUMNS:
        return [numbers(values[name]) for name in COLUMNS[quantity] if values.get(name) is not None]
    value = values.get(quantity)
    return () if value is None else (numbers(value),)


def numbers(column: Any) -> Any:
    """A column as an array, that of one row as a float."""
    if type(column) is list and len(column) == 1:
        column = column[0]
    return column if type(column) is float else np.asarray(column, dtype=float)


def missing(relations: Sequence[Relation], ranges: Mapping[str, Any]) -> Iterator[str]:
    """The quantities that the relations were fitted in and state no range of."""
    on_plane = sum(name in ranges for name in PLANE)
    for relation in relations:
        axes = AXES.get(relation.role, ())
        settled = on_plane >= sum(name in PLANE for name in axes)
        yield from (name for name in axes if name not in ranges and not (name in PLANE and settled))
        if not axes and not ranges:
            yield relation.one_variable_of or ANYTHING


def furthest(distances: Sequence[RangeDistance], row: int) -> str:
    """The quantity that lies farthest out."""
    return max(distances, key=lambda found: found.decades[row]).quantity


def validated(distances: Sequence[RangeDistance], row: int) -> bool:
    """Whether single larger runs of the authors lie at least as far out, each law's in all that is exceeded."""
    exceeded = [found for found in distances if round(found.decades[row], 2) > 0]
    by_law = itertools.groupby(exceeded, key=lambda found: id(found.relations))
    return all(any(tests(run, found, row) for run in runs_of(found)) for found in (list(f) for _, f in by_law))


def runs_of(distances: Sequence[RangeDistance]) -> list[Validated]:
    return [run for relation in distances[0].relations for run in relation.validated]


def tests(run: Validated, exceeded: Sequence[RangeDistance], row: int) -> bool:
    """Whether `run` lies at least as far out in all of them; what follows by C = 6ND of its size and data counts."""
    at = dict(run.at)
    if {"params", "tokens"} <= at.keys():
        at = {"compute": 6 * at["params"] * at["tokens"], "tokens_per_param": at["tokens"] / at["params"], **at}
    return all(found.high < found.values[row] <= at.get(found.quantity, 0) for found in exceeded)


def cautions(distances: Sequence[RangeDistance], rounded: Values, tested: Sequence[bool]) -> Iterator[Caution]:
    """One sentence a row that lies outside, with every quantity that does; rows of one sentence share it."""
    rows: dict[str, list[int]] = {}
    for row in np.flatnonzero(rounded).tolist():
        names = dict.fromkeys(WORDS[found.quantity] for found in distances if round(found.decades[row], 2) > 0)
        decades = f"{rounded[row]:.1f}" if rounded[row] >= 0.05 else f"{rounded[row]:.2f}"
        rows.setdefault(f"{decades} decades beyond the fit, in {listed(list(names))}", []).append(row)
    for text, concerned in rows.items():
        yield Caution(text, mask(concerned, len(rounded)))
    if any(tested):
        runs = dict.fromkeys(f"{run.what} ({run.where})" for found in distances for run in runs_of([found]))
        yield Caution(f"inside what larger runs of its authors have tested: {'; '.join(runs)}", np.array(tested))


def unknown(unstated: Sequence[str], reach: Sequence[str]) -> Iterator[Caution]:
    """What is not stated, where that leaves the distance unknown."""
    rows = [row for row, found in enumerate(reach) if found == UNKNOWN]
    if rows:
        words = listed([WORDS.get(name, name) for name in dict.fromkeys(unstated)])
        text = f"how far this lies beyond the fit is unknown: no fitted range is stated of {words}"
        yield Caution(text, mask(rows, len(reach)))


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def mask(rows: Sequence[int], size: int) -> Any:
    """True at `rows` of `size`."""
    found = np.zeros(size, dtype=bool)
    found[list(rows)] = True
    return found
