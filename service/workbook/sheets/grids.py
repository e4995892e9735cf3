"""Tables over two inputs: the loss by size and tokens, and the cost of a budget by MFU and price."""

from __future__ import annotations

from typing import Any

from service.workbook.book import SOFT, Book, column_heading
from service.workbook.calculation import Steps
from service.workbook.closed.expressions import Expr, at, joined, sure
from service.workbook.closed.sums import SECONDS_AN_HOUR, AdditiveCells
from service.workbook.lookup import chip, laws_here
from service.workbook.planners import SCIENTIFIC, SIZED, SUFFIXED

SHEET = "tables"
DOC = "The loss by size and tokens, and the cost of a budget by MFU and price. Every yellow cell may be changed, the heads of the tables too."
SIZES = (1e8, 3e8, 1e9, 3e9, 1e10, 3e10, 1e11)
TOKENS = (3e9, 1e10, 3e10, 1e11, 3e11, 1e12, 3e12, 1e13)
USES = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
PRICES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)
WIDTHS = (2, 24, *(14,) * 8, 2, 2, 2, 36, 20)
INSIDE = "#DDF0E6"


def grids(book: Book) -> None:
    """The sheet."""
    sheet = book.page(SHEET, SHEET.capitalize(), DOC, WIDTHS)
    column_heading(book, sheet, 3, ("Loss by size and tokens", *("",) * 8))
    below = _losses(book, sheet)
    column_heading(book, sheet, below, ("Cost by MFU and price", *("",) * 8))
    last = _costs(book, sheet, below + 1)
    sheet.print_area(0, 0, last, 9)


def _input(book: Book, sheet: Any, row: int, label: str, value: Any, form: str = "General") -> Expr:
    sheet.write_string(row, 1, label, book.style("label"))
    sheet.write(row, 2, value, book.style("input", form))
    return Expr(at(row, 2), value)


def _losses(book: Book, sheet: Any) -> int:
    """Rows of sizes, columns of tokens, nats a token; the next free row."""
    first = book.tables.coefficients.laws[0]
    domain = _input(book, sheet, 4, "Domain", first.domain)
    law_cell = _input(book, sheet, 5, "Law", first.law)
    sheet.data_validation(4, 2, 4, 2, {"validate": "list", "source": "=domains_here"})
    sheet.data_validation(5, 2, 5, 2, {"validate": "list", "source": laws_here(domain.text)})
    steps = Steps(book, sheet)
    law = AdditiveCells(book.tables, steps, joined(domain, " ", law_cell))
    ends = {
        f"{name}_{end}": steps(f"fitted {name}, {word}", law.of(f"{name}_{end}"), SCIENTIFIC)
        for name in ("params", "tokens", "compute")
        for end, word in (("low", "from"), ("high", "to"))
    }
    row = 7
    sheet.write_string(row, 1, "parameters ↓, tokens →", book.style("head_right"))
    _heads(book, sheet, row, (SIZES, SIZED), (TOKENS, SUFFIXED))
    for i, size in enumerate(SIZES, row + 1):
        for j, tokens in enumerate(TOKENS, 2):
            N, D = Expr(f"$B{i + 1}", size), Expr(f"{chr(65 + j)}${row + 1}", tokens)
            loss = sure(law.E + law.params_term(N) + law.tokens_term(D))
            book.put(sheet, (i, j), loss, book.style("number", "0.0000"))
    last = row + len(SIZES)
    n, d = f"$B{row + 2}", f"C${row + 1}"
    within = ",".join(
        f"{value}>={ends[f'{name}_low'].text},{value}<={ends[f'{name}_high'].text}"
        for name, value in (("params", n), ("tokens", d), ("compute", f"6*{n}*{d}"))
    )
    fill = book.workbook.add_format({"bg_color": INSIDE})
    sheet.conditional_format(row + 1, 2, last, 9, {"type": "formula", "criteria": f"=AND({within})", "format": fill})
    words = "Nats a token. Green lies inside what the law was fitted on, in size, tokens and compute, where these are stated."
    sheet.write_string(last + 1, 1, words, book.workbook.add_format({"font_color": SOFT, "italic": True}))
    return last + 4


def _costs(book: Book, sheet: Any, row: int) -> int:
    """Rows of MFU, columns of prices an accelerator-hour, in your currency; the last row."""
    budget = _input(book, sheet, row, "Compute", 1e22, SCIENTIFIC)
    compute = book.reader.read(budget.text, SHEET, 1e22)
    accelerator = _input(book, sheet, row + 1, "Accelerator", "H100")
    sheet.data_validation(row + 1, 2, row + 1, 2, {"validate": "list", "source": "=accelerators"})
    overhead = _input(book, sheet, row + 2, "Overhead", 0.0, "0%")
    contingency = _input(book, sheet, row + 3, "Contingency", 0.1, "0%")
    peak = chip(accelerator)["peak_flops"]
    top = row + 5
    sheet.write_string(top, 1, "MFU ↓, price per hour →", book.style("head_right"))
    _heads(book, sheet, top, (USES, "0%"), (PRICES, "0.00"))
    for i, use in enumerate(USES, top + 1):
        for j, price in enumerate(PRICES, 2):
            mfu, hourly = Expr(f"$B{i + 1}", use), Expr(f"{chr(65 + j)}${top + 1}", price)
            hours = compute / (peak * mfu) / SECONDS_AN_HOUR * (1 + overhead)
            cost = sure(hours * hourly * (1 + contingency))
            book.put(sheet, (i, j), cost, book.style("number", "#,##0"))
    return top + len(USES)


def _heads(book: Book, sheet: Any, row: int, down: tuple[Any, str], across: tuple[Any, str]) -> None:
    """The heads of a table's rows and columns, which may be changed."""
    for i, value in enumerate(down[0], row + 1):
        sheet.write_number(i, 1, value, book.style("input", down[1]))
    for j, value in enumerate(across[0], 2):
        sheet.write_number(row, j, value, book.style("input", across[1]))
