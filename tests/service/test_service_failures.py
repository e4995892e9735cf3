"""What fails inside is seen: one line of the log joins request and error; what the dead have counted stays, and their files do not pile up."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import descendants, serving
from stores import counted_in, metrics
from waiting import eventually

from fitted_laws.quantities.problems import NotFound
from service.compute.processes import Calculators
from service.compute.scheduler import Scheduler
from service.compute.semaphore import Semaphore
from service.gate.arrivals import Arrivals
from service.gate.dispatch import Dispatch
from service.gate.gate import Gate, through
from service.protocol.messages import Reply, Request, Resource, Runner, in_thread
from service.telemetry import shared
from service.telemetry.logs import Log


def failing(request: Request) -> Reply:
    """What nobody expects, in words that hold a value of the request."""
    raise ZeroDivisionError(request.path)


def logged(runs: Runner) -> dict[str, Any]:
    """The one line of the log of a request that fails where `runs` computes it, beside the id that the client was told."""
    own, stream = metrics(), io.StringIO()
    log = Log(0.0, own.logs_dropped, stream)
    scheduler = Scheduler(runs, Semaphore(1, own), None, own, 30.0)
    nowhere = Request(method="GET", path="/nowhere")

    async def get(_: Request) -> Reply:
        return await scheduler.answer("tag", failing, nowhere)

    dispatch = Dispatch(scheduler, NotFound, Arrivals(1, 1.0, own))
    gate = Gate([Resource(path="/fails", get=get)], through([], dispatch), own, log)
    sent: list[Any] = []

    async def ask() -> None:
        scope: Any = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/fails"}
        scope |= {"raw_path": b"/fails", "query_string": b"compute=1e21", "headers": [(b"host", b"x")]}

        async def send(message) -> None:
            sent.append(message)

        await gate(scope, None, send)

    asyncio.run(ask())
    log.close()
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert line["request_id"] == dict(sent[0]["headers"])[b"x-request-id"].decode()
    assert (line["status"], line["level"]) == (500, "error")
    assert sent[0]["status"] == 500
    assert nowhere.path not in stream.getvalue()
    return line


def test_a_line_joins_request_and_error() -> None:
    assert logged(in_thread)["error"].startswith("ZeroDivisionError at")


def test_a_line_joins_what_failed_in_another_process() -> None:
    """The calculator has nothing at that path: whatever fails there comes back with where."""
    calculators = Calculators(1, 30.0)
    try:
        line = logged(calculators.run)
    finally:
        calculators.close()
    assert line["error"].startswith("KeyError at")
    assert "processes.py" in line["error"]


COUNTING = """
from fitted_laws import Laws
from service.telemetry.metrics import Metrics
metrics = Metrics(Laws([], "digest"))
metrics.route("/here").observe("GET", 200, 0.001)
metrics.request_began()
metrics.pour()
"""


def test_what_the_dead_have_counted_stays_in_one_file_a_kind(tmp_path) -> None:
    for _ in range(5):
        command = [sys.executable, "-P", "-c", COUNTING]
        subprocess.run(command, check=True, env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)})
    assert len(list(tmp_path.glob("*.db"))) > 15
    for _ in range(2):
        text = shared.page(tmp_path).decode()
        assert counted_in(text, "http_requests_total", route="/here") == 5
        assert counted_in(text, "http_request_duration_seconds_count", route="/here") == 5
        assert counted_in(text, "http_request_duration_seconds_bucket", route="/here", le="0.001") == 5
        assert counted_in(text, "http_requests_in_flight") == 0
        assert sorted(file.name for file in tmp_path.glob("*.db")) == ["counter_0.db", "histogram_0.db"]


@pytest.mark.parametrize("kept", [0, 2, 100, 70_000])
def test_a_file_that_is_cut_off_spoils_no_page(tmp_path, kept) -> None:
    """As a process leaves it that was killed while it wrote."""
    command = [sys.executable, "-P", "-c", COUNTING]
    for _ in range(2):
        subprocess.run(command, check=True, env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)})
    first = min(tmp_path.glob("counter_*.db"))
    first.write_bytes(first.read_bytes()[:kept])
    text = shared.page(tmp_path).decode()
    assert counted_in(text, "http_requests_total", route="/here") in {1, 2}
    assert not [file for file in tmp_path.glob("*.db") if not file.stem.endswith("_0")]


def test_a_worker_that_is_killed_leaves_its_counts_and_no_files() -> None:
    with serving(WORKERS="2", CALCULATORS="0") as (client, process):
        for _ in range(20):
            client.get("/v1/optimal?domain=language&compute=1e21", headers={"connection": "close"})
        eventually(lambda: answered(client) == 20)
        folder, worker = next((file.parent, pid) for pid in descendants(process.pid) if (file := counts_of(pid)))
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: not list(folder.glob(f"*_{worker}.db")))
        eventually(lambda: answered(client) == 20)
        assert (folder / "counter_0.db").exists()


def answered(client) -> float | None:
    """The questions that all workers have answered; None where none tells, as one that was just killed."""
    try:
        return counted_in(client.get("/metrics", headers={"connection": "close"}).text, "questions_total")
    except httpx.TransportError:
        return None


def counts_of(pid: int) -> Path | None:
    """The file that a process counts in, if it is one that answers."""
    files = [Path(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return next((file for file in files if file.name == f"counter_{pid}.db"), None)
