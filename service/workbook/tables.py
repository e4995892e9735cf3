"""What the workbook's sheets hold beyond one question: the frontier and its charts, training alone beside serving, what more days buy."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from fitted_laws.answers.answer import Scalar
from fitted_laws.solving.extrapolation import BEYOND
from service.workbook import formulas, planners, sheets
from service.workbook.book import ACCENT, GREY, LINE, SOFT, B, Book, C, G, at
from service.workbook.planners import FRONTIER, LIFETIME, TARGET
from service.workbook.sheets import Page, described

POINTS = int(planners.entry(FRONTIER, "points").default)
DEADLINES = (7, 14, 30, 60, 90, 180)
BOUGHT = ("compute", "cost", "params", "loss")
SHARED = ("domain", "law", "level")
WIDTHS = (2, 24, 20, *(14,) * 11, 2, *(12,) * 4)
HELPERS = ("drawn", "low", "high", "inside the fit")
"""Columns that the chart draws: the reducible loss, or the loss of a law that knows no floor."""
FIRST_HELPER = 15
CHARTS = 20
"""Rows under a chart."""


def training_alone(book: Book, page: Page) -> None:
    """The model that is cheapest to train to the same loss, and what the sheet's own saves over it once both have served as much."""
    page.row += 1
    book.heading(
        page.sheet,
        page.row,
        "Training alone",
        "value",
        "",
        "",
        "unit",
        "the cheapest training to the same loss, then serving as much",
    )
    page.row += 1
    inputs = {name: page.inputs[name] for name in (*SHARED, "loss", "kl")}
    query = formulas.query({name: page.cells[name] for name in inputs})
    there = {field: book.values.value(TARGET.question, inputs, field) for field in ("params", "tokens", "compute")}
    places = {}
    for field, value in there.items():
        places[field] = at(page.row, C)
        described(book, page, planners.label(field), planners.unit(field), planners.meaning(field))
        formula = formulas.number(formulas.link(TARGET.question, query, field))
        book.live(page.sheet, (page.row, C), formula, value, book.style("number", planners.number_format(field)))
        page.row += 1
    here = {
        field: book.values.value(LIFETIME.question, page.first_inputs, field)
        for field in ("params", "inference_compute", "compute")
    }
    _saved(book, page, places, total(here, there))


def total(here: dict[str, Any], there: dict[str, Any]) -> tuple[float, float] | None:
    """Compute of training alone and then serving, and the share of it that the size for both saves."""
    if None in (*here.values(), *there.values()):
        return None
    alone = there["compute"] + here["inference_compute"] * there["params"] / here["params"]
    return alone, 1 - here["compute"] / alone


def _saved(book: Book, page: Page, places: dict[str, str], values: tuple[float, float] | None) -> None:
    alone = at(page.row, C)
    served = f"{page.answers['inference_compute']}*{places['params']}/{page.answers['params']}"
    rows = (
        (
            "Training and serving",
            "FLOP",
            "its compute, and that of serving as much by it",
            f"={places['compute']}+{served}",
            planners.SCIENTIFIC,
        ),
        (
            "Saved above",
            "share",
            "what the size chosen for both saves of that",
            f"=1-{page.answers['compute']}/{alone}",
            "0.0%",
        ),
    )
    for i, (label, unit, meaning, formula, form) in enumerate(rows):
        described(book, page, label, unit, meaning)
        book.live(page.sheet, (page.row, C), formula, values[i] if values else None, book.style("number", form))
        page.row += 1


def deadlines(book: Book, page: Page) -> None:
    """The same fleet for more days, or fewer."""
    page.row += 1
    for column, field in enumerate(("deadline_days", *BOUGHT), B):
        page.sheet.write_string(page.row, column, _titled(field), book.style("head_right"))
    page.sheet.write_string(page.row, G, "reach: the same fleet for more days, or fewer", book.style("head_in"))
    page.sheet.set_row(page.row, 32)
    for days in DEADLINES:
        page.row += 1
        page.sheet.write_number(page.row, B, days, book.style("input"))
        query = formulas.query({**page.cells, "deadline_days": at(page.row, B)})
        inputs: dict[str, Scalar] = {**page.first_inputs, "deadline_days": days}
        for column, field in enumerate(BOUGHT, C):
            value = book.values.value(page.planner.question, inputs, field)
            formula = formulas.number(formulas.link(page.planner.question, query, field))
            book.live(
                page.sheet, (page.row, column), formula, value, book.style("number", planners.number_format(field))
            )
        reach = formulas.text(formulas.link(page.planner.question, query, "reach"))
        value = book.values.value(page.planner.question, inputs, "reach")
        book.live(page.sheet, (page.row, G), reach, value, book.style("soft"))
    page.row += 1


def frontier(book: Book) -> None:
    """A budget a row, and the charts of all."""
    page = sheets.opened(book, FRONTIER, WIDTHS)
    page.last = len(FRONTIER.answers) + 1
    for column in range(G + 1, page.last + 1):
        page.sheet.write_blank(3, column, None, book.style("head"))
    sheets.identified(book, page)
    table = f"={formulas.shared('frontier', page.query, '.csv')}"
    address = f"{book.base}/v1/frontier.csv?{formulas.query_text(page.first_inputs)}"
    sheets.words(book, page, "The table as one link", table, address, wide=True)
    sheets.remarks(book, page, {"warnings": 70, "citation": 18}, row=-1)
    chart_row = page.row + 1
    page.row += CHARTS + 2
    _titles(book, page)
    first = page.row
    for i in range(POINTS):
        _budget(book, page, i)
        page.row += 1
    reach = xl_col_to_name(C + FRONTIER.answers.index("reach"))
    grey = {"type": "formula", "criteria": f'=${reach}{first + 1}="{BEYOND}"', "format": book.workbook.add_format(GREY)}
    page.sheet.conditional_format(first, C, page.row - 1, page.last, grey)
    book.grey_errors(page.sheet, first, page.row - 1)
    page.sheet.print_area(0, 0, page.row, page.last)
    rows = (first, page.row - 1)
    loss = _chart(book, rows, ("", FIRST_HELPER, ACCENT), "loss above the irreducible, nats/token")
    loss.add_series(
        {**_series(rows, FIRST_HELPER + 3), "name": "inside the fitted range", "line": {"color": ACCENT, "width": 3.5}}
    )
    size = _chart(book, rows, ("params", 8, "#B5451B"), "parameters and tokens, count")
    size.add_series({**_series(rows, 11), "name": "tokens", "line": {"color": "#3557A6", "width": 2.25}})
    page.sheet.insert_chart(
        chart_row,
        B,
        loss,
        {"description": "Loss above the irreducible against compute, with its interval, on logarithmic axes"},
    )
    page.sheet.insert_chart(
        chart_row, 7, size, {"description": "Best size and tokens against compute on logarithmic axes"}
    )


def _titles(book: Book, page: Page) -> None:
    for column, field in enumerate(("compute", *FRONTIER.answers), B):
        page.sheet.write_string(page.row, column, _titled(field), book.style("head_right"))
    for i, title in enumerate(HELPERS):
        page.sheet.write_string(page.row, FIRST_HELPER + i, f"Chart:\n{title}", book.style("head_right"))
    page.sheet.set_row(page.row, 48)
    page.row += 1


def _titled(field: str) -> str:
    """The head of a column: the field, which end of its interval, its unit."""
    base = field.removesuffix("_low").removesuffix("_high")
    words = [planners.label(base), field[len(base) + 1 :], planners.unit(base)]
    return "\n".join(dict.fromkeys(filter(None, words))).replace("Days\ndays", "Days")


def _budget(book: Book, page: Page, i: int) -> None:
    """One budget, evenly spaced in the logarithm, and what is best for it."""
    low, high = (page.cells[name] for name in ("compute_min", "compute_max"))
    ends = [float(str(page.inputs[name])) for name in ("compute_min", "compute_max")]
    compute = ends[0] * (ends[1] / ends[0]) ** (i / (POINTS - 1))
    book.live(
        page.sheet,
        (page.row, B),
        f"={low}*({high}/{low})^({i}/{POINTS - 1})",
        compute,
        book.style("number", planners.SCIENTIFIC),
    )
    query = formulas.query(
        {**{name: page.cells[name] for name in SHARED}, "compute": at(page.row, B).replace("$B", "B").replace("$", "")}
    )
    inputs: dict[str, Scalar] = {**{name: page.inputs[name] for name in SHARED}, "compute": compute}
    for column, field in enumerate(FRONTIER.answers, C):
        form = planners.number_format(field.removesuffix("_low").removesuffix("_high"))
        written = formulas.text if planners.is_text(field) else formulas.number
        formula = written(formulas.link("optimal", query, field))
        book.live(
            page.sheet,
            (page.row, column),
            formula,
            book.values.value("optimal", inputs, field),
            book.style("number", form),
        )
    _helpers(book, page, inputs)


def _helpers(book: Book, page: Page, inputs: dict[str, Scalar]) -> None:
    """What the chart draws of the row at hand."""
    row, style = page.row + 1, book.style("soft", "0.0000")
    values = {field: book.values.value("optimal", inputs, field) for field in FRONTIER.answers}
    for i, (end, reducible, loss) in enumerate((("", "F", "C"), ("_low", "G", "D"), ("_high", "H", "E"))):
        value = values[f"loss{end}"] if values[f"reducible_loss{end}"] is None else values[f"reducible_loss{end}"]
        book.live(
            page.sheet,
            (page.row, FIRST_HELPER + i),
            f"=IF(ISNUMBER({reducible}{row}),{reducible}{row},{loss}{row})",
            value,
            style,
        )
    inside = (
        None
        if values["extrapolation"]
        else values["loss"]
        if values["reducible_loss"] is None
        else values["reducible_loss"]
    )
    book.live(page.sheet, (page.row, FIRST_HELPER + 3), f"=IF(M{row}=0,P{row},NA())", inside, style)


def _series(rows: tuple[int, int], column: int) -> dict[str, Any]:
    """A line of the chart: a column of the table against its budgets."""
    sheet = FRONTIER.sheet
    return {"categories": [sheet, rows[0], B, rows[1], B], "values": [sheet, rows[0], column, rows[1], column]}


def _chart(book: Book, rows: tuple[int, int], drawn: tuple[str, int, str], title: str) -> Any:
    """A log-log chart of a column of the table, and of the two ends of its interval in the next two."""
    name, first, colour = drawn
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    for i, end in enumerate(("low", "high"), 1):
        line = {"color": colour, "width": 1, "transparency": 40}
        chart.add_series({**_series(rows, first + i), "name": f"{name}, {end}".removeprefix(", "), "line": line})
    line = {"color": colour, "width": 2.25} if name else {"color": colour, "width": 1.75, "dash_type": "dash"}
    chart.add_series({**_series(rows, first), "name": name or "beyond the fitted range", "line": line})
    font = {"color": SOFT, "size": 9, "bold": False}
    lines = {"visible": True, "line": {"color": LINE, "width": 0.5}}
    axis = {
        "name_font": font,
        "num_font": font,
        "major_gridlines": lines,
        "line": {"color": LINE},
        "crossing": "min",
        "log_base": 10,
    }
    chart.set_x_axis({**axis, "name": "compute, FLOP", "num_format": "0E+0"})
    chart.set_y_axis({**axis, "name": title, "num_format": "General" if not name else "0E+0"})
    chart.set_title({"none": True})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 600 if name else 700, "height": CHARTS * 22})
    chart.set_chartarea({"border": {"color": LINE}})
    return chart
