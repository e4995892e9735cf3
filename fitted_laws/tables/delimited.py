"""Delimited text as a table: comma, semicolon, tab, bar or space between cells, found by what makes even rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from fitted_laws.tables.grid import Grid, of_rows, once_each
from fitted_laws.tables.numerals import comma_of
from fitted_laws.tables.texts import NoTable

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
LOOKED_AT = 200
"""Lines from which the delimiter is told."""
NAMED_BY_EXCEL = re.compile(r"sep=(.)\s*", re.IGNORECASE)
RULE = re.compile(r"[\s|:+-]*-[\s|:+-]*")
"""A line of a table in Markdown that separates header and rows."""

Line: TypeAlias = tuple[int, list[str]]
"""Its number, from 1, and its cells."""


def table(text: str) -> Grid:
    """The table of a text: its header is the first line as wide as most; one that begins with `#` is a comment, unless it
    is the header.

    Raises:
        NoTable: no header and rows, a column twice, or a line that no delimiter makes a row.
    """
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    named = NAMED_BY_EXCEL.fullmatch(lines[start]) if lines else None
    start += bool(named)
    looked_at = [line for line in lines[start : start + LOOKED_AT] if line.strip() and line[:1] != "#"]
    delimiter = named[1] if named else delimiter_of(looked_at)
    rows = _from_header(list(parsed(lines[start:], delimiter, start + 1)))
    if not rows:
        raise NoTable("expected a header and rows, got none")
    comma = comma_of((cell for _, row in rows[1:] for cell in row), delimiter)
    remarks = [f"{DELIMITERS.get(delimiter, delimiter)} between the cells"] if delimiter != "," else []
    remarks += ["commas in numbers are decimal"] if comma == "decimal" else []
    return of_rows(rows[0][1], rows[1:], comma, remarks)


def strict_table(text: str) -> tuple[list[str], Iterator[Line]]:
    """The header and the rows of a text that is what it says: commas between the cells, the header first, nothing told
    by looks. Rows are read as they are asked for.

    Raises:
        NoTable: no header, a column twice, or, while rows are read, a line that is none.
    """
    lines = _strict_lines(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = [name.strip() for name in next(lines, (0, []))[1]]
    if not any(header):
        raise NoTable("expected CSV with a header of input names, got nothing")
    once_each(header)
    return header, lines


def _strict_lines(reader: Any) -> Iterator[Line]:
    try:
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise NoTable(f"expected CSV, at line {reader.line_num}: {error}") from None


def delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter that makes most lines equally wide, of two alike the one that makes more cells; a space only where
    no other makes two.
    """
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for _, row in parsed(lines, delimiter, 1, lenient=True))
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        if width < 2 or (delimiter == " " and best[1]):
            continue
        even = round(count / widths.total(), 2)
        if (even, width) > best:
            best, chosen = (even, width), delimiter
    return chosen


def parsed(lines: Sequence[str], delimiter: str, start: int, *, lenient: bool = False) -> Iterator[Line]:
    """Line and cells of each row that holds something; bars stand at the ends of a line too, spaces in any number.

    Raises:
        NoTable: a line is none, unless `lenient`.
    """
    if delimiter in "| ":
        for number, line in enumerate(lines, start=start):
            inner = line.strip().strip("|") if delimiter == "|" else line
            if line.strip() and not (delimiter == "|" and RULE.fullmatch(line)):
                yield number, [cell.strip() for cell in (inner.split("|") if delimiter == "|" else inner.split())]
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if row:
                yield start - 1 + reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        if not lenient:
            raise NoTable(f"line {start - 1 + reader.line_num}: expected a row of CSV, got {error}") from None


def _from_header(rows: list[Line]) -> list[Line]:
    """The rows from the header on, without comments and what stands above it."""
    plain = [row for row in rows if not row[1][0].startswith("#")]
    if not plain:
        return []
    width = Counter(len(cells) for _, cells in plain[:LOOKED_AT]).most_common(1)[0][0]
    first = next(at for at, (_, cells) in enumerate(plain) if len(cells) >= min(width, 2))  # above it are titles
    above = [row for row in rows if row[0] < plain[first][0] and row[1][0].startswith("#")]
    if above:
        line, cells = above[-1]
        header = [cells[0].lstrip("# "), *cells[1:]]
        header = header if header[0] else header[1:]
        if len(header) == width and width > 1 and _says_numbers(plain[first][1]):
            return [(line, header), *plain[first:]]
    return plain[first:]


def _says_numbers(cells: Sequence[str]) -> bool:
    """Whether a line is a row and no header."""
    return any(cell[:1].isdigit() for cell in cells)
