"""The sheets of what the others look up: units, laws by family, coefficients, tables of ends, and what lists offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fitted_laws.answers.formats import defused
from fitted_laws.documents.inside import budget_inside, known_from
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ROLES
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.hardware import ACCELERATORS
from service.workbook import planners
from service.workbook.book import B, Book, C
from service.workbook.closed.coefficients import FIRST, SHEET
from service.workbook.closed.ends import LEFT_OUT, EndsTable
from service.workbook.closed.expressions import at
from service.workbook.formulas import DEFAULT
from service.workbook.layout import LAWS, RANGES, UNSTATED
from service.workbook.lookup import LISTS
from service.workbook.planners import PLANNERS


def laws(book: Book) -> None:
    """Units, and the laws with their ranges and sources."""
    widths = (2, 20, 32, *(12,) * 6, 16, 34, 54, 34, 80)
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
    titles = ("Domain", "Law", *ends, "counts", "family", "citation", "address", "relations")
    for column, title in enumerate(titles, B):
        sheet.write_string(
            row + 1, column, title, book.style("head_right" if title in ends else "head_in" if column > B else "head")
        )
    sheet.set_row(row + 1, 32)
    row += 2
    rows = [
        (domain.id, law)
        for domain in book.values.laws.domains
        for family in book.values.laws.families(domain.id).values()
        for law in family
    ]
    for i, (domain, law) in enumerate(rows):
        _law(book, sheet, row + i, domain, law)
    last = _domains(book, sheet, row + len(rows) + 1)
    sheet.print_area(0, 0, last, 13)
    _named(book, "laws", LAWS, row, len(rows), 0)
    for i, quantity in enumerate(RANGES):
        _named(book, f"{quantity}_low", LAWS, row, len(rows), 3 + 2 * i)
        _named(book, f"{quantity}_high", LAWS, row, len(rows), 4 + 2 * i)
    _named(book, "law_citation", LAWS, row, len(rows), 11)


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
        sheet.merge_range(row, 3, row, 9, defused(domain.title), book.style("words"))
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
    words = (
        first.counts,
        law.family.title,
        first.citation,
        first.url,
        "; ".join(sorted({ROLES[role] for role in law.roles})),
    )
    for column, text in enumerate(words, 9):
        sheet.write_string(row, column, defused(text), book.style("soft"))


def coefficients(book: Book) -> None:
    """The one table of the laws that are calculated here; what only formulas read of it stands in hidden columns."""
    table = book.tables.coefficients
    words = f"L = E + A/N^α + B/D^β and C = 6ND, C in FLOP, L in nats/token: the {len(table.laws)} laws that are calculated here."
    sheet = book.page(SHEET, SHEET.capitalize(), words, (2, 34, 20, 26, *(12,) * 13))
    sheet.fit_to_pages(1, 0)
    hidden = book.workbook.add_format({"font_color": "#FFFFFF", "font_size": 1})
    for column, (name, values) in enumerate(table.columns.items()):
        shown = name in table.shown
        title = name if column < 9 else name.replace("_low", "\nfrom").replace("_high", "\nto").replace("_", " ")
        if column:
            sheet.write_string(FIRST - 1, column, title, book.style("head" if column < 4 else "head_right"))
        form = planners.number_format(name.removesuffix("_low").removesuffix("_high")) if column > 8 else "General"
        for row, value in enumerate(values, FIRST):
            sheet.write(
                row, column, value, hidden if not column else book.style("label" if column < 4 else "number", form)
            )
        if not shown:
            sheet.set_column(column, column, 12, None, {"hidden": True})
    sheet.set_row(FIRST - 1, 48)
    sheet.freeze_panes(FIRST, 4)


def ends(book: Book, table: EndsTable) -> None:
    """A table of ends, hidden."""
    sheet = book.hidden(table.sheet)
    for column, name in enumerate(table.names):
        sheet.write_string(0, column, name)
        sheet.write_column(1, column, table.columns[name])


def lists(book: Book) -> None:
    """What the validation lists offer: domains, accelerators, and for each question and domain the laws that can answer."""
    sheet = book.hidden(LISTS)
    laws = book.values.laws
    ids = [domain.id for domain in laws.domains]
    chips = list(ACCELERATORS.values())
    here = list(dict.fromkeys(law.domain for law in book.tables.coefficients.laws))
    columns: list[tuple[str, Sequence[Any]]] = [
        ("domains", ids),
        ("accelerators", list(ACCELERATORS)),
        ("peak_flops", [chip.bf16_flops for chip in chips]),
        ("power_watts", [LEFT_OUT if chip.power_watts is None else chip.power_watts for chip in chips]),
        ("domains_here", here or ids),
    ]
    named = len(columns)
    columns += [(f"here {id}", [law.law for law in book.tables.coefficients.laws if law.domain == id]) for id in here]
    columns += [(f"{p.question} {id}", [DEFAULT, *planners.able(p, laws, id)]) for p in PLANNERS for id in ids]
    for column, (title, values) in enumerate(columns):
        sheet.write_string(0, column, title)
        sheet.write_column(1, column, values)
    for column, (title, values) in enumerate(columns[:named]):
        _named(book, title, LISTS, 1, len(values), column)
    for name, row in (("titles", 0), ("first_laws", 2)):
        book.workbook.define_name(name, f"={LISTS}!{at(row, 0)}:{at(row, len(columns) - 1)}")


def _named(book: Book, name: str, sheet: str, row: int, count: int, column: int) -> None:
    """Names `count` cells of a column."""
    book.workbook.define_name(name, f"='{sheet}'!{at(row, column)}:{at(row + count - 1, column)}")
