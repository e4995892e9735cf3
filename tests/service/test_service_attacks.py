"""One client does not stop the service: what held it with little traffic, tried against a server of its own."""

import asyncio
import contextlib
import http.client
import json
import resource
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from serving import free_port, problem, serving
from stores import counted, metrics, served, valkey
from waiting import PATIENCE, eventually

from fitted_laws.catalogue import shipped
from fitted_laws.quantities.problems import Problem, Unanswerable
from service.api import outcomes
from service.api.expected_cost import ONCE, TRIAL_SECONDS, Foretold, check_columns, fitting
from service.compute import redis_store
from service.compute.redis_store import COMMAND_SECONDS, RedisStore
from service.gate.arrivals import TOGETHER, Arrivals
from service.gate.rate_limit import MOST_SHARED, Rates, address
from service.protocol.messages import Reply
from service.protocol.problems import Refused
from service.settings import Rate, Settings
from service.telemetry.health import CHECK_SECONDS, Readiness

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
JSON = {"content-type": "application/json"}
HEAD = b"POST /v1/optimal HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


@contextmanager
def connected(client, count, sent=b"") -> Iterator[list[socket.socket]]:
    """So many connections, each of which has said `sent` and nothing more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 4 * count:
        pytest.skip(f"the machine allows {most} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4 * count, most))
    sockets = []
    try:
        for _ in range(count):
            sockets.append(socket.create_connection((client.base_url.host, client.base_url.port), timeout=PATIENCE))
            sockets[-1].sendall(sent)
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_bodies_that_do_not_come_hold_no_places_and_are_closed() -> None:
    """A hundred bodies of one byte, where two dear questions may be in hand."""
    with serving(MAX_CONCURRENT="2", MAX_BODY_SECONDS="5") as (client, _):
        with connected(client, 100, HEAD) as held:
            eventually(lambda: counted(client, "http_requests_in_flight") > 50)
            assert client.post("/v1/optimal", json={"domain": "language", "compute": [1e21] * 50}).status_code == 200
            first = held[0].recv(65_536)
            assert first.startswith(b"HTTP/1.1 408 ")
            assert b"MAX_BODY_SECONDS" in first + held[0].recv(65_536)
            eventually(lambda: counted(client, "refused_total", limit="slowness") == 100)
        assert counted(client, "refused_total", limit="concurrency") == 0


def test_a_body_that_comes_in_time_is_answered_however_it_comes() -> None:
    def slowly() -> Iterator[bytes]:
        for part in (b'{"domain":', b'"language",', b'"compute":1e21}'):
            time.sleep(0.2)
            yield part

    with serving(CALCULATORS="0") as (client, _):
        assert client.post("/v1/optimal", content=slowly(), headers=JSON).json()["params"][0] > 0


def test_bodies_are_bounded_together() -> None:
    """As many bytes as sixteen of the largest bodies, however many bodies they are of."""
    arrivals = Arrivals(10, 1.0, metrics())
    arrivals._hold(10 * TOGETHER, 0)  # noqa: SLF001 - what others hold
    with pytest.raises(Refused) as refused:
        arrivals._hold(1, 1)  # noqa: SLF001
    assert refused.value.status == 503


def test_small_bodies_that_ask_much_do_not_hold_up_others() -> None:
    """Eight bodies of 120 bytes, each for the curves of all laws: whoever watches waits for a small part of what they take."""
    asked = {"domain": "language", "law": "all", "compute_min": 1e18, "points": 1000}
    with serving(MAX_SECONDS="2", HEALTH_PORT=(port := str(free_port()))) as (client, _):

        def post(top: float) -> None:
            client.post("/v1/frontier", json={**asked, "compute_max": top})

        threads = [threading.Thread(target=post, args=(10 ** (22 + i / 10),)) for i in range(8)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        eventually(lambda: counted(client, "http_requests_in_flight") > 4)
        watcher = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
        taken = []
        while any(thread.is_alive() for thread in threads):
            for path in ("/health/ready", OPTIMAL):
                began = time.monotonic()
                assert client.get(path).status_code == 200
                taken.append(time.monotonic() - began)
            watcher.request("GET", "/health/ready")
            assert watcher.getresponse().read()
        assert statistics.median(taken) < (time.monotonic() - begun) / 20


def test_readiness_is_remembered_and_renewed() -> None:
    now = 0.0
    laws = shipped()
    readiness = Readiness(laws, lambda: now)
    asked: list[Reply] = [readiness.checked()]
    assert json.loads(asked[0].body)["status"] == "ready"
    assert readiness.checked() is asked[0]
    now = CHECK_SECONDS
    assert readiness.checked() is not asked[0]


def test_silent_connections_lock_nobody_out() -> None:
    """More of them than the server once held; those who watch have a listener of their own beside."""
    with serving(HEALTH_PORT=(port := str(free_port()))) as (client, _), connected(client, 1_200):
        assert client.get(OPTIMAL).status_code == 200
        for path in ("/health/live", "/health/ready", "/metrics"):
            watcher = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
            watcher.request("GET", path)
            assert watcher.getresponse().status == 200
        watcher = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
        watcher.request("GET", OPTIMAL)
        refused = watcher.getresponse()
        assert (refused.status, b"/health/live" in refused.read()) == (404, True)


def test_dear_questions_are_answered_beside_a_thousand_connections() -> None:
    """A calculator that starts then has files of four digits, which `select` cannot wait for."""
    asked = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving(CALCULATORS="2") as (client, _), connected(client, 1_100, asked):
        statuses: list[int] = []

        def ask(top: int) -> None:
            path = f"/v1/frontier?domain=language&compute_min=1e20&compute_max={top}e21"
            statuses.append(client.get(path).status_code)

        threads = [threading.Thread(target=ask, args=(top,)) for top in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 8


def test_what_would_not_be_ready_in_time_is_refused_at_once_with_what_fits() -> None:
    """A list of questions, and a column, of many times what the time allows."""
    line = b'{"domain":"language","loss":2,"inference_tokens":1e12}\n'
    with served(max_seconds=4, max_items=60_000) as client:
        began = time.process_time()  # which is the same where others want the processor
        found = client.post("/v1/lifetime", content=line * 60_000, headers={"content-type": "application/x-ndjson"})
        spent = time.process_time() - began
        fits = int(problem(found, 413)["detail"].partition("at most ")[2].split()[0])
        assert 80 < fits < 16_000
        assert spent < 2 * 60_000 / fits / 4  # two seconds for those that fit: a quarter of what all would take
    with served(max_seconds=2) as client:
        found = client.post("/v1/optimal", json={"domain": "language", "compute": [1e21] * 100_000})
        fits = int(problem(found, 413)["detail"].partition("at most ")[2].split()[0])
        assert 500 < fits < 50_000


def counted_through(foretold, first) -> None:
    """Rows that cost nothing but the counting."""
    for done in range(first, 10**7):
        foretold.check(done)


def used(seconds) -> None:
    """Takes so much of this thread's processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_a_prediction_is_by_what_was_measured() -> None:
    fitting(100, 0.01, 1.0)
    with pytest.raises(Refused, match="101 rows would take about 1 s; at most 100"):
        fitting(101, 0.01, 1.0)
    foretold = Foretold(10**9, 1.0)
    foretold.check(0)
    for done in range(1, 1 + ONCE):  # what fills memories says nothing of the others
        used(2 * TRIAL_SECONDS)
        foretold.check(done)
    with pytest.raises(Refused, match="1000000000 rows"):
        counted_through(foretold, 1 + ONCE)
    together = Foretold(1_000, 10.0)
    together.check(0)
    for step in range(1, 6):  # a hundred at once
        used(2 * TRIAL_SECONDS)
        together.check(100 * step)
    asked: list[int] = []
    check_columns({"compute": [1.0] * 1_999}, lambda head: asked.append(len(head["compute"])), 1.0)
    assert asked == []
    check_columns({"compute": [1.0] * 2_000}, lambda head: asked.append(len(head["compute"])), 1.0)
    assert asked == [100]


def test_a_trial_that_fills_memories_is_tried_again() -> None:
    """A column is refused by the cheaper of two trials, an array as a list is."""
    took = [0.1, 0.0, 0.1, 0.1]
    ask = {"compute": np.ones(2_000)}
    check_columns(ask, lambda _: used(took.pop(0)), 1.0)
    with pytest.raises(Refused, match="2000 rows would take about 2 s"):
        check_columns(ask, lambda _: used(took.pop(0)), 1.0)
    assert took == []


@pytest.mark.parametrize(("each", "fits"), [(0.03, False), (0.0, True)], ids=["dear", "cheap"])
def test_a_list_of_dear_questions_is_refused_after_few(monkeypatch, each, fits) -> None:
    """Not after hundreds that are answered at once and thrown away; cheap ones are answered by the dozen."""
    calls: list[int] = []

    def answered(questions, _laws) -> list[Problem]:
        calls.append(len(questions))
        used(each * len(questions))
        return [Unanswerable("none")] * len(questions)

    monkeypatch.setattr(outcomes, "together", answered)
    rows = [("optimal", {"domain": "language", "compute": 1e21 + number}) for number in range(3000)]
    with contextlib.nullcontext() if fits else pytest.raises(Refused, match="3000 rows would take about"):
        outcomes.outcomes_of(rows, shipped(), Settings(max_seconds=60))
    assert sum(calls) == 3000 if fits else sum(calls) < 30
    assert len(calls) < 100


def test_wrong_keys_are_few_and_a_right_one_still_opens() -> None:
    with served(api_keys="right") as client:
        statuses = [client.get(OPTIMAL, headers={"x-api-key": f"wrong{i}"}).status_code for i in range(40)]
        assert statuses == [401] * 30 + [429] * 10
        assert client.get(OPTIMAL, headers={"x-api-key": "right"}).status_code == 200
        assert client.get(OPTIMAL).status_code == 401


def test_an_address_is_a_network_of_ipv6() -> None:
    def of(text: str) -> str:
        return address({"headers": [], "client": (text, 1)}, 0)

    assert of("2001:db8::1") == of("2001:db8::ffff:1") != of("2001:db8:0:1::1")
    assert of("::ffff:192.0.2.1") == of("192.0.2.1") == "192.0.2.1"
    assert of("no:address") == "no:address"


def test_many_addresses_leave_the_cache_alone(monkeypatch) -> None:
    """As many counts as are added at once take less than half the time of a command, of which the breaker opens.

    At their quickest: on a busy machine any command may come late, and none is given up for that here.
    """
    monkeypatch.setattr(redis_store, "COMMAND_SECONDS", PATIENCE)

    async def seconds(url) -> float:
        store, found = RedisStore(url, "test", "code", 60, metrics()), []
        try:
            for i in range(20):
                began = time.perf_counter()
                await store.added("", {f"10.0.{i}.{j}": 1 for j in range(MOST_SHARED)}, 60)
                found.append(time.perf_counter() - began)
        finally:
            await store.close()
        return min(found)

    with valkey() as store:
        eventually(lambda: asyncio.run(seconds(store.url)) < COMMAND_SECONDS / 2)


def test_the_largest_counts_are_shared_first() -> None:
    rates = Rates(Rate(10**9, 60), None, metrics())
    for i in range(2 * MOST_SHARED):
        for _ in range(1 + i % 2):
            rates.passed(f"client{i}")
    first = rates._largest()  # noqa: SLF001 - what is shared, without a store to share it by
    assert len(first) == MOST_SHARED
    assert set(first.values()) == {2}
    assert set(rates._largest().values()) == {1}  # noqa: SLF001


def test_replies_are_not_held_for_those_who_do_not_take_them() -> None:
    """Large replies, asked for by connections that read nothing: they are closed and counted as given up, and one who reads has the whole of it."""
    body = json.dumps(
        {"domain": "language", "params": [1e9 + i for i in range(40_000)], "tokens": 1e11, "interval": "none"}
    )
    head = f"POST /v1/loss HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving() as (client, _):
        with contextlib.ExitStack() as left:
            for _ in range(3):
                asker = left.enter_context(socket.socket())
                asker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                asker.connect((client.base_url.host, client.base_url.port))
                asker.sendall((head + body).encode())
            eventually(lambda: counted(client, "http_requests_in_flight") == 4)
            eventually(lambda: counted(client, "http_requests_in_flight") == 1)
        assert counted(client, "http_requests_total", route="/v1/loss", status="499") == 3
        whole = client.post("/v1/loss", content=body, headers=JSON)
        assert len(whole.json()["loss"]) == 40_000


CHUNKED = (
    b"POST /v1/optimal HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
UNREADABLE = {
    "no size": b"zz\r\n{}\r\n0\r\n\r\n",
    "negative": b"-1\r\n{}\r\n",
    "long extension": b"1;" + b"a" * 500_000 + b"\r\n{\r\n0\r\n\r\n",
    "many trailers": b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
}


def test_chunks_that_cannot_be_read_are_the_askers_fault() -> None:
    """They get 400, not the server's own 500; one who leaves in the midst of a body harms nobody."""
    with serving() as (client, _):
        for chunks in UNREADABLE.values():
            with socket.create_connection((client.base_url.host, client.base_url.port), timeout=PATIENCE) as asker:
                with contextlib.suppress(OSError):
                    asker.sendall(CHUNKED + chunks)
                said = asker.recv(65_536)
                assert said.startswith(b"HTTP/1.1 400 "), said
        with connected(client, 100, CHUNKED + b"5\r\n{"):
            eventually(lambda: counted(client, "http_requests_in_flight") == 101)
        eventually(lambda: counted(client, "http_requests_in_flight") == 1)
        assert client.get(OPTIMAL).status_code == 200
        assert counted(client, "http_requests_total", status="500") == 0
