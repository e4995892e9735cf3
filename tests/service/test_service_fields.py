"""`fields` and `interval=none` over HTTP: the same fields and numbers in every format and kind of body."""

import csv
import io

import pytest
from serving import problem

from fitted_laws import ask

BUDGET = {"domain": "language", "compute": "1e21"}
NAMED = {**BUDGET, "fields": "loss,params,params_low"}
BESIDE = ["law", "reach", "warnings", "catalogue"]


def test_json_has_what_the_fields_rest_on_beside_them(client) -> None:
    got = client.get("/v1/optimal", params=NAMED).json()
    assert list(got) == ["loss", "params", "params_low", *BESIDE]
    assert got["params_low"] == ask("optimal", **BUDGET).params_low


def test_csv_has_exactly_the_fields(client) -> None:
    table = client.get("/v1/optimal.csv", params=NAMED).text
    assert table.splitlines()[0] == "loss,params,params_low"


@pytest.mark.parametrize("suffix", ["txt", "svg"])
def test_formats_of_one_field_refuse_several(client, suffix) -> None:
    curve = {"domain": "language", "compute_min": 1e20, "compute_max": 1e22, "points": 3, "fields": "loss"}
    assert problem(client.get(f"/v1/frontier.{suffix}", params=curve), 400)["errors"][0]["field"] == "fields"


def test_an_unknown_field_is_400_with_the_nearest(client) -> None:
    found = problem(client.get("/v1/optimal", params={**BUDGET, "fields": "parms"}), 400)
    assert "did you mean params?" in found["errors"][0]["expected"]


def test_columns_have_them(client) -> None:
    body = {"domain": "language", "compute": [1e21, 1e22], "fields": "params,compute"}
    got = client.post("/v1/optimal", json=body).json()
    assert list(got) == ["params", "compute", *BESIDE]
    assert got["params"] == [ask("optimal", domain="language", compute=budget).params for budget in body["compute"]]
    assert list(client.post("/v1/optimal?shape=arrays", json=body).json()) == list(got)


def test_lists_and_tables_have_them(client) -> None:
    (got,) = client.post("/v1/answers", json=[{"question": "optimal", **NAMED}]).json()
    assert list(got) == ["loss", "params", "params_low", *BESIDE]
    table = client.post(
        "/v1/optimal?domain=language&fields=loss,params",
        content="compute\n1e21\n",
        headers={"content-type": "text/csv"},
    )
    assert next(csv.reader(io.StringIO(table.text))) == ["loss", "params", "error"]


@pytest.mark.parametrize("suffix", ["", ".csv", ".txt"])
def test_no_interval_is_answered_in_every_format(client, suffix) -> None:
    whole, without = (client.get(f"/v1/optimal{suffix}", params={**BUDGET, **o}) for o in ({}, {"interval": "none"}))
    assert without.status_code == 200
    assert suffix != ".txt" or whole.text == without.text


def test_no_interval_goes_with_no_probability(client) -> None:
    asked = {"domain": "language", "loss": 2.0, "probability": 0.9, "interval": "none"}
    assert problem(client.get("/v1/target", params=asked), 400)["errors"][0]["field"] == "interval"


def test_a_curve_without_its_band_is_drawn(client) -> None:
    curve = {"domain": "language", "compute_min": 1e20, "compute_max": 1e22, "points": 3, "interval": "none"}
    assert client.get("/v1/frontier.svg", params=curve).text.startswith("<?xml")
