"""Answers held in process: bounded, computed once for all who ask at once, checked before anything is computed."""

import asyncio
import time

from stores import QUESTIONS, counted, metrics, served

from service.compute.costs import EXPENSIVE_SECONDS, TRIALS, CostKind, Costs
from service.compute.scheduler import Scheduler
from service.compute.semaphore import Semaphore
from service.gate.memory import OVERHEAD, Cache, CachedAnswer
from service.gate.visit import Response
from service.protocol.messages import Reply, Request, Usage

REPLY = Reply(200, b"1", "text/plain", (("ETag", '"t"'),), (Usage("loss", "language", "all", 0.0),))


def nothing_kept(_) -> None:
    """Of what replicas keep, nothing is used."""


def dear(runs) -> Scheduler:
    return Scheduler(runs, Semaphore(1000, metrics()), None, metrics(), 10)


def test_equal_questions_at_once_are_computed_once() -> None:
    count = 0

    async def ask() -> list[Reply]:
        computing, asked_by_all = asyncio.Event(), asyncio.Event()

        async def runs(_handler, _request) -> Reply:
            nonlocal count
            count += 1
            computing.set()
            await asked_by_all.wait()
            return REPLY

        answering = dear(runs)
        asked = [
            asyncio.ensure_future(answering.answer("tag", None, Request(method="GET", path="/"), nothing_kept))
            for _ in range(100)
        ]
        await computing.wait()
        asked_by_all.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(ask()) == [REPLY] * 100
    assert count == 1


def test_a_failure_releases_all_and_is_not_cached() -> None:
    async def runs(_handler, request) -> Reply:
        await asyncio.sleep(0)
        if request.path == "/bad":
            raise ZeroDivisionError
        return REPLY

    async def ask() -> tuple[list[Reply | BaseException], Reply]:
        answering = dear(runs)
        failed = [answering.answer("tag", None, Request(method="GET", path="/bad"), nothing_kept) for _ in range(100)]
        return await asyncio.gather(*failed, return_exceptions=True), await answering.answer(
            "tag", None, Request(method="GET", path="/good"), nothing_kept
        )

    failed, good = asyncio.run(ask())
    assert {type(error) for error in failed} == {ZeroDivisionError}
    assert good == REPLY


def test_one_who_leaves_takes_the_answer_from_nobody() -> None:
    async def ask() -> Reply:
        computing, left = asyncio.Event(), asyncio.Event()

        async def runs(_handler, _request) -> Reply:
            computing.set()
            await left.wait()
            return REPLY

        answering = dear(runs)
        asked = [
            asyncio.ensure_future(answering.answer("tag", None, Request(method="GET", path="/"), nothing_kept))
            for _ in range(2)
        ]
        await computing.wait()
        asked[0].cancel()
        left.set()
        return await asked[1]

    assert asyncio.run(ask()) == REPLY


def cached(size) -> CachedAnswer:
    return CachedAnswer('"t"', Response(200, [], b"x" * size))


def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    cache, entry = Cache(100_000), cached(5000)
    for key in range(1000):
        cache.put((str(key), b""), entry)
        cache.get(("0", b""))
        assert cache.bytes <= 100_000
    assert cache.get(("0", b"")) is entry
    assert cache.get(("1", b"")) is None
    assert cache.get(("999", b"")) is entry
    assert len(cache) == 100_000 // (5000 + OVERHEAD + 3)


def test_what_is_larger_than_an_eighth_of_memory_is_not_held() -> None:
    cache = Cache(100_000)
    cache.put(("large", b""), cached(20_000))
    assert (len(cache), cache.bytes) == (0, 0)
    cache.put(("same", b""), cached(1000))
    cache.put(("same", b""), cached(2000))
    assert (len(cache), cache.bytes) == (1, 2000 + 4 + OVERHEAD)


def test_an_answer_from_memory_is_the_answer() -> None:
    with served() as client:
        question = "/v1/optimal?domain=language&compute=1e21"
        first, again, head = client.get(question), client.get(f"{question}&key=secret"), client.head(question)
        assert first.content == again.content
        assert first.headers["etag"] == again.headers["etag"] == head.headers["etag"]
        tag = first.headers["etag"]
        for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            unchanged = client.get(question, headers={"if-none-match": condition})
            assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
            assert "content-length" not in unchanged.headers
        assert client.get(question, headers={"if-none-match": '"other"'}).status_code == 200
        assert counted(client, "cache_lookups_total", level="process", result="hit") == 3
        assert counted(client, "cache_lookups_total", level="client", result="hit") == 4


def test_a_tag_is_checked_before_anything_is_computed() -> None:
    with served() as one, served() as other:
        for question in (QUESTIONS[0], "/v1/optimal?domain=language&compute=1e21"):
            tag = one.get(question).headers["etag"]
            assert other.get(question, headers={"if-none-match": tag}).status_code == 304
        assert counted(other, "questions_total") == 0


def test_what_costs_more_than_redis_is_dear() -> None:
    costs = Costs()
    cheap, dear = CostKind("/cheap", ""), CostKind("/dear", "")
    for kind, seconds in ((cheap, 0.0), (dear, 2 * EXPENSIVE_SECONDS)):
        for _ in range(TRIALS + 1):  # the dearest do not count
            assert not costs.expensive(kind)
            with costs.measured(kind, 1):
                end = time.thread_time() + seconds
                while time.thread_time() < end:
                    pass
    assert not costs.expensive(cheap)
    assert costs.expensive(dear)
