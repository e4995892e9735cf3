"""Under load: Redis lost in every way, a worker killed, a stop, equal questions at once. Real servers, real signals, bounded in time."""

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
from serving import descendants, serving
from stores import QUESTIONS, answering, counted, valkey
from waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

CLIENTS = 8
LONGEST = 30
"""Seconds that a request may take on a busy machine; a client of Redis that is left as it comes waits 59 for one that hangs."""
OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
DEAR = "/v1/optimal.csv?domain=language&law=all&compute=1e21"
ANSWERED, REFUSED, BROKEN, CLOSED = "answered", "refused", "broken", "closed"
"""What becomes of a request: it is answered whole; nobody takes the new connection, or it is closed before a byte of an answer comes;
an answer begins and does not end; a kept connection is closed before a byte comes."""


class Users:
    """Clients that ask one question after the other, each over a connection it keeps, until they are told to stop."""

    def __init__(self, port, paths, expected=None, most=10**6) -> None:
        self._port, self._paths, self._expected, self._left = port, paths, expected, most
        self._stop, self._lock = threading.Event(), threading.Lock()
        self.outcomes, self.statuses, self.wrong = Counter(), Counter(), 0

    @contextmanager
    def asking(self) -> Iterator[Self]:
        threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(PATIENCE)

    def _ask(self, number) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST)
        while not self._stop.is_set():
            with self._lock:
                self._left -= 1
                if self._left < 0:
                    return
            path = self._paths[number % len(self._paths)]
            number += 1
            outcome, status, body = fetched(connection, path)
            with self._lock:
                self.outcomes[outcome] += 1
                if outcome == ANSWERED:
                    self.statuses[status] += 1
                    self.wrong += self._expected is not None and body != self._expected[path]
            if outcome != ANSWERED:
                connection.close()
                time.sleep(0.002)

    @property
    def answered(self) -> int:
        return self.outcomes[ANSWERED]

    def has_asked(self, more) -> None:
        """Waits for so many more answers."""
        enough = self.answered + more
        eventually(lambda: self.answered >= enough)


def fetched(connection, path) -> tuple[str, int, bytes]:
    """What becomes of a request, its status and its body."""
    kept = connection.sock is not None
    try:
        if not kept:
            connection.connect()
    except OSError:
        return REFUSED, 0, b""
    try:
        connection.request("GET", path)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionError):
        return CLOSED if kept else REFUSED, 0, b""
    try:
        return ANSWERED, response.status, response.read()
    except (http.client.HTTPException, OSError):
        return BROKEN, 0, b""


def port_of(client) -> int:
    return client.base_url.port


@pytest.fixture(scope="module")
def expected() -> dict[str, bytes]:
    """The answers without Redis."""
    with serving() as (client, _):
        return {path: client.get(path).content for path in varied()}


def varied() -> list[str]:
    """Dear questions, so many that each cache of this process is too small for them."""
    return [f"{path}&level={0.5 + i / 100}" for i in range(40) for path in QUESTIONS]


LOSSES = {
    "killed": (lambda store: store.kill(), lambda store: store.start()),
    "stopped": (lambda store: store.send(signal.SIGSTOP), lambda store: store.send(signal.SIGCONT)),
}


@pytest.mark.parametrize(("lose", "bring_back"), LOSSES.values(), ids=LOSSES)
def test_redis_is_lost_and_comes_back_under_load(expected, lose, bring_back) -> None:
    """The same bytes, no 5xx, nobody waits for long; when it is back it is used again."""
    with valkey() as store, serving(REDIS_URL=store.url, CACHE_BYTES="100000", LOG_SAMPLE="0") as (client, _):
        users = Users(port_of(client), varied(), expected)
        with users.asking():
            users.has_asked(200)
            eventually(lambda: counted(client, "cache_lookups_total", level="redis", result="hit") > 0)
            lose(store)
            users.has_asked(200)
            eventually(lambda: counted(client, "redis_breaker_open") == 1)
            bring_back(store)
            eventually(lambda: counted(client, "redis_breaker_open") == 0)
            before = counted(client, "cache_lookups_total", level="redis", result="hit")
            eventually(lambda: counted(client, "cache_lookups_total", level="redis", result="hit") > before)
        assert (set(users.statuses), users.wrong, users.outcomes[BROKEN]) == ({200}, 0, 0)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [(b"+OK\r\n", 0.1), (b"\x00\xffgarbage\r\n" * 100, 0), (b"$5\r\nwrong\r\n", 0)],
    ids=["slow", "garbage", "lies"],
)
def test_redis_that_is_none_under_load(expected, reply, seconds) -> None:
    with answering(reply, seconds) as url, serving(REDIS_URL=url, CACHE_BYTES="100000", LOG_SAMPLE="0") as (client, _):
        users = Users(port_of(client), varied(), expected)
        with users.asking():
            users.has_asked(300)
        assert (set(users.statuses), users.wrong, users.outcomes[BROKEN]) == ({200}, 0, 0)


def workers_of(process) -> list[int]:
    """The processes that answer: children of the one that was started, not theirs."""
    below = descendants(process.pid)
    return [pid for pid in below if pid not in {grand for child in below for grand in descendants(child)}]


def listening(port) -> int:
    """How many sockets listen on a port: one a worker that has started."""
    fields = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(place.endswith(f":{port:04X}") and state == "0A" for _, place, _, state, *_ in fields)


def test_a_worker_is_killed_under_load() -> None:
    """Only what it had in hand fails, at most one request a client, and another takes its place."""
    with serving(WORKERS="2", LOG_SAMPLE="0") as (client, process):
        users = Users(port_of(client), [OPTIMAL, f"{OPTIMAL}&level=0.8"])
        eventually(lambda: listening(port_of(client)) == 2)
        before = workers_of(process)
        assert len(before) == 2
        with users.asking():
            users.has_asked(500)
            os.kill(before[0], signal.SIGKILL)
            users.has_asked(500)
            eventually(lambda: len(set(workers_of(process)) - {before[0]}) == 2)
            eventually(lambda: listening(port_of(client)) == 2)
            users.has_asked(500)
        assert set(users.statuses) == {200}
        assert users.outcomes.total() - users.answered <= CLIENTS
        assert process.poll() is None


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_under_load_fails_no_request(workers, tmp_path) -> None:
    """Of 10,000 requests, nine in ten before the signal: each that the service took is answered whole, and no kept connection is cut."""
    with (tmp_path / "log").open("w+b") as log, serving(log, WORKERS=workers, LOG_SAMPLE="1") as (client, process):
        users = Users(port_of(client), [f"{OPTIMAL}&level={0.5 + i / 1000}" for i in range(300)], most=10_000)
        with users.asking():
            users.has_asked(9_000)
            process.send_signal(signal.SIGTERM)
            eventually(lambda: process.poll() is not None)
            eventually(lambda: users.outcomes.total() == 10_000)
        log.seek(0)
        taken = sum(b'"route":"/v1/optimal"' in line for line in log)
    assert (process.returncode, set(users.statuses)) == (0, {200})
    assert users.outcomes == Counter({ANSWERED: taken}) + Counter({REFUSED: 10_000 - taken})


def test_what_is_dear_and_in_hand_is_answered_before_the_end() -> None:
    with serving(LOG_SAMPLE="0") as (client, process):
        users = Users(port_of(client), [f"{DEAR}&level={0.5 + i / 1000}" for i in range(CLIENTS)], most=CLIENTS)
        with users.asking():
            eventually(lambda: counted(client, "http_requests_in_flight") >= CLIENTS // 2)
            process.send_signal(signal.SIGTERM)
            eventually(lambda: process.poll() is not None)
        assert (users.answered, set(users.statuses)) == (CLIENTS, {200})


def test_a_hundred_equal_questions_are_computed_once() -> None:
    with serving(LOG_SAMPLE="0") as (client, _):
        paths = [f"{DEAR}&level=0.77"]
        connections = [http.client.HTTPConnection("127.0.0.1", port_of(client), timeout=LONGEST) for _ in range(100)]
        bodies, start = set(), threading.Barrier(100)

        def ask(connection) -> None:
            connection.connect()
            start.wait()
            bodies.add(fetched(connection, paths[0]))

        threads = [threading.Thread(target=ask, args=(connection,)) for connection in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(bodies) == 1
        assert {(outcome, status) for outcome, status, _ in bodies} == {(ANSWERED, 200)}
        assert counted(client, "cache_lookups_total", level="flight", result="miss") == 1
