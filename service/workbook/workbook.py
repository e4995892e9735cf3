"""The capacity-planning workbook, `/workbook.xlsx`: cells that ask this service, and what it answers now. Its formulas are in `cells`."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook

from fitted_laws import Laws
from fitted_laws.documents.inside import budget_inside, known_from
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ROLES
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.quantities.problems import Fault
from service.protocol import conditional
from service.protocol.messages import Reply, Request, Resource, threaded
from service.protocol.problems import Refused
from service.settings import Settings
from service.workbook import formulas, planners, sheets, tables
from service.workbook.book import B, Book, C, G, at
from service.workbook.formulas import BASE, DEFAULT, KEY
from service.workbook.planners import BUDGET, FLEET, FRONTIER, LIFETIME, PLANNERS, CellValues
from service.workbook.sheets import LAWS, LISTS, RANGES, UNSTATED

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATH = "/workbook.xlsx"
START = "start"
MADE = datetime(2020, 1, 1)  # noqa: DTZ001 - no moment: the same catalogue gives the same bytes
CALCULATED_BY = 191029
"""The calculation engine of Excel 2019 and later: an older one makes Excel calculate at loading, before links are allowed."""
BELOW = {LIFETIME.question: (tables.training_alone,), FLEET.question: (tables.deadlines,)}
"""What stands below a question's sheet."""
HOSTS = 16
"""Addresses of which the workbook is kept."""

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

HELP = (
    "Yellow cells are yours: change one, and every number of its sheet is asked anew. Write 70B, 1.4T or 1e24, with a point or a comma.",
    "Numbers come with the ends of their interval, with the law that gave them and with its warnings. Read these before you plan by them.",
    "#N/A means no answer: no interval for this law, or the reason that the sheet's status gives. All cells #N/A: the server is out of reach.",
    "Excel for Windows asks before it links: Enable Content, then Ctrl+Alt+F9. Until then you read what was answered when this was made.",
    "LibreOffice Calc asks too: Allow updating, then Ctrl+Shift+F9. Excel elsewhere and Google Sheets have no WEBSERVICE: take the links instead.",
)
FORMULA = '=IFERROR(NUMBERVALUE(WEBSERVICE(base&"/v1/optimal.txt?domain=language&compute="&ENCODEURL(SUBSTITUTE(A2&"",",","."))),".",","),NA())'


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    values = CellValues(laws)

    @functools.lru_cache(HOSTS)
    def workbook_for(base: str) -> Reply:
        return conditional.fixed(build(values, base), MEDIA_TYPE)

    def get(request: Request) -> Reply:
        return conditional.checked(request, workbook_for(address(request, settings)))

    yield Resource(path=PATH, get=threaded(get))


def address(request: Request, settings: Settings) -> str:
    """Where the workbook's cells ask: the public address, or the one by which this request came.

    Raises:
        Refused: 400: the request's host is none.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.header(b"host")
    if host is None:
        return settings.base
    if not _HOST.fullmatch(host):
        raise Refused(
            400,
            "the header Host names no host",
            [Fault("Host", "a name or address, with or without a port", host[:60])],
        )
    return f"{request.scheme}://{host.lower()}"


def build(values: CellValues, base: str) -> bytes:
    """The workbook whose cells ask the service at `base`, with `values` in them."""
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": "Fitted Laws: capacity planning", "author": "Fitted Laws", "created": MADE})
    workbook.set_calc_mode("auto", CALCULATED_BY)
    workbook.calc_on_load = False  # the values in it are the service's: good until links are allowed
    workbook.set_size(2400, 1500)
    book = Book(workbook, values, base)
    start(book)
    for planner in PLANNERS:
        if planner is FRONTIER:
            tables.frontier(book)
        else:
            sheets.question(book, planner, *BELOW.get(planner.question, ()))
    reference(book)
    lists(book)
    workbook.close()
    return out.getvalue()


def start(book: Book) -> None:
    """The server's address, what there is, how to read it, and the formula to copy."""
    sheet = book.page(
        START,
        "Fitted Laws: capacity planning",
        "What a training run should reach, need and cost, by published scaling laws.",
    )
    digest = book.values.laws.digest
    book.heading(sheet, 3, "Server", "", "", "", "", "")
    sheet.write_string(4, B, "Address", book.style("label"))
    sheet.merge_range(4, C, 4, 5, book.base, book.style("address"))
    sheet.write_string(
        4, G, "the cell named base: all others ask here; change it if the server moves", book.style("soft")
    )
    book.workbook.define_name(BASE, f"={START}!$C$5")
    sheet.write_string(5, B, "Key", book.style("label"))
    sheet.merge_range(5, C, 5, 5, "", book.style("address"))
    sheet.write_string(
        5,
        G,
        "your API key, where the service asks for one; it goes into every request, and stays in this file",
        book.style("soft"),
    )
    book.workbook.define_name(KEY, f"={START}!$C$6")
    inputs = {**planners.first(book.values.laws), **BUDGET.given}
    now = formulas.text(formulas.link(BUDGET.question, f'"{formulas.query_text(inputs)}"', "catalogue"))
    rows = (
        ("Catalogue, made with", "digest of all coefficients"),
        ("Catalogue, now", "as the server says; #N/A: it is not reached"),
    )
    for row, (label, meaning) in enumerate(rows, 6):
        sheet.write_string(row, B, label, book.style("label"))
        sheet.merge_range(row, C, row, 5, digest, book.style("words"))
        sheet.write_string(row, G, meaning, book.style("soft"))
    book.live(sheet, (7, C), now, book.values.value(BUDGET.question, inputs, "catalogue"), book.style("words"))
    book.heading(sheet, 9, "Sheets", "", "", "", "", "")
    row = 10
    for name, doc in (
        *((p.sheet, p.doc) for p in PLANNERS),
        (LAWS, "Every unit, every law with its fitted ranges and its source."),
    ):
        sheet.write_url(row, B, f"internal:'{name}'!A1", book.style("link"), name)
        sheet.merge_range(row, C, row, G, doc, book.style("words"))
        row += 1
    book.heading(sheet, row + 1, "How to read it", "", "", "", "", "")
    for text in HELP:
        sheet.merge_range(row + 2, B, row + 2, G, text, book.style("words"))
        row += 1
    book.heading(sheet, row + 3, "In a sheet of your own", "", "", "", "", "")
    sheet.merge_range(
        row + 4,
        B,
        row + 4,
        G,
        "Name a cell base, put the address above into it and a budget into A2, then copy:",
        book.style("words"),
    )
    sheet.merge_range(row + 5, B, row + 5, G, "", book.style("mono"))
    sheet.write_string(row + 5, B, FORMULA, book.style("mono"))


def reference(book: Book) -> None:
    """Units, and the laws with their ranges and sources."""
    widths = (2, 20, 32, *(12,) * 6, 16, 54, 34, 80)
    sheet = book.page(
        LAWS,
        LAWS.capitalize(),
        "Units are the same everywhere; a law holds for its data, tokenizer, architecture and recipe.",
        widths,
    )
    sheet.fit_to_pages(1, 0)
    book.heading(sheet, 3, "Quantity", "unit")
    sheet.merge_range(3, 3, 3, 9, "meaning", book.style("head"))
    shown: list[str] = []
    for planner in PLANNERS:
        shown += [name for name in (*planner.given, *planner.answers) if name in GLOSSARY]
    row = 4
    for name in dict.fromkeys(shown):
        sheet.write_string(row, B, name, book.style("label"))
        sheet.write_string(row, C, GLOSSARY[name].unit, book.style("soft"))
        sheet.merge_range(row, 3, row, 9, GLOSSARY[name].meaning, book.style("words"))
        row += 1
    ends = [f"{quantity}\n{end}" for quantity in RANGES for end in ("from", "to")]
    titles = ("Domain", "Law", *ends, "counts", "citation", "address", "relations")
    for column, title in enumerate(titles, B):
        sheet.write_string(
            row + 1, column, title, book.style("head_right" if title in ends else "head_in" if column > B else "head")
        )
    sheet.set_row(row + 1, 32)
    row += 2
    rows = [(domain.id, law) for domain in book.values.laws.domains for law in book.values.laws.of(domain.id)]
    for i, (domain, law) in enumerate(rows):
        _law(book, sheet, row + i, domain, law)
    last = _domains(book, sheet, row + len(rows) + 1)
    sheet.print_area(0, 0, last, 12)
    _named(book, "laws", LAWS, row, len(rows), 0)
    for i, quantity in enumerate(RANGES):
        _named(book, f"{quantity}_low", LAWS, row, len(rows), 3 + 2 * i)
        _named(book, f"{quantity}_high", LAWS, row, len(rows), 4 + 2 * i)


def _domains(book: Book, sheet: Any, row: int) -> int:
    """What each domain models, a budget inside its fit, and whether only small models are known; the last row."""
    book.heading(sheet, row, "Domain", "a budget inside the fit, FLOP")
    sheet.merge_range(row, 3, row, 9, "what is modelled", book.style("head_in"))
    sheet.write_string(row, 10, "known from", book.style("head_in"))
    laws = book.values.laws
    for domain in laws.domains:
        row += 1
        sheet.write_string(row, B, domain.id, book.style("label"))
        sheet.write(row, C, budget_inside(laws, domain.id) or "–", book.style("number", planners.SCIENTIFIC))
        sheet.merge_range(row, 3, row, 9, domain.title, book.style("words"))
        sheet.write_string(row, 10, known_from(laws, domain.id) or "published laws", book.style("soft"))
    return row


def _law(book: Book, sheet: Any, row: int, domain: str, law: Law) -> None:
    first = law.first
    hidden = book.workbook.add_format({"font_color": "#FFFFFF", "font_size": 1})
    sheet.write_string(row, 0, f"{domain} {law.id}", hidden)
    sheet.write_string(row, B, domain, book.style("soft"))
    sheet.write_string(row, C, law.id, book.style("label"))
    for i, quantity in enumerate(RANGES):
        for end, value in enumerate(first.ranges.get(quantity, UNSTATED)):
            sheet.write(row, 3 + 2 * i + end, value, book.style("number", planners.number_format(quantity)))
    words = (first.counts, first.citation, first.url, "; ".join(sorted({ROLES[role] for role in law.roles})))
    for column, text in enumerate(words, 9):
        sheet.write_string(row, column, text, book.style("soft"))


def lists(book: Book) -> None:
    """What the validation lists offer: domains, accelerators, and for each question and domain the laws that can answer."""
    sheet = book.workbook.add_worksheet(LISTS)
    sheet.hide()
    laws = book.values.laws
    ids = [domain.id for domain in laws.domains]
    columns: list[tuple[str, Sequence[str]]] = [("domain", ids), ("accelerator", list(ACCELERATORS))]
    columns += [(f"{p.question} {id}", [DEFAULT, *planners.able(p, laws, id)]) for p in PLANNERS for id in ids]
    for column, (title, values) in enumerate(columns):
        sheet.write_string(0, column, title)
        sheet.write_column(1, column, values)
    for column, (title, values) in enumerate(columns[:2]):
        _named(book, f"{title}s", LISTS, 1, len(values), column)


def _named(book: Book, name: str, sheet: str, row: int, count: int, column: int) -> None:
    """Names `count` cells of a column."""
    book.workbook.define_name(name, f"='{sheet}'!{at(row, column)}:{at(row + count - 1, column)}")
