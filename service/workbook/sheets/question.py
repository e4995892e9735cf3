"""A question's sheet: its inputs, its answer beside the intervals, what the service says of it, and how far to trust it.

An answer that is closed is calculated in the sheet; any other is asked of the service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from fitted_laws.answers.formats import defused
from fitted_laws.laws.law import Law
from fitted_laws.solving.extrapolation import BEYOND
from service.workbook import formulas as cells
from service.workbook import planners
from service.workbook.book import GREY, SERVICE, Book, C, D, E, G
from service.workbook.calculation import Calculation, agreement, calculation, difference
from service.workbook.closed.answers import ANSWERS
from service.workbook.closed.expressions import NOTHING, Expr, at, choose, compared, sure, tried
from service.workbook.layout import RANGES, UNSTATED, Page, ask, described, opened, remarks, words
from service.workbook.lookup import chip
from service.workbook.planners import Planner

Extra: TypeAlias = Callable[[Book, Page, Calculation | None], None]
"""What stands below an answer."""


def question(book: Book, planner: Planner, *extras: Extra) -> None:
    """A whole sheet: inputs, answer, what `extras` add, and how far to trust it."""
    page = opened(book, planner)
    sums = calculated(book, page) if planner.question in ANSWERS and book.tables.coefficients.laws else None
    identified(book, page, sums)
    compared_at, page.row = page.row, page.row + (2 if sums else 1)
    book.heading(page.sheet, page.row, "Answer", "value", "low", "high", "unit", "meaning")
    if sums:
        for column, title in enumerate(("The service says", "low", "high", "differs by"), SERVICE):
            page.sheet.write_string(page.row, column, title, book.style("head_right"))
    page.row += 1
    _reach(book, page, sums)
    first = page.row
    page.answers = {field: at(first + i, C) for i, field in enumerate(planner.answers)}
    for field in planner.answers:
        answer(book, page, sums, field)
    for extra in extras:
        extra(book, page, sums)
    if sums:
        _compared(book, page, sums, compared_at, first)
    _trust(book, page, sums)
    book.grey_errors(page.sheet, first, page.row)
    page.sheet.print_area(0, 0, page.row, G)


def calculated(book: Book, page: Page) -> Calculation:
    """The steps of its answer, beside the sheet."""
    inputs = {name: Expr(cell, page.inputs[name]) for name, cell in page.cells.items()}
    read = dict(page.read)
    for side in ("", "inference_"):
        if f"{side}accelerator" in inputs:
            read |= {f"{side}{name}": tried(cell, NOTHING) for name, cell in chip(inputs[f"{side}accelerator"]).items()}
    return calculation(book, page.planner, page.sheet, inputs, read)


def identified(book: Book, page: Page, sums: Calculation | None) -> None:
    """The law that answers, and whether it does."""
    name, first = page.planner.question, page.first_inputs
    asked_of = {field: f"'{page.sheet.get_name()}'!{cell}" for field, cell in page.cells.items()}
    page.query = book.aside(f"={cells.query(asked_of)}", cells.query_text(first))
    law = book.values.value(name, first, "law")
    page.asked = book.aside(cells.text(cells.link(name, page.query, "law")), law)
    status = cells.status(f'{cells.link(name, page.query)}&"&errors=text"', page.asked)
    said = Expr(book.aside(status, "answered" if law else None), "answered" if law else None)
    page.law, answers = at(page.row, C), Expr(page.asked, law)
    if sums:
        problem = sums.answer.problem
        answers = choose(sums.here, sums.resolved, answers)
        said = choose(sums.here, choose(compared(problem, "=", NOTHING), "answered", problem), said)
    words(book, page, "Law that answers", f"={answers.text}", answers.value, "its source is below")
    page.sheet.set_row(page.row, 30)
    words(book, page, "Status", f"={said.text}", said.value, wide=True)


def _compared(book: Book, page: Page, sums: Calculation, row: int, first: int) -> None:
    """Whether the service says what is calculated here, in the row kept for it."""
    headline = Expr(
        at(first, SERVICE), book.values.value(page.planner.question, page.first_inputs, page.planner.answers[0])
    )
    differences = Expr(f"{at(first, SERVICE + 3)}:{at(page.row - 1, SERVICE + 3)}", 0.0)
    found = agreement(sums.here, differences, headline)
    below, page.row = page.row, row
    words(book, page, "Calculated", f"={found.text}", found.value, wide=True)
    page.row = below


def _reach(book: Book, page: Page, sums: Calculation | None) -> None:
    """The reach of the numbers, right above them; beyond, they are grey."""
    name = page.planner.question
    shown = Expr(
        cells.text(cells.link(name, page.query, "reach"))[1:], book.values.value(name, page.first_inputs, "reach")
    )
    if sums:
        service = book.put(page.sheet, (page.row, SERVICE), shown, book.style("number"))
        shown = choose(sums.here, sure(sums.answer.reach[0]), service)
    reach = at(page.row, C)
    words(book, page, planners.label("reach"), f"={shown.text}", shown.value, planners.meaning("reach"))
    grey = {"type": "formula", "criteria": f'={reach}="{BEYOND}"', "format": book.workbook.add_format(GREY)}
    last = page.row + len(page.planner.answers) - 1
    page.sheet.conditional_format(page.row, C, last, E, grey)


def answer(book: Book, page: Page, sums: Calculation | None, field: str) -> None:
    """A field of the answer: calculated here with what the service says beside it, or what the service says alone."""
    style = "headline" if field == page.planner.answers[0] else "number"
    described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
    ends = ("_low", "_high") if book.values.has(page.planner.question, page.first_inputs, f"{field}_low") else ()
    if sums is None or field not in sums.answer.fields:
        for column, end in zip((C, D, E), ("", *ends), strict=False):
            ask(book, page, column, f"{field}{end}", style if column == C else "number")
        page.row += 1
        return
    services = [ask(book, page, SERVICE + i, f"{field}{end}", "number") for i, end in enumerate(("", *ends))]
    beside(book, page, sums, field, services, style)


def beside(book: Book, page: Page, sums: Calculation, field: str, services: list[Expr], style: str) -> None:
    """A number that is calculated here, its ends and how far the service's, which stand beside it, lies from it."""
    form = planners.number_format(field.removeprefix("alone_"))
    shown = book.put(page.sheet, (page.row, C), sums.number(field, services[0]), book.style(style, form))
    for column, end in zip((D, E), sums.ends(field, services[1:]), strict=False):
        book.put(page.sheet, (page.row, column), end, book.style("number", form))
    differs = difference(sums.here, shown, services[0])
    book.put(page.sheet, (page.row, SERVICE + 3), differs, book.style("soft", "0E+0"))
    page.row += 1


def _trust(book: Book, page: Page, sums: Calculation | None) -> None:
    """How far beyond the law's data, its source, its warnings, and the whole answer."""
    page.row += 1
    book.heading(page.sheet, page.row, "How far to trust it", "value", "low", "high", "unit", "meaning")
    page.row += 1
    name, inputs = page.planner.question, page.first_inputs
    described(book, page, "Beyond the fit", "decades", planners.meaning("extrapolation"))
    shown = ask(book, page, SERVICE if sums else C, "extrapolation", "number")
    if sums:
        own = sums.answer.reach[1]
        shown = choose(sums.here, sure(own), shown)
        book.put(page.sheet, (page.row, C), shown, book.style("number", "0.00"))
    amber = book.workbook.add_format({"bg_color": "#FBE3C0"})
    page.sheet.conditional_format(
        page.row, C, page.row, C, {"type": "cell", "criteria": ">", "value": 0, "format": amber}
    )
    page.row += 1
    domain, id = str(page.inputs["domain"]), book.values.value(name, inputs, "law")
    law = next((each for each in book.values.laws.of(domain) if each.id == id), None)
    where = f'MATCH({page.cells["domain"]}&" "&{page.law},laws,0)'
    for quantity in RANGES:
        _range(book, page, quantity, where, law)
    page.sheet.set_row(page.row, 32)
    cited = f"=IFERROR(INDEX(law_citation,{where}),NA())"
    words(book, page, planners.label("citation"), cited, defused(law.first.citation) if law else None, wide=True)
    remarks(book, page, {"warnings": 92, "loss_on": 32})
    described(book, page, "The service's answer", "", "the same question, asked of the service")
    whole = f'=HYPERLINK({cells.shared(name, page.query)},"open")'
    book.live(page.sheet, (page.row, C), whole, "open", book.style("link"))
    page.row += 1


def _range(book: Book, page: Page, quantity: str, where: str, law: Law | None) -> None:
    """The fitted range of a quantity, from the table of laws."""
    described(book, page, f"Fitted {quantity}", planners.unit(quantity), "range of the data that the law was fitted to")
    ends = law.first.ranges.get(quantity, UNSTATED) if law else (None, None)
    for end, column, value in zip(("low", "high"), (D, E), ends, strict=True):
        formula = f"=IFERROR(INDEX({quantity}_{end},{where}),NA())"
        form = planners.number_format(quantity)
        book.live(page.sheet, (page.row, column), formula, value, book.style("number", form))
    page.row += 1
