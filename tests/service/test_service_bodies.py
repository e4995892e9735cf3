"""Bodies of POST: what is refused, as a whole or row by row, and every limit from both sides."""

import json
from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from serving import problem

from service.app import create_app
from service.settings import Settings

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty body"),
        (b"  \n", "empty body"),
        (b"{", "well-formed JSON"),
        (b"not json", "well-formed JSON"),
        (b"[]", "a JSON object"),
        (b'"text"', "a JSON object"),
        (b"null", "a JSON object"),
        (b"{}", "domain"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"compute":' * 100_000, "nested too deeply"),
        (b'{"compute":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"domain":"language","compute":[[1e21]]}', "compute[0]"),
        (b'{"domain":"language","compute":{"a":1}}', "compute"),
        (b'{"domain":{},"compute":1e21}', "domain"),
        (b'{"domain":"language","compute":1e400}', "compute"),
        (b'{"domain":"language","compute":NaN}', "well-formed JSON"),
        (b'{"domain":"language","compute":1e21,"compute":1e22}', "compute: expected one value, got several"),
        (b'{"domain":"language","comput\\u0065":1e21,"compute":1e22}', "compute: expected one value, got several"),
        (b'{"domain":"language","compute":true}', "a number"),
        (b'{"domain":"language","compute":1e21,"same_loss":1}', "true or false"),
        (b'{"domain":"language","compute":[1e21,null]}', "compute[1]"),
        (b'{"domain":"language","compute":[]}', "compute"),
        (b'{"domain":["language"],"compute":[1e21]}', "domain"),
        (b'{"domain":"language","compute":[1e21],"level":[0.9]}', "level"),
        (b'{"domain":"\xff","compute":1e21}', "UTF-8"),
        (b'{"domain":"\\ud800","compute":1e21}', "JSON"),
        (b'\xef\xbb\xbf{"domain":"language"}', "JSON"),
        ('{"domain":"language","compute":1e21}'.encode("utf-16"), "JSON"),
    ],
)
def test_bad_columns(client, body, says) -> None:
    assert says in problem(client.post("/v1/optimal", content=body, headers=JSON), 400)["detail"]


@pytest.mark.parametrize("query", ["shape=wide", "shape=arrays&shape=arrays", "computes=1e21", "level=much"])
def test_the_query_of_a_body_is_read_as_strictly(client, query) -> None:
    name = query.partition("=")[0]
    found = problem(client.post(f"/v1/optimal?{query}", json={"domain": "language", "compute": [1e21]}), 400)
    assert [error["field"] for error in found["errors"]] == [name]


def test_unequal_columns(client) -> None:
    given = {"domain": "language", "params": [1e9, 2e9], "tokens": [1e10, 2e10, 3e10]}
    found = problem(client.post("/v1/loss", json=given), 400)
    assert [error["field"] for error in found["errors"]] == ["params"]


def test_the_row_that_spoils_a_column_is_named(client) -> None:
    bad = problem(client.post("/v1/optimal", json={"domain": "language", "compute": [1e20, "1e21", "many"]}), 400)
    assert [error["field"] for error in bad["errors"]] == ["compute[2]"]
    unanswerable = problem(client.post("/v1/target", json={"domain": "language", "loss": [2, 1.9, 1.2]}), 422)
    assert [error["field"] for error in unanswerable["errors"]] == ["loss[2]"]


@pytest.mark.parametrize(("numbers", "got"), [(b"[1e20,-5]", "-5"), (b"[1e20,-5.0]", "-5.0"), (b"[1e20,true]", "True")])
def test_what_spoils_a_column_is_told_as_it_was_sent(client, numbers, got) -> None:
    body = b'{"domain":"language","compute":%b}' % numbers
    bad = problem(client.post("/v1/optimal", content=body, headers={"content-type": "application/json"}), 400)
    assert [(error["field"], error["got"]) for error in bad["errors"]] == [("compute[1]", repr(got))]


@pytest.mark.parametrize(
    "body",
    [
        b'{"domain":"language","compute":[1e20,2e20]}',
        b'{"compute": [1e+20, 200000000000000000000],\n "domain": "language"}',
        b'{"domain":"langu\\u0061ge","compute":[1e20,2e20]}',
        b'{"domain":"language","compute":["1e20",2e20]}',
    ],
)
def test_columns_are_read_however_they_are_written(client, body) -> None:
    """As one array of numbers, with space, as integers, escaped, or in part as texts."""
    told = client.post("/v1/optimal", content=body, headers={"content-type": "application/json"})
    assert told.content == client.post("/v1/optimal", json={"domain": "language", "compute": [1e20, 2e20]}).content


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=latin-1",
        "*/*",
    ],
)
@pytest.mark.parametrize("path", ["/v1/optimal", "/v1/answers"])
def test_bodies_come_under_their_own_type(client, path, media_type) -> None:
    body = json.dumps({"domain": "language", "compute": 1e21})
    problem(client.post(path, content=body, headers={"content-type": media_type}), 415)
    assert (
        client.post(
            "/v1/optimal", content=body, headers={"content-type": "Application/JSON; charset=UTF-8"}
        ).status_code
        == 200
    )


def test_compressed_bodies_are_refused(client) -> None:
    problem(client.post("/v1/optimal", content=b"\x1f\x8b", headers={**JSON, "content-encoding": "gzip"}), 415)


@pytest.fixture(scope="module")
def small(laws) -> Iterator[TestClient]:
    """A service with small limits."""
    with TestClient(create_app(laws, Settings(max_body_bytes=2000, max_rows=3, max_items=3))) as client:
        yield client


def test_the_body_is_limited_from_both_sides(small) -> None:
    body = json.dumps({"domain": "language", "compute": 1e21})
    assert small.post("/v1/optimal", content=body.ljust(2000), headers=JSON).status_code == 200
    assert "2000 bytes" in problem(small.post("/v1/optimal", content=body.ljust(2001), headers=JSON), 413)["detail"]
    parts = iter([body.encode(), b" " * 1000, b" " * 1000])
    problem(small.post("/v1/optimal", content=parts, headers=JSON), 413)


def test_rows_are_limited_from_both_sides(small) -> None:
    rows = [1e20, 1e21, 1e22, 1e23]
    assert small.post("/v1/optimal", json={"domain": "language", "compute": rows[:3]}).status_code == 200
    problem(small.post("/v1/optimal", json={"domain": "language", "compute": rows}), 413)
    got = small.post(
        "/v1/answers", json=[{"question": "optimal", "domain": "language", "compute": rows[:2]}] * 3
    ).json()
    assert [item.get("status") for item in got] == [None, 413, 413]


def test_items_are_limited_from_both_sides(small) -> None:
    item = {"question": "optimal", "domain": "language", "compute": 1e21}
    assert len(small.post("/v1/answers", json=[item] * 3).json()) == 3
    problem(small.post("/v1/answers", json=[item] * 4), 413)
    table = "domain,compute\n" + "language,1e21\n" * 4
    problem(small.post("/v1/optimal", content=table, headers={"content-type": "text/csv"}), 413)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"3", b"[" * 100_000, b"[1,"])
def test_bad_lists(client, body) -> None:
    problem(client.post("/v1/answers", content=body, headers=JSON), 400)


def test_a_failing_item_carries_its_problem_in_its_place(client) -> None:
    good = {"question": "optimal", "domain": "language", "compute": "1e21"}
    items = [
        good,
        3,
        {"question": "optimal", "domain": "language"},
        {"question": "nothing"},
        {"domain": "language"},
        {"question": ["optimal"]},
        {"question": "target", "domain": "language", "loss": 1.2},
        {"question": "optimal", "domain": {"a": [1]}},
        good,
    ]
    got = client.post("/v1/answers", json=items).json()
    assert [item.get("status") for item in got] == [None, 400, 400, 404, 400, 400, 422, 400, None]
    assert got[0] == got[-1] == client.get("/v1/optimal?domain=language&compute=1e21").json()


def test_each_item_is_answered_as_it_is_alone(client) -> None:
    """Numbers of several kinds, refusals, a curve, several laws and a column, one after the other."""
    optimal, curve = {"question": "optimal", "domain": "language"}, {"question": "frontier", "domain": "language"}
    items = [
        {**optimal, "compute": 1e21},
        {"question": "loss", "domain": "language", "params": 1e9, "tokens": 1e10},
        {**optimal, "compute": 1},
        {**optimal, "compute": 2e21},
        {**curve, "compute_min": 1e20, "compute_max": 1e22, "points": 3},
        {**optimal, "compute": "much"},
        {**optimal, "compute": 3e21, "law": "besiroglu-2024,hoffmann-2022"},
        {**optimal, "compute": [1e21, 2e21]},
        {**optimal, "compute": 4e21},
        {"question": "loss", "domain": "language", "params": 2e9, "tokens": 1e10},
    ]
    found = client.post("/v1/answers", json=items).json()
    assert found == [client.post("/v1/answers", json=[item]).json()[0] for item in items]
    assert [client.get("/v1/optimal", params={"domain": "language", "compute": 4e21}).json()] == found[8:9]


def test_lines_fail_one_by_one(client) -> None:
    lines = b'{"domain":"language","compute":1e21}\n\n{"domain":"language"}\r\n{"compute"\n[]\n{"domain":"language","compute":"1e21"}'
    response = client.post("/v1/optimal", content=lines, headers={"content-type": "application/x-ndjson"})
    assert response.headers["content-type"] == "application/x-ndjson"
    got = [json.loads(line) for line in response.text.splitlines()]
    assert [item.get("status") for item in got] == [None, 400, 400, 400, None]
    assert got[0] == got[-1]


def test_rows_fail_one_by_one(client) -> None:
    table = '\ufeffdomain , compute,level\r\nlanguage,1e21,\r\nlanguage,many,\r\n\r\nlanguage,1e21\r\nlanguage,,\r\nlanguage,"1e21",0.5\r\n'
    response = client.post("/v1/optimal", content=table.encode(), headers={"content-type": "text/csv; charset=utf-8"})
    lines = response.text.splitlines()
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(lines) == 6
    errors = [line.rpartition(",")[2] for line in lines]
    assert errors[0] == "error"
    assert [bool(error) for error in errors[1:]] == [False, True, True, True, False]


@pytest.mark.parametrize(
    "table",
    [
        "",
        "\n\n",
        ",,\n1,2,3\n",
        "compute,compute\n1,2\n",
        'domain,compute\n"language,1e21\n',
        "domain,compute\n" + "x" * 200_000,
    ],
)
def test_bad_tables(client, table) -> None:
    problem(client.post("/v1/optimal", content=table, headers={"content-type": "text/csv"}), 400)


def test_other_encodings_of_tables(client) -> None:
    problem(client.post("/v1/optimal", content="domäin\n".encode("latin-1"), headers={"content-type": "text/csv"}), 400)


def test_a_column_of_csv_that_is_no_input_is_one_refusal(client: TestClient) -> None:
    """At once, with the nearest name: not an error in each row."""
    table = b"domain,compute,parms\nlanguage,1e21,1e9\nlanguage,1e22,1e9\n"
    refused = problem(client.post("/v1/optimal", content=table, headers={"content-type": "text/csv"}), 400)
    assert [fault["field"] for fault in refused["errors"]] == ["parms"]
