"""docs/google-sheets.md: its script, run in Node.js as Google Sheets would call it, asks a server that runs; each formula of the page too."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from documents import blocks
from serving import serving
from waiting import PATIENCE

from fitted_laws import ask

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "google-sheets.md").read_text()
((_, SCRIPT),) = blocks(PAGE, "javascript")
FORMULAS = re.findall(r"^=(FITTED\w*)\((.+)\)$", PAGE, re.MULTILINE)
SERVICES = Path(__file__).parents[1] / "support" / "apps_script.js"
NODE = shutil.which("node")
SHEET = {
    "A": [1e21, 1e22, "", "3 PF-days", 1e23],
    "B": [1e9, 2e9, 4e9, 8e9, 16e9],
    "C": [2e10, 4e10, 8e10, 16e10, 32e10],
    "E": ["domain", "language", "language", "", "lanquage"],
    "F": ["compute", 1e21, "3 PF-days", "", 1e21],
    "G": ["law", "", "hoffmann-2022", "", ""],
}
"""What the cells hold that the page's formulas refer to: rows 2 to 6, of E to G rows 1 to 6."""

pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed, not tested: it runs the script")


def run(folder, *calls, base, key=None) -> list[dict[str, Any]]:
    """What each call gives: {"value"} or {"error"}; the cache lies in the folder."""
    named = {"FITTED_LAWS_URL": base, "FITTED_LAWS_KEY": key}
    task = {
        "script": SCRIPT,
        "calls": calls,
        "properties": {name: value for name, value in named.items() if value},
        "folder": str(folder),
    }
    done = subprocess.run(
        [NODE, SERVICES], input=json.dumps(task), capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    return json.loads(done.stdout, parse_int=float)  # JavaScript writes 1e20 with twenty zeros


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serving() as (client, _):
        yield address_of(client)


def address_of(client) -> str:
    return str(client.base_url).rstrip("/")


@pytest.fixture
def sheet(tmp_path, base) -> Any:
    """Calls one function in a cell and gives its value."""

    def call(*given, may_fail=False) -> Any:
        (told,) = run(tmp_path, given, base=base)
        assert may_fail or "value" in told, told
        return told["error"] if may_fail else told["value"]

    return call


def cells(reference) -> Any:
    """The value of a cell, or a column, or a table of the sheet."""
    (column, row), *end = re.findall(r"([A-Z])(\d)", reference)
    if not end:
        return SHEET[column][int(row) - 2]
    (last, bottom) = end[0]
    first = 1 if column >= "E" else 2
    return [
        [SHEET[chr(c)][r - first] if r - first < len(SHEET[chr(c)]) else "" for c in range(ord(column), ord(last) + 1)]
        for r in range(int(row), int(bottom) + 1)
    ]


def arguments(text) -> list[Any]:
    """The arguments of a formula: texts, numbers and references."""
    words = re.findall(r'"[^"]*"|[^,\s]+', text)
    return [cells(word) if re.match(r"[A-Z]\d", word) else json.loads(word) for word in words]


def test_there_are_formulas() -> None:
    assert len(FORMULAS) >= 9


def expected(question, fields, given) -> Any:
    """What a cell, a row or a table of that question should hold, as Python has it."""
    wanted = [name.strip() for name in fields.split(",") if name.strip()]
    if "" in given.values():
        return [[""] * len(wanted)]
    answer = ask(question, **given, **({"fields": ",".join(wanted)} if wanted else {}))
    if "rows" in answer:
        return [wanted, *([cell(row[name]) for name in wanted] for row in answer["rows"])]
    return [[cell(answer[name]) for name in wanted]] if len(wanted) > 1 else answer[(wanted or [answer.headline])[0]]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"({text})") for name, text in FORMULAS if name == "FITTED"])
def test_each_formula_of_the_page_gives_what_the_service_answers(sheet, text) -> None:
    """The same as Python gives for the same words: a cell, a row, a column of questions or a table."""
    question, fields, *words = arguments(text)
    value = sheet("FITTED", question, fields, *words)
    given = dict(zip(words[::2], words[1::2], strict=True))
    columns = {name: [row[0] for row in cells] for name, cells in given.items() if isinstance(cells, list)}
    if not columns:
        assert value == expected(question, fields, given)
    for i, row in enumerate(zip(*columns.values(), strict=True)):
        assert [value[i]] == expected(question, fields, given | dict(zip(columns, row, strict=True)))


def test_a_table_asks_a_question_for_each_row(sheet) -> None:
    """The names stand in its first row, an empty row stays empty, and a bad one says why in its place."""
    ((_, text),) = [formula for formula in FORMULAS if formula[0] == "FITTED_TABLE"]
    question, fields, (names, *rows) = arguments(text)
    value = sheet("FITTED_TABLE", question, fields, [names, *rows])
    for i in (0, 1):
        given = {name: word for name, word in zip(names, rows[i], strict=True) if word != ""}
        assert [value[i]] == expected(question, fields, given)
    assert value[2] == ["", "", ""]
    assert value[3][0].startswith("#ERR: there is no domain 'lanquage'; nearest: language")
    assert value[3][1:] == ["", ""]
    assert value[4] == ["", "", ""]


def cell(value) -> Any:
    """As the script puts a value into a cell."""
    return " | ".join(value) if isinstance(value, list) else "" if value is None else value


def test_all_fields_of_a_curve_stand_under_their_names(sheet, base) -> None:
    inputs = {"domain": "language", "compute_min": 1e20, "compute_max": 1e22, "points": 3}
    head, *rows = sheet("FITTED", "frontier", "", *[word for pair in inputs.items() for word in pair])
    expected = httpx.get(f"{base}/v1/frontier", params=inputs, trust_env=False).json()["rows"]
    assert [dict(zip(head, row, strict=True)) for row in rows] == [
        {name: cell(value) for name, value in row.items()} for row in expected
    ]


def test_a_long_column_goes_in_several_requests_and_keeps_its_order(sheet) -> None:
    """Five hundred questions, one of them empty and one without an answer."""
    budgets = [[1e20 * 1.01**i] for i in range(500)]
    budgets[250], budgets[300] = [""], ["much"]
    value = sheet("FITTED", "optimal", "params", "domain", "language", "compute", budgets)
    columns = ask("optimal", domain="language", compute=[row[0] for row in budgets if isinstance(row[0], float)])
    assert [row[0] for row in value if isinstance(row[0], float)] == columns["params"].tolist()
    assert value[250] == [""]
    assert value[300][0].startswith("#ERR: compute: expected")


REFUSED = {
    "there is no domain 'lanquage'; nearest: language": ("optimal", "", "domain", "lanquage", "compute", 1e21),
    "there is no question 'optimum'": ("optimum", "", "domain", "language", "compute", 1e21),
    'expected names and values in turn, got "compute" without a value': (
        "optimal",
        "",
        "domain",
        "language",
        "compute",
    ),
    "(did you mean params?), got 'parms'": ("optimal", "parms", "domain", "language", "compute", 1e21),
    "compute: expected a cell or a range of one column, got 2 columns": (
        *("optimal", "params", "domain", "language"),
        *("compute", [[1e21, 1e22]]),
    ),
    "expected ranges of equal length, got 2 rows of params and 1 of tokens": (
        *("loss", "loss", "domain", "language"),
        *("params", [[1e9], [2e9]], "tokens", [[2e10]]),
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_refusal_is_a_sentence(sheet, sentence) -> None:
    assert sentence in sheet("FITTED", *REFUSED[sentence], may_fail=True)


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("frontier", ("compute_min", [[1e20]], "compute_max", 1e22)),
        ("optimal", ("compute", [[1e21]], "law", "all")),
    ],
)
def test_rows_in_a_range_say_where_they_would_fit(sheet, question, given) -> None:
    value = sheet("FITTED", question, "params, loss", "domain", "language", *given)
    assert value == [["#ERR: this answer has rows: ask for it in a cell of its own, not in a range", ""]]


def test_of_several_laws_one_that_cannot_says_why_in_its_row(sheet) -> None:
    value = sheet(
        *("FITTED", "optimal", "law, loss", "domain", "language", "compute", 1e21),
        *("law", "besiroglu-2024,clark-2022"),
    )
    assert value[1] == ["besiroglu-2024", ask("optimal", domain="language", compute=1e21).loss]
    assert value[2][0].startswith("#ERR: ")


def test_what_was_answered_is_kept_and_a_service_out_of_reach_is_said(tmp_path) -> None:
    """With the server gone the same call has its number, and another says which address was not reached; a refusal is not kept."""
    calls = [("FITTED", "optimal", "params", "domain", domain, "compute", 1e21) for domain in ("language", "lanquage")]
    with serving() as (client, _):
        base = address_of(client)
        before = run(tmp_path, *calls, base=base)
    after = run(tmp_path, *calls, base=base)
    assert before[0] == after[0] == {"value": ask("optimal", domain="language", compute=1e21).params}
    assert "nearest: language" in before[1]["error"]
    assert after[1]["error"].startswith(f"{base} was not reached: it has to be an address that Google's servers reach")


def test_a_key_goes_in_a_header(tmp_path) -> None:
    """With the right one there is an answer; without, the service's own sentence."""
    call = ("FITTED", "optimal", "params", "domain", "language", "compute", 1e21)
    with serving(API_KEYS="for-sheets") as (client, _):
        base = address_of(client)
        (without,) = run(tmp_path, call, base=base)
        (wrong,) = run(tmp_path, call, base=base, key="another")
        (right,) = run(tmp_path, call, base=base, key="for-sheets")
    assert "key" in without["error"]
    assert "key" in wrong["error"]
    assert right == {"value": ask("optimal", domain="language", compute=1e21).params}


def test_an_address_of_something_else_is_said(tmp_path, base) -> None:
    call = ("FITTED", "optimal", "params", "domain", "language", "compute", 1e21)
    (elsewhere,) = run(tmp_path, call, base=f"{base}/docs")
    (nowhere,) = run(tmp_path, call, base=None)
    assert elsewhere["error"].startswith(("there is no", f"{base}/docs is not Fitted Laws"))
    assert nowhere["error"].startswith("expected the service's address in the script property FITTED_LAWS_URL")


def test_the_names_of_the_page_are_those_of_the_script() -> None:
    """Nothing is shown that the script does not have, and it keeps its own functions from the sheet's list by their last letter."""
    functions = re.findall(r"^function (\w+)", SCRIPT, re.MULTILINE)
    assert {name for name in functions if not name.endswith("_")} == {name for name, _ in FORMULAS}
    assert all(property_ in SCRIPT for property_ in re.findall(r"`(FITTED_LAWS_\w+)`", PAGE))
