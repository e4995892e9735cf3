"""The workbook's first sheet: where it asks, what it calculates by itself, what there is, and how to read it."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from service.workbook import formulas, planners
from service.workbook.book import B, Book, C, G
from service.workbook.closed.coefficients import SHEET as COEFFICIENTS
from service.workbook.formulas import BASE, KEY
from service.workbook.layout import LAWS
from service.workbook.planners import BUDGET, PLANNERS
from service.workbook.sheets.grids import DOC as TABLES_DOC
from service.workbook.sheets.grids import SHEET as TABLES
from service.workbook.sheets.scenarios import DOC as SCENARIOS_DOC
from service.workbook.sheets.scenarios import SHEET as SCENARIOS

START = "start"
HELP = (
    "Yellow cells are yours: change one, and its sheet follows. Write 70B, 1.4T, 1e24 or 3 PF-days, with a point or a comma.",
    "Laws of additive form are calculated in the sheets, by plain formulas, on any machine; a sheet shows each step to its right.",
    "Any other law, a level other than 90 % and a probability are asked of the service, which the line `Calculated` says.",
    "Where the service is reached, its numbers stand beside those calculated here, and the same line says whether both agree.",
    "Ends of intervals come from hidden tables at 90 %, interpolated: within 3 % of the interval's width of the service's.",
    "#N/A means no answer: no interval for this law, the reason that the sheet's status gives, or a service out of reach.",
    "Excel for Windows and LibreOffice Calc can ask the service: allow links, then Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 in Calc.",
    "Excel elsewhere and Google Sheets cannot: what is asked stays #N/A there, what is calculated here is not affected.",
)
FORMULA = '=IFERROR(NUMBERVALUE(WEBSERVICE(base&"/v1/optimal.txt?domain=language&compute="&ENCODEURL(SUBSTITUTE(A2&"",",","."))),".",","),NA())'


def start(book: Book) -> None:
    """The server's address, what there is, how to read it, and the formula to copy."""
    sheet = book.page(
        START,
        "Fitted Laws: capacity planning",
        "What a training run should reach, need and cost, by published scaling laws.",
    )
    _server(book, sheet)
    row = _contents(book, sheet, 9)
    book.heading(sheet, row + 1, "How to read it", "", "", "", "", "")
    for text in HELP:
        sheet.merge_range(row + 2, B, row + 2, G, text, book.style("words"))
        row += 1
    book.heading(sheet, row + 3, "In a sheet of your own", "", "", "", "", "")
    words = "Name a cell base, put the address above into it and a budget into A2, then copy:"
    sheet.merge_range(row + 4, B, row + 4, G, words, book.style("words"))
    sheet.merge_range(row + 5, B, row + 5, G, "", book.style("mono"))
    sheet.write_string(row + 5, B, FORMULA, book.style("mono"))
    sheet.print_area(0, 0, row + 5, G)


def _server(book: Book, sheet: Worksheet) -> None:
    """Where it asks, and whether the catalogue there is still the one of the coefficients here."""
    book.heading(sheet, 3, "Server", "", "", "", "", "")
    for row, (label, name, value, meaning) in enumerate(
        (
            (
                "Address",
                BASE,
                book.base,
                "the cell named base: what is asked is asked here; change it if the server moves",
            ),
            (
                "Key",
                KEY,
                "",
                "your API key, where the service asks for one; it goes into every request, and stays in this file",
            ),
        ),
        4,
    ):
        sheet.write_string(row, B, label, book.style("label"))
        sheet.merge_range(row, C, row, 5, value, book.style("address"))
        sheet.write_string(row, G, meaning, book.style("soft"))
        book.workbook.define_name(name, f"={START}!$C${row + 1}")
    digest = book.values.laws.digest
    inputs = {**planners.first(book.values.laws), **BUDGET.given}
    now = formulas.text(formulas.link(BUDGET.question, f'"{formulas.query_text(inputs)}"', "catalogue"))
    for row, (label, meaning) in enumerate(
        (
            ("Catalogue, made with", "digest of all coefficients"),
            ("Catalogue, now", "as the server says; #N/A: it is not reached"),
        ),
        6,
    ):
        sheet.write_string(row, B, label, book.style("label"))
        sheet.merge_range(row, C, row, 5, digest, book.style("words"))
        sheet.write_string(row, G, meaning, book.style("soft"))
    book.live(sheet, (7, C), now, book.values.value(BUDGET.question, inputs, "catalogue"), book.style("words"))


def _contents(book: Book, sheet: Worksheet, row: int) -> int:
    """Every sheet, with what it is for; the next free row."""
    book.heading(sheet, row, "Sheets", "", "", "", "", "")
    here = book.tables.coefficients.laws
    for name, doc in (
        *([(SCENARIOS, SCENARIOS_DOC)] if here else []),
        *((p.sheet, p.doc) for p in PLANNERS),
        *([(TABLES, TABLES_DOC)] if here else []),
        (LAWS, "Every unit, every law with its fitted ranges and its source, by family."),
        (COEFFICIENTS, f"The {len(here)} laws that are calculated here, and what their formulas look up."),
    ):
        row += 1
        sheet.write_url(row, B, f"internal:'{name}'!A1", book.style("link"), name)
        sheet.merge_range(row, C, row, G, doc, book.style("words"))
    return row + 1
