"""The table of an Excel workbook: the first sheet that has one, from its header on."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from fitted_laws.tables.grid import Grid, of_rows
from fitted_laws.tables.texts import NoTable
from trainer.tables.naming.headings import headings


def grid(raw: bytes) -> Grid:
    """The rows of a sheet under its header, numbered as Excel numbers them; of a formula its last value.

    The sheet is the first whose header names a loss, the header the first row that names one; else the first row of the
    first sheet.

    Raises:
        NoTable: it is no workbook, or no sheet holds a table.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError) as reason:
        raise NoTable(f"expected a workbook of Excel, got {reason}") from None
    sheets = {
        str(sheet.title): [
            (number, row) for number, row in enumerate(sheet.iter_rows(values_only=True), start=1) if _says(row)
        ]
        for sheet in book.worksheets
    }
    for title, rows in sheets.items():
        for at, (_, row) in enumerate(rows):
            if any(found.quantity == "loss" for found in headings(_header(row)).values()):
                return _grid(title, rows[at:], len(sheets))
    title, rows = next(((title, rows) for title, rows in sheets.items() if rows), ("", []))
    return _grid(title, rows, len(sheets))


def _grid(title: str, rows: Sequence[tuple[int, Sequence[Any]]], sheets: int) -> Grid:
    if not rows:
        raise NoTable("expected a sheet with a header and rows, got none")
    remarks = [f"the sheet {title!r} of {sheets}"] if sheets > 1 else []
    return of_rows(_header(rows[0][1]), rows[1:], remarks=remarks)


def _header(row: Sequence[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in row]


def _says(row: Sequence[Any]) -> bool:
    return any(cell not in (None, "") for cell in row)
