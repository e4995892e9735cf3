"""The recipes of docs/spreadsheets.md: each formula and address gives what the service answers, the script of Google Sheets too."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from spreadsheet import Book, Calculator, Cell, Formula

from fitted_laws import ask

PAGE = (Path(__file__).parents[2] / "docs" / "spreadsheets.md").read_text()
BASE = "http://testserver.local"
FORMULAS = re.findall(r"^=(.+)$", PAGE, re.MULTILINE)
TABLES = re.findall(r"^(/v1/\S+)$", PAGE, re.MULTILINE)
(SCRIPT,) = re.findall(r"```javascript\n(.+?)```", PAGE, re.DOTALL)
NODE = shutil.which("node")
STUB = """
globalThis.UrlFetchApp = { fetch: (address, options) => {
  if (task.reply === null) { console.log(JSON.stringify({ address, options })); process.exit(0); }
  return { getResponseCode: () => task.reply.status, getContentText: () => task.reply.text };
} };
console.log(JSON.stringify(FITTED_LAWS(...task.arguments)));
"""


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


def test_the_query_names_fields_of_the_table(client) -> None:
    """Power Query cannot be run here; what it asks for and gives types to is there."""
    (query,) = re.findall(r"Query = \[(.+?)\]", PAGE)
    inputs = dict(re.findall(r'(\w+) = "([^"]+)"', query))
    header = client.get("/v1/frontier.csv", params=inputs).text.splitlines()[0].split(",")
    (typed,) = re.findall(r"List\.Select\(\{(.+?)\}", PAGE)
    assert set(re.findall(r'"(\w+)"', typed)) <= set(header)


def run(client, *arguments) -> Any:
    """What the script's function gives, its request answered by the service."""

    def node(reply) -> Any:
        program = f"const task = {json.dumps({'arguments': arguments, 'reply': reply})};\n{SCRIPT}\n{STUB}"
        return json.loads(
            subprocess.run([NODE, "-e", program], capture_output=True, text=True, check=True, timeout=60).stdout
        )

    request = node(None)
    options = request["options"]
    assert (request["address"], options["method"]) == (f"{BASE}/v1/answers", "post")
    response = client.post("/v1/answers", content=options["payload"], headers={"content-type": options["contentType"]})
    return node({"status": response.status_code, "text": response.text})


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed: it runs the script of Google Sheets")
def test_the_script_asks_for_all_rows_at_once(client) -> None:
    """An empty row stays empty, a bad one says why in its place, and an empty cell is an input not given."""
    table = [
        ["domain", "compute", "law"],
        ["language", 1e21, ""],
        ["", "", ""],
        ["language", "3 PF-days", "hoffmann-2022"],
        ["lanquage", 1e21, ""],
    ]
    rows = run(client, BASE, "optimal", table, "params, params_low, warnings")
    first, second = (
        ask("optimal", domain="language", compute=1e21),
        ask("optimal", domain="language", compute="3 PF-days", law="hoffmann-2022"),
    )
    assert rows[0] == [first.params, first.params_low, " | ".join(first.warnings)]
    assert rows[1] == ["", "", ""]
    assert rows[2][0] == second.params
    assert rows[3][0].startswith("#ERR: there is no domain 'lanquage'")
