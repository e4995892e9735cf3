"""From a solution by one law to an answer: intervals, equivalents in other units, extrapolation, echo, provenance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from fitted_laws.answers.faces import Faces
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.quantities.units import NATS
from fitted_laws.solving.categories import Categories
from fitted_laws.solving.rows import head
from fitted_laws.solving.solution import Column, as_array, joined, nulled

Shape: TypeAlias = Literal["one", "rows", "columns"]
Scalar: TypeAlias = float | int | str | bool | None
BESIDE = ("law", "reach", "warnings", "catalogue", "error")
"""Fields that JSON gives beside those that were named."""


class Answer(Faces, Mapping[str, Any]):
    """An answer, read by item or attribute: one flat record, `rows` of a curve or of several laws, or `columns` of
    equal length.

    `columns` holds all that was computed; of `fields` that were named these are shown, in that order.
    """

    def __init__(
        self, columns: Mapping[str, Column], size: int, shape: Shape, axes: tuple[str, str] | None = None
    ) -> None:
        self.columns = dict(columns)
        self.size = size
        self.shape = shape
        self.axes = axes
        self.fields: tuple[str, ...] | None = None

    @property
    def headline(self) -> str:
        """The field that comes first: the one number of a `.txt` answer."""
        return next(iter(self.columns))

    @property
    def names(self) -> list[str]:
        """The fields that are shown: those named with what stands beside them, else all."""
        if self.fields is None:
            return list(self.columns)
        return list(dict.fromkeys((*self.fields, *(name for name in BESIDE if name in self.columns))))

    @property
    def table_names(self) -> list[str]:
        """The fields of a table: exactly those named, else all but the citation, which stays with JSON."""
        return list(self.fields or (name for name in self.columns if name != "citation"))

    def showing(self, fields: tuple[str, ...] | None) -> Answer:
        """This answer with those `fields` alone shown; one that it does not have is null and says so, unless it is an end."""
        if fields is None:
            return self
        absent = [name for name in fields if name not in self.columns]
        shown = Answer({**self.columns, **dict.fromkeys(absent)}, self.size, self.shape, self.axes)
        notes = [f"{name} is null: this answer has none" for name in absent if not name.endswith(("_low", "_high"))]
        if notes:
            shown.columns["warnings"] = Categories.of(self.columns["warnings"]).each(lambda texts: [*texts, *notes])
        shown.fields = fields
        return shown

    @classmethod
    def stack(cls, parts: Sequence[Answer], *, rows: bool = False, compared: Collection[str] = ()) -> Answer:
        """The rows of `parts` one after the other; losses named in `compared` are marked where they are of different
        data: not comparable.
        """
        answered = [part for part in parts if "error" not in part.columns]
        names = dict.fromkeys(name for part in (*answered, *parts) for name in part.columns)
        sizes = [part.size for part in parts]
        columns = {name: joined([as_array(part.columns.get(name)) for part in parts], sizes) for name in names}
        if any(name in columns for name in compared):
            columns["comparable"] = [len({part.columns.get("loss_on") for part in answered}) == 1] * sum(sizes)
        if "error" in columns:
            columns["error"] = columns.pop("error")  # last, as in tables
        first = answered[0]
        return cls(columns, sum(sizes), "rows" if rows and first.shape == "one" else first.shape, first.axes)

    @classmethod
    def refused(cls, named: Mapping[str, Column], why: str, size: int) -> Answer:
        """What stands beside answers in place of one that there is not: what names it, and `error`."""
        return cls({**named, "warnings": [[]] * size, "error": why}, size, "columns" if size > 1 else "one")

    def beside(self, name: str, **more: Column) -> Answer:
        """The answer with `more` columns after that of `name`."""
        columns: dict[str, Column] = {}
        for own, value in self.columns.items():
            columns[own] = value
            if own == name:
                columns |= more
        return Answer(columns, self.size, self.shape, self.axes)

    def head(self, rows: int, caution: str) -> Answer:
        """The first `rows`, each with one warning more."""
        cut = {n: head(v, rows) for n, v in self.columns.items()}
        cut["warnings"] = Categories.of(cut["warnings"]).each(lambda texts: [*texts, caution])
        return Answer(cut, rows, self.shape, self.axes)

    def unit(self, name: str) -> str:
        """The unit of a field: losses are in the law's own where that is another, and in none where laws differ."""
        quantity = quantity_of(name)
        unit = quantity.unit if quantity else ""
        own = self.columns.get("loss_unit")
        if unit != NATS or own is None:
            return unit
        return own if isinstance(own, str) else ""

    def column(self, name: str) -> list[Any]:
        """One value a row, None where there is none."""
        value = self.columns[name]
        if isinstance(value, np.ndarray):
            return nulled(value)
        if isinstance(value, Categories):
            return value.tolist()
        if isinstance(value, list):
            return [_first(value)] if self.size == 1 else value
        return [value] * self.size

    def records(self, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """One flat dict a row, with every field that is shown, or with those of `names`."""
        names = self.names if names is None else names
        return [dict(zip(names, row, strict=True)) for row in zip(*(self.column(n) for n in names), strict=True)]

    def apart(self) -> Iterator[Answer]:
        """The rows of columns, as an answer each: what one row says alone."""
        columns = {name: self.column(name) for name in self.columns}
        columns["warnings"] = [[warnings] for warnings in columns["warnings"]]
        for values in zip(*columns.values(), strict=True):
            one = Answer({}, 1, "one")
            one.columns, one.fields = dict(zip(columns, values, strict=True)), self.fields
            yield one

    def plain(self) -> dict[str, Any]:
        """The answer as its JSON object: flat; `rows` with what all share beside them; or one list a field."""
        if self.shape == "one":
            return {name: _first(self.columns[name]) for name in self.names}
        if self.shape == "columns":
            return {name: self.column(name) for name in self.names}
        shared = {n: v for n in self.names if not isinstance(v := self.columns[n], np.ndarray | list | Categories)}
        within = [n for n in self.names if n not in shared or n in ("domain", "law")]
        rows = [dict(zip(within, row, strict=True)) for row in zip(*(self.column(n) for n in within), strict=True)]
        return {"rows": rows, **shared}

    def __getitem__(self, name: str) -> Any:
        if name == "rows" and self.shape == "rows":
            return self.plain()["rows"]
        if name not in self.names:
            raise KeyError(name)
        value = self.columns[name]
        if self.shape == "one":
            return _first(value)
        listed = self.shape == "columns" or isinstance(value, Categories)
        return self.column(name) if listed and not isinstance(value, np.ndarray) else value

    if not TYPE_CHECKING:  # which fields there are depends on the question: `ask` has a type for each

        def __getattr__(self, name: str) -> Any:
            if (
                name.startswith("_") or "columns" not in self.__dict__
            ):  # copies and pickles ask before there is anything
                raise AttributeError(name)
            try:
                return self[name]
            except KeyError:
                raise AttributeError(f"this answer has no {name!r}; it has {', '.join(self.names)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())


def _first(column: Column) -> Any:
    """The first row's value."""
    if isinstance(column, Categories):
        return column.first
    value = column[0] if isinstance(column, list) else column.item(0) if isinstance(column, np.ndarray) else column
    return None if value != value else value  # noqa: PLR0124 - NaN alone differs from itself
