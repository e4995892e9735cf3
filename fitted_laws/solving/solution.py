"""What one law says, of one row or of many: fields with their draws, or what is left of them, and what to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.law import Drawn
from fitted_laws.solving.categories import Categories

Column: TypeAlias = Any
"""One field of each row: an array (rows,), with NaN for null; a list or categories of one value a row; or a scalar that holds for all
rows.
"""


class Estimate(msgspec.Struct, frozen=True):
    """A field that follows from coefficients, with both ends of its interval where the law has draws: columns, or the floats of one row."""

    value: Column
    low: Column = None
    high: Column = None

    def applied(self, function: Callable[[Any], Any]) -> Estimate:
        """What `function`, which rises, makes of the value and of both ends."""
        if self.low is None:
            return Estimate(function(self.value))
        return Estimate(function(self.value), function(self.low), function(self.high))


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


class Cautions(msgspec.Struct, frozen=True):
    """Sentences of which a row has one or none: its number in `texts`, −1 for none, (rows,)."""

    texts: Sequence[str]
    numbers: Any


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


def joined(parts: list[Column], sizes: list[int]) -> Column:
    """The rows of `parts`, of `sizes` rows each, one after the other."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    if isinstance(parts[0], Estimate):
        return Estimate(np.concatenate([part.value for part in parts]))
    scalars = not any(isinstance(part, np.ndarray | list | Categories) for part in parts)
    if scalars and all(part == parts[0] and type(part) is type(parts[0]) for part in parts):
        return parts[0]
    values: list[Any] = []
    for part, size in zip(parts, sizes, strict=True):
        if isinstance(part, np.ndarray):
            values += nulled(part)
        elif isinstance(part, Categories):
            values += part.tolist()
        else:
            values += part if isinstance(part, list) else [part] * size
    return values


def nulled(values: Values) -> list[float | None]:
    """The values as Python's, NaN as None."""
    listed: list[float | None] = values.tolist()
    if not np.isnan(values).any():
        return listed
    return [None if missing else value for value, missing in zip(listed, np.isnan(values).tolist(), strict=True)]


def as_array(column: Column) -> Column:
    """A number of one row, which stands in a list, as the array that a column of numbers is."""
    return np.array(column) if isinstance(column, list) and len(column) == 1 and type(column[0]) is float else column
