"""How an answer shows itself in Python: as a data frame, in a notebook, drawn. What each takes is loaded when it is asked for."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from fitted_laws.quantities.extras import loaded
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.solving.solution import Column, as_array

ENDS = ("_low", "_high")


class Faces:
    """What `Answer` has beside its fields."""

    columns: dict[str, Column]
    size: int

    @property
    @abstractmethod
    def names(self) -> list[str]: ...

    @property
    @abstractmethod
    def table_names(self) -> list[str]: ...

    @abstractmethod
    def column(self, name: str) -> list[Any]: ...

    def to_pandas(self) -> Any:
        """A pandas.DataFrame: a row an answer, a column a field; NaN where a number is null.

        Raises:
            MissingPackage: pandas is not installed.
        """
        return loaded("pandas", "to_pandas()", "pip install pandas").DataFrame(self._frame())

    def to_polars(self) -> Any:
        """A polars.DataFrame: a row an answer, a column a field; null where a number is.

        Raises:
            MissingPackage: polars is not installed.
        """
        polars = loaded("polars", "to_polars()", "pip install polars")
        return polars.DataFrame(self._frame(), strict=False, nan_to_null=True)

    def to_arrow(self) -> Any:
        """A pyarrow.Table: a row an answer, a column a field; null where a number is.

        Raises:
            MissingPackage: pyarrow is not installed.
        """
        arrow = loaded("pyarrow", "to_arrow()", "pip install pyarrow")
        return arrow.table({n: arrow.array(v, from_pandas=True) for n, v in self._frame().items()})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The answer as an Arrow stream, for whatever reads those (polars, pyarrow, DuckDB, Arrow's own R and Julia).

        Raises:
            MissingPackage: pyarrow is not installed.
        """
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray[Any, Any]:  # noqa: FBT001 - numpy's protocol
        """Refused: fields are of several kinds. `pandas.DataFrame(answer)` comes here as well.

        Raises:
            TypeError: always, with what works.
        """
        raise TypeError(
            "an answer holds numbers and texts: take to_pandas(), to_polars(), or one field, such as answer.loss"
        )

    def _frame(self) -> dict[str, Any]:
        """The fields of a table, each of one value a row: arrays of numbers with NaN for null, else lists."""
        return {name: self._series(name) for name in self.table_names}

    def _series(self, name: str) -> Any:
        value = as_array(self.columns[name])
        if isinstance(value, np.ndarray):
            return value
        if value is None and name.endswith(ENDS):
            return np.full(self.size, np.nan)
        return self.column(name)

    def plot(self, y: str | None = None, x: str | None = None, ax: Any = None) -> Any:
        """Draws a field against another on logarithmic axes, with its interval, dashed beyond the fit; a line a law.

        A curve (frontier, isoflop, law=all of them) is drawn against what it runs along, a column against the input that varies.

        Args:
            y: the field upwards; the loss of a curve, else the headline.
            x: the field across.
            ax: a matplotlib Axes to draw into; its own figure where none is given.

        Returns:
            The matplotlib Axes.

        Raises:
            MissingPackage: matplotlib is not installed.
            NotUnderstood: `x` or `y` is no field of numbers.
            Unanswerable: there are fewer than two points.
        """
        if self.size < 2:
            raise Unanswerable("one answer is one point: ask a curve (frontier, isoflop) or a column, and plot that")
        return importlib.import_module("fitted_laws.plots.figures").plot(self, y, x, ax)

    def _repr_html_(self) -> str:
        """What a notebook shows: number, interval, law, reach, warnings."""
        return str(importlib.import_module("fitted_laws.answers.notebook").as_html(self))

    def __repr__(self) -> str:
        """What a terminal shows: number, interval, law, reach, warnings."""
        return str(importlib.import_module("fitted_laws.answers.terminal").as_table(self))

    def __dir__(self) -> Sequence[str]:
        return sorted({*super().__dir__(), *self.names})

    def _ipython_key_completions_(self) -> list[str]:
        return self.names
