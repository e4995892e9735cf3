"""What one law says, of one row or of many: draws become intervals here, row by row, so that no column holds its draws."""

from __future__ import annotations

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.intervals import ends, in_order, interval
from fitted_laws.laws.law import Drawn

Column: TypeAlias = Any
"""One field of each row: an array (rows,), with NaN for null; a list of one value a row; or a scalar that holds for all
rows.
"""


class Estimate(msgspec.Struct, frozen=True):
    """A field that follows from coefficients: `ends` holds its value, low and high as rows, or where the law has no
    draws its value alone.
    """

    ends: Values


class Falling(msgspec.Struct, frozen=True):
    """A field that follows from the field `of` by a decreasing function: its draws in order are those of `of`, the last
    first.

    Sorting is most of what an interval costs.
    """

    of: str
    at: Callable[[Values], Values]


class Caution(msgspec.Struct, frozen=True):
    """A sentence a user must read, and the rows it concerns (all where None)."""

    text: str
    rows: Any = None


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields of a solution or an answer, what to know of them, and the relations that they follow from."""

    fields: dict[str, Any]
    warnings: Sequence[Caution] = ()
    sources: Sequence[Drawn[object]] = ()


class Solution(msgspec.Struct, frozen=True, kw_only=True):
    """What one law says: fields of shape (1 + draws, rows) get an interval, others do not; `sources` are the relations
    used.
    """

    fields: Mapping[str, Any]
    sources: Sequence[Drawn[object]]
    warnings: Sequence[Caution] = ()
    falling: Mapping[str, Falling] = {}
    """Fields that need no sorting of their own; one that they follow from comes before them."""
    loss_per_sample: bool = True
    fitted: Mapping[str, Any] | None = None
    """params, tokens and compute in the law's own count, where the answer gives them in another."""

    @property
    def drawn(self) -> bool:
        """Whether any relation used has draws."""
        return any(source.source != "none" for source in self.sources)

    def with_fields(self, fields: Mapping[str, Any]) -> Solution:
        """The solution with these fields in place of its own of the same names, or after them."""
        return msgspec.structs.replace(self, fields={**self.fields, **fields})

    def warned(self, *cautions: Caution) -> Solution:
        """The solution with these cautions after its own."""
        return msgspec.structs.replace(self, warnings=[*self.warnings, *cautions])


def by_rows(rows: Iterator[Solution], size: int, level: float, ends: Container[str] | None = None) -> Solution:
    """Solutions of one row each, `size` of them, as one of all: a row's draws are let go before the next row is solved.

    Only fields of `ends` get an interval, where that is given.
    """
    first = next(rows)
    drawn = [
        name
        for name, value in first.fields.items()
        if isinstance(value, np.ndarray) and value.ndim == 2 and len(value) > 1 and (ends is None or name in ends)
    ]
    summaries = np.empty((len(drawn), 3, size))
    columns: defaultdict[str, list[Column]] = defaultdict(list)
    fitted: defaultdict[str, list[Column]] = defaultdict(list)
    rows_by_texts: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(itertools.chain([first], rows)):
        for place, summary in enumerate(_summaries(row, drawn, level)):
            summaries[place, :, number] = summary
        for name in row.fields.keys() - drawn:
            columns[name].append(without_draws(row.fields[name]))
        for name, value in (row.fitted or {}).items():
            fitted[name].append(value)
        rows_by_texts[
            tuple(caution.text for caution in row.warnings if caution.rows is None or caution.rows.all())
        ].append(number)
    estimates = dict(zip(drawn, map(Estimate, summaries), strict=True))
    return Solution(
        fields={
            name: estimates[name] if name in estimates else joined(columns[name], [1] * size) for name in first.fields
        },
        sources=first.sources,
        warnings=list(_cautions(rows_by_texts, size)),
        loss_per_sample=first.loss_per_sample,
        fitted={name: joined(values, [1] * size) for name, values in fitted.items()} or None,
    )


def _summaries(row: Solution, names: list[str], level: float) -> list[tuple[float, float, float]]:
    """Value, low and high of each field of one row."""
    summaries = []
    ordered: dict[str, Values] = {}
    for name in names:
        values = row.fields[name]
        if name == "irreducible_loss":
            summaries.append(_of_coefficient(Same(values), level))
            continue
        falling = row.falling.get(name)
        if falling is None or falling.of not in ordered or math.isnan(ordered[falling.of].item(-1)):
            ordered[name] = in_order(values[1:, 0])
        else:
            ordered[name] = falling.at(ordered[falling.of])[::-1]
        summaries.append((values.item(0), *ends(values.item(0), ordered[name], level)))
    return summaries


class Same:
    """An array as a key of a cache: equal to itself alone, whatever it holds."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def __hash__(self) -> int:
        return id(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.values is other.values


@functools.lru_cache(maxsize=64)
def _of_coefficient(coefficient: Same, level: float) -> tuple[float, float, float]:
    """Of a coefficient, the same array in every row and question."""
    return coefficient.values.item(0), *interval(coefficient.values[:, 0], level)


def _cautions(rows_by_texts: Mapping[tuple[str, ...], list[int]], size: int) -> Iterator[Caution]:
    """Each row's own sentences, in its own order: those of rows that say the same stand together."""
    for texts, rows in rows_by_texts.items():
        concerned = None
        if len(rows_by_texts) > 1:
            concerned = np.zeros(size, dtype=bool)
            concerned[rows] = True
        yield from (Caution(text, concerned) for text in texts)


def settled(solution: Solution) -> Solution:
    """The solution, of any number of rows, by a law without draws."""
    return msgspec.structs.replace(
        solution, fields={name: without_draws(value) for name, value in solution.fields.items()}
    )


def without_draws(value: Any) -> Column:
    """A field as a column without its draws: one that follows from coefficients is an estimate, though without an interval."""
    return Estimate(value[:1]) if isinstance(value, np.ndarray) and value.ndim == 2 else value


def without_ends(solution: Solution) -> Solution:
    """The solution with the value alone of each field that has an interval."""
    alone = {n: Estimate(value.ends[:1]) for n, value in solution.fields.items() if isinstance(value, Estimate)}
    return solution.with_fields(alone)


def joined(parts: list[Column], sizes: list[int]) -> Column:
    """The rows of `parts`, of `sizes` rows each, one after the other."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    if isinstance(parts[0], Estimate):
        return Estimate(np.concatenate([part.ends for part in parts], axis=1))
    scalars = not any(isinstance(part, np.ndarray | list) for part in parts)
    if scalars and all(part == parts[0] and type(part) is type(parts[0]) for part in parts):
        return parts[0]
    values: list[Any] = []
    for part, size in zip(parts, sizes, strict=True):
        if isinstance(part, np.ndarray):
            values += nulled(part)
        else:
            values += part if isinstance(part, list) else [part] * size
    return values


def nulled(values: Values) -> list[float | None]:
    """The values as Python's, NaN as None."""
    listed: list[float | None] = values.tolist()
    if not np.isnan(values).any():
        return listed
    return [None if missing else value for value, missing in zip(listed, np.isnan(values).tolist(), strict=True)]


def cut(solution: Solution, rows: int) -> Solution:
    """A settled solution's first rows."""

    def head(column: Column) -> Column:
        if isinstance(column, Estimate):
            return Estimate(column.ends[:, :rows])
        return column[:rows] if isinstance(column, np.ndarray | list) else column

    return msgspec.structs.replace(
        solution,
        fields={name: head(column) for name, column in solution.fields.items()},
        fitted=solution.fitted and {name: head(column) for name, column in solution.fitted.items()},
        warnings=[Caution(caution.text, head(caution.rows)) for caution in solution.warnings],
    )
