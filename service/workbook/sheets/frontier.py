"""The frontier's sheet: a budget a row with what is best for it, calculated here or asked, and the charts of all."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from fitted_laws.answers.answer import Scalar
from fitted_laws.solving.extrapolation import BEYOND
from service.workbook import formulas, layout, planners
from service.workbook.book import ACCENT, GREY, LINE, SOFT, B, Book, C, G
from service.workbook.calculation import RowSteps, Steps, resolved_law
from service.workbook.closed.ends import LEVEL
from service.workbook.closed.expressions import FALSE, NA, Expr, at, choose, compared, every, given, joined, tried
from service.workbook.closed.sums import AdditiveCells
from service.workbook.layout import Page
from service.workbook.planners import FRONTIER
from service.workbook.sheets.extras import SHARED, titled
from service.workbook.sheets.question import identified

POINTS = int(planners.entry(FRONTIER, "points").default)
HELPERS = ("drawn", "low", "high", "inside the fit")
"""Columns that the chart draws: the reducible loss, or the loss of a law that knows no floor."""
FIRST_HELPER = 15
ASKED, STEPS = 20, 34
"""Where the columns begin that the service is asked for, and those of the steps."""
WIDTHS = (2, 24, 20, *(14,) * 11, 2, *(12,) * 4, 2, *(12,) * 12, 2, 36, *(14,) * 14)
CHARTS = 20
"""Rows under a chart."""


def frontier(book: Book) -> None:
    """A budget a row, and the charts of all."""
    page = layout.opened(book, FRONTIER, WIDTHS)
    page.last = len(FRONTIER.answers) + 1
    for column in range(G + 1, page.last + 1):
        page.sheet.write_blank(3, column, None, book.style("head"))
    law = _law(book, page) if book.tables.coefficients.laws else None
    here = law.known if law else FALSE
    identified(book, page, None)
    table = f'=HYPERLINK({formulas.shared("frontier", page.query, ".csv")},"open")'
    layout.described(book, page, "The table", "", "as CSV, asked of the service")
    book.live(page.sheet, (page.row, C), table, "open", book.style("link"))
    page.row += 1
    layout.remarks(book, page, {"warnings": 70, "citation": 18}, row=-1)
    chart_row = page.row + 1
    page.row += CHARTS + 2
    _titles(book, page)
    first = page.row
    for i in range(POINTS):
        _budget(book, page, law, here, i)
        page.row += 1
    reach = xl_col_to_name(C + FRONTIER.answers.index("reach"))
    grey = {"type": "formula", "criteria": f'=${reach}{first + 1}="{BEYOND}"', "format": book.workbook.add_format(GREY)}
    page.sheet.conditional_format(first, C, page.row - 1, page.last, grey)
    book.grey_errors(page.sheet, first, page.row - 1)
    page.sheet.print_area(0, 0, page.row, page.last)
    _charts(book, page, (first, page.row - 1), chart_row)


def _law(book: Book, page: Page) -> AdditiveCells:
    """The law of the sheet in cells, to the right of all."""
    steps = Steps(book, page.sheet, STEPS)
    inputs = {name: Expr(cell, page.inputs[name]) for name, cell in page.cells.items()}
    resolved = steps("Law", resolved_law(book, FRONTIER, inputs["domain"], inputs["law"]), "General")
    return AdditiveCells(book.tables, steps, joined(inputs["domain"], " ", resolved))


def _charts(book: Book, page: Page, rows: tuple[int, int], row: int) -> None:
    loss = _chart(book, rows, ("", FIRST_HELPER, ACCENT), "loss above the irreducible, nats/token")
    inside = {"name": "inside the fitted range", "line": {"color": ACCENT, "width": 3.5}}
    loss.add_series({**_series(rows, FIRST_HELPER + 3), **inside})
    size = _chart(book, rows, ("params", 8, "#B5451B"), "parameters and tokens, count")
    size.add_series({**_series(rows, 11), "name": "tokens", "line": {"color": "#3557A6", "width": 2.25}})
    words = "Loss above the irreducible against compute, with its interval, compute on a logarithmic axis"
    page.sheet.insert_chart(row, B, loss, {"description": words})
    words = "Best size and tokens against compute on logarithmic axes"
    page.sheet.insert_chart(row, 7, size, {"description": words})


def _titles(book: Book, page: Page) -> None:
    for column, field in enumerate(("compute", *FRONTIER.answers), B):
        page.sheet.write_string(page.row, column, titled(field), book.style("head_right"))
    for i, title in enumerate(HELPERS):
        page.sheet.write_string(page.row, FIRST_HELPER + i, f"Chart:\n{title}", book.style("head_right"))
    for i, field in enumerate(FRONTIER.answers):
        page.sheet.write_string(page.row, ASKED + i, f"Asked:\n{field}", book.style("head_right"))
    page.sheet.set_row(page.row, 48)
    page.row += 1


def _budget(book: Book, page: Page, law: AdditiveCells | None, here: Expr, i: int) -> None:
    """One budget, evenly spaced in the logarithm, and what is best for it."""
    low, high = (page.read[name] for name in ("compute_min", "compute_max"))
    spaced = low * (high / low) ** Expr(f"({i}/{POINTS - 1})", i / (POINTS - 1))
    compute = book.put(page.sheet, (page.row, B), spaced, book.style("number", planners.SCIENTIFIC))
    beside = Expr(compute.text.replace("$B", "B").replace("$", ""), compute.value)
    own = _closed(book, page, law, compute) if law else {}
    query = formulas.query({**{name: page.cells[name] for name in SHARED}, "compute": beside.text})
    inputs: dict[str, Scalar] = {**{name: page.inputs[name] for name in SHARED}, "compute": compute.value}
    shown = {}
    for column, field in enumerate(FRONTIER.answers):
        form = planners.number_format(field.removesuffix("_low").removesuffix("_high"))
        written = formulas.text if planners.is_text(field) else formulas.number
        value = book.values.value("optimal", inputs, field)
        place = (page.row, ASKED + column)
        book.live(page.sheet, place, written(formulas.link("optimal", query, field)), value, book.style("soft", form))
        service = Expr(at(*place), value)
        found = tried(choose(here, own.get(field, NA), NA), service) if field in own else service
        shown[field] = book.put(page.sheet, (page.row, C + column), found, book.style("number", form))
    _helpers(book, page, shown)


def _closed(book: Book, page: Page, law: AdditiveCells, compute: Expr) -> dict[str, Expr]:
    """What is best for the budget, by the law of the sheet."""
    law = law.writing(RowSteps(book, page.sheet, page.row, STEPS + 2))
    run = law.best(compute)
    place = law.place(run.compute)
    reach, decades = law.reach(run)
    level = Expr(page.cells["level"], page.inputs["level"])
    found = {"loss": run.loss, "reducible_loss": run.reducible, "params": run.params}
    fields = {**found, "tokens": run.tokens, "extrapolation": decades, "reach": reach}
    for name, headline in found.items():
        for end, value in zip(("low", "high"), law.near(headline, name, place), strict=True):
            fields[f"{name}_{end}"] = choose(every(given(level), compared(level, "=", LEVEL)), value, NA)
    return fields


def _helpers(book: Book, page: Page, shown: dict[str, Expr]) -> None:
    """What the chart draws of the row at hand."""
    style = book.style("soft", "0.0000")
    drawn = []
    for i, end in enumerate(("", "_low", "_high")):
        reducible = shown[f"reducible_loss{end}"]
        formula = choose(given(reducible), reducible, shown[f"loss{end}"])
        drawn.append(book.put(page.sheet, (page.row, FIRST_HELPER + i), formula, style))
    inside = choose(compared(shown["extrapolation"], "=", 0), drawn[0], NA)
    book.put(page.sheet, (page.row, FIRST_HELPER + 3), inside, style)


def _series(rows: tuple[int, int], column: int) -> dict[str, Any]:
    """A line of the chart: a column of the table against its budgets."""
    sheet = FRONTIER.sheet
    return {"categories": [sheet, rows[0], B, rows[1], B], "values": [sheet, rows[0], column, rows[1], column]}


def _chart(book: Book, rows: tuple[int, int], drawn: tuple[str, int, str], title: str) -> Any:
    """A chart of a column of the table against ln C, and of the two ends of its interval in the next two; of a size on logarithmic axes."""
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
    upwards = {**axis, "num_format": "0E+0"} if name else {key: axis[key] for key in axis if key != "log_base"}
    chart.set_y_axis({**upwards, "name": title})
    chart.set_title({"none": True})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 600 if name else 700, "height": CHARTS * 22})
    chart.set_chartarea({"border": {"color": LINE}})
    return chart
