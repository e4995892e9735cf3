"""An answer as a notebook shows it: whose it is, the numbers with their intervals and reach, the warnings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from fitted_laws.answers import terminal
from fitted_laws.answers.answer import Answer

MOST_ROWS = 30
"""Rows that are shown; the first of more."""


def as_html(answer: Answer) -> str:
    """One row as a table of its fields, several as a table of rows. Everything is escaped: law files are other people's texts."""
    laws = list(dict.fromkeys(answer.column("law")))
    cited = list(dict.fromkeys(answer.column("citation"))) if "citation" in answer.columns else []
    head = f"by <b>{escape(str(laws[0]))}</b>" if len(laws) == 1 and laws[0] else ""
    if head and len(cited) == 1 and cited[0]:
        head += f": {escape(cited[0])}"
    rows = terminal.one_row(answer) if answer.size == 1 else terminal.rows_of(answer, with_law=len(laws) > 1)
    said = "".join(f"<li>{escape(line)}</li>" for line in terminal.warned(answer, laws))
    more = f"<p>{answer.size - MOST_ROWS} more rows: to_pandas() has all</p>" if answer.size > MOST_ROWS else ""
    return f"<div><p>{head}</p>{table(rows, titled=answer.size > 1)}{more}{f'<ul>{said}</ul>' if said else ''}</div>"


def table(rows: Sequence[Iterable[str]], *, titled: bool) -> str:
    """Rows of cells, the first of them a header where they are `titled`."""
    header = f"<thead>{row(rows[0], 'th')}</thead>" if titled else ""
    body = rows[1 : MOST_ROWS + 1] if titled else rows
    return f"<table>{header}<tbody>{''.join(row(cells, 'td') for cells in body)}</tbody></table>"


def row(cells: Iterable[str], tag: str) -> str:
    """A row; cells keep their text to the left."""
    return f"<tr>{''.join(f'<{tag} style=text-align:left>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
