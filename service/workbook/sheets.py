"""How the workbook's sheets are laid out: a page a question, each with its inputs, its numbers beside their intervals, and what to know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from fitted_laws.answers.answer import Scalar
from service.workbook import formulas as cells
from service.workbook import planners
from service.workbook.planners import Asked, Planner

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
WIDTHS = (2, 24, 20, 16, 16, 15, 82)
B, C, D, E, F, G = range(1, 7)
RANGES = ("compute", "params", "tokens")
LAWS, LISTS = "units, laws, citations", "lists"
LIST_ROWS = 200
"""Rows that a list of laws may have: its validation looks no further."""
UNSTATED = ("–", "–")
"""The ends of a range that a paper does not state."""


class Book:
    """A workbook in the making, what its cells say, and the styles of its cells."""

    def __init__(self, workbook: Workbook, values: Asked, base: str) -> None:
        self.workbook, self.values, self.base = workbook, values, base
        self._styles: dict[tuple[str, str], Any] = {}

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

    def grey_errors(self, sheet: Worksheet, first: int, last: int) -> None:
        """An interval that a law does not have should not shout."""
        grey = self.workbook.add_format({"font_color": "#B6BDC5"})
        sheet.conditional_format(first, C, last, G, {"type": "errors", "format": grey})


class Page(msgspec.Struct, kw_only=True):
    """A sheet of a question while it is being laid out: where its inputs stand, and the next free row."""

    planner: Planner
    sheet: Any
    inputs: dict[str, Scalar]
    cells: dict[str, str]
    query: str = ""
    """The cell of the query."""
    law: str = ""
    """The cell that names the law that answers."""
    row: int = 0
    last: int = G
    """The last column that text may run over."""
    answers: dict[str, str] = {}
    """The cells of the answer's fields."""

    @property
    def held(self) -> dict[str, Scalar]:
        """What the service asks of the question when its cells hold what they hold at first."""
        return {name: self.inputs[name] for name in self.cells}


Extra: TypeAlias = Callable[[Book, Page], None]


def at(row: int, column: int) -> str:
    """The absolute reference of a cell."""
    return str(xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True))


def opened(book: Book, planner: Planner, widths: tuple[float, ...] = WIDTHS) -> Page:
    """A sheet with its inputs."""
    sheet = book.page(planner.sheet, planner.sheet, planner.doc, widths)
    given = planner.inputs(book.values.laws)
    page = Page(planner=planner, sheet=sheet, inputs=given, cells={}, row=4)
    book.heading(sheet, 3, "What you ask", "value", "", "", "unit", "meaning")
    for name, value in given.items():
        _input(book, page, name, value)
    return page


def _input(book: Book, page: Page, name: str, value: Scalar) -> None:
    sheet, row = page.sheet, page.row
    described(book, page, planners.label(name), planners.unit(name), planners.explained(page.planner, name))
    sheet.write(row, C, value, book.style("input", planners.number_format(name)))
    if rule := validation(page, name):
        sheet.data_validation(row, C, row, C, rule)
    page.cells[name] = at(row, C)
    page.row += 1


def validation(page: Page, name: str) -> dict[str, Any] | None:
    """What Excel lets into the cell of an input; texts such as 70B are left to the service, which says what it expects."""
    found = planners.entry(page.planner, name)
    if name == "domain":
        return {"validate": "list", "source": "=domains"}
    if name == "law":
        place = f'MATCH("{page.planner.question} "&{page.cells["domain"]},{LISTS}!$1:$1,0)-1'
        return {
            "validate": "list",
            "source": f"=OFFSET({LISTS}!$A$2,0,{place},COUNTA(OFFSET({LISTS}!$A$2,0,{place},{LIST_ROWS},1)),1)",
        }
    if found.choices:
        return {"validate": "list", "source": f"={name}s"}
    if found.kind != "number" and name != "count":
        return None
    message = f"{planners.label(name)}: {found.meta.ge:g} to {found.meta.le:g}"
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": found.meta.ge,
        "maximum": found.meta.le,
        "error_message": message,
    }


def question(book: Book, planner: Planner, extra: Extra | None = None) -> Page:
    """A whole sheet: inputs, answer, what `extra` adds, and how far to trust it."""
    page = opened(book, planner)
    identified(book, page)
    page.row += 1
    book.heading(page.sheet, page.row, "Answer", "value", "low", "high", "unit", "meaning")
    page.row += 1
    first = page.row
    page.answers = {field: at(first + i, C) for i, field in enumerate(planner.answers)}
    for field in planner.answers:
        _answer(book, page, field)
    if extra:
        extra(book, page)
    _trust(book, page)
    book.grey_errors(page.sheet, first, page.row)
    return page


def identified(book: Book, page: Page) -> None:
    """The query that the inputs make, the law that answers it, and whether it does."""
    name = page.planner.question
    page.query, page.law = at(page.row, C), at(page.row + 1, C)
    law = book.values.value(name, page.held, "law")
    words(book, page, "Question asked", f"={cells.query(page.cells)}", cells.query_text(page.held), wide=True)
    words(book, page, "Law that answers", cells.text(cells.link(name, page.query, "law")), law, "its source is below")
    refusal = cells.status(f'{cells.link(name, page.query)}&"&errors=text"', page.law)
    page.sheet.set_row(page.row, 30)
    words(book, page, "Status", refusal, "answered" if law else None, wide=True)


def _answer(book: Book, page: Page, field: str) -> None:
    form = planners.number_format(field)
    described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
    ask(book, page, C, field, book.style("headline" if field == page.planner.answers[0] else "number", form))
    for column, end in ((D, "low"), (E, "high")):
        if book.values.has(page.planner.question, page.held, f"{field}_{end}"):
            ask(book, page, column, f"{field}_{end}", book.style("number", form))
    page.row += 1


def ask(book: Book, page: Page, column: int, field: str, style: Any) -> None:
    """A number of the sheet's own question, in the row at hand."""
    formula = cells.number(cells.link(page.planner.question, page.query, field))
    book.live(
        page.sheet, (page.row, column), formula, book.values.value(page.planner.question, page.held, field), style
    )


def _trust(book: Book, page: Page) -> None:
    """How far beyond the law's data, its warnings and its source, and the link to the whole answer."""
    page.row += 1
    book.heading(page.sheet, page.row, "How far to trust it", "value", "low", "high", "unit", "meaning")
    page.row += 1
    name, held = page.planner.question, page.held
    described(book, page, "Beyond the fit", "decades", planners.meaning("extrapolation"))
    ask(book, page, C, "extrapolation", book.style("number", "0.00"))
    amber = book.workbook.add_format({"bg_color": "#FBE3C0"})
    page.sheet.conditional_format(
        page.row, C, page.row, C, {"type": "cell", "criteria": ">", "value": 0, "format": amber}
    )
    page.row += 1
    law = book.values.value(name, held, "law")
    for quantity in RANGES:
        _range(book, page, quantity, law)
    remarks(book, page, {"warnings": 92, "citation": 32, "loss_on": 32})
    whole = f"={cells.shared(name, page.query)}"
    words(book, page, "Whole answer at", whole, f"{book.base}/v1/{name}?{cells.query_text(held)}", wide=True)


def remarks(book: Book, page: Page, fields: dict[str, int], row: int = 0) -> None:
    """Fields that are text, each in a row of some height, of one row of the answer."""
    name = page.planner.question
    law = book.values.value(name, page.held, "law")
    for field, height in fields.items():
        value = book.values.value(name, page.held, field, row)
        said = "\n".join(value) if isinstance(value, list) else value or ("" if law else None)
        tail = f'&"&row={row}"' if row else ""
        page.sheet.set_row(page.row, height)
        words(
            book,
            page,
            planners.label(field),
            cells.remark(cells.link(name, page.query, field) + tail, page.law),
            said,
            wide=True,
        )


def described(book: Book, page: Page, label: str, unit: str, meaning: str) -> None:
    """The words of a row, around its numbers."""
    page.sheet.write_string(page.row, B, label, book.style("label"))
    for column, text in ((C, ""), (D, ""), (E, ""), (F, unit), (G, meaning)):
        page.sheet.write_string(page.row, column, text, book.style("soft"))


def words(  # noqa: PLR0913
    book: Book, page: Page, label: str, formula: str, value: Any, meaning: str = "", *, wide: bool = False
) -> None:
    """A row whose cell holds text; `wide` over all columns to the right."""
    described(book, page, label, "", meaning)
    style = book.style("words")
    page.sheet.merge_range(page.row, C, page.row, page.last if wide else F, "", style)
    book.live(page.sheet, (page.row, C), formula, value, style)
    page.row += 1


def _range(book: Book, page: Page, quantity: str, law: Any) -> None:
    """The fitted range of a quantity, from the table of laws."""
    described(book, page, f"Fitted {quantity}", planners.unit(quantity), "range of the data that the law was fitted to")
    found = next((x for x in book.values.laws.of(str(page.inputs["domain"])) if x.id == law), None)
    ends = found.first.ranges.get(quantity, UNSTATED) if found else (None, None)
    for end, column, value in zip(("low", "high"), (D, E), ends, strict=True):
        where = f'MATCH({page.cells["domain"]}&" "&{page.law},laws,0)'
        formula = f'=IF(ISNA({page.law}),NA(),IFERROR(INDEX({quantity}_{end},{where}),"{UNSTATED[0]}"))'
        book.live(
            page.sheet, (page.row, column), formula, value, book.style("number", planners.number_format(quantity))
        )
    page.row += 1
