"""Bad input gets one clear problem, in one shape, and nothing else."""

import json

import pytest
from litestar.testing import TestClient
from serving import problem

from fitted_laws.catalogue import load, published
from fitted_laws.quantities.problems import NotUnderstood
from service.app import create_app
from service.protocol import problems, queries
from service.protocol.messages import Resource
from service.protocol.problems import KINDS, Refused
from service.settings import Settings


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ("domain=langauge&compute=1e21", 404, "nearest: language"),
        ("domain=language&compute=1e21&law=besiroglu", 404, "besiroglu-2024"),
        ("domain=language&compute=nan", 400, "compute: expected a number in FLOP"),
        ("domain=language&compute=inf", 400, "compute"),
        ("domain=language&compute=Infinity", 400, "compute"),
        ("domain=language&compute=-1e21", 400, "1 to 1e+60 FLOP"),
        ("domain=language&compute=0", 400, "1 to 1e+60 FLOP"),
        ("domain=language&compute=5e-324", 400, "1 to 1e+60 FLOP"),
        ("domain=language&compute=1e400", 400, "a finite number"),
        ("domain=language&compute=1,4e21", 400, "a decimal point, not a comma"),
        ("domain=language&compute=70+potatoes", 400, "got '70 potatoes'"),
        ("domain=language&compute=", 400, "compute"),
        ("domain=language&compute=1e21&compute=1e21", 400, "compute: expected one value, got several"),
        ("domain=language&compute=1e21&computer=1", 400, "did you mean compute?"),
        ("domain=language", 400, "compute"),
        ("domain=language&compute=%zz", 400, "escapes"),
        ("domain=language&compute=1e21%", 400, "escapes"),
        ("domain=%ff&compute=1e21", 400, "UTF-8"),
        ("domain=language&compute=1e21&level=1", 400, "level"),
        ("domain=language&compute=1e21&row=1000", 400, "row"),
        ("domain=language&compute=1e21&field=nothing", 400, "field"),
        ("domain=language&compute=1e21&errors=maybe", 400, "errors"),
        ("domain=language&compute=1e21&field=" + "x" * queries.MAX_BYTES, 400, "POST long questions"),
    ],
)
def test_bad_query(client, given, status, says) -> None:
    found = problem(client.get(f"/v1/optimal.txt?{given}"), status)
    assert says in found["detail"]


def test_a_loss_below_the_floor_is_told_the_floor(client) -> None:
    found = problem(client.get("/v1/target?domain=language&loss=1.5"), 422)
    assert "1.8172" in found["detail"]


def test_numbers_of_a_cell_are_understood(client) -> None:
    """An unescaped + arrives as a space, and a cell writes three digits of exponent."""
    texts = {
        client.get(f"/v1/optimal.txt?domain=language&compute={given}").text
        for given in ("1e21", "1E+21", "1E%2B021", "1E 021", "%201e21")
    }
    assert len(texts) == 1


def test_errors_as_text_are_for_cells_that_ask_for_them(client) -> None:
    response = client.get("/v1/optimal.txt?domain=nothing&compute=1e21&errors=text")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert response.text.startswith("#ERR: there is no domain 'nothing'")
    assert "etag" not in response.headers
    problem(client.get("/v1/optimal.txt?domain=nothing&compute=1e21"), 404)
    problem(client.get("/v1/optimal.csv?domain=nothing&compute=1e21&errors=text"), 404)
    repeated = client.get("/v1/optimal.txt?domain=language&compute=1&compute=2&errors=text")
    assert repeated.text == "#ERR: compute: expected one value, got several"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/v1/optimal.xls", "known: .json, .csv, .txt"),
        ("/v1/optmal", "nearest: optimal"),
        ("/v1/optmal.csv", "nearest: optimal"),
        ("/v1/laws/besiroglu", "nearest: besiroglu-2024"),
        ("/v1/laws/besiroglu-2024/more", "address"),
        ("/v2/optimal", "address"),
        ("/doc", "/docs"),
        ("/v1/" + "x" * 5000, "question"),
    ],
)
def test_unknown_addresses(client, path, says) -> None:
    assert says in problem(client.get(path), 404)["detail"]
    problem(client.post(path, json={}), 404)


def test_an_unknown_failure_is_a_500_without_its_traceback() -> None:
    """What failed is for the log, without the words of the error: these may hold a request's values."""
    found = problems.reply(ZeroDivisionError("compute=1e21"))
    assert found.status == 500
    assert b"1e21" not in found.body
    assert b"ZeroDivisionError" not in found.body
    assert found.error.startswith("ZeroDivisionError at")
    assert "1e21" not in found.error
    assert problems.reply(Refused(503, "too many at once")).error == "too many at once"
    assert problems.reply(Refused(404, "nothing there")).error == ""


def test_a_catalogue_that_is_off_is_not_ready(tmp_path) -> None:
    """Coefficients that do not give their paper's numbers: 503 says which."""
    law = json.loads(next(p for p in published() if p.stem == "besiroglu-2024").read_bytes())
    law["coefficients"]["E"], law["printed"]["E"] = 2.0, "2.0"
    (tmp_path / "off.json").write_text(json.dumps(law))
    laws = load([tmp_path], shipped=False, check=False)
    with TestClient(create_app(laws, Settings())) as client:
        assert "loss is" in problem(client.get("/health/ready"), 503)["detail"]
        assert client.get("/health/live").status_code == 200


def test_what_the_framework_refuses_has_the_same_shape(client) -> None:
    problem(client.get("/v1/optimal", headers={"host": "a b"}), 400)


def test_statuses_have_kinds() -> None:
    assert set(problems.STATUSES.values()) <= set(KINDS)
    assert problems.details(Refused(429, "slower")).type == "/docs#too-many-requests"
    assert problems.details(NotUnderstood("what")).status == 400
    assert Resource(path="/").allow == "OPTIONS"
