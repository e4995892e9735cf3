"""deploy/ and the Dockerfile: they parse, hold to what makes them safe, and name nothing that is not there."""

import re

import pytest
import yaml
from deployment import BUILT_FROM, DASHBOARDS, DEPLOY, MANIFESTS, PANELS, ROOT, panels_of, read

from service import settings
from service.settings import Settings

DOCKERFILE = (ROOT / "Dockerfile").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
EXACT = re.compile(r"[a-z/-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*")


COMPOSE = read("compose.yaml")
ALERTS = {
    rule["alert"] for group in read("prometheus/rules.yml")["groups"] for rule in group["rules"] if "alert" in rule
}
KINDS = {document["kind"]: document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text())}
POD = KINDS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
VARIABLES = {field.upper() for field in Settings.__struct_fields__}


def expressions() -> list[str]:
    """Every expression of the rules and of the dashboard."""
    rules = [rule["expr"] for group in read("prometheus/rules.yml")["groups"] for rule in group["rules"]]
    return rules + [target["expr"] for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize(
    "path", sorted(path for path in DEPLOY.rglob("*") if path.suffix in (".yaml", ".yml")), ids=lambda path: path.name
)
def test_every_file_parses(path) -> None:
    assert list(yaml.safe_load_all(path.read_text()))


# ---- what is watched ----


def test_expressions_name_metrics_that_exist(client) -> None:
    """A metric that the service does not show, or a record that no rule makes, would leave a panel empty and an alert silent."""
    shown = dict(re.findall(r"^# TYPE (\w+) (\w+)$", client.get("/metrics").text, re.MULTILINE))
    histograms = {
        f"{name}_{part}" for name, kind in shown.items() if kind == "histogram" for part in ("bucket", "sum", "count")
    }
    recorded = {
        rule["record"]
        for group in read("prometheus/rules.yml")["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    named = {name for expression in expressions() for name in re.findall(r"\bfitted_laws[\w:]*", expression)}
    assert named
    assert named <= shown.keys() | histograms | recorded


def test_records_are_read() -> None:
    text = " ".join(expressions())
    recorded = {
        rule["record"]
        for group in read("prometheus/rules.yml")["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    assert {name for name in recorded if name not in text} == set()


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_each_alert_is_tested_and_explained(alert) -> None:
    """It sounds in one case of rules_test.yml and is silent in another, and the operator's page has its heading."""
    cases = [
        case
        for test in read("prometheus/rules_test.yml")["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert
    ]
    assert {bool(case.get("exp_alerts")) for case in cases} == {True, False}
    assert re.search(rf"^#+ {alert}$", OPERATIONS, re.MULTILINE)


def test_alerts_say_where_to_read_on() -> None:
    for group in read("prometheus/rules.yml")["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:
                assert rule["annotations"].keys() == {"summary", "description", "runbook"}
                assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
                assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_hangs_together(name) -> None:
    """Panels have their own numbers and places, ask the chosen source, and say what they show."""
    dashboard = DASHBOARDS[name]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    squares = [
        (x, y)
        for place in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(squares)) == len(squares)
    assert max(x for x, _ in squares) < 24
    (listed,) = (each for each in dashboard["templating"]["list"] if each["name"] == "datasource")
    for panel in panels_of(dashboard):
        assert panel["title"]
        assert panel["datasource"] == {"type": listed["query"], "uid": "${datasource}"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references) > 0


def test_grafana_finds_its_dashboards() -> None:
    """The folder that Grafana reads dashboards from is the one that Compose puts ours in, under names of their own."""
    (provider,) = read("grafana/provisioning/dashboards/dashboards.yaml")["providers"]
    (source,) = read("grafana/provisioning/datasources/prometheus.yaml")["datasources"]
    volumes = dict(volume.split(":")[:2] for volume in COMPOSE["services"]["grafana"]["volumes"])
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)
    for name in DASHBOARDS:
        assert volumes[f"./grafana/{name}.json"].rpartition("/")[0] == provider["options"]["path"]
    assert source["url"].removeprefix("http://").partition(":")[0] in COMPOSE["services"]


# ---- where it runs ----


def test_images_are_pinned() -> None:
    """To a patch release; in the Dockerfile every stage starts from the same."""
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = [stage for stage in stages if f" AS {stage}\n" not in DOCKERFILE]
    assert len(set(stages)) == 1
    images = (
        [service["image"] for service in COMPOSE["services"].values() if "build" not in service]
        + stages
        + [CONTAINER["image"]]
    )
    assert all(EXACT.fullmatch(image) for image in images), images


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_are_hardened(name) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert all(port.startswith(("127.0.0.1:", "${BIND:-127.0.0.1}:")) for port in service.get("ports", []))
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_two_replicas_and_nothing_waits_for_redis() -> None:
    service = COMPOSE["services"]["service"]
    assert service["deploy"]["replicas"] == 2
    assert "depends_on" not in service
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert COMPOSE["services"]["redis"]["networks"] == ["back"]


def test_prometheus_scrapes_the_replicas_under_the_name_that_the_rules_ask_for() -> None:
    jobs = {job["job_name"]: job for job in read("prometheus/prometheus.yml")["scrape_configs"]}
    (found,) = jobs["fitted-laws"]["dns_sd_configs"]
    assert found["names"] == ["service"]
    assert f"{found['port']}" in COMPOSE["services"]["service"]["expose"]
    monitor = read("kubernetes/prometheus-operator/monitor.yaml")["spec"]
    assert KINDS["Service"]["metadata"]["labels"][monitor["jobLabel"]] == "fitted-laws"
    assert [endpoint["port"] for endpoint in monitor["endpoints"]] == ["health"]
    jobs_asked = {job for expression in expressions() for job in re.findall(r'job="([^"]*)"', expression)}
    assert jobs_asked == {"fitted-laws"}


def test_variables_are_settings() -> None:
    """What Compose and Kubernetes set is what the service reads; Compose passes all but what the image fixes."""
    assert COMPOSE["services"]["service"]["environment"].keys() == VARIABLES - {"HOST", "PORT"}
    assert KINDS["ConfigMap"]["data"].keys() <= VARIABLES
    assert set(re.findall(r"--from-literal=(\w+)=", (DEPLOY / "kubernetes/config.yaml").read_text())) <= VARIABLES


def test_the_pod_is_restricted() -> None:
    """As Kubernetes' standard for restricted pods asks, and the root file system is read-only."""
    assert POD["automountServiceAccountToken"] is False
    assert POD["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["mountPath"] for mount in CONTAINER["volumeMounts"]} == {"/tmp"}  # noqa: S108  # the one place it writes to
    assert {"requests", "limits"} == CONTAINER["resources"].keys()


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probes_ask_what_answers(client, probe) -> None:
    asked = CONTAINER[probe]["httpGet"]
    assert client.get(asked["path"]).status_code == 200
    assert asked["port"] in [port["name"] for port in CONTAINER["ports"]]
    assert CONTAINER[probe]["timeoutSeconds"] >= 5


def test_liveness_asks_less_than_readiness() -> None:
    """A replica whose laws fail is taken out of the service; restarted, it would fail again."""
    assert CONTAINER["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert CONTAINER["readinessProbe"]["httpGet"]["path"] == "/health/ready"


def test_what_the_environment_says_reaches_the_service() -> None:
    """Each setting of Compose takes the variable of its name, or one that this page of settings tells, and is else as if not set."""
    made = {"LAWS": "LAWS_FOLDER", "API_KEYS_FILE": "KEYS_FOLDER", "REDIS_URL": "REDIS_PASSWORD"}
    for name, text in COMPOSE["services"]["service"]["environment"].items():
        assert f"${{{made.get(name, name)}:" in text
    unset = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}|\$\{\w+:\+.*\}", r"\1", text)
        for name, text in COMPOSE["services"]["service"]["environment"].items()
    }
    chosen = settings.read(unset)
    assert {name for name in VARIABLES if getattr(chosen, name.lower()) != getattr(Settings(), name.lower())} == {
        "WORKERS",
        "PUBLIC_URL",
        "REDIS_URL",
        "TRUSTED_PROXIES",
    }


def test_the_ingress_shows_all_but_what_the_service_tells_of_itself(client) -> None:
    (rule,) = KINDS["Ingress"]["spec"]["rules"]
    shown = {each["path"]: each["pathType"] for each in rule["http"]["paths"]}
    service = KINDS["Service"]
    for each in rule["http"]["paths"]:
        assert each["backend"]["service"] == {"name": service["metadata"]["name"], "port": {"name": "http"}}

    def reaches(path) -> bool:
        return any(path == each or (kind == "Prefix" and path.startswith(f"{each}/")) for each, kind in shown.items())

    inside = {path for path in client.app.asgi_handler._places if path.startswith((b"/health/", b"/metrics"))}  # noqa: SLF001
    paths = {path.decode(): path in inside for path in client.app.asgi_handler._places}  # noqa: SLF001
    assert len(inside) == 3
    assert {path for path, hidden in paths.items() if reaches(path) == hidden} == set()
    assert set(shown) - {"/v1", "/page"} <= set(paths)
    assert rule["host"] in KINDS["Ingress"]["spec"]["tls"][0]["hosts"]
    assert KINDS["ConfigMap"]["data"]["PUBLIC_URL"] == f"https://{rule['host']}"


def test_the_network_lets_in_users_and_those_who_watch() -> None:
    """By the names of ports that the container has; out it lets name servers and Redis alone."""
    policy = KINDS["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["podSelector"]["matchLabels"] == KINDS["Service"]["spec"]["selector"]
    ports = [port["port"] for rule in policy["ingress"] for port in rule["ports"]]
    assert ports == [port["name"] for port in CONTAINER["ports"]] == ["http", "health"]
    assert all(rule["from"] for rule in policy["ingress"])
    assert [port["port"] for rule in policy["egress"] for port in rule["ports"]] == [53, 53, 6379]
    assert KINDS["ConfigMap"]["data"]["HEALTH_PORT"] == str(CONTAINER["ports"][1]["containerPort"])


def test_replicas_follow_requests_in_flight(client) -> None:
    """By a metric that the service shows, under the name that the adapter gives it."""
    named = [
        each["pods"]["metric"]["name"] for each in KINDS["HorizontalPodAutoscaler"]["spec"]["metrics"] if "pods" in each
    ]
    rules = read("kubernetes/prometheus-adapter/values.yaml")["rules"]["custom"]
    assert named == [rule["name"]["as"] for rule in rules] == ["fitted_laws_http_requests_in_flight"]
    assert f"\n{named[0]} " in client.get("/metrics").text
    assert all(named[0] in rule[key] for rule in rules for key in ("seriesQuery", "metricsQuery"))


def test_kubernetes_names_agree() -> None:
    labels = KINDS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert KINDS["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert KINDS["Service"]["spec"]["selector"] == labels
    assert KINDS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    autoscaler = KINDS["HorizontalPodAutoscaler"]["spec"]
    assert autoscaler["scaleTargetRef"]["name"] == KINDS["Deployment"]["metadata"]["name"]
    assert autoscaler["minReplicas"] >= 2
    assert "replicas" not in KINDS["Deployment"]["spec"]


def test_the_image_is_of_the_service_alone() -> None:
    """Not root, with a health check; its stages copy no trainer, which only the target `with-fits` has."""
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    *_, with_fits, service = stages
    assert "AS with-fits" in with_fits
    assert service == "run\nCOPY --from=build /app /app\n"
    assert [stage.partition(" AS ")[2].split()[0] for stage in stages if "COPY trainer" in stage] == ["build-with-fits"]
    assert "COPY . ." not in DOCKERFILE
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert "/health/live" in DOCKERFILE
    assert 'CMD ["python", "-m", "service"]' in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert "*" in ignored
    assert {name for name in ignored if name.startswith("!")} == {f"!{name}" for name in (*BUILT_FROM, "trainer")}
