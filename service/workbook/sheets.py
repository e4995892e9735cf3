"""How the workbook's sheets are laid out: a page a question, each with its inputs, its numbers beside their intervals, and what to know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from fitted_laws.answers.answer import Scalar
from fitted_laws.solving.extrapolation import BEYOND
from service.workbook import formulas as cells
from service.workbook import planners
from service.workbook.book import GREY, WIDTHS, B, Book, C, D, E, F, G, at
from service.workbook.planners import Planner

RANGES = ("compute", "params", "tokens")
LAWS, LISTS = "units, laws, citations", "lists"
LIST_ROWS = 200
"""Rows that a list of laws may have: its validation looks no further."""
UNSTATED = ("–", "–")
"""The ends of a range that a paper does not state."""


class Page(msgspec.Struct, kw_only=True):
    """A sheet of a question while it is being laid out, row by row: where its inputs stand, and the next free row."""

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
    def first_inputs(self) -> dict[str, Scalar]:
        """What the service asks of the question when its cells hold what they hold at first."""
        return {name: self.inputs[name] for name in self.cells}


Extra: TypeAlias = Callable[[Book, Page], None]


def opened(book: Book, planner: Planner, widths: tuple[float, ...] = WIDTHS) -> Page:
    """A sheet with its inputs."""
    sheet = book.page(planner.sheet, planner.sheet, planner.doc, widths)
    inputs = planner.inputs(book.values.laws)
    page = Page(planner=planner, sheet=sheet, inputs=inputs, cells={}, row=4)
    book.heading(sheet, 3, "What you ask", "value", "", "", "unit", "meaning")
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
    page.row += 1


def validation(page: Page, name: str) -> dict[str, Any] | None:
    """What Excel lets into the cell of an input; texts such as 70B are left to the service, which says what it expects."""
    entry = planners.entry(page.planner, name)
    if name == "domain":
        return {"validate": "list", "source": "=domains"}
    if name == "law":
        place = f'MATCH("{page.planner.question} "&{page.cells["domain"]},{LISTS}!$1:$1,0)-1'
        return {
            "validate": "list",
            "source": f"=OFFSET({LISTS}!$A$2,0,{place},COUNTA(OFFSET({LISTS}!$A$2,0,{place},{LIST_ROWS},1)),1)",
        }
    if entry.choices:
        return {"validate": "list", "source": f"={name}s"}
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


def question(book: Book, planner: Planner, extra: Extra | None = None) -> Page:
    """A whole sheet: inputs, answer, what `extra` adds, and how far to trust it."""
    page = opened(book, planner)
    identified(book, page)
    page.row += 1
    book.heading(page.sheet, page.row, "Answer", "value", "low", "high", "unit", "meaning")
    page.row += 1
    _reach(book, page)
    first = page.row
    page.answers = {field: at(first + i, C) for i, field in enumerate(planner.answers)}
    for field in planner.answers:
        _answer(book, page, field)
    if extra:
        extra(book, page)
    _trust(book, page)
    book.grey_errors(page.sheet, first, page.row)
    return page


def _reach(book: Book, page: Page) -> None:
    """The reach of the numbers, right above them; beyond, they are grey."""
    name = page.planner.question
    reach = at(page.row, C)
    formula = cells.text(cells.link(name, page.query, "reach"))
    value = book.values.value(name, page.first_inputs, "reach")
    words(book, page, planners.label("reach"), formula, value, planners.meaning("reach"))
    grey = {"type": "formula", "criteria": f'={reach}="{BEYOND}"', "format": book.workbook.add_format(GREY)}
    last = page.row + len(page.planner.answers) - 1
    page.sheet.conditional_format(page.row, C, last, E, grey)


def identified(book: Book, page: Page) -> None:
    """The query that the inputs make, the law that answers it, and whether it does."""
    name = page.planner.question
    page.query = at(page.row, C)
    page.law = at(page.row + 1, C)
    law = book.values.value(name, page.first_inputs, "law")
    words(book, page, "Question asked", f"={cells.query(page.cells)}", cells.query_text(page.first_inputs), wide=True)
    words(book, page, "Law that answers", cells.text(cells.link(name, page.query, "law")), law, "its source is below")
    refusal = cells.status(f'{cells.link(name, page.query)}&"&errors=text"', page.law)
    page.sheet.set_row(page.row, 30)
    words(book, page, "Status", refusal, "answered" if law else None, wide=True)


def _answer(book: Book, page: Page, field: str) -> None:
    form = planners.number_format(field)
    described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
    ask(book, page, C, field, book.style("headline" if field == page.planner.answers[0] else "number", form))
    for column, end in ((D, "low"), (E, "high")):
        if book.values.has(page.planner.question, page.first_inputs, f"{field}_{end}"):
            ask(book, page, column, f"{field}_{end}", book.style("number", form))
    page.row += 1


def ask(book: Book, page: Page, column: int, field: str, style: Any) -> None:
    """A number of the sheet's own question, in the row at hand."""
    formula = cells.number(cells.link(page.planner.question, page.query, field))
    book.live(
        page.sheet,
        (page.row, column),
        formula,
        book.values.value(page.planner.question, page.first_inputs, field),
        style,
    )


def _trust(book: Book, page: Page) -> None:
    """How far beyond the law's data, its warnings and its source, and the link to the whole answer."""
    page.row += 1
    book.heading(page.sheet, page.row, "How far to trust it", "value", "low", "high", "unit", "meaning")
    page.row += 1
    name, inputs = page.planner.question, page.first_inputs
    described(book, page, "Beyond the fit", "decades", planners.meaning("extrapolation"))
    ask(book, page, C, "extrapolation", book.style("number", "0.00"))
    amber = book.workbook.add_format({"bg_color": "#FBE3C0"})
    page.sheet.conditional_format(
        page.row, C, page.row, C, {"type": "cell", "criteria": ">", "value": 0, "format": amber}
    )
    page.row += 1
    law = book.values.value(name, inputs, "law")
    for quantity in RANGES:
        _range(book, page, quantity, law)
    remarks(book, page, {"warnings": 92, "citation": 32, "loss_on": 32})
    whole = f"={cells.shared(name, page.query)}"
    words(book, page, "Whole answer at", whole, f"{book.base}/v1/{name}?{cells.query_text(inputs)}", wide=True)


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
            cells.remark(cells.link(name, page.query, field) + tail, page.law),
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


def _range(book: Book, page: Page, quantity: str, law: Any) -> None:
    """The fitted range of a quantity, from the table of laws."""
    described(book, page, f"Fitted {quantity}", planners.unit(quantity), "range of the data that the law was fitted to")
    answering = next((x for x in book.values.laws.of(str(page.inputs["domain"])) if x.id == law), None)
    ends = answering.first.ranges.get(quantity, UNSTATED) if answering else (None, None)
    for end, column, value in zip(("low", "high"), (D, E), ends, strict=True):
        where = f'MATCH({page.cells["domain"]}&" "&{page.law},laws,0)'
        formula = f'=IF(ISNA({page.law}),NA(),IFERROR(INDEX({quantity}_{end},{where}),"{UNSTATED[0]}"))'
        book.live(
            page.sheet, (page.row, column), formula, value, book.style("number", planners.number_format(quantity))
        )
    page.row += 1
