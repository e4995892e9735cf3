"""Scenarios side by side, a column each: fleet or budget, model, loss, money of training and serving, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.workbook.book import ACCENT, LINE, SOFT, Book, column_heading
from service.workbook.closed.expressions import NA, Expr, at, choose, compared, given, joined, sure
from service.workbook.closed.sums import GENERAL, SCIENTIFIC, SECONDS_A_DAY, SECONDS_AN_HOUR, AdditiveCells, Run
from service.workbook.lookup import chip, laws_here
from service.workbook.planners import SCIENTIFIC as SHORT
from service.workbook.planners import SIZED, SUFFIXED

SHEET = "scenarios"
DOC = "Up to four plans side by side: what each reaches, what it costs to train and to serve, and how it differs from the first."
FIRST, COUNT = 2, 4
"""The column of the first scenario, and how many there are."""
UNIT, MEANING = FIRST + COUNT, FIRST + COUNT + 1
WIDTHS = (2, 30, *(17,) * COUNT, 15, 76)
PLANS = (
    {"name": "a week", "count": 32, "days": 7, "mfu": 0.4},
    {"name": "two weeks", "count": 32, "days": 14, "mfu": 0.4},
    {"name": "a week at 30 %", "count": 32, "days": 7, "mfu": 0.3},
    {"name": "smaller, to serve", "count": 32, "days": 7, "mfu": 0.4, "params": "2B"},
)
"""What the scenarios hold at first beside `INPUTS`."""


@dataclass(frozen=True)
class Row:
    """A row of the sheet: its label, its unit, what it means, and how its numbers are written."""

    label: str
    unit: str = ""
    meaning: str = ""
    form: str = "General"
    first: Any = None


INPUTS = {
    "name": Row("Scenario"),
    "domain": Row("Domain", meaning="what is modelled; those of laws that are calculated here"),
    "law": Row("Law", meaning="from the table of coefficients"),
    "accelerator": Row("Accelerator", "", "its peak is dense bf16, by its maker's data sheet", first="H100"),
    "count": Row("Accelerators", "", "how many", "#,##0"),
    "days": Row("Days", "days", "that the fleet is yours", "#,##0.##"),
    "mfu": Row("MFU", "share", "share of the peak FLOP/s that is used", "0%"),
    "overhead": Row(
        "Overhead", "share", "time for restarts, evaluation and failed runs, as a share of the run's", "0%", 0.0
    ),
    "compute": Row(
        "Budget instead", "FLOP", "empty: what the fleet buys in those days; else such as 1e22 or 3 PF-days", SHORT
    ),
    "params": Row("Parameters held", "count", "empty: the best size for the budget; else such as 7B", SIZED),
    "price_per_hour": Row("Price per hour", "your currency", "of one accelerator", "0.00", 2.0),
    "pue": Row("PUE", "", "energy of the site over that of its computers", "0.00", 1.2),
    "price_per_kwh": Row("Price of a kWh", "your currency", "0 where the hourly price covers it", "0.00", 0.0),
    "contingency": Row("Contingency", "share", "added to the cost of training", "0%", 0.1),
    "served": Row("Tokens served", "count", "over the model's life, such as 1T", SUFFIXED, "1T"),
    "serving_chip": Row("Accelerator, serving", first="H100"),
    "serving_mfu": Row("MFU, serving", "share", "share of the peak FLOP/s that is used", "0%", 0.2),
    "serving_price": Row("Price per hour, serving", "your currency", "of one accelerator", "0.00", 2.0),
}
READ = (
    "count",
    "days",
    "mfu",
    "overhead",
    "compute",
    "params",
    "price_per_hour",
    "pue",
    "price_per_kwh",
    "contingency",
)
SERVED = ("served", "serving_mfu", "serving_price")
MONEY = "#,##0"
RESULTS = {
    "compute": Row("Compute", "FLOP", "training compute C = 6ND", SHORT),
    "params": Row("Parameters", "count", "model size N, as the law counts it", SIZED),
    "tokens": Row("Tokens", "count", "training tokens D", SUFFIXED),
    "tokens_per_param": Row("Tokens a parameter", "tokens/param", "", "#,##0.0"),
    "loss": Row("Loss", "nats/token", "cross-entropy loss of that run", "0.0000"),
    "loss_low": Row(
        "Loss, low", "nats/token", "end of the central 90 % interval; #N/A where the law has none", "0.0000"
    ),
    "loss_high": Row("Loss, high", "nats/token", "", "0.0000"),
    "reach": Row("Reach", "", "inside, near (< 1 decade beyond the fit), far (< 3), beyond, or unknown"),
    "hours": Row("Accelerator-hours", "hours", "overhead included", "#,##0"),
    "energy_kwh": Row("Energy", "kWh", "accelerators at rated power, times the PUE", "#,##0"),
    "accelerators": Row("Cost of accelerators", "your currency", "accelerator-hours times the price", MONEY),
    "energy": Row("Cost of energy", "your currency", "", MONEY),
    "spare": Row("Contingency", "your currency", "", MONEY),
    "training": Row("Cost of training", "your currency", "with energy and contingency", MONEY),
    "serving": Row("Cost of serving", "your currency", "2N FLOP a token served", MONEY),
    "total": Row("Cost of both", "your currency", "", MONEY),
}
HEADLINES = ("loss", "total")
DIFFERENCES = {
    "loss": Row("Loss", "nats/token", "less is better", "+0.0000;-0.0000;0"),
    "training": Row("Cost of training", "share", "", "+0%;-0%;0%"),
    "total": Row("Cost of both", "share", "", "+0%;-0%;0%"),
}


CHARTS = 17
"""Rows that the charts take."""
PAID = {"training": "#0B6E4F", "serving": "#3557A6"}
LOSSES = {"loss": ("diamond", 9), "loss_low": ("long_dash", 9), "loss_high": ("long_dash", 9)}
"""What the charts show: costs and their colours, losses and their markers."""


class ColumnSteps:
    """Formulas of one scenario below one another; the first scenario writes the labels."""

    def __init__(self, book: Book, sheet: Any, row: int, column: int) -> None:
        self.book, self.sheet, self.row, self.column = book, sheet, row, column

    def __call__(self, label: str, formula: Expr, number_format: str) -> Expr:
        self.row += 1
        if self.column == FIRST:
            self.sheet.write_string(self.row, 1, label, self.book.style("label"))
        return self.book.put(self.sheet, (self.row, self.column), formula, self.book.style("soft", number_format))


def scenarios(book: Book) -> None:
    """The sheet."""
    sheet = book.page(SHEET, SHEET.capitalize(), DOC, WIDTHS)
    sheet.freeze_panes(4, FIRST)
    results = 4 + len(INPUTS) + 1
    differences = results + len(RESULTS) + 2
    pictures = differences + len(DIFFERENCES) + 2
    steps = pictures + CHARTS
    for row, title in (
        (3, "What you plan"),
        (results, "What it reaches and costs"),
        (differences, "Against the first"),
    ):
        column_heading(book, sheet, row, (title, *("",) * COUNT, "unit", "meaning"))
    _charts(book, sheet, results + 1, pictures)
    column_heading(book, sheet, steps, ("How it is calculated", *("",) * COUNT, "", ""))
    found: list[dict[str, Expr]] = []
    for i, plan in enumerate(PLANS):
        column = FIRST + i
        cells, read = _inputs(book, sheet, column, plan)
        found.append(_results(book, sheet, (results + 1, column), _reached(book, sheet, (steps, column), cells, read)))
        for row, (name, shown) in enumerate(DIFFERENCES.items(), differences + 1):
            one, first = found[i][name], found[0][name]
            formula = sure(one - first if name == "loss" else one / first - 1)
            book.put(sheet, (row, column), formula, book.style("number", shown.form))
    for first_row, rows in ((4, INPUTS), (results + 1, RESULTS), (differences + 1, DIFFERENCES)):
        for row, shown in enumerate(rows.values(), first_row):
            sheet.write_string(row, 1, shown.label, book.style("label"))
            sheet.write_string(row, UNIT, shown.unit, book.style("soft"))
            sheet.write_string(row, MEANING, shown.meaning, book.style("soft"))
    book.grey_errors(sheet, 4, steps)
    sheet.print_area(0, 0, steps - 1, MEANING)


def _charts(book: Book, sheet: Any, results: int, row: int) -> None:
    """What each scenario costs, in columns, and its loss with its interval; by their names."""
    last = FIRST + COUNT - 1
    names = [SHEET, 4 + list(INPUTS).index("name"), FIRST, 4 + list(INPUTS).index("name"), last]

    def series(name: str) -> dict[str, Any]:
        at_row = results + list(RESULTS).index(name)
        return {"name": RESULTS[name].label, "categories": names, "values": [SHEET, at_row, FIRST, at_row, last]}

    costs = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for name, colour in PAID.items():
        costs.add_series({**series(name), "fill": {"color": colour}, "gap": 80})
    losses = book.workbook.add_chart({"type": "line"})
    for name, (marker, size) in LOSSES.items():
        shown = {"type": marker, "size": size, "fill": {"color": ACCENT}, "border": {"color": ACCENT}}
        losses.add_series({**series(name), "line": {"none": True}, "marker": shown})
    for column, chart, title, words in (
        (1, costs, "your currency", "The cost of training and of serving in each scenario"),
        (FIRST + 3, losses, "loss, nats/token", "The loss of each scenario, with its interval"),
    ):
        font = {"color": SOFT, "size": 9, "bold": False}
        lines = {"visible": True, "line": {"color": LINE, "width": 0.5}}
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}})
        chart.set_y_axis({"name": title, "name_font": font, "num_font": font, "major_gridlines": lines})
        chart.set_title({"none": True})
        chart.set_legend({"position": "bottom", "font": font})
        chart.set_size({"width": 560, "height": CHARTS * 20 - 20})
        chart.set_chartarea({"border": {"color": LINE}})
        sheet.insert_chart(row, column, chart, {"description": words, "x_offset": 4, "y_offset": 4})


def _inputs(book: Book, sheet: Any, column: int, plan: dict[str, Any]) -> tuple[dict[str, Expr], dict[str, Expr]]:
    """The cells of a scenario's inputs, and the numbers read of them."""
    law = book.tables.coefficients.laws[0]
    cells, read = {}, {}
    for row, (name, shown) in enumerate(INPUTS.items(), 4):
        value = {"domain": law.domain, "law": law.law, **plan}.get(name, shown.first)
        sheet.write(row, column, value, book.style("input", shown.form))
        cells[name] = Expr(at(row, column), value)
        if name in (*READ, *SERVED):
            read[name] = book.reader.read(
                at(row, column), SHEET, value if isinstance(value, str | None) else float(value)
            )
    for name, source in (
        ("domain", "=domains_here"),
        ("law", laws_here(cells["domain"].text)),
        ("accelerator", "=accelerators"),
        ("serving_chip", "=accelerators"),
    ):
        place = 4 + list(INPUTS).index(name)
        sheet.data_validation(place, column, place, column, {"validate": "list", "source": source})
    return cells, read


def _reached(
    book: Book, sheet: Any, place: tuple[int, int], cells: dict[str, Expr], read: dict[str, Expr]
) -> dict[str, Expr]:
    """What a scenario comes to; its steps go below one another from a place on."""
    write = ColumnSteps(book, sheet, *place)
    law = AdditiveCells(book.tables, write, joined(cells["domain"], " ", cells["law"]))
    rate = write(
        "FLOP/s of the fleet", chip(cells["accelerator"])["peak_flops"] * read["count"] * read["mfu"], SCIENTIFIC
    )
    bought = rate * read["days"] * SECONDS_A_DAY / (1 + read["overhead"])
    compute = write("Compute C", choose(given(read["compute"]), read["compute"], bought), SCIENTIFIC)
    params = choose(given(read["params"]), read["params"], law.best_params(compute))
    size = write("Parameters", params, SCIENTIFIC)
    run = law.at(size, compute / 6 / size)
    near = law.place_about(run)
    low, high = law.aside(run.loss, "loss", near)
    reach, _ = law.reach(run)
    served = choose(given(read["served"]), read["served"], 0)
    rate_of_serving = chip(cells["serving_chip"])["peak_flops"] * read["serving_mfu"]
    hours = write("Hours of serving", 2 * size * served / rate_of_serving / SECONDS_AN_HOUR, GENERAL)
    return {
        **_bill(write, cells, read, run, rate),
        "loss_low": low,
        "loss_high": high,
        "reach": reach,
        "serving": hours * read["serving_price"],
    }


def _bill(write: ColumnSteps, cells: dict[str, Expr], read: dict[str, Expr], run: Run, rate: Expr) -> dict[str, Expr]:
    """A run and what it costs to train."""
    hours = run.compute / rate / SECONDS_AN_HOUR * read["count"] * (1 + read["overhead"])
    hours = write("Accelerator-hours", hours, GENERAL)
    watts = chip(cells["accelerator"])["power_watts"]
    energy = write("Energy in kWh", hours * watts / 1000 * read["pue"], GENERAL)
    priced = choose(compared(read["price_per_kwh"], ">", 0), energy * read["price_per_kwh"], 0)
    cost = write("Cost of energy", priced, GENERAL)
    accelerators = hours * read["price_per_hour"]
    spare = write("Contingency", (accelerators + cost) * read["contingency"], GENERAL)
    return {
        "compute": run.compute,
        "params": run.params,
        "tokens": run.tokens,
        "tokens_per_param": run.tokens / run.params,
        "loss": run.loss,
        "hours": hours,
        "energy_kwh": energy,
        "accelerators": accelerators,
        "energy": cost,
        "spare": spare,
        "training": accelerators + cost + spare,
    }


def _results(book: Book, sheet: Any, place: tuple[int, int], reached: dict[str, Expr]) -> dict[str, Expr]:
    """The numbers of a scenario, below one another from a place on."""
    cells: dict[str, Expr] = {}
    row, column = place
    for name, shown in RESULTS.items():
        formula = cells["training"] + cells["serving"] if name == "total" else reached.get(name, NA)
        style = book.style("headline" if name in HEADLINES else "number", shown.form)
        cells[name] = book.put(sheet, (row, column), sure(formula), style)
        row += 1
    return cells
