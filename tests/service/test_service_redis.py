"""Answers shared through a real Valkey: whatever becomes of it, the same bytes."""

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvloop
from stores import QUESTIONS, Valkey, answering, counted, metrics, served, ticking, valkey
from waiting import PATIENCE, eventually

from fitted_laws.catalogue import shipped
from service.compute import redis_store
from service.compute.redis_store import COMMAND_SECONDS, Kept, RedisStore, opened, sealed

KEPT = Kept(b"1", "several", 0.0)


@pytest.fixture(scope="module")
def store() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


def be_patient(monkeypatch) -> None:
    """A command may take its time: a busy machine alone holds one up for longer than 25 ms, and even a healthy Redis is then not asked."""
    monkeypatch.setattr(redis_store, "COMMAND_SECONDS", PATIENCE)


@pytest.fixture
def url(store, monkeypatch) -> str:
    """Of an empty, healthy server."""
    be_patient(monkeypatch)
    with store.client() as client:
        client.flushall()
    return store.url


@pytest.fixture(scope="module")
def expected(client) -> list[bytes]:
    """What is answered without Redis."""
    return [client.get(question).content for question in QUESTIONS]


def answers(client) -> list[bytes]:
    found = [client.get(question) for question in QUESTIONS]
    assert [response.status_code for response in found] == [200] * len(QUESTIONS)
    return [response.content for response in found]


def test_replicas_share_dear_answers(url, expected) -> None:
    with served(url) as one, served(url) as other:
        first = [one.get(question) for question in QUESTIONS]
        eventually(lambda: counted(one, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
        second = [other.get(question) for question in QUESTIONS]
        assert [r.content for r in first] == [r.content for r in second] == expected
        assert [r.headers["etag"] for r in first] == [r.headers["etag"] for r in second]
        assert counted(one, "cache_lookups_total", level="redis", result="miss") == len(QUESTIONS)
        assert counted(other, "cache_lookups_total", level="redis", result="hit") == len(QUESTIONS)
        assert answers(other) == expected
        assert counted(other, "cache_lookups_total", level="process", result="hit") == len(QUESTIONS)


def test_cheap_answers_refusals_and_errors_as_text_stay_here(url, store) -> None:
    with served(url) as client:
        client.get("/v1/optimal?domain=language&compute=1e21")
        assert client.get("/v1/frontier?domain=math&compute_min=1e21&compute_max=1e20").status_code in (400, 422)
        assert client.get(
            "/v1/frontier.txt?domain=language&compute_min=1e21&compute_max=1e20&errors=text"
        ).text.startswith("#ERR")
        assert counted(client, "redis_command_duration_seconds_count", operation="set") == 0
    with store.client() as direct:
        assert direct.dbsize() == 0


def test_keys_have_a_namespace_and_an_end(url, store) -> None:
    with served(url, redis_namespace="ours", cache_ttl=100) as client:
        answers(client)
        eventually(lambda: counted(client, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
    with store.client() as direct:
        keys = direct.keys()
        assert len(keys) == len(QUESTIONS)
        assert all(key.startswith(b"ours:") and shipped().digest.encode() in key for key in keys)
        assert all(0 < direct.ttl(key) <= 100 for key in keys)


@pytest.mark.parametrize("other", [{"draws": 0}, {"redis_namespace": "other"}])
def test_what_answers_follow_from_is_in_the_key(url, other) -> None:
    with served(url) as one, served(url, **other) as two:
        answers(one)
        eventually(lambda: counted(one, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
        answers(two)
        assert counted(two, "cache_lookups_total", level="redis", result="hit") == 0


SPOILT = {
    "text": lambda _: b"hello",
    "nothing": lambda _: b"",
    "truncated": lambda value: value[: len(value) // 2],
    "a bit off": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_value_that_is_not_ours_is_a_miss(url, store, expected, kind) -> None:
    with served(url) as one, served(url) as other:
        answers(one)
        eventually(lambda: counted(one, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
        with store.client() as direct:
            for key in direct.keys():  # noqa: SIM118 - a command, no mapping
                direct.set(key, SPOILT[kind](direct.get(key)))
        assert answers(other) == expected
        assert counted(other, "redis_rejected_total") == len(QUESTIONS)


def test_a_value_under_the_key_of_another_is_a_miss() -> None:
    assert opened("a", sealed("a", KEPT)) == KEPT
    assert opened("b", sealed("a", KEPT)) is None
    assert opened("a", 1) is None


def test_without_the_secret_nobody_can_forge_a_value() -> None:
    assert opened("a", sealed("a", KEPT, b"ours"), b"ours") == KEPT
    assert opened("a", sealed("a", KEPT), b"ours") is None
    assert opened("a", sealed("a", KEPT, b"theirs"), b"ours") is None


def test_replicas_of_another_secret_share_nothing(url, expected) -> None:
    with served(url, redis_secret="1") as one, served(url, redis_secret="2") as other:  # noqa: S106
        answers(one)
        eventually(lambda: counted(one, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
        assert answers(other) == expected
        assert counted(other, "redis_rejected_total") == len(QUESTIONS)


def test_redis_says_neither_type_nor_headers_nor_names(url, store) -> None:
    """Who may write to Redis and knows this code changes a body at most: a law that is none is a miss."""
    with served(url) as client:
        answers(client)
        eventually(lambda: counted(client, "redis_command_duration_seconds_count", operation="set") == len(QUESTIONS))
    with store.client() as direct:
        for name in direct.keys():  # noqa: SIM118 - a command, no mapping
            kept = opened(name.decode(), direct.get(name))
            law = "several" if b"rows" in kept.body else "forged"
            direct.set(name, sealed(name.decode(), Kept(b"forged", law, 0.0)))
    with served(url) as client:
        found = [client.get(question) for question in QUESTIONS]
        assert [r.headers["content-type"] for r in found] == [
            "application/json",
            "text/csv; charset=utf-8",
            "text/plain; charset=utf-8",
            "image/svg+xml",
        ]
        assert sorted(r.content == b"forged" for r in found) == [False, False, False, True]
        assert "forged" not in client.get("/metrics").text


@pytest.fixture
def own() -> Iterator[Valkey]:
    """A server that a test may break."""
    with valkey() as server:
        yield server


def killed(server) -> None:
    server.kill()


def hung(server) -> None:
    server.send(signal.SIGSTOP)


def full(server) -> None:
    with server.client() as direct:
        direct.config_set("maxmemory", 1)


def read_only(server) -> None:
    with server.client() as direct:
        direct.replicaof("127.0.0.1", "1")


def locked(server) -> None:
    with server.client() as direct:
        direct.config_set("requirepass", "secret")
        direct.client_kill_filter(_type="normal", skipme=True)


@pytest.mark.parametrize("break_it", [killed, hung, full, read_only, locked])
@pytest.mark.parametrize("early", [True, False])
def test_whatever_becomes_of_it_the_same_bytes(own, expected, break_it, early) -> None:
    """Broken before the first question, or after some were answered."""
    with served(own.url) as client:
        if not early:
            client.get("/v1/isoflop?domain=language&compute=1e21&points=3")
        break_it(own)
        assert answers(client) == expected
        eventually(lambda: counted(client, "redis_errors_total") > 0)


@pytest.mark.parametrize("break_it", [full, read_only])
def test_one_that_cannot_be_written_is_read_on(own, expected, break_it, monkeypatch) -> None:
    """Also where it counts for a rate limit: each count that fails would have stopped all reading for a while."""
    be_patient(monkeypatch)
    with served(own.url) as other, own.client() as direct:
        assert answers(other) == expected
        eventually(lambda: direct.dbsize() == len(QUESTIONS))
    break_it(own)
    with served(own.url, rate_limit="1000/minute", cache_bytes=1) as client:
        for number in range(5):
            assert client.get(f"/v1/optimal?domain=language&compute={1 + number}e21").status_code == 200
        eventually(lambda: counted(client, "redis_errors_total", operation="count") > 0)
        assert counted(client, "redis_breaker_open") == 0
        assert answers(client) == expected
        eventually(lambda: counted(client, "cache_lookups_total", level="redis", result="hit") == len(QUESTIONS))
        assert counted(client, "redis_errors_total") == 1


LIES = {
    "no protocol": b"\x00\xff garbage",
    "a wrong type": b":7\r\n",
    "a wrong value": b"$5\r\nhello\r\n",
    "an endless value": b"$100000000\r\nx",
    "an error": b"-LOADING it loads\r\n",
    "an array": b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies(expected, lie) -> None:
    with answering(LIES[lie]) as url, served(url) as client:
        assert answers(client) == expected
        assert counted(client, "redis_errors_total") + counted(client, "redis_rejected_total") > 0


def test_a_server_that_is_slow(expected) -> None:
    with answering(b"$-1\r\n", seconds=PATIENCE) as url, served(url) as client:
        assert answers(client) == expected
        assert counted(client, "redis_breaker_open") == 1
        assert counted(client, "redis_errors_total") == 1


@contextlib.asynccontextmanager
async def store_at(url) -> AsyncIterator[RedisStore]:
    found = RedisStore(url, "test", "code", 60, metrics())
    try:
        yield found
    finally:
        await found.close()


async def seconds_of(work) -> float:
    began = time.perf_counter()
    assert await work is None
    return time.perf_counter() - began


@pytest.mark.parametrize("break_it", [killed, hung])
def test_the_first_failure_waits_little_and_the_next_not_at_all(own, break_it) -> None:
    """The first for a fifth longer than a sleep of 25 ms beside it, which a busy machine delays as well; the next ends where it begins."""
    break_it(own)

    async def first_and_next() -> float:
        async with store_at(own.url) as found:
            first, slept = await asyncio.gather(
                seconds_of(found.get("tag")), seconds_of(asyncio.sleep(COMMAND_SECONDS))
            )
            with pytest.raises(StopIteration) as ended:
                found.get("tag").send(None)
            assert ended.value.value is None
            return first / slept

    assert min(asyncio.run(first_and_next()) for _ in range(5)) <= 1.2


@pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, uvloop.Loop])
def test_an_event_loop_that_is_late_itself_is_no_failure_of_redis(store, monkeypatch, loop) -> None:
    """The answer comes in time, and lies there while the process has other work."""

    async def held_up(client) -> int:
        async with store_at(store.url) as found:
            with monkeypatch.context() as patched:
                be_patient(patched)
                connected = await found.added("late:", {"one": 1}, 60)
            client.client_pause(int(1000 * COMMAND_SECONDS / 2))
            command = asyncio.create_task(found.added("late:", {"one": 1}, 60))
            for _ in range(20):
                await asyncio.sleep(0)  # it is sent
            time.sleep(0.4)  # noqa: ASYNC251 - the loop is held up; the server looks ten times a second for the end of its pause
            return (await command)["one"] - connected["one"]

    with store.client() as client, asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(held_up(client)) == 1


def test_waiting_for_redis_stops_nothing_else(own) -> None:
    hung(own)

    async def waiting() -> tuple[Any, int]:
        async with store_at(own.url) as found:
            return await ticking(found.get("tag"))

    eventually(lambda: asyncio.run(waiting())[1] >= 5)


@pytest.mark.parametrize("break_it", [killed, hung])
def test_it_recovers_by_itself(own, expected, break_it) -> None:
    """Once it answers, answers go to it again: if not this one, which a busy machine may hold up, then one of the next."""
    fresh = (f"/v1/isoflop?domain=language&compute={number}e20&points=3" for number in itertools.count(1))
    with served(own.url) as client:
        break_it(own)
        assert answers(client) == expected
        assert counted(client, "redis_breaker_open") == 1
        assert counted(client, "redis_up") == 0
        if break_it is hung:
            own.send(signal.SIGCONT)
        else:
            own.start()
        eventually(lambda: counted(client, "redis_breaker_open") == 0)
        with own.client() as direct:
            eventually(lambda: client.get(next(fresh)) and direct.dbsize() > 0)
        eventually(lambda: counted(client, "redis_up") == 1)


@pytest.mark.parametrize(("password", "fails"), [("secret", 0), ("wrong", 1)])
def test_a_password(own, expected, password, fails, monkeypatch) -> None:
    be_patient(monkeypatch)
    locked(own)
    with served(own.url.replace("redis://", f"redis://:{password}@")) as client:
        assert answers(client) == expected
        assert counted(client, "redis_errors_total") == fails
