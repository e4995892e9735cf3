"""Traces: a span a request, by OTLP to a real collector; where they are off nothing of them is there, and a collector that fails harms nobody."""

import contextlib
import http.server
import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from serving import environment, free_port, serving
from waiting import PATIENCE, eventually

from service import __main__

ASKED = "/v1/optimal?domain=language&compute=1.2345e21&law=hoffmann-2022"
SLOW = "/v1/frontier.csv?domain=language&compute_min=1e20&compute_max=1e24&points=900&law=all"
KEY = "open-sesame"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """An HTTP server that takes what is exported, decoded and as it came."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        taken = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.paths.append(self.path)
                taken.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def resources(self) -> list[Any]:
        return [each for body in self.bodies for each in ExportTraceServiceRequest.FromString(body).resource_spans]

    @property
    def spans(self) -> list[Any]:
        """All that came, the first begun first."""
        found = [span for each in self.resources for scope in each.scope_spans for span in scope.spans]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


SOON = {"CALCULATORS": "0", "OTEL_BSP_SCHEDULE_DELAY": "50"}
"""Settings by which spans are sent as they come; what is left at the stop has two seconds, which a busy machine may not have."""


def wait_for(collector, count) -> None:
    """Waits for so many spans."""
    eventually(lambda: len(collector.spans) >= count, lambda: f"{len(collector.spans)} spans came")


def attributes(of) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in of.attributes}


def lines_of(log) -> list[dict[str, Any]]:
    log.seek(0)
    found = [json.loads(line) for line in log.read().decode().splitlines()]
    return [line for line in found if line["event"] == "request"]


def test_a_request_is_a_span_which_its_log_line_names(collector, tmp_path) -> None:
    """A caller's trace goes on in it; route, status and the names of the registry are said, and no other value of the request."""
    sent = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "mine-1", "x-api-key": KEY}
    with (tmp_path / "log").open("w+b") as log:
        with serving(log, TRACES=collector.url, LOG_SAMPLE="1", API_KEYS=KEY, **SOON) as (client, _):
            replies = [
                client.get(ASKED, headers=sent),
                client.get(f"/v1/optimal?domain=language&compute=1.2345e21&key={KEY}"),
                client.get("/v1/nothing-here?domain=secret-budget", headers={"x-api-key": KEY}),
                client.get("/health/ready"),
                client.get("/metrics", headers={"x-api-key": KEY}),
            ]
            wait_for(collector, 3)
        lines = {line["request_id"]: line for line in lines_of(log)}
    assert set(collector.paths) == {"/v1/traces"}
    spans = collector.spans
    assert [(span.name, attributes(span)["http.response.status_code"]) for span in spans] == [
        ("GET /v1/optimal", 200),
        ("GET /v1/optimal", 200),
        ("GET unmatched", 404),
    ]
    for span, reply in zip(spans, replies[:3], strict=True):
        line = lines[reply.headers["x-request-id"]]
        assert attributes(span)["fitted_laws.request_id"] == line["request_id"]
        assert (span.trace_id.hex(), span.span_id.hex()) == (line["trace_id"], line["parent_id"])
    assert (spans[0].trace_id.hex(), spans[0].parent_span_id.hex()) == (TRACE, PARENT)
    assert not spans[1].parent_span_id
    said = attributes(spans[0])
    asked = {name: said[f"fitted_laws.{name}"] for name in ("question", "domain", "law", "request_id")}
    assert asked == {"question": "optimal", "domain": "language", "law": "hoffmann-2022", "request_id": "mine-1"}
    everything = b"".join(collector.bodies)
    assert not [
        text for text in (KEY, "1.2345", "compute=", "secret-budget", "nothing-here") if text.encode() in everything
    ]
    [resource] = {each.resource.SerializeToString(): each.resource for each in collector.resources}.values()
    assert attributes(resource)["service.name"] == "fitted-laws"


def test_a_failure_is_an_error_with_its_reason(collector) -> None:
    """It is sent at the stop: if not of this service, which a busy machine may hold up, then of the next."""

    def after_the_stop() -> list[Any]:
        with serving(TRACES=collector.url, MAX_SECONDS="0.001", CALCULATORS="0") as (client, _):
            assert client.get(SLOW).status_code == 503
        return collector.spans

    span = eventually(after_the_stop)[0]
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert "MAX_SECONDS" in span.status.message
    assert attributes(span)["error.type"] == "503"


@pytest.mark.parametrize(("sample", "exported"), [("1", [1, 0, 1, 1]), ("0", [1, 0, 0, 0])])
def test_a_caller_decides_whether_its_trace_is_kept(collector, sample, exported) -> None:
    """Else the share does, as of a traceparent that is none."""
    sent = [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"00-{'0' * 32}-{PARENT}-01", "\xff nonsense"]
    with serving(TRACES=collector.url, TRACES_SAMPLE=sample, **SOON) as (client, _):
        for number, traceparent in enumerate(sent):
            headers = [(b"traceparent", traceparent.encode("latin-1")), (b"x-request-id", str(number).encode())]
            assert client.get(ASKED, headers=headers).status_code == 200
        wait_for(collector, sum(exported))
    found = Counter(attributes(span)["fitted_laws.request_id"] for span in collector.spans)
    assert [found[str(number)] for number in range(len(sent))] == exported


def test_a_parent_that_is_said_twice_is_none(collector) -> None:
    """And is no reason to refuse anything."""
    twice = [(b"traceparent", f"00-{trace}-{PARENT}-01".encode()) for trace in (TRACE, TRACE[::-1])]
    with serving(TRACES=collector.url, **SOON) as (client, _):
        assert client.get(ASKED, headers=twice).status_code == 200
        wait_for(collector, 1)
    [span] = collector.spans
    assert not span.parent_span_id
    assert span.trace_id.hex() not in (TRACE, TRACE[::-1])


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """A collector that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def unreachable() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}"


@pytest.mark.parametrize("failing", [silent, unreachable])
def test_a_collector_that_fails_touches_no_answer(failing, tmp_path, client) -> None:
    """Nor the stop: the bytes are those of a service without traces, it ends by itself, and its log says what is lost."""
    asked = [ASKED, *(f"/v1/loss?domain=language&params={size}e9&tokens=1e12" for size in range(1, 50))]
    expected = [client.get(address).content for address in asked]
    with (
        failing() as url,
        (tmp_path / "log").open("w+b") as log,
        serving(log, TRACES=url, CALCULATORS="0") as (traced, process),
    ):
        assert [traced.get(address).content for address in asked] == expected
        eventually(lambda: b"opentelemetry" in (log.seek(0), log.read())[1])
        assert [traced.get(address).content for address in asked] == expected
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_nothing_that_is_not_set_is_loaded() -> None:
    """Neither traces nor Redis, nor what the framework would have for packages that happen to be there: not by the start, not by an answer."""
    script = (
        "import sys\n"
        "from litestar.testing import TestClient\n"
        "from fitted_laws.catalogue import load\n"
        "from service import settings\n"
        "from service.app import create_app\n"
        "with TestClient(create_app(load(), settings.read())) as client:\n"
        f"    assert client.get({ASKED!r}).status_code == 200\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'opentelemetry', 'redis', 'pydantic', 'mcp'})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_without_its_packages_it_is_refused(monkeypatch, capsys) -> None:
    """By --check, as by the start, with what installs them."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)  # how Python itself says that there is none
    monkeypatch.delitem(sys.modules, "service.telemetry.traces", raising=False)
    monkeypatch.setenv("TRACES", "http://127.0.0.1:4318")
    assert __main__.main(["--check"]) == __main__.REFUSED
    assert 'pip install "fitted-laws[traces]"' in capsys.readouterr().err
    monkeypatch.setenv("TRACES", "collector:4318")
    assert __main__.main(["--check"]) == __main__.REFUSED
    assert "TRACES: expected" in capsys.readouterr().err
