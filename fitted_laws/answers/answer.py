"""From a solution by one law to an answer: intervals, equivalents in other units, extrapolation, echo, provenance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from fitted_laws.solving.solution import Column, joined, nulled

Shape: TypeAlias = Literal["one", "rows", "columns"]
Scalar: TypeAlias = float | int | str | bool | None


class Answer(Mapping[str, Any]):
    """An answer, read by item or attribute: one flat record, `rows` of a curve or of several laws, or `columns` of
    equal length.
    """

    def __init__(
        self, columns: Mapping[str, Column], size: int, shape: Shape, axes: tuple[str, str] | None = None
    ) -> None:
        self.columns = dict(columns)
        self.size = size
        self.shape = shape
        self.axes = axes

    @property
    def headline(self) -> str:
        """The field that comes first: the one number of a `.txt` answer."""
        return next(iter(self.columns))

    @classmethod
    def stack(cls, parts: Sequence[Answer], *, rows: bool = False, compared: Collection[str] = ()) -> Answer:
        """The rows of `parts` one after the other; losses named in `compared` are marked where they are of different
        data: not comparable.
        """
        answered = [part for part in parts if "error" not in part.columns]
        names = dict.fromkeys(name for part in (*answered, *parts) for name in part.columns)
        sizes = [part.size for part in parts]
        columns = {name: joined([part.columns.get(name) for part in parts], sizes) for name in names}
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

    def head(self, rows: int, caution: str) -> Answer:
        """The first `rows`, each with one warning more."""
        cut = {n: v[:rows] if isinstance(v, np.ndarray | list) else v for n, v in self.columns.items()}
        cut["warnings"] = [[*warnings, caution] for warnings in cut["warnings"]]
        return Answer(cut, rows, self.shape, self.axes)

    def column(self, name: str) -> list[Any]:
        """One value a row, None where there is none."""
        value = self.columns[name]
        if isinstance(value, np.ndarray):
            return nulled(value)
        return value if isinstance(value, list) else [value] * self.size

    def records(self) -> list[dict[str, Any]]:
        """One flat dict a row, with every field."""
        names = list(self.columns)
        return [dict(zip(names, row, strict=True)) for row in zip(*(self.column(n) for n in names), strict=True)]

    def plain(self) -> dict[str, Any]:
        """The answer as its JSON object: flat; `rows` with what all share beside them; or one list a field."""
        if self.shape == "one":
            return {name: _first(value) for name, value in self.columns.items()}
        if self.shape == "columns":
            return {name: self.column(name) for name in self.columns}
        shared = {n: v for n, v in self.columns.items() if not isinstance(v, np.ndarray | list)}
        within = [n for n in self.columns if n not in shared or n in ("domain", "law")]
        rows = [dict(zip(within, row, strict=True)) for row in zip(*(self.column(n) for n in within), strict=True)]
        return {"rows": rows, **shared}

    def __getitem__(self, name: str) -> Any:
        if name == "rows" and self.shape == "rows":
            return self.plain()["rows"]
        value = self.columns[name]
        if self.shape == "one":
            return _first(value)
        return value if isinstance(value, np.ndarray) or self.shape == "rows" else self.column(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(
                f"this answer has no {name!r}; it has {', '.join(self.__dict__.get('columns', ()))}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def __repr__(self) -> str:
        return f"Answer({self.plain()!r})"


def _first(column: Column) -> Any:
    """The first row's value."""
    if isinstance(column, np.ndarray):
        value = column.item(0)
        return None if value != value else value  # noqa: PLR0124 - NaN alone differs from itself
    return column[0] if isinstance(column, list) else column
