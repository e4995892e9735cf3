"""From the draws of each row to its intervals: row by row, so that no column holds its draws."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.contenders import Contenders
from fitted_laws.laws.intervals import Statistics, interval, statistics
from fitted_laws.solving.solution import Caution, Column, Estimate, Solution, joined


class Row(NamedTuple):
    """A solution of one row, and which of a law's draws it holds where these are not all."""

    solution: Solution
    known: Known | None = None


class Known(Protocol):
    """What of the ends of a row's intervals is known before: the draws that may be one, by field, and fields that do not change."""

    @property
    def contenders(self) -> Mapping[str, Contenders]: ...
    @property
    def constants(self) -> Mapping[str, Summary]: ...


Summary: TypeAlias = tuple[float, float, float]
"""Value, low and high."""


def by_rows(rows: Iterator[Row], size: int, level: float, ends: Container[str] | None = None) -> Solution:
    """Solutions of one row each, `size` of them, as one of all: a row's draws are let go before the next row is solved.

    Only fields of `ends` get an interval, where that is given.
    """
    foremost = next(rows)
    first = foremost.solution
    drawn = [name for name, value in first.fields.items() if has_draws(value) and (ends is None or name in ends)]
    if size == 1:
        return alone(foremost, drawn, level)
    found = np.empty((len(drawn), 3, size))
    columns: defaultdict[str, list[Column]] = defaultdict(list)
    fitted: defaultdict[str, list[Column]] = defaultdict(list)
    rows_by_texts: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    others = [name for name in first.fields if name not in drawn]
    for number, (row, known) in enumerate(itertools.chain([foremost], rows)):
        if drawn:
            found[:, :, number] = summaries(row, drawn, level, known)
        for name in others:
            columns[name].append(without_draws(row.fields[name]))
        for name, value in (row.fitted or {}).items():
            fitted[name].append(value)
        rows_by_texts[tuple(caution.text for caution in said(row.warnings))].append(number)
    estimates = {name: Estimate(*summary) for name, summary in zip(drawn, found, strict=True)}
    return Solution(
        fields={
            name: estimates[name] if name in estimates else joined(columns[name], [1] * size) for name in first.fields
        },
        sources=first.sources,
        warnings=list(_cautions(rows_by_texts, size)),
        loss_per_sample=first.loss_per_sample,
        fitted={name: joined(values, [1] * size) for name, values in fitted.items()} or None,
    )


def has_draws(value: object) -> bool:
    """Whether a field has draws."""
    return isinstance(value, np.ndarray) and value.ndim == 2 and len(value) > 1


def alone(foremost: Row, drawn: Sequence[str], level: float) -> Solution:
    """The solution of one row, its estimates floats: fields of `drawn` get an interval."""
    row = foremost.solution
    found = dict(zip(drawn, summaries(row, drawn, level, foremost.known), strict=True))
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


def summaries(row: Solution, names: Sequence[str], level: float, known: Known | None = None) -> list[Summary]:
    """Value, low and high of each field of one row."""
    ordered: dict[str, Statistics] = {}
    return [_summary(row, name, level, known, ordered) for name in names]


def _summary(row: Solution, name: str, level: float, known: Known | None, ordered: dict[str, Statistics]) -> Summary:
    values = row.fields[name]
    if known is not None and name in known.constants:
        return known.constants[name]
    if name == "irreducible_loss":
        return _of_coefficient(Same(values), level)
    headline = values.item(0)
    return (headline, *_statistics(row, name, level, known, ordered).interval(headline))


def _statistics(
    row: Solution, name: str, level: float, known: Known | None, ordered: dict[str, Statistics]
) -> Statistics:
    """The order statistics of a field: of one that falls with another those of that one, of few draws where these are known to suffice."""
    if name in ordered:
        return ordered[name]
    falling = row.falling.get(name)
    found = None
    if falling is not None:
        found = _statistics(row, falling.of, level, known, ordered).mirrored(falling.at)
    if found is None:
        values = row.fields[name]
        theirs = None if known is None else known.contenders[name]
        found = statistics(values[1:, 0], level) if theirs is None else theirs.statistics(values[theirs.rows, 0])
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
    return column[:rows] if isinstance(column, np.ndarray | list) else column
