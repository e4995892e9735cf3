"""Every expression of deploy/'s rules and dashboard, asked of a real Prometheus that scraped the real service.

Two replicas of two workers each, a Valkey that goes away, some questions of every kind; all on 127.0.0.1.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from deployment import DASHBOARD, DEPLOY, PANELS, read, tool
from serving import free_port, serving
from stores import valkey
from waiting import PATIENCE, eventually

from fitted_laws.questions.registry import QUESTIONS

pytestmark = pytest.mark.slow

RULES = [rule for group in read("prometheus/rules.yml")["groups"] for rule in group["rules"]]
RECORDS = [rule for rule in RULES if "record" in rule]
ALERTS = [rule for rule in RULES if "alert" in rule]


def filled_in(expression) -> str:
    """An expression of the dashboard as Grafana sends it, with every replica chosen."""
    return expression.replace("$instance", ".*").replace("$__rate_interval", "1m")


def panels() -> Iterator[Any]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield pytest.param(filled_in(target["expr"]), id=f"{panel['title']}, {target['refId']}")


def records() -> Iterator[Any]:
    for rule in RECORDS:
        yield pytest.param(rule, id=" ".join([rule["record"], *rule.get("labels", {}).values()]))


def alerts() -> Iterator[Any]:
    for rule in ALERTS:
        yield pytest.param(rule, id=f"{rule['alert']} {rule['labels'].get('window', '')}".strip())


def unseen(prometheus, expression) -> set[str]:
    """What an expression reads, names of series with their matchers, of which there are none."""
    selectors = set(re.findall(r"(?:\bfitted_laws[\w:]*|\bup\b)(?:\{[^}]*\})?", expression))
    assert selectors
    return {selector for selector in selectors if not prometheus.query(selector)}


class Prometheus:
    """A Prometheus that runs."""

    def __init__(self, client) -> None:
        self._client = client

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path, **query) -> Any:
        found = self._client.get(f"/api/v1/{path}", params=query).json()
        assert found["status"] == "success", found
        return found["data"]

    def query(self, expression) -> list[dict[str, Any]]:
        return self.get("query", query=expression)["result"]

    def scrapes(self, more) -> None:
        """Waits until each replica has been asked so many times more."""
        asked = self._scraped()
        eventually(lambda: all(count >= asked[replica] + more for replica, count in self._scraped().items()))

    def _scraped(self) -> dict[str, int]:
        return {
            series["metric"]["instance"]: int(series["value"][1]) for series in self.query("count_over_time(up[1h])")
        }


def configured(folder, replicas) -> Path:
    """Our configuration with replicas by address, asked every second; our rules as they are."""
    config = read("prometheus/prometheus.yml")
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    (job,) = (job for job in config["scrape_configs"] if job["job_name"] == "fitted-laws")
    del job["dns_sd_configs"]
    job["authorization"]["credentials_file"] = str(folder / "key")
    (folder / "key").write_text("for-prometheus")
    job["static_configs"] = [{"targets": [f"127.0.0.1:{client.base_url.port}" for client in replicas]}]
    config["scrape_configs"] = [job]
    shutil.copy(DEPLOY / "prometheus/rules.yml", folder)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    return folder / "prometheus.yml"


@contextmanager
def watching(folder, replicas) -> Iterator[Prometheus]:
    """Prometheus on `replicas`, once it is ready."""
    address = f"127.0.0.1:{free_port()}"
    config = configured(folder, replicas)
    options = [
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    process = subprocess.Popen([tool("prometheus"), *options])
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=PATIENCE, trust_env=False) as client:
            prometheus = Prometheus(client)
            eventually(prometheus.ready)
            yield prometheus
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(client) -> None:
    """One of everything: each question in two formats and once more, columns, errors of the asker, more than a limit allows."""
    for name, question in QUESTIONS.items():
        for _ in range(2):
            got = client.get(f"/v1/{name}", params=question.example)
            client.get(f"/v1/{name}.csv", params=question.example)
        client.get(f"/v1/{name}", params=question.example, headers={"if-none-match": got.headers.get("etag", "*")})
    for compute in ("1e15", "1e21", "1e24", "1e30"):
        client.get("/v1/optimal", params={"domain": "language", "compute": compute})
    client.post("/v1/optimal", json={"domain": "language", "compute": [1e20, 1e21]})
    client.post("/v1/optimal", json={"domain": "language", "compute": [1e20] * 2000})
    for path in (
        "/",
        "/docs",
        "/health/ready",
        "/v1/laws",
        "/nowhere",
        "/v1/optimal?domain=language",
        "/v1/loss?domain=x",
    ):
        client.get(path)


def crowd(client) -> None:
    """Eight curves at once, where each worker takes one: some are refused, and no alert counts so few as a fault."""
    curves = [
        {"domain": "language", "compute_min": 1e18 * number, "compute_max": 1e24, "points": 1000}
        for number in range(1, 9)
    ]
    with ThreadPoolExecutor(len(curves)) as threads:
        answered = list(threads.map(lambda curve: client.get("/v1/frontier", params=curve).status_code, curves))
    assert {200, 503} == set(answered)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory) -> Iterator[Prometheus]:
    """Prometheus, after it has watched two replicas for some seconds, the last ones without their Valkey."""
    tool("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    with valkey() as shared:
        settings = {
            "WORKERS": "2",
            "REDIS_URL": shared.url,
            "MAX_ROWS": "1000",
            "MAX_CONCURRENT": "1",
            "API_KEYS": "for-users,for-prometheus",
        }
        with (
            serving(**settings) as (one, _),
            serving(**settings) as (other, _),
            watching(folder, (one, other)) as watch,
        ):
            eventually(lambda: len(watch.query("up == 1")) == 2)
            for client in (one, other):
                client.headers["x-api-key"] = "for-users"
            crowd(one)
            for _ in range(3):
                ask(one)
                ask(other)
                watch.scrapes(2)  # a rate wants several
            shared.stop()
            for client in (one, other):
                ask(client)
                client.get(
                    "/v1/frontier",
                    params={"domain": "language", "compute_min": 1e19, "compute_max": 1e23, "points": 77},
                )
            last = RECORDS[-1]
            eventually(lambda: watch.query(f"{last['record']}{{window='{last['labels']['window']}'}}"))
            watch.scrapes(3)
            yield watch


def test_every_replica_is_scraped(prometheus) -> None:
    targets = prometheus.get("targets")["activeTargets"]
    assert [(target["health"], target["lastError"]) for target in targets] == [("up", "")] * 2


def test_every_rule_is_evaluated(prometheus) -> None:
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == len(RULES)
    assert {(rule["health"], rule.get("lastError", "")) for rule in rules} == {("ok", "")}


@pytest.mark.parametrize("rule", [*records()])
def test_records_have_values(prometheus, rule) -> None:
    labels = ",".join(f'{name}="{value}"' for name, value in rule.get("labels", {}).items())
    assert prometheus.query(f"{rule['record']}{{{labels}}}")


@pytest.mark.parametrize("expression", [*panels()])
def test_panels_show_something(prometheus, expression) -> None:
    assert unseen(prometheus, expression) == set()
    assert prometheus.query(expression)


@pytest.mark.parametrize("rule", [*alerts()])
def test_alerts_read_what_is_there_and_are_silent(prometheus, rule) -> None:
    """Nothing is wrong for long enough here; but each series that an alert looks at is there to be looked at."""
    assert unseen(prometheus, rule["expr"]) == set()
    firing = {
        alert["labels"]["alertname"] for alert in prometheus.get("alerts")["alerts"] if alert["state"] == "firing"
    }
    assert rule["alert"] not in firing


def test_the_variable_lists_the_replicas(prometheus) -> None:
    (listed,) = (variable for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query")
    series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", listed["query"]["query"]).groups()
    assert len({found["metric"][label] for found in prometheus.query(series)}) == 2
