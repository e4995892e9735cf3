"""What stands below an answer: the best size beside a run's, training alone beside serving, what more days buy."""

from __future__ import annotations

from fitted_laws.answers.answer import Scalar
from service.workbook import formulas, planners
from service.workbook.book import SERVICE, SUMS, B, Book, C, G
from service.workbook.calculation import Calculation, RowSteps
from service.workbook.closed.expressions import NA, Expr, at, choose
from service.workbook.closed.sums import SECONDS_A_DAY
from service.workbook.layout import Page, described
from service.workbook.planners import TARGET, Planner
from service.workbook.sheets.question import beside

DEADLINES = (7, 14, 30, 60, 90, 180)
BOUGHT = ("compute", "cost", "params", "loss")
OF_LAW = ("params", "loss")
SHARED = ("domain", "law", "level")
ALLOCATE = Planner(sheet="", question="allocate", doc="", given={}, answers=())


def best_size(book: Book, page: Page, sums: Calculation | None) -> None:
    """The size that the compute of a run would be best spent on, and what the run's own size costs beside it."""
    if sums is None:
        return
    title = "what another size than this would do with the same compute"
    _headed(book, page, "The best size for it", title)
    run = {name: sums.answer.fields[name].value for name in ("params", "tokens")}
    cells = {**{name: page.cells[name] for name in SHARED}, **{name: page.answers[name] for name in run}}
    inputs = {**{name: page.inputs[name] for name in SHARED}, **run}
    for field in ("compute_overhead", "optimal_params", "optimal_loss"):
        described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
        services = _asked(book, page, ALLOCATE.question, (cells, inputs), (field, f"{field}_low", f"{field}_high"))
        beside(book, page, sums, field, services, "number")


def training_alone(book: Book, page: Page, sums: Calculation | None) -> None:
    """The model that is cheapest to train to the same loss, and what the sheet's own saves over it once both have served as much."""
    if sums is None:
        return
    _headed(book, page, "Training alone", "the cheapest training to the same loss, then serving as much")
    names = (*SHARED, "loss", "kl")
    asked = {name: page.cells[name] for name in names}, {name: page.inputs[name] for name in names}
    for field in ("params", "tokens", "compute"):
        described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
        services = _asked(book, page, TARGET.question, asked, (field,))
        beside(book, page, sums, f"alone_{field}", services, "number")
    for field, label, unit, meaning, form in (
        ("alone_total", "Training and serving", "FLOP", "its compute, and that of serving as much by it", "0.00E+0"),
        (
            "saved",
            "Saved above",
            "share",
            "what the size chosen for both saves of that, in money where there are prices",
            "0.0%",
        ),
    ):
        described(book, page, label, unit, meaning)
        own = choose(sums.here, sums.answer.fields[field], NA)
        book.put(page.sheet, (page.row, C), own, book.style("number", form))
        page.row += 1


def deadlines(book: Book, page: Page, sums: Calculation | None) -> None:
    """The same fleet for more days, or fewer."""
    if sums is None:
        return
    page.row += 1
    for column, field in enumerate(("deadline_days", *BOUGHT), B):
        page.sheet.write_string(page.row, column, titled(field), book.style("head_right"))
    page.sheet.write_string(page.row, G, "reach: the same fleet for more days, or fewer", book.style("head_in"))
    page.sheet.set_row(page.row, 32)
    read, cost = page.read, sums.answer.fields["cost"] / sums.answer.fields["compute"]
    rate = sums.answer.fields["compute"] / (read["deadline_days"] * SECONDS_A_DAY)
    for days in DEADLINES:
        page.row += 1
        page.sheet.write_number(page.row, B, days, book.style("input"))
        compute = rate * Expr(at(page.row, B).replace("$B", "B"), float(days)) * SECONDS_A_DAY
        spent = book.put(page.sheet, (page.row, C), compute, book.style("number", planners.SCIENTIFIC))
        book.put(page.sheet, (page.row, C + 1), spent * cost, book.style("number", "#,##0"))
        _bought(book, page, sums, spent, days)
    page.row += 1


def _bought(book: Book, page: Page, sums: Calculation, compute: Expr, days: int) -> None:
    """What those days buy by the law: calculated here, or asked."""
    law = sums.law
    query = formulas.query({**page.cells, "deadline_days": at(page.row, B)})
    inputs: dict[str, Scalar] = {**page.first_inputs, "deadline_days": days}
    own = (law.best_params(compute), law.E + law.best_reducible(compute))
    for i, (field, closed) in enumerate(zip(OF_LAW, own, strict=True)):
        form = planners.number_format(field)
        value = book.values.value(page.planner.question, inputs, field)
        asked = formulas.number(formulas.link(page.planner.question, query, field))
        book.live(page.sheet, (page.row, SERVICE + i), asked, value, book.style("number", form))
        shown = choose(sums.here, closed, Expr(at(page.row, SERVICE + i), value))
        book.put(page.sheet, (page.row, C + 2 + i), shown, book.style("number", form))
    asked = formulas.text(formulas.link(page.planner.question, query, "reach"))
    value = book.values.value(page.planner.question, inputs, "reach")
    book.live(page.sheet, (page.row, SERVICE + 2), asked, value, book.style("number"))
    law = law.writing(RowSteps(book, page.sheet, page.row, SUMS + 3))
    reach, _ = law.reach(law.best(compute))
    shown = choose(sums.here, reach, Expr(at(page.row, SERVICE + 2), value))
    book.put(page.sheet, (page.row, G), shown, book.style("soft"))


def titled(field: str) -> str:
    """The head of a column: the field, which end of its interval, its unit."""
    base = field.removesuffix("_low").removesuffix("_high")
    words = [planners.label(base), field[len(base) + 1 :], planners.unit(base)]
    return "\n".join(dict.fromkeys(filter(None, words))).replace("Days\ndays", "Days")


def _headed(book: Book, page: Page, title: str, meaning: str) -> None:
    page.row += 1
    book.heading(page.sheet, page.row, title, "value", "low", "high", "unit", meaning)
    page.row += 1


Asked = tuple[dict[str, str], dict[str, Scalar]]
"""The cells of a question's inputs, and what they hold at first."""


def _asked(book: Book, page: Page, question: str, asked: Asked, fields: tuple[str, ...]) -> list[Expr]:
    """Fields of another question's answer, in the columns of what the service says, in the row at hand."""
    cells, inputs = asked
    sheet = page.sheet.get_name()
    query = formulas.query({name: f"'{sheet}'!{cell}" for name, cell in cells.items()})
    link = book.aside(f"={query}", formulas.query_text(inputs))
    found = []
    for i, field in enumerate(fields):
        value = book.values.value(question, inputs, field)
        form = planners.number_format(field.removesuffix("_low").removesuffix("_high"))
        formula = formulas.number(formulas.link(question, link, field))
        book.live(page.sheet, (page.row, SERVICE + i), formula, value, book.style("number", form))
        found.append(Expr(at(page.row, SERVICE + i), value))
    return found
