"""What arrives in one turn of the event loop is answered by one call, and nobody's reply depends on who else asks."""

import asyncio

import pytest

from fitted_laws.catalogue import shipped
from service.api.get import answerers, getter
from service.compute.costs import Costs
from service.compute.gathering import MOST, Gathering
from service.protocol.messages import Reply, Request
from service.settings import Settings


class Calls(list):
    """Answers with what was asked, and keeps each call."""

    def __call__(self, asked) -> list[Reply | Exception]:
        self.append(list(asked))
        return [ValueError(each) if each == "bad" else Reply(200, each.encode()) for each in asked]


async def asked_at_once(gathering, *asked) -> list[Reply | BaseException]:
    return await asyncio.gather(*(gathering.answer(each, each) for each in asked), return_exceptions=True)


def test_those_of_one_turn_are_answered_by_one_call_and_equal_ones_once() -> None:
    calls = Calls()
    replies = asyncio.run(asked_at_once(Gathering(calls), "one", "two", "one"))
    assert [reply.body for reply in replies] == [b"one", b"two", b"one"]
    assert calls == [["one", "two"]]


def test_who_comes_first_after_a_batch_waits_a_few_turns_for_company_and_no_longer() -> None:
    """Of four that ask again almost together none is answered by itself; one that asks again alone is answered all the same."""
    calls = Calls()

    async def again() -> None:
        gathering = Gathering(calls)
        await asked_at_once(gathering, *"abcd")
        first = asyncio.ensure_future(gathering.answer("e", "e"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # its turn has come
        await asked_at_once(gathering, *"fgh")
        await first
        await gathering.answer("i", "i")

    asyncio.run(again())
    assert calls == [[*"abcd"], [*"efgh"], ["i"]]


def test_one_that_fails_fails_alone() -> None:
    good, bad, last = asyncio.run(asked_at_once(Gathering(Calls()), "one", "bad", "two"))
    assert (good.body, last.body) == (b"one", b"two")
    assert isinstance(bad, ValueError)


def test_a_call_that_fails_is_told_to_all_who_wait() -> None:
    def fails(_asked) -> list[Reply | Exception]:
        raise ZeroDivisionError

    assert [*map(type, asyncio.run(asked_at_once(Gathering(fails), "one", "two")))] == [ZeroDivisionError] * 2


def test_the_first_do_not_wait_for_more_than_are_answered_at_once() -> None:
    calls = Calls()
    asyncio.run(asked_at_once(Gathering(calls), *map(str, range(2 * MOST + 1))))
    assert [*map(len, calls)] == [MOST, MOST, 1]


def test_a_client_that_leaves_takes_nothing_from_who_asks_the_same() -> None:
    async def one_leaves() -> Reply:
        gathering = Gathering(Calls())
        leaves = asyncio.ensure_future(gathering.answer("one", "one"))
        stays = asyncio.ensure_future(gathering.answer("one", "one"))
        await asyncio.sleep(0)
        leaves.cancel()
        return await stays

    assert asyncio.run(one_leaves()).body == b"one"


BUDGETS = [f"compute={1 + i}e21" for i in range(4)]
REFUSED = ["compute=1", "compute=1&errors=text"]
SIZES = [f"params=7e{i + 8}&tokens=1e11" for i in range(4)]


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/v1/optimal.json", BUDGETS + REFUSED),
        ("/v1/optimal.txt", BUDGETS + REFUSED),
        ("/v1/loss.csv", SIZES),
    ],
)
def test_a_reply_does_not_depend_on_who_else_asks(path, queries) -> None:
    """Numbers, refusals, and another law at once: bytes, tag, and what is counted."""
    queries = [*queries, f"{queries[0]}&law=hoffmann-2022"]
    [answerer] = [each for each in answerers(shipped(), Settings()) if each.path == path]
    asked = [Request(method="GET", path=path, query=f"domain=language&{query}".encode()) for query in queries]

    async def replies(*groups) -> list[Reply | BaseException]:
        get = getter(answerer, Costs(), scheduler=None)
        return [reply for group in groups for reply in await asyncio.gather(*map(get, group), return_exceptions=True)]

    at_once = asyncio.run(replies(asked))
    alone = asyncio.run(replies(*([each] for each in asked)))
    assert [*map(repr, at_once)] == [*map(repr, alone)]
    assert sum(isinstance(reply, Reply) for reply in at_once) >= len(queries) - 2
