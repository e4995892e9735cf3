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


@answered
def test_columns_of_one(client, name, example, expected) -> None:
    got = client.post(f"/v1/{name}", json=example).json()
    assert got == json.loads(json.dumps({field: expected.column(field) for field in expected.columns}))


@pytest.mark.parametrize("name", [name for name in QUESTIONS if COLUMNAR[name]])
def test_columns_of_two(client, name, example, expected) -> None:
    """Each row of a column is what the row alone gives."""
    column = {COLUMNAR[name]: [example[COLUMNAR[name]]] * 2}
    got = client.post(f"/v1/{name}", json={**example, **column}).json()
    assert {field: values[1] for field, values in got.items()} == plain(expected)


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
    assert {len(column) for column in found.values()} == {rows}
    for row in {0, rows // 3, rows // 2, rows - 1}:
        assert {field: column[row] for field, column in found.items()} == plain(
            ask("loss", **given, params=params[row])
        )
