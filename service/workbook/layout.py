"""How the workbook's sheets are laid out: a page a question, each with its inputs, its numbers beside their intervals, and what to know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from fitted_laws.answers.answer import Scalar
from service.workbook import formulas as cells
from service.workbook import planners
from service.workbook.book import WIDTHS, B, Book, C, D, E, F, G
from service.workbook.closed.expressions import Expr, at
from service.workbook.lookup import listed
from service.workbook.planners import Planner

RANGES = ("compute", "params", "tokens")
LAWS = "units, laws, citations"
UNSTATED = ("–", "–")
"""The ends of a range that a paper does not state."""


class Page(msgspec.Struct, kw_only=True):
    """A sheet of a question while it is being laid out, row by row: where its inputs stand, and the next free row."""

    planner: Planner
    sheet: Any
    inputs: dict[str, Scalar]
    cells: dict[str, str]
    read: dict[str, Expr]
    """The numbers in the inputs' cells."""
    query: str = ""
    """The hidden cell of the query."""
    asked: str = ""
    """The hidden cell of the law by which the service answers."""
    law: str = ""
    """The cell that names the law that answers."""
    row: int = 0
    last: int = G
    """The last column that text may run over."""
    answers: dict[str, str] = {}
    """The cells of the answer's fields."""

    @property
    def first_inputs(self) -> dict[str, Scalar]:
        """What the service asks of the question when its cells hold what they hold at first."""
        return {name: self.inputs[name] for name in self.cells}


Extra: TypeAlias = Callable[[Book, Page], None]


def opened(book: Book, planner: Planner, widths: tuple[float, ...] = WIDTHS) -> Page:
    """A sheet with its inputs."""
    sheet = book.page(planner.sheet, planner.sheet, planner.doc, widths)
    inputs = planner.inputs(book.values.laws)
    page = Page(planner=planner, sheet=sheet, inputs=inputs, cells={}, read={}, row=4)
    book.heading(sheet, 3, "What you ask", "value", "as read", "", "unit", "meaning")
    for name, value in inputs.items():
        _input(book, page, name, value)
    return page


def _input(book: Book, page: Page, name: str, value: Scalar) -> None:
    sheet, row = page.sheet, page.row
    described(book, page, planners.label(name), planners.unit(name), planners.explained(page.planner, name))
    sheet.write(row, C, value, book.style("input", planners.number_format(name)))
    if rule := validation(page, name):
        sheet.data_validation(row, C, row, C, rule)
    page.cells[name] = at(row, C)
    entry = planners.entry(page.planner, name)
    if entry.numeric and name != "level":
        found = book.reader.read(at(row, C), sheet.get_name(), value if isinstance(value, str) else _number(value))
        page.read[name] = book.put(sheet, (row, D), found, book.style("number", planners.number_format(name)))
    page.row += 1


def _number(value: Scalar) -> float | None:
    return None if value is None else float(value)


def validation(page: Page, name: str) -> dict[str, Any] | None:
    """What Excel lets into the cell of an input; texts such as 70B are left to the service, which says what it expects."""
    entry = planners.entry(page.planner, name)
    if name == "domain":
        return {"validate": "list", "source": "=domains"}
    if name == "law":
        return {"validate": "list", "source": listed(f'"{page.planner.question} "&{page.cells["domain"]}')}
    if entry.choices:
        return {"validate": "list", "source": f"={name.removeprefix('inference_')}s"}
    if entry.kind != "number" and name != "count":
        return None
    message = f"{planners.label(name)}: {entry.meta.ge:g} to {entry.meta.le:g}"
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": entry.meta.ge,
        "maximum": entry.meta.le,
        "error_message": message,
    }


def remarks(book: Book, page: Page, fields: dict[str, int], row: int = 0) -> None:
    """Fields that are text, each in a row of some height, of one row of the answer."""
    name = page.planner.question
    law = book.values.value(name, page.first_inputs, "law")
    for field, height in fields.items():
        value = book.values.value(name, page.first_inputs, field, row)
        text = "\n".join(value) if isinstance(value, list) else value or ("" if law else None)
        tail = f'&"&row={row}"' if row else ""
        page.sheet.set_row(page.row, height)
        words(
            book,
            page,
            planners.label(field),
            cells.remark(cells.link(name, page.query, field) + tail, page.asked),
            text,
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


def ask(book: Book, page: Page, column: int, field: str, style: str) -> Expr:
    """A number of the sheet's own question, in the row at hand."""
    value = book.values.value(page.planner.question, page.first_inputs, field)
    formula = cells.number(cells.link(page.planner.question, page.query, field))
    form = planners.number_format(field.removesuffix("_low").removesuffix("_high"))
    book.live(page.sheet, (page.row, column), formula, value, book.style(style, form))
    return Expr(at(page.row, column), value)
