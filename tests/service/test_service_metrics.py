"""What Prometheus reads and what is logged: by route template, never by what was asked; right with several workers."""

import io
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families
from serving import free_port, serving
from stores import counted, counted_in, served
from waiting import PATIENCE, eventually

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from service.settings import Settings
from service.telemetry import logs
from service.telemetry.logs import Line, Log
from service.telemetry.metrics import Metrics

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"


@pytest.fixture
def own() -> Iterator[TestClient]:
    """A client of a service of its own: its counts begin at nothing."""
    with served() as client:
        yield client


def samples(client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


def test_requests_by_route_method_and_status(own) -> None:
    for path in (
        OPTIMAL,
        f"{OPTIMAL}&key=secret",
        "/v1/optimal?domain=language",
        "/v1/laws/besiroglu-2024",
        "/v1/secret",
        "/v1/laws/secret",
    ):
        own.get(path)
    own.request("BREW", "/v1/optimal")
    own.request("SECRET", "/v1/optimal")

    def requests(**labels) -> float:
        return counted(own, "http_requests_total", **labels)

    assert requests(route="/v1/optimal", method="GET", status="200") == 2
    assert requests(route="/v1/optimal", method="GET", status="400") == 1
    assert requests(route="/v1/optimal", method="other", status="405") == 2
    assert requests(route="/v1/laws/{id}", method="GET", status="200") == 1
    assert requests(route="unmatched", method="GET", status="404") == 2
    assert counted(own, "http_request_duration_seconds_count", route="/v1/optimal") == 5
    assert "secret" not in own.get("/metrics").text.lower()


def test_labels_do_not_grow_with_what_is_asked(own) -> None:
    def series() -> int:
        return len(samples(own))

    own.get("/v1/none0?domain=none0")
    own.get(f"{OPTIMAL}0")
    series()
    before = series()
    for number in range(20):
        own.get(f"/v1/none{number}?domain=none{number}")
        own.get(f"/none{number}")
        own.request(f"METHOD{number}", "/v1/none")
        own.get(f"/v1/optimal?domain=language&compute=1e2{number % 10}")
        own.get(f"/v1/convert?domain=none{number}&loss=2&to=bits")
    own.get("/v1/convert?domain=none&loss=2&to=bits")
    assert series() - before < 60


def test_questions_by_name_domain_and_law(own) -> None:
    own.get(OPTIMAL)
    own.get(OPTIMAL)
    own.get(f"{OPTIMAL}&law=all")
    own.post("/v1/answers", json=[{"question": "optimal", "domain": "language", "compute": 1e21}, {"question": "none"}])
    own.post("/v1/optimal", json={"domain": "language", "compute": [1e20, 1e21]})
    law = ask("optimal", domain="language", compute=1e21).law
    assert counted(own, "questions_total", question="optimal", domain="language", law=law) == 4
    assert counted(own, "questions_total", question="optimal", domain="language", law="several") == 1
    assert counted(own, "questions_total") == 5


def test_distance_beyond_the_fit_as_asked(own) -> None:
    far = ask("optimal", domain="language", compute=1e26).extrapolation
    for compute in ("1e20", "1e26", "1e26"):
        own.get(f"/v1/optimal?domain=language&compute={compute}")
    inside = ask("optimal", domain="language", compute=1e20).extrapolation
    assert counted(own, "question_extrapolation_decades_count", question="optimal") == 3
    assert counted(own, "question_extrapolation_decades_sum", question="optimal") == pytest.approx(2 * far + inside)
    assert counted(own, "question_extrapolation_decades_bucket", question="optimal", le="1.0") == 1


def test_what_runs_is_told(own) -> None:
    found = samples(own)
    assert found["fitted_laws_catalogue_info", (("digest", shipped().digest),)] == 1
    assert found["fitted_laws_catalogue_laws", ()] == len(shipped())
    assert counted(own, "build_info") == 1
    assert found["fitted_laws_redis_configured", ()] == found["fitted_laws_redis_up", ()] == 0
    eventually(lambda: counted(own, "http_requests_in_flight") == 1)


def test_histograms_add_up() -> None:
    metrics = Metrics(shipped())
    route = metrics.route("/here")
    for seconds in (0.00001, 0.003, 0.003, 100):
        route.observe("GET", 200, seconds)
    metrics.pour()
    text = metrics.page().decode()
    assert counted_in(text, "http_request_duration_seconds_bucket", le="0.0025") == 1
    assert counted_in(text, "http_request_duration_seconds_bucket", le="0.005") == 3
    assert counted_in(text, "http_request_duration_seconds_bucket", le="+Inf") == 4
    assert counted_in(text, "http_request_duration_seconds_sum") == pytest.approx(100.00601)


def children(pid) -> list[int]:
    """The processes that a process started."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:  # noqa: PTH123
        return [int(child) for child in file.read().split()]


def test_several_workers_add_up_and_a_dead_one_takes_only_its_gauges() -> None:
    with serving(WORKERS="2", CALCULATORS="0") as (client, process):
        asked = asked_of_all(client, 2)
        eventually(lambda: counted(client, "questions_total", question="optimal") == asked)
        text = client.get("/metrics").text
        assert counted_in(text, "http_request_duration_seconds_count", route="/v1/optimal") == asked
        assert (
            counted_in(text, "cache_lookups_total", level="process", result="miss")
            == counted_in(text, "cache_entries")
            == 2
        )
        first, second = children(process.pid)[-2:]
        os.kill(first, signal.SIGKILL)
        eventually(lambda: first not in children(process.pid) and len(children(process.pid)) >= 2)
        assert second in children(process.pid)
        text = eventually(lambda: metrics_of_any(client))
        assert counted_in(text, "questions_total", question="optimal") == asked
        assert counted_in(text, "cache_entries") == 1


def asked_of_all(client, workers) -> int:
    """Asks, over a new connection each time, until so many workers have answered; how often."""
    asked = 0

    def all_have() -> bool:
        nonlocal asked
        asked += 1
        client.get(OPTIMAL, headers={"connection": "close"})
        return counted(client, "cache_entries") == workers

    eventually(all_have)
    return asked


def metrics_of_any(client) -> str:
    """The metrics, where a worker answers; one that has just died may have been asked."""
    try:
        return client.get("/metrics", headers={"connection": "close"}).text
    except httpx.TransportError:
        return ""


def told(*lines) -> list[dict[str, Any]]:
    stream = io.StringIO()
    log = Log(1.0, Metrics(shipped()).logs_dropped, stream)
    for line in lines:
        log.enqueue(line)
    log.close()
    return [json.loads(text) for text in stream.getvalue().splitlines()]


TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_line_a_request() -> None:
    (line,) = told(Line(0.0, "GET", "/v1/optimal", 200, 0.00123456, 10, b"abc", TRACE, "1234"))
    assert line == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/v1/optimal",
        "status": 200,
        "ms": 1.235,
        "bytes": 10,
        "request_id": "abc",
        "key": "1234",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "parent_id": "b7ad6b7169203331",
    }


@pytest.mark.parametrize("trace", [None, b"", b"garbage", b"00-XYZ-b7ad6b7169203331-01", b'00-"}\n'])
def test_a_malformed_trace_is_left_out(trace) -> None:
    (line,) = told(Line(0.0, "GET", "/", 503, 0.0, 0, b"abc", trace))
    assert "trace_id" not in line
    assert line["level"] == "error"


def test_a_full_queue_drops_lines_and_counts_them() -> None:
    metrics = Metrics(shipped())
    log = Log(1.0, metrics.logs_dropped, io.StringIO())
    log._writer = object()  # noqa: SLF001 - a writer that never comes
    for _ in range(logs.QUEUE + 7):
        log.enqueue(Line(0.0, "GET", "/", 200, 0.0, 0, b"abc"))
    metrics.pour()
    assert counted_in(metrics.page().decode(), "log_lines_dropped_total") == 7


def test_failures_are_always_told() -> None:
    silent = Log(0.0, Metrics(shipped()).logs_dropped)
    assert (silent.wanted(200), silent.wanted(404), silent.wanted(500), silent.wanted(503)) == (
        False,
        False,
        True,
        True,
    )
    assert Log(1.0, Metrics(shipped()).logs_dropped).wanted(200)
    assert 0 < Settings().log_sample < 1


def test_no_query_values_in_the_log(capfd) -> None:
    with serving(LOG_SAMPLE="1", CALCULATORS="0") as (client, _):
        client.get(
            "/v1/optimal?domain=language&compute=7.77e21&key=s3cret",
            headers={"x-request-id": "mine", "traceparent": TRACE.decode()},
        )
        client.get("/v1/s3cret?compute=7.77e21")
        client.post("/v1/optimal", json={"domain": "language", "compute": "7.77e21 s3cret"})
        assert client.get(OPTIMAL, headers={"x-request-id": 'bad "id"'}).headers["x-request-id"] != 'bad "id"'
        assert client.get(OPTIMAL, headers={"x-request-id": "mine"}).headers["x-request-id"] == "mine"
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    ours = [line for line in lines if line["request_id"] == "mine"]
    assert ours[0]["route"] == "/v1/optimal"
    assert ours[0]["trace_id"] in TRACE.decode()
    assert len(lines) >= 6
    assert "7.77" not in json.dumps(lines)
    assert "s3cret" not in json.dumps(lines)


def test_whatever_is_set_the_metrics_tell(tmp_path) -> None:
    """What is loaded for a setting before the workers start knows no folder of metrics, and must not count."""
    keys = tmp_path / "keys"
    keys.write_text("open-sesame\n")
    nobody = f"127.0.0.1:{free_port()}"
    everything = {
        "TRACES": f"http://{nobody}",
        "API_KEYS_FILE": str(keys),
        "REDIS_URL": f"redis://{nobody}",
        "RATE_LIMIT": "1000/minute",
        "HEALTH_PORT": str(free_port()),
        "CORS_ORIGINS": "*",
        "TRUSTED_PROXIES": "1",
        "UPLOADS": "1",
    }
    with serving(**everything) as (client, _):
        client.headers["x-api-key"] = "open-sesame"
        assert client.get("/v1/optimal?domain=language&compute=1e21").status_code == 200
        eventually(lambda: counted(client, "http_requests_total", route="/v1/optimal", status="200") == 1)
        watched = httpx.get(f"http://127.0.0.1:{everything['HEALTH_PORT']}/metrics", trust_env=False, timeout=PATIENCE)
        assert counted_in(watched.text, "http_requests_total", route="/v1/optimal", status="200") == 1
