"""The recipes of docs/spreadsheets.md and docs/google-sheets.md: each formula and address gives what the service answers."""

import csv
import io
import re
from pathlib import Path

import pytest
from spreadsheet import Book, Calculator, Cell, Formula

from fitted_laws import ask

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "spreadsheets.md").read_text()
BASE = "http://testserver.local"
FORMULAS = re.findall(r"^=(?!FITTED)(.+)$", PAGE + (DOCS / "google-sheets.md").read_text(), re.MULTILINE)
TABLES = re.findall(r"^(/v1/\S+)$", PAGE, re.MULTILINE)


def calculated(client, formula, value) -> float | str:
    """What a formula of the page says where A2 holds `value`."""
    book = Book(names={"base": "mine!$A$1"}, sheets={"mine": {"A1": Cell(None, BASE), "A2": Cell(None, value)}})
    calculator = Calculator(book, lambda address: client.get(address.removeprefix(BASE)).raise_for_status().text)
    return Formula(formula, "mine", calculator).calculate()


@pytest.mark.parametrize("formula", FORMULAS)
def test_each_formula_gives_what_the_service_answers(client, formula) -> None:
    """A number of its field, a text of its warnings, or a table; each literal fits a cell."""
    assert all(len(literal) <= 255 for literal in re.findall(r'"((?:[^"]|"")*)"', formula))
    question, suffix = re.search(r"/v1/(\w+)\.(txt|csv)", formula).groups()
    value = 2.5 if question == "target" else 1.25e21
    found = calculated(client, formula, value)
    if suffix == "csv":
        assert len(list(csv.reader(io.StringIO(found)))) == 26
        return
    field = re.search(r"&field=(\w+)", formula)
    answer = ask(question, domain="language", **{"loss" if question == "target" else "compute": value})
    expected = answer[field[1] if field else answer.headline]
    if isinstance(expected, list):
        assert found == " | ".join(expected)
    else:
        assert float(found) == expected


def test_there_are_formulas_and_tables() -> None:
    assert len(FORMULAS) >= 6
    assert len(TABLES) >= 3


@pytest.mark.parametrize("address", TABLES)
def test_each_table_has_its_rows(client, address) -> None:
    """And is short enough for a literal, whatever the server's name."""
    assert len(address) < 150
    rows = list(csv.DictReader(io.StringIO(client.get(address).text)))
    assert len(rows) == 25 if "points=25" in address else len(rows) > 5
