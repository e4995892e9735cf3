"""Every way of asking the service gives what `fitted_laws.ask` gives, to the last bit, or the same refusal."""

import csv
import io
import json
from typing import Any

import pytest

from fitted_laws import Answer, NotFound, Problem, ask
from fitted_laws.answers.formats import cell
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.questions.registry import QUESTIONS

REFUSED = {
    "extrapolate": {"domain": "math", "difficulty": 12, "loss": 0.3},
    "target": {"domain": "language", "loss": 1.0},
    "optimal": {"domain": "marzipan", "compute": 1e21},
}
"""Questions that no law answers: of another difficulty, below the floor, of no domain."""

COLUMNAR = {
    name: next(
        (n for n in QUESTIONS[name].example if inputs_of(QUESTIONS[name])[n].numeric and not QUESTIONS[name].curve),
        None,
    )
    for name in QUESTIONS
}
"""The input of each question's example that may be a column."""

SHARED = ("domain", "law", "citation", "catalogue", "interval_source", "level", "loss_on")
"""Fields that columns by one law hold once."""

answered = pytest.mark.parametrize("name", QUESTIONS)


@pytest.fixture
def example(name) -> dict[str, Any]:
    return QUESTIONS[name].example


@pytest.fixture
def expected(name, example) -> Answer:
    return ask(name, **example)


@pytest.mark.parametrize("name", REFUSED)
def test_every_way_refuses_alike(client, name) -> None:
    given = REFUSED[name]
    with pytest.raises(Problem) as refusal:
        ask(name, **given)
    got = [client.get(f"/v1/{name}{suffix}", params=given) for suffix in ("", ".json", ".csv", ".txt")]
    got.append(client.post(f"/v1/{name}", json=given))
    problems = [response.json() for response in got] + client.post(
        "/v1/answers", json=[{"question": name, **given}]
    ).json()
    assert all(problem == problems[0] for problem in problems)
    assert problems[0]["detail"] == refusal.value.detail
    assert problems[0]["status"] == (404 if isinstance(refusal.value, NotFound) else 422)


@answered
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_json(client, name, example, expected, suffix) -> None:
    assert client.get(f"/v1/{name}{suffix}", params=example).json() == plain(expected)


def plain(answer) -> dict[str, Any]:
    """The answer after JSON, which has one kind of number."""
    return json.loads(json.dumps(answer.plain()))


@answered
def test_csv(client, name, example, expected) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"/v1/{name}.csv", params=example).text)))
    records = [
        {field: cell(value) for field, value in record.items() if field != "citation"} for record in expected.records()
    ]
    assert rows == records


@answered
def test_txt(client, name, example, expected) -> None:
    text = client.get(f"/v1/{name}.txt", params=example).text
    assert text == cell(expected.records()[0][expected.headline])
    assert not text.endswith("\n")


@answered
def test_txt_of_every_field(client, name, example, expected) -> None:
    record = expected.records()[-1]
    for field, value in record.items():
        response = client.get(f"/v1/{name}.txt", params={**example, "field": field, "row": -1})
        assert response.status_code == (422 if value is None else 200)
        assert value is None or response.text == cell(value)


def row_of(columns, row, shared=SHARED) -> dict[str, Any]:
    """One row of columns, as an answer of its own; its warnings in no order."""
    said = [sentence for sentence, rows in columns["warnings"].items() if not rows or row in rows]
    own = {field: value if field in shared else value[row] for field, value in columns.items() if field != "warnings"}
    return {**own, "warnings": sorted(said)}


def unordered(record) -> dict[str, Any]:
    """An answer whose warnings are in no order."""
    return {**record, "warnings": sorted(set(record["warnings"]))}


@answered
def test_columns_of_one(client, name, example, expected) -> None:
    """Also where there is one row, or a curve's many, all but what the rows share is an array."""
    got = client.post(f"/v1/{name}", json=example).json()
    records = json.loads(json.dumps(expected.records()))
    assert [row_of(got, row) for row in range(expected.size)] == [unordered(record) for record in records]


@answered
def test_columns_in_their_former_shape(client, name, example, expected) -> None:
    """One array a field, warnings a list a row, while `shape=arrays` is served."""
    got = client.post(f"/v1/{name}", params={"shape": "arrays"}, json=example).json()
    assert got == json.loads(json.dumps({field: expected.column(field) for field in expected.columns}))


def test_columns_whose_rows_agree_are_one_value(client) -> None:
    """With `shape=broadcast`, but for the columns that were sent; each row is as ever."""
    given = {"domain": "language", "law": "hoffmann-2022", "params": [1e9] * 3, "tokens": [1e10, 2e10, 1e14]}
    usual = client.post("/v1/loss", json=given).json()
    got = client.post("/v1/loss", params={"shape": "broadcast"}, json=given).json()
    assert list(got) == list(usual)
    assert got["params"] == given["params"]
    assert (got["loss_low"], got["irreducible_loss_known"]) == (None, True)
    assert got["reach"] == usual["reach"] == ["inside", "inside", "far"]
    alike = {field for field, value in got.items() if value != usual[field]}
    assert all(usual[field] == [got[field]] * 3 for field in alike)
    assert not any(
        isinstance(got[field], list) and got[field] == got[field][:1] * 3 for field in got if field != "params"
    )
    listed = client.post("/v1/answers", params={"shape": "broadcast"}, json=[{"question": "loss", **given}]).json()
    assert listed == [got]


def test_numbers_that_agree_or_are_missing_are_one_value(client) -> None:
    """By a law whose reach is unknown, and where all lies inside."""
    for law, extrapolation in {"henighan-2020": None, "gadre-2024-c4": 0.0}.items():
        given = {"domain": "language", "law": law, "params": [1e8, 2e8], "interval": "none"}
        got = client.post("/v1/loss", params={"shape": "broadcast"}, json=given).json()
        assert got["extrapolation"] == extrapolation
        assert len(got["loss"]) == 2


@pytest.mark.parametrize("name", [name for name in QUESTIONS if COLUMNAR[name]])
def test_columns_of_two(client, name, example, expected) -> None:
    """Each row of a column is what the row alone gives."""
    column = {COLUMNAR[name]: [example[COLUMNAR[name]]] * 2}
    got = client.post(f"/v1/{name}", json={**example, **column}).json()
    assert row_of(got, 1) == unordered(plain(expected))


@pytest.mark.parametrize("law", ["all", "hoffmann-2022", "hoffmann-2022,gadre-2024-c4", "hoffmann-2022,llama3-2024"])
def test_columns_by_several_laws(client, law) -> None:
    """Which fields are arrays follows from the laws asked; the rows are those of the list, and a law that cannot has its errors."""
    given = {"domain": "language", "params": [1e8, 1e9], "tokens": 1e10, "law": law}
    got = client.post("/v1/loss", json=given).json()
    shared = SHARED if law == "hoffmann-2022" else ("level", "catalogue")
    arrays = [value for field, value in got.items() if field not in (*shared, "warnings")]
    expected = ask("loss", **given)
    assert {len(value) for value in arrays} == {expected.size}
    assert [row_of(got, row, shared) for row in range(expected.size)] == [unordered(r) for r in expected.records()]
    assert got["level"] == 0.9


def test_columns_in_a_list_have_the_same_shape(client) -> None:
    given = {"domain": "language", "compute": [1e20, 1e26]}
    alone = client.post("/v1/optimal", json=given)
    listed = client.post("/v1/answers", json=[{"question": "optimal", **given}])
    line = client.post("/v1/optimal", content=json.dumps(given), headers={"content-type": "application/x-ndjson"})
    assert listed.text == f"[{alone.text}]"
    assert line.text == f"{alone.text}\n"
    assert any(rows == [1] for rows in alone.json()["warnings"].values())


def test_the_query_of_a_body_holds_defaults_of_its_rows(client) -> None:
    """What a row says goes before what the query says, in every kind of body."""
    defaults = {"domain": "language", "level": "0.5", "compute": "1e20"}
    expected = plain(ask("optimal", domain="language", level=0.5, compute=1e21))
    columns = client.post("/v1/optimal", params=defaults, json={"compute": [1e20, 1e21]}).json()
    assert row_of(columns, 1) == unordered(expected)
    line = {"content": '{"compute": 1e21}', "headers": {"content-type": "application/x-ndjson"}}
    assert client.post("/v1/optimal", params=defaults, **line).json() == expected
    table = {"content": "compute\n1e21\n", "headers": {"content-type": "text/csv"}}
    row = next(csv.DictReader(io.StringIO(client.post("/v1/optimal", params=defaults, **table).text)))
    assert (row["compute"], row["level"], row["params"]) == ("1e+21", "0.5", cell(expected["params"]))
    assert client.post("/v1/answers", params=defaults, json=[{"question": "optimal", "compute": 1e21}]).json() == [
        expected
    ]


@answered
def test_list(client, name, example, expected) -> None:
    got = client.post("/v1/answers", json=[{"question": name, **example}] * 2).json()
    assert got == [plain(expected)] * 2


@answered
def test_ndjson(client, name, example, expected) -> None:
    lines = json.dumps(example) + "\n"
    response = client.post(f"/v1/{name}", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [json.loads(line) for line in response.text.splitlines()] == [plain(expected)]


@answered
def test_table(client, name, example, expected) -> None:
    table = f"{','.join(example)}\n{','.join(str(value) for value in example.values())}\n"
    response = client.post(f"/v1/{name}", content=table, headers={"content-type": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(response.text)))
    records = [
        {field: cell(value) for field, value in record.items() if field != "citation"} for record in expected.records()
    ]
    assert rows == [{**record, "error": ""} for record in records]


@pytest.mark.parametrize("name", QUESTIONS)
def test_example_fits_a_cell(client, name, example) -> None:
    """A literal in a cell formula holds 255 characters."""
    url = client.build_request("GET", f"/v1/{name}.json", params=example).url
    assert len(f"http://127.0.0.1:8000{url.raw_path.decode()}") <= 255


@pytest.mark.parametrize("rows", [1, 2, 3000])
@pytest.mark.parametrize("law", ["hoffmann-2022", "gadre-2024-c4"])
def test_columns_of_any_length_are_each_row_by_itself(client, rows, law) -> None:
    """By laws without draws, across the ends of their ranges, where warnings differ from row to row."""
    params = [10 ** (7 + 6 * i / rows) for i in range(rows)]
    given = {"domain": "language", "law": law, "tokens": 1e12}
    found = client.post("/v1/loss", json={**given, "params": params}).json()
    assert {len(found[field]) for field in found if field not in (*SHARED, "warnings")} == {rows}
    for row in {0, rows // 3, rows // 2, rows - 1}:
        assert row_of(found, row) == unordered(plain(ask("loss", **given, params=params[row])))
