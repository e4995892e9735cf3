"""What is dear is told by its kind: it holds up nobody, whatever else is asked at the same address."""

import contextlib
import http.client
import statistics
import threading
import time

import pytest
from serving import serving
from waiting import PATIENCE

from fitted_laws.asking.together import kind
from fitted_laws.catalogue import shipped
from service.api.get import Tagged, answerers, measured
from service.api.post import cheap_body
from service.compute.costs import EXPENSIVE_SECONDS, MOST_KINDS, REMEMBERED, TRIALS, CostKind, Costs
from service.protocol.messages import JSON, Request
from service.settings import Settings

TARGET = "/v1/target?domain=language&kl=0.1&level=0.{}"
FITTED_ANEW = "/v1/target?domain=language&kl=0.1&law=porian-2024&irreducible_loss=1.{}"


def used(seconds) -> None:
    """Uses the processor so long."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def count(costs, kind, times, seconds, answers=1) -> None:
    for _ in range(times):
        with costs.measured(kind, answers):
            used(seconds)


def test_laws_that_are_fitted_anew_hold_up_nobody() -> None:
    """Sixteen clients pin irreducible losses at an address whose other questions are cheap; each takes a fifth of a second."""
    with serving(LOG_SAMPLE="0") as (client, _):
        for number in range(2 * TRIALS):
            assert client.get(TARGET.format(50 + number)).status_code == 200

        def pin(number) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", client.base_url.port, timeout=PATIENCE)
            connection.request("GET", FITTED_ANEW.format(500 + number))
            connection.getresponse().read()

        threads = [threading.Thread(target=pin, args=(number,)) for number in range(16)]
        began, taken = time.monotonic(), []
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            asked = time.monotonic()
            assert client.get(TARGET.format(6000 + len(taken))).status_code == 200
            taken.append(time.monotonic() - asked)
        assert statistics.median(taken) < (time.monotonic() - began) / 20


def test_a_kind_is_dear_by_what_its_own_answers_cost() -> None:
    """Neither what fills memories counts, nor the cheap questions of another law."""
    costs = Costs()
    count(costs, CostKind("/default", "default"), 5, 0.0)
    count(costs, CostKind("/own", "own"), TRIALS, 2 * EXPENSIVE_SECONDS)
    assert not costs.expensive(CostKind("/own", "own"))
    count(costs, CostKind("/own", "own"), 1, 2 * EXPENSIVE_SECONDS)
    assert (costs.expensive(CostKind("/own", "own")), costs.expensive(CostKind("/default", "default"))) == (True, False)
    count(costs, CostKind("/together", "together"), TRIALS + 1, 2 * EXPENSIVE_SECONDS, answers=32)
    assert not costs.expensive(CostKind("/together", "together"))


def test_what_is_refused_costs_as_well() -> None:
    """It is no answer, and may ask every law who could give one."""
    costs = Costs()
    for _ in range(TRIALS + 1):
        with contextlib.suppress(ZeroDivisionError), costs.measured(CostKind("/refused", "refused"), 1):
            used(2 * EXPENSIVE_SECONDS)
            raise ZeroDivisionError
    assert costs.expensive(CostKind("/refused", "refused"))


def test_a_kind_may_become_dear_and_few_are_held() -> None:
    """However many cheap answers there were; and whatever names are made up, so many are in memory."""
    costs = Costs()
    for _ in range(100 * REMEMBERED):
        costs.add(CostKind("/own", "own"), 0.0, 1)
    for _ in range(REMEMBERED):
        costs.add(CostKind("/own", "own"), 3 * EXPENSIVE_SECONDS, 1)
    assert costs.expensive(CostKind("/own", "own"))
    for number in range(MOST_KINDS):
        costs.add(CostKind("/other", number), 0.0, 1)
    assert not costs.expensive(CostKind("/own", "own"))


def test_kinds_that_are_made_up_one_after_the_other_are_dear_by_those_before() -> None:
    """Each would have its trials; one that is known to be cheap goes on as it was, as do other addresses."""
    costs = Costs()
    for _ in range(TRIALS + 1):
        costs.add(CostKind("/here", "cheap"), 0.0, 1)
    for law in range(2 * TRIALS + 10):
        costs.add(CostKind("/here", law), 5 * EXPENSIVE_SECONDS, 1)
    asked = CostKind("/here", "never asked"), CostKind("/here", "cheap"), CostKind("/there", "never asked")
    assert [costs.expensive(each) for each in asked] == [True, False, False]


def test_questions_of_one_turn_are_counted_by_kind() -> None:
    """Law, options and inputs make one, not their numbers; replies come in the order asked."""
    [answerer] = [each for each in answerers(shipped(), Settings()) if each.path == "/v1/optimal.txt"]
    queries = [
        "compute=1e21",
        "compute=2e21&law=kaplan-2020",
        "compute=3e21",
        "compute=1e21&interval=none",
        "compute=1e21&level=0.5",
    ]
    asked = [answerer.read(Request(method="GET", path="", query=f"domain=language&{q}".encode())) for q in queries]
    assert len({kind(question).cost for question in asked}) == 3
    assert len({kind(question) for question in asked}) == 4
    replies = measured(answerer, Costs(), [Tagged(q, answerer.tag(q), kind(q)) for q in asked])
    assert replies == [answerer.answer(question, answerer.tag(question)) for question in asked]


@pytest.mark.parametrize(
    ("query", "body", "cheap"),
    [
        ("", b'{"domain":"language","compute":[1e21,2e21]}', True),
        ("law=all", b'{"domain":"language","compute":[1e21,2e21]}', False),
        ("irreducible_loss=1.5", b'{"domain":"language","compute":1e21}', False),
        ("", b'{"domain":"language","compute":1e21,"irreducible_loss":1.5}', False),
        ("no=such&no=such", b"{}", True),
    ],
)
def test_a_small_body_is_cheap_by_what_it_asks_with_its_query(query, body, cheap) -> None:
    """What the query gives holds for each of its rows."""
    request = Request(
        method="POST", path="/v1/optimal", query=query.encode(), headers=[(b"content-type", JSON.encode())], body=body
    )
    assert cheap_body("optimal")(request) is cheap
