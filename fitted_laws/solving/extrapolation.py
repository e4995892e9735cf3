"""How far beyond the fitted data an answer lies, in decades and in which quantities, and what reach that is."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.forms.protocols import OfOne
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import QUANTITIES, Relation, Validated
from fitted_laws.laws.sampling import build
from fitted_laws.quantities.display import listed
from fitted_laws.quantities.glossary import IN_SENTENCES
from fitted_laws.solving.categories import Categories, numbered
from fitted_laws.solving.solution import Caution, Cautions, Column

INSIDE, NEAR, FAR, BEYOND, UNKNOWN = "inside", "near", "far", "beyond", "unknown"
NEAR_ENDS, FAR_ENDS = REACH_ENDS = (1.0, 3.0)
"""Decades at which `near` and `far` end."""
OUTSIDE = (NEAR, FAR, BEYOND)
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


class Extrapolated(msgspec.Struct, frozen=True, kw_only=True):
    """How far each row lies beyond the fit: `extrapolation`, `extrapolation_in` and `reach`, and what to know of it."""

    fields: dict[str, Column]
    warnings: Sequence[Caution | Cautions] = ()


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
) -> Extrapolated:
    """`extrapolation`, `extrapolation_in` and `reach` of each row: the largest distance in decades beyond any fitted range.

    `own` are the values in the law's own count; another law that is compared with it is asked at those of the answer, `columns`.
    A range that is exceeded counts even where others are not stated; else one that is not makes the distance unknown, null.
    """
    distances: list[RangeDistance] = []
    unstated: list[str] = []
    for fit in fits_of(law, sources):
        distances += measured(fit, with_size(fit, own if fit.law else columns), size)
        unstated += fit.unstated
    if not distances:
        nowhere = np.full(size, np.nan) if unstated else np.zeros(size)
        reaches = [UNKNOWN if unstated else INSIDE] * size
        fields = {"extrapolation": nowhere, "extrapolation_in": [None] * size, "reach": reaches}
        return Extrapolated(fields=fields, warnings=[unknown(unstated)] if unstated else [])
    decades = np.array([found.decades for found in distances])  # (distances, rows)
    rounded = np.rint(100 * decades)
    outside = rounded > 0
    largest, hundredths = decades.max(axis=0), rounded.max(axis=0)
    within = hundredths == 0
    reach = 1 - within.astype(np.intp)
    for end in REACH_ENDS:
        reach += hundredths >= 100 * end
    tested = reach == 1 + OUTSIDE.index(BEYOND)
    if tested.any():
        tested &= validated(distances, outside)
        reach[tested] = 1 + OUTSIDE.index(FAR)
    warnings = [*cautions(distances, outside, hundredths.astype(np.intp)), *tests_said(distances, tested)]
    if unstated and within.any():
        warnings.append(unknown(unstated, within))
    fields = {
        "extrapolation": np.where(within, np.nan, largest) if unstated else largest,
        "extrapolation_in": Categories(
            [None, *(found.quantity for found in distances)], np.where(within, 0, 1 + first_at(decades, largest))
        ),
        "reach": Categories([UNKNOWN if unstated else INSIDE, *OUTSIDE], reach),
    }
    return Extrapolated(fields=fields, warnings=warnings)


def first_at(decades: Values, largest: Values) -> NDArray[np.intp]:
    """Which of `decades`, (distances, rows), is the `largest` of its row, the first of equal ones."""
    place = np.zeros(len(largest), dtype=np.intp)
    for number in range(len(decades) - 1, -1, -1):
        place[decades[number] == largest] = number
    return place


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
            decades = np.maximum(logs - high_end, low_end - logs)
            np.fmax(0.0, decades, out=decades)
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


def validated(distances: Sequence[RangeDistance], outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether single larger runs of the authors lie at least as far out as each row, each law's in all that is exceeded.

    `outside`, (distances, rows), says which ranges each row lies beyond.
    """
    found = np.ones(outside.shape[1], dtype=bool)
    beyond = zip(distances, outside, strict=True)
    for _, of_law in itertools.groupby(beyond, key=lambda pair: id(pair[0].relations)):
        own = list(of_law)
        allowed = ~np.any([exceeded for _, exceeded in own], axis=0)
        for run in runs_of(own[0][0]):
            at = run.reached
            within = [(each.high < each.values) & (each.values <= at.get(each.quantity, 0)) for each, _ in own]
            allowed |= np.all([~exceeded | tested for tested, (_, exceeded) in zip(within, own, strict=True)], axis=0)
        found &= allowed
    return found


def runs_of(distance: RangeDistance) -> list[Validated]:
    return [run for relation in distance.relations for run in relation.validated]


def cautions(
    distances: Sequence[RangeDistance], outside: NDArray[np.bool_], hundredths: NDArray[np.intp]
) -> Iterator[Caution | Cautions]:
    """One sentence a row that lies outside, with every quantity that does; `hundredths` of a decade are (rows,)."""
    numbers = hundredths << len(distances)
    for place, exceeded in enumerate(outside):
        numbers |= exceeded.astype(np.intp) << place
    different = numbered(numbers)
    texts: dict[str | None, int] = {None: -1}
    named = functools.cache(lambda bits: names_of(distances, bits))
    places = [
        texts.setdefault(sentence(number, len(distances), named), len(texts) - 1)
        for number in different.numbers.tolist()
    ]
    said = [text for text in texts if text is not None]
    if len(places) == 1:
        yield from map(Caution, said)
    else:
        yield Cautions(said, np.array(places)[different.codes])


def sentence(number: int, bits: int, named: Callable[[int], str]) -> str | None:
    """What is said of a row so many hundredths of a decade out, above as many `bits` as there are distances; None of one inside."""
    hundredths = number >> bits
    if hundredths == 0:
        return None
    decades = f"{hundredths / 100:.1f}" if hundredths >= 5 else f"{hundredths / 100:.2f}"
    return f"{decades} decades beyond the fit, in {named(number & ((1 << bits) - 1))}"


def names_of(distances: Sequence[RangeDistance], bits: int) -> str:
    """The quantities of the distances whose bit is set, in words."""
    names = dict.fromkeys(IN_SENTENCES[found.quantity] for place, found in enumerate(distances) if bits >> place & 1)
    return listed(list(names))


def tests_said(distances: Sequence[RangeDistance], tested: NDArray[np.bool_]) -> Iterator[Caution]:
    """What larger runs have tested, of the rows within."""
    if tested.any():
        runs = dict.fromkeys(f"{run.what} ({run.where})" for found in distances for run in runs_of(found))
        yield Caution(f"inside what larger runs of its authors have tested: {'; '.join(runs)}", tested)


def unknown(unstated: Sequence[str], rows: Any = None) -> Caution:
    """What is not stated, which leaves the distance of these rows unknown."""
    words = listed([IN_SENTENCES.get(name, name) for name in dict.fromkeys(unstated)])
    return Caution(f"how far this lies beyond the fit is unknown: no fitted range is stated of {words}", rows)
