"""A list of what there is to ask, as Python shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from fitted_laws.answers.formats import table
from fitted_laws.quantities.extras import loaded


class Listing(Sequence[dict[str, str]]):
    """Rows, each a dict with the same keys; shown as a table by a terminal and a notebook."""

    def __init__(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        self.header = tuple(header)
        self._rows = [dict(zip(header, row, strict=True)) for row in rows]

    def __getitem__(self, place: Any) -> Any:
        found = self._rows[place]
        return Listing(self.header, [list(row.values()) for row in found]) if isinstance(place, slice) else found

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def names(self) -> list[str]:
        """What the first column holds: names as they are asked by."""
        return [row[self.header[0]] for row in self]

    def table(self, style: str = "text") -> str:
        """The rows as aligned text, or as Markdown."""
        return table(self.header, (tuple(row.values()) for row in self), style)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame of the rows.

        Raises:
            MissingPackage: pandas is not installed.
        """
        return loaded("pandas", "to_pandas()", "pip install pandas").DataFrame(list(self), columns=list(self.header))

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr>{cells(row.values(), 'td')}</tr>" for row in self)
        return f"<table><thead><tr>{cells(self.header, 'th')}</tr></thead><tbody>{rows}</tbody></table>"


def cells(texts: Iterable[str], tag: str) -> str:
    return "".join(f"<{tag} style=text-align:left>{escape(text)}</{tag}>" for text in texts)
