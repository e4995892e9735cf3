"""For the tests of several files: a service in a process of its own, as users start it, and the one shape of problems."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from waiting import PATIENCE, eventually

from service.protocol.problems import KINDS
from service.settings import METRICS_FOLDER, Settings


def environment(**settings) -> dict[str, str]:
    ours = {field.name.upper() for field in msgspec.structs.fields(Settings)} | {METRICS_FOLDER}
    return {name: value for name, value in os.environ.items() if name not in ours} | settings


def run(*arguments, **settings) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.run(
        command, env=environment(**settings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port that is free, and stays so: none of those that the system gives to connections, of which other tests open many meanwhile."""
    least = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 0
    while True:
        port = 10_000 + secrets.randbelow(least - 10_000) if least > 20_000 else 0
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]


@contextlib.contextmanager
def serving(log=None, tree=None, **settings) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A server in its own process, once it answers; it is stopped if the test has not.

    `log` is an open file for its standard error, `tree` the folder whose packages are served where these are not those under test.
    Unless `settings` say otherwise, a question has the time that a busy machine needs.
    """
    port, silent = free_port(), subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", "service"],
        cwd=tree,
        env=environment(**{"PORT": str(port), "MAX_SECONDS": str(PATIENCE), **settings}),
        stdout=silent,
        stderr=log,
    )
    try:
        with httpx.Client(
            base_url=f"http://{settings.get('HOST', '127.0.0.1')}:{port}", timeout=PATIENCE, trust_env=False
        ) as client:
            wait_for(client, process)
            yield client, process
    finally:
        process.terminate()  # killed, it would leave its workers behind
        process.wait(PATIENCE)


def wait_for(client, process) -> None:
    """Waits until the server answers."""

    def answers() -> httpx.Response | None:
        assert process.poll() is None, f"the server did not start; exit code {process.poll()}"
        try:
            return client.get("/health/live")
        except httpx.TransportError:
            return None

    eventually(lambda: answers() is not None)


def problem(response, status) -> dict[str, Any]:
    """The problem of a response, which has the one shape."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    found = response.json()
    assert set(found) == {"type", "title", "status", "detail", "errors"}
    assert found["status"] == status
    assert found["type"] == f"/docs#{KINDS[status].slug}"
    assert all(set(error) == {"field", "expected", "got"} for error in found["errors"])
    assert "Traceback" not in response.text
    return found


def unnumbered(response) -> dict[str, str]:
    """The headers but the id, which each request has of its own."""
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}


def descendants(pid) -> list[int]:
    """The processes that a process started, and theirs."""
    children = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        found += children.get(waiting[-1], [])
        waiting += children.get(waiting.pop(), [])
    return found
