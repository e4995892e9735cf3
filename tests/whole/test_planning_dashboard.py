"""deploy/grafana/planning.json: each query is asked of a server that runs, and each column, override and axis names what comes back.

Grafana itself does not run here; its schema is in tests/real/test_deploy_grafana.py.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from deployment import DASHBOARDS, panels_of, read
from infinity import VARIABLE, asked, frame
from serving import serving

from fitted_laws import ask

DASHBOARD = DASHBOARDS["planning"]
PANELS = {panel["title"]: panel for panel in panels_of(DASHBOARD)}
VARIABLES = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
DEFAULTS = {name: each["current"]["value"] for name, each in VARIABLES.items() if "current" in each}
CHOICES = {
    "as it opens": {},
    "another law": {"law": "hoffmann-2022", "level": "0.5"},
    "a budget as a text": {"compute": "3000 H100-days@40%", "interval": "none"},
    "another domain": {"domain": "image-8x8", "law": "henighan-2020"},
    "a law that prints no loss": {"law": "llama3-2024", "level": "0.95"},
}
SEVERAL = "Allocation across laws"
WHY = "Reach, or why there is no answer"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with serving() as (client, _):
        yield client


def shown(client, title, chosen) -> dict[str, list[Any]]:
    (query,) = PANELS[title]["targets"]
    return frame(client, query, DEFAULTS | chosen)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("title", PANELS)
def test_each_panel_gets_what_it_shows(client, title, choice) -> None:
    """Its columns are there; its overrides, its axis and its order are of columns that it has."""
    panel, fields = PANELS[title], shown(client, title, CHOICES[choice])
    assert all(len(values) > 0 for values in fields.values())
    named = {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]}
    named |= {
        each["value"]
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "custom.fillBelowTo"
    }
    for change in panel.get("transformations", []):
        assert set(change["options"]["indexByName"]) == fields.keys()
    options = panel["options"]
    named |= {options["xField"]} if "xField" in options else set()
    named |= {each[axis]["matcher"]["options"] for each in options.get("series", []) for axis in ("x", "y")}
    assert named <= fields.keys()


@pytest.mark.parametrize("title", PANELS)
def test_each_panel_asks_for_no_more_than_it_shows(title) -> None:
    """So a table of all laws stays small; the one that asks for text names its one field."""
    (query,) = PANELS[title]["targets"]
    params = {each["key"]: each["value"] for each in query["url_options"]["params"]}
    names = [column["selector"] for column in query["columns"]]
    assert params.get("fields", params.get("field")) == ",".join(names)


@pytest.mark.parametrize("choice", [name for name in CHOICES if name != "a law that prints no loss"])
def test_the_numbers_are_the_services(client, choice) -> None:
    """The best run, with its ends where an interval is wanted, is what Python says; the frontier holds the budget's neighbours."""
    chosen = DEFAULTS | CHOICES[choice]
    options = {name: chosen[name] for name in ("domain", "law", "interval", "level")}
    answer = ask("optimal", compute=chosen["compute"], **options)
    for title, name in (("Parameters", "params"), ("Tokens", "tokens"), ("Loss, nats a token", "loss")):
        assert shown(client, title, chosen) == {
            "best": [answer[name]],
            "high": [answer[f"{name}_high"]],
            "low": [answer[f"{name}_low"]],
        }
    curve = ask("frontier", compute_min="1e19", compute_max="1e25", points=33, **options)["rows"]
    assert shown(client, "Loss", chosen)["loss"] == [row["loss"] for row in curve]
    assert shown(client, "Parameters and tokens", chosen)["tokens"] == [row["tokens"] for row in curve]
    assert shown(client, WHY, chosen) == {"reach": [answer["reach"]]}


def test_a_curve_rises_along_its_axis(client) -> None:
    """Grafana's trend refuses an axis that does not."""
    compute = shown(client, "Loss", {})["compute"]
    assert compute == sorted(set(compute))


def test_every_law_that_answers_is_a_point_and_a_row(client) -> None:
    points, rows = shown(client, SEVERAL, {}), shown(client, list(PANELS)[-1], {})
    assert (
        points["law"]
        == rows["law"]
        == [row["law"] for row in ask("optimal", domain="language", compute=1e21, law="all")["rows"]]
    )
    assert all(rows["source"])
    assert set(rows["reach"]) <= {"inside", "near", "far", "beyond", "unknown"}


def test_what_has_no_answer_says_why_in_one_cell(client) -> None:
    """A sentence with commas and quotes stays whole."""
    (query,) = PANELS[WHY]["targets"]
    chosen = DEFAULTS | {"interval": "run"}
    assert shown(client, WHY, chosen)["reach"] == [asked(client, query, chosen).text]
    assert shown(client, WHY, chosen)["reach"][0].startswith("#ERR: besiroglu-2024 holds no residuals")


@pytest.mark.parametrize("name", [name for name, each in VARIABLES.items() if each["type"] == "query"])
def test_a_variables_list_holds_its_first_choice(client, name) -> None:
    """Its columns come back; of the laws that answer, the domain's default is first."""
    query = VARIABLES[name]["query"]
    fields = frame(client, query["infinityQuery"], DEFAULTS)
    meta = query.get("meta", {"textField": name, "valueField": name})
    assert (DEFAULTS[name], VARIABLES[name]["current"]["text"]) in zip(
        fields[meta["valueField"]], fields[meta["textField"]], strict=True
    )
    if name == "law":
        for domain in ("language", "image-8x8"):
            law = ask("optimal", domain=domain, compute=1e21).law
            assert (
                frame(client, query["infinityQuery"], DEFAULTS | {"domain": domain})["law"][0]
                == law
                == ask("optimal", domain=domain, compute=1e21).law
            )


def test_every_variable_is_used_and_every_use_is_one() -> None:
    text = str(DASHBOARD)
    assert set(VARIABLE.findall(text)) == VARIABLES.keys()


def test_choices_of_a_list_are_accepted(client) -> None:
    """Of the level each; of the interval those that the law can give, and the other says why."""
    for name in ("level", "interval"):
        values = [each["value"] for each in VARIABLES[name]["options"]]
        assert VARIABLES[name]["query"] == ",".join(values)
        for value in values:
            told = shown(client, WHY, {name: value})["reach"][0]
            assert told == "inside" or value == "run"


def test_compose_gives_it_its_data_source_and_plugin() -> None:
    """The data source that the dashboard looks for is provisioned under that name, through the proxy, and its plugin is fetched."""
    (source,) = read("grafana/provisioning/datasources/fitted-laws.yaml")["datasources"]
    services = read("compose.yaml")["services"]
    assert {panel["datasource"]["type"] for panel in PANELS.values()} == {source["type"]}
    assert VARIABLES["datasource"]["query"] == source["type"]
    assert re.search(VARIABLES["datasource"]["regex"].strip("/"), source["name"])
    assert services["grafana"]["environment"]["GF_PLUGINS_PREINSTALL"].partition("@")[0] == source["type"]
    host, _, port = source["url"].removeprefix("http://").partition(":")
    assert set(services[host]["networks"]) & set(services["grafana"]["networks"])
    assert services[host]["ports"] == ["${BIND:-127.0.0.1}:" + f"{port}:{port}"]
    key = source["secureJsonData"]["httpHeaderValue1"].removeprefix("$")
    assert services["grafana"]["environment"][key] == "${METRICS_KEY:-none}"


def test_the_key_of_the_data_source_is_one_that_the_service_reads() -> None:
    (source,) = read("grafana/provisioning/datasources/fitted-laws.yaml")["datasources"]
    query = PANELS["Parameters"]["targets"][0]
    with serving(API_KEYS="for-users,for-what-watches") as (client, _):
        assert asked(client, query, DEFAULTS).status_code == 401
        client.headers[source["jsonData"]["httpHeaderName1"]] = "for-what-watches"
        assert asked(client, query, DEFAULTS).status_code == 200
