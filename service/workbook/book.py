"""A workbook in the making: its pages, and the styles of its cells."""

from __future__ import annotations

import functools
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from service.workbook.closed.expressions import Expr, at
from service.workbook.planners import CellValues
from service.workbook.reading import SHEET as READING
from service.workbook.reading import Reader

INK, SOFT, LINE, ACCENT, INPUT = "#1B1F24", "#57606A", "#D0D7DE", "#0B6E4F", "#FFF4CC"
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 20, "font_color": ACCENT},
    "doc": {"font_size": 12, "font_color": SOFT},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT},
    "head_in": {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "indent": 1},
    "head_right": {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "align": "right", "text_wrap": True},
    "label": {"bottom": 1, "bottom_color": LINE},
    "soft": {"bottom": 1, "bottom_color": LINE, "font_color": SOFT, "indent": 1},
    "input": {"bg_color": INPUT, "border": 1, "border_color": "#C9A227", "align": "right"},
    "number": {"bottom": 1, "bottom_color": LINE, "align": "right"},
    "headline": {"bottom": 1, "bottom_color": LINE, "align": "right", "bold": True, "font_size": 13},
    "words": {"bottom": 1, "bottom_color": LINE, "text_wrap": True, "align": "left", "indent": 1},
    "address": {"bg_color": INPUT, "border": 1, "border_color": "#C9A227", "align": "left", "indent": 1},
    "mono": {"font_name": "Consolas", "font_size": 9, "text_wrap": True, "font_color": SOFT},
    "link": {"font_color": "#0550AE", "underline": 1, "bottom": 1, "bottom_color": LINE},
}
LINKS = "links"
"""The hidden sheet of what is asked of the service, as text."""
GREY = {"font_color": "#B6BDC5"}
"""What is no number to plan by."""
WIDTHS = (2, 24, 20, 16, 16, 15, 70, 2, 17, 14, 14, 12, 2, 36, 20)
B, C, D, E, F, G = range(1, 7)
SERVICE, SUMS = 8, 13
"""Where the columns begin that repeat what the service says, and those that show how a number is calculated here."""


class Book:
    """A workbook in the making, what its cells say, and the styles of its cells."""

    def __init__(self, workbook: Workbook, values: CellValues, base: str) -> None:
        self.workbook = workbook
        self.values = values
        self.base = base
        self.tables = values.tables
        self._links = 0
        self._styles: dict[tuple[str, str], Any] = {}

    def hidden(self, name: str) -> Worksheet:
        """A sheet that nobody needs to see."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide()
        return sheet

    @functools.cached_property
    def reader(self) -> Reader:
        """What reads the inputs."""
        return Reader(self.hidden(READING))

    @functools.cached_property
    def links(self) -> Worksheet:
        """Where it stands what is asked."""
        return self.hidden(LINKS)

    def style(self, name: str, number_format: str = "General") -> Any:
        key = (name, number_format)
        if key not in self._styles:
            plain = {"font_color": INK, "valign": "vcenter", "num_format": number_format}
            self._styles[key] = self.workbook.add_format({**plain, **STYLES[name]})
        return self._styles[key]

    def page(self, name: str, title: str, doc: str, widths: tuple[float, ...] = WIDTHS) -> Worksheet:
        """A new sheet with its title, set up for print on one page's width."""
        sheet = self.workbook.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L&8Fitted Laws, catalogue {self.values.laws.digest}&R&8&A, page &P of &N")
        sheet.set_default_row(17)
        sheet.set_row(0, 32)
        sheet.set_row(1, 20)
        sheet.write_string(0, B, title, self.style("title"))
        sheet.write_string(1, B, doc, self.style("doc"))
        return sheet

    def heading(self, sheet: Worksheet, row: int, *titles: str) -> None:
        for column, text in enumerate(titles, B):
            right = column in (C, D, E) and len(titles) > 2
            sheet.write_string(
                row, column, text, self.style("head_right" if right else "head" if column == B else "head_in")
            )

    def live(self, sheet: Worksheet, place: tuple[int, int], formula: str, value: Any, style: Any) -> None:
        """A formula, with what it says now; #N/A where that is nothing."""
        sheet.write_formula(*place, formula, style, "#N/A" if value is None else value)

    def put(self, sheet: Worksheet, place: tuple[int, int], formula: Expr, style: Any) -> Expr:
        """A formula in a cell; the cell."""
        self.live(sheet, place, f"={formula.text}", formula.value, style)
        return Expr(at(*place), formula.value)

    def aside(self, formula: str, value: Any) -> str:
        """A text that nobody needs to see, in the hidden sheet of links; the reference of its cell."""
        self._links += 1
        self.live(self.links, (self._links, 0), formula, value, self.style("soft"))
        return f"{LINKS}!{at(self._links, 0)}"

    def grey_errors(self, sheet: Worksheet, first: int, last: int) -> None:
        """An interval that a law does not have should not shout."""
        grey = self.workbook.add_format(GREY)
        sheet.conditional_format(first, C, last, G, {"type": "errors", "format": grey})


def column_heading(book: Book, sheet: Worksheet, row: int, titles: tuple[str, ...]) -> None:
    """A row of titles, from the second column on: the first and the last two to the left, the others over numbers."""
    for column, text in enumerate(titles, B):
        left = "head" if column == B else "head_in" if column > len(titles) - 2 else "head_right"
        sheet.write_string(row, column, text, book.style(left))
