"""docs/power-query.md: each block is of the language by Microsoft's parser, and gives what the service answers, asked of a server that runs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clients import PACKAGES, SHOWN
from documents import blocks
from power_query import Failure, Program, Table, parsed
from serving import serving

from fitted_laws import ask

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PACKAGES.exists(), reason="Node's packages are not installed, not tested: make test SLOW=1"),
]
PAGE = (Path(__file__).parents[2] / "docs" / "power-query.md").read_text()
FRONTIER, FITTED_LAWS, NUMBER, RECORD, ALL, ROWS, EXCEL, POWER_BI = [code for _, code in blocks(PAGE, "powerquery")]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serving() as (client, _):
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("power-query")
    (made / "node_modules").symlink_to(PACKAGES)
    return made


@pytest.fixture
def calculate(folder, base) -> Any:
    """The value of a block in a workbook with the page's two functions."""

    def value(block, at=base, functions=(FITTED_LAWS, ROWS), **known) -> Any:
        read = parsed(folder, [*functions, block])
        assert read["wrong"] == []
        program = Program(addresses={SHOWN: at}, **known)
        one, rows, tree = read["trees"]
        program.queries |= {"FittedLaws": program.value(one), "FittedLawsRows": program.value(rows)}
        return program.value(tree)

    return value


@pytest.mark.parametrize("wrong", ["let A = 1 A", "FittedLaws(", '[a = "b]'])
def test_the_parser_finds_what_is_wrong(folder, wrong) -> None:
    assert len(parsed(folder, [wrong])["wrong"]) == 1


def test_a_curve_is_a_table_of_numbers(calculate) -> None:
    table = calculate(FRONTIER)
    fields = re.findall(r'"(\w+)"', FRONTIER.split("}")[0])
    rows = ask("frontier", domain="language", compute_min="1e20", compute_max="1e26", points=25)["rows"]
    assert table == Table(fields, [{name: row[name] for name in fields} for row in rows])


def test_one_question_is_a_number_a_record_or_a_table(calculate) -> None:
    assert calculate(NUMBER) == ask("optimal", domain="language", compute=1e21).params
    record, answer = calculate(RECORD), ask("target", domain="language", loss=2.2, law="hoffmann-2022")
    assert list(record)[:3] == ["compute", "params", "tokens"]
    assert [record[name] for name in ("compute", "params", "tokens")] == [answer.compute, answer.params, answer.tokens]
    table = calculate(ALL)
    rows = ask("optimal", domain="language", compute="3 PF-days", law="all")["rows"]
    assert [(row["law"], row["params"]) for row in table.rows] == [(row["law"], row["params"]) for row in rows]
    assert {"law", "params", "tokens", "loss", "reach"} <= set(table.columns)


def test_of_several_laws_one_that_cannot_has_its_error(calculate) -> None:
    """Rows of different fields make one table."""
    table = calculate('FittedLaws("optimal", [domain = "language", compute = 1e21, law = "besiroglu-2024,clark-2022"])')
    assert [bool(row["error"]) for row in table.rows] == [False, True]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ('[domain = "lanquage", compute = 1e21]', "there is no domain 'lanquage'; nearest: language"),
        ('[domain = "language"]', "compute: expected training compute C"),
        ('[domain = "language", compute = 1e21, interval = "run"]', "besiroglu-2024 holds no residuals"),
    ],
)
def test_a_refusal_is_the_services_sentence(calculate, inputs, sentence) -> None:
    with pytest.raises(Failure, match=re.escape(sentence)):
        calculate(f'FittedLaws("optimal", {inputs})')


def test_a_column_of_questions_has_its_answers_beside_it(calculate) -> None:
    """A text is read as in a cell, an empty cell is an input not given, and a row without an answer says why."""
    plans = Table(
        ["domain", "compute", "law"],
        [
            {"domain": "language", "compute": 1e21, "law": None},
            {"domain": "language", "compute": "3 PF-days", "law": "hoffmann-2022"},
            {"domain": "lanquage", "compute": 1e21, "law": None},
            {"domain": "language", "compute": 1e21, "law": "all"},
        ],
    )
    table = calculate(EXCEL, tables={"Plans": plans})
    assert table.columns == [
        "domain",
        "compute",
        "law",
        "params",
        "params_low",
        "params_high",
        "loss",
        "warnings",
        "error",
    ]
    first, second, third, fourth = table.rows
    for row, law in ((first, {}), (second, {"law": "hoffmann-2022"})):
        answer = ask(
            "optimal",
            domain="language",
            compute=row["compute"],
            **law,
            fields="params,params_low,params_high,loss,warnings",
        )
        assert [row[name] for name in ("params", "params_low", "params_high", "loss")] == [
            answer.params,
            answer["params_low"],
            answer["params_high"],
            answer.loss,
        ]
        assert row["warnings"] == " | ".join(answer.warnings)
        assert row["error"] is None
    assert third["params"] is None
    assert third["error"].startswith("there is no domain 'lanquage'; nearest: language")
    assert fourth["error"] == "this answer has rows: ask FittedLaws for it"


def test_a_table_that_is_typed_in(calculate) -> None:
    table = calculate(POWER_BI)
    small, large, unlimited = table.rows
    assert small["loss"] == ask("loss", domain="language", params=1e9, tokens=2e10).loss
    assert large["loss_low"] == ask("loss", domain="language", params="7B", tokens="140B")["loss_low"]
    assert unlimited["loss"] == ask("loss", domain="language", params=7e10).loss


def test_many_rows_go_in_several_requests_and_keep_their_order(calculate) -> None:
    budgets = [1e20 * 1.001**i for i in range(1100)]
    plans = Table(["domain", "compute"], [{"domain": "language", "compute": compute} for compute in budgets])
    table = calculate(EXCEL, tables={"Plans": plans})
    assert [row["params"] for row in table.rows] == ask("optimal", domain="language", compute=budgets)[
        "params"
    ].tolist()


def test_keys_are_sent_as_the_page_says(calculate) -> None:
    """What the program keeps goes with GET; a post has it in a header, where the query shows it."""
    kept, header = re.search(r'`(ApiKeyName = "key")`', PAGE)[1], re.search(r'`(#"X-API-Key" = "…")`', PAGE)[1]
    functions = (
        FITTED_LAWS.replace("RelativePath", f"{kept}, RelativePath"),
        ROWS.replace("[#", f"[{header.replace('…', 'for-sheets')}, #"),
    )
    plans = Table(["domain", "compute"], [{"domain": "language", "compute": 1e21}])
    expected = ask("optimal", domain="language", compute=1e21).params
    with serving(API_KEYS="for-sheets") as (client, _):
        at = str(client.base_url).rstrip("/")
        known = {"at": at, "functions": functions, "key": "for-sheets", "tables": {"Plans": plans}}
        assert calculate(NUMBER, **known) == expected
        assert calculate(EXCEL, **known).rows[0]["params"] == expected
        assert len(calculate(FRONTIER.replace("RelativePath", f"{kept}, RelativePath"), **known).rows) == 25
        with pytest.raises(Failure, match="401"):
            calculate(NUMBER, at=at)
