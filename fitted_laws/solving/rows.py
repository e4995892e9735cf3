"""From the draws of each row to its intervals: a few rows at a time, so that no column holds its draws."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.laws.contenders import Ordering
from fitted_laws.laws.intervals import Statistics, interval, statistics
from fitted_laws.solving.categories import Categories
from fitted_laws.solving.solution import Caution, Column, Estimate, Solution, joined


class Block(NamedTuple):
    """A solution of a few rows, so many, and which of a law's draws it holds where these are not all."""

    solution: Solution
    size: int
    known: Known | None = None


class Known(Protocol):
    """What of the ends of a row's intervals is known before: the draws that may be one, and fields that do not change."""

    @property
    def ordering(self) -> Ordering: ...
    @property
    def constants(self) -> Mapping[str, Summary]: ...


Summary: TypeAlias = tuple[Any, Any, Any]
"""Value, low and high: floats of one row, arrays of several."""


def by_blocks(blocks: Iterator[Block], size: int, level: float, ends: Container[str] | None = None) -> Solution:
    """Solutions of blocks of rows, of `size` rows together, as one of all: a block's draws are let go before the next one is solved.

    Only fields of `ends` get an interval, where that is given.
    """
    foremost = next(blocks)
    first = foremost.solution
    drawn = [name for name, value in first.fields.items() if has_draws(value) and (ends is None or name in ends)]
    if size == 1:
        return alone(foremost, drawn, level)
    found = np.empty((len(drawn), 3, size))
    columns: defaultdict[str, list[Column]] = defaultdict(list)
    fitted: defaultdict[str, list[Column]] = defaultdict(list)
    rows_by_texts: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    others = [name for name in first.fields if name not in drawn]
    sizes: list[int] = []
    for block in itertools.chain([foremost], blocks):
        start = sum(sizes)
        for place, summary in enumerate(summaries(block, drawn, level)):
            found[place, :, start : start + block.size] = np.reshape(summary, (3, -1))
        for name in others:
            columns[name].append(of_rows(without_draws(block.solution.fields[name]), block.size))
        for name, value in (block.solution.fitted or {}).items():
            fitted[name].append(of_rows(value, block.size))
        for row, texts in enumerate(texts_of(block)):
            rows_by_texts[texts].append(start + row)
        sizes.append(block.size)
    estimates = {name: Estimate(*summary) for name, summary in zip(drawn, found, strict=True)}
    return Solution(
        fields={name: estimates[name] if name in estimates else joined(columns[name], sizes) for name in first.fields},
        sources=first.sources,
        warnings=list(_cautions(rows_by_texts, size)),
        loss_per_sample=first.loss_per_sample,
        fitted={name: joined(values, sizes) for name, values in fitted.items()} or None,
    )


def of_rows(column: Column, size: int) -> Column:
    """A column of a block; an array of one row holds for all of its rows."""
    if isinstance(column, Estimate):
        return Estimate(of_rows(column.value, size))
    return np.broadcast_to(column, size) if isinstance(column, np.ndarray) and len(column) != size else column


def texts_of(block: Block) -> Iterator[tuple[str, ...]]:
    """What is said of each row, in its order."""
    cautions = block.solution.warnings
    if all(caution.rows is None for caution in cautions):
        return itertools.repeat(tuple(caution.text for caution in cautions), block.size)
    said = [np.broadcast_to(True if caution.rows is None else caution.rows, block.size) for caution in cautions]
    return (
        tuple(caution.text for caution, on in zip(cautions, each, strict=True) if on)
        for each in zip(*said, strict=True)
    )


def has_draws(value: object) -> bool:
    """Whether a field has draws."""
    return isinstance(value, np.ndarray) and value.ndim == 2 and len(value) > 1


def alone(foremost: Block, drawn: Sequence[str], level: float) -> Solution:
    """The solution of one row, its estimates floats: fields of `drawn` get an interval."""
    row = foremost.solution
    found = dict(zip(drawn, summaries(foremost, drawn, level), strict=True))
    fields = {
        name: Estimate(*found[name])
        if name in found
        else Estimate(value.item(0))
        if isinstance(value, np.ndarray) and value.ndim == 2
        else value
        for name, value in row.fields.items()
    }
    return msgspec.structs.replace(row, fields=fields, warnings=said(row.warnings), falling={})


def said(cautions: Sequence[Caution]) -> list[Caution]:
    """The cautions that concern a solution's one row, as those of all rows."""
    return [
        caution if caution.rows is None else Caution(caution.text)
        for caution in cautions
        if caution.rows is None or caution.rows.all()
    ]


def summaries(block: Block, names: Sequence[str], level: float) -> list[Summary]:
    """Value, low and high of each field: floats of one row, arrays of several."""
    known, fields = block.known, block.solution.fields
    ordered = {} if known is None else known.ordering.statistics(fields, block.size)
    return [_summary(block, name, level, ordered) for name in names]


def _summary(block: Block, name: str, level: float, ordered: dict[str, Statistics]) -> Summary:
    values = block.solution.fields[name]
    if block.known is not None and name in block.known.constants:
        return block.known.constants[name]
    if name == "irreducible_loss":
        return _of_coefficient(Same(values), level)
    headline = values.item(0) if block.size == 1 else values[0]
    return (headline, *_statistics(block, name, level, ordered).interval(headline))


def _statistics(block: Block, name: str, level: float, ordered: dict[str, Statistics]) -> Statistics:
    """The order statistics of a field: of one that falls with another those of that one."""
    if name in ordered:
        return ordered[name]
    falling = block.solution.falling.get(name)
    found = None
    if falling is not None:
        found = _statistics(block, falling.of, level, ordered).mirrored(falling.at)
    if found is None:
        draws = block.solution.fields[name][1:]
        found = statistics(draws[:, 0] if block.size == 1 else draws, level)
    ordered[name] = found
    return found


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


def settled(solution: Solution, rows: int) -> Solution:
    """The first `rows` of a solution by a law without draws."""
    if rows == 1:
        first = {name: _first(value) for name, value in solution.fields.items()}
        fitted = solution.fitted and {name: head(column, 1) for name, column in solution.fitted.items()}
        warnings = said([Caution(caution.text, head(caution.rows, 1)) for caution in solution.warnings])
        return msgspec.structs.replace(solution, fields=first, fitted=fitted, warnings=warnings)
    return msgspec.structs.replace(
        solution,
        fields={name: head(without_draws(column), rows) for name, column in solution.fields.items()},
        fitted=solution.fitted and {name: head(column, rows) for name, column in solution.fitted.items()},
        warnings=[Caution(caution.text, head(caution.rows, rows)) for caution in solution.warnings],
    )


def without_draws(value: Column) -> Column:
    """A field as a column without its draws: one that follows from coefficients is an estimate, though without an interval."""
    return Estimate(value[0]) if isinstance(value, np.ndarray) and value.ndim == 2 else value


def _first(value: Column) -> Column:
    """A field as that of its first row alone."""
    if isinstance(value, np.ndarray):
        return Estimate(value.item(0)) if value.ndim == 2 else value[:1]
    return value[:1] if isinstance(value, list) else value


def head(column: Column, rows: int) -> Column:
    """The first rows of a column."""
    if isinstance(column, Estimate):
        return Estimate(column.value[:rows])
    if isinstance(column, Categories):
        return column.head(rows)
    return column[:rows] if isinstance(column, np.ndarray | list) else column


def chosen(solution: Solution, rows: NDArray[np.intp]) -> Solution:
    """These rows of a solution of several, in their order."""

    def of(column: Column) -> Column:
        if isinstance(column, Estimate):
            return column.applied(of)
        if isinstance(column, list):
            return [column[row] for row in rows]
        return column[rows] if isinstance(column, np.ndarray) and len(column) == len(rows) else column

    return msgspec.structs.replace(
        solution,
        fields={name: of(column) for name, column in solution.fields.items()},
        fitted=solution.fitted and {name: of(column) for name, column in solution.fitted.items()},
        warnings=[Caution(caution.text, of(caution.rows)) for caution in solution.warnings],
    )
