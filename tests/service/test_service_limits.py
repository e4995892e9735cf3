"""Every limit from both sides: what is just inside is answered, what is just outside gets its problem."""

import asyncio
import os
import threading
from typing import Any
from urllib.parse import urlencode

import msgspec
import numpy as np
import pytest
from litestar.testing import TestClient
from serving import problem, serving
from stores import counted, metrics, served
from waiting import PATIENCE, eventually

from fitted_laws import load
from fitted_laws.catalogue import shipped
from service import settings
from service.api.get import answerers
from service.app import create_app
from service.compute.processes import Calculator, Calculators
from service.compute.semaphore import Semaphore
from service.protocol.messages import PART_BYTES, Request
from service.protocol.problems import Refused
from service.settings import BadSetting, Settings

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
COLUMN = {"domain": "language", "compute": [1e20, 1e21, 1e22]}


def test_rows() -> None:
    with served(max_rows=3) as client:
        assert client.post("/v1/optimal", json=COLUMN).status_code == 200
        found = problem(client.post("/v1/optimal", json=COLUMN | {"compute": [1e20] * 4}), 413)
        assert "at most 3" in found["detail"]
        assert "MAX_ROWS" in found["detail"]


def test_bytes() -> None:
    body = b'{"domain": "language", "compute": 1e21}'
    with served(max_body_bytes=len(body)) as client:
        json = {"content-type": "application/json"}
        assert client.post("/v1/optimal", content=body, headers=json).status_code == 200
        found = problem(client.post("/v1/optimal", content=body + b" ", headers=json), 413)
        assert "MAX_BODY_BYTES" in found["detail"]


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/csv"])
def test_items(kind) -> None:
    """Questions of one body, however they are listed."""
    one = b'{"question":"optimal","domain":"language","compute":1e21}'
    line = b'{"domain":"language","compute":1e21}\n'
    bodies = {
        "application/json": lambda count: b"[" + b",".join([one] * count) + b"]",
        "application/x-ndjson": lambda count: line * count,
        "text/csv": lambda count: b"domain,compute\n" + b"language,1e21\n" * count,
    }
    path = "/v1/answers" if kind == "application/json" else "/v1/optimal"
    with served(max_items=3) as client:
        assert client.post(path, content=bodies[kind](3), headers={"content-type": kind}).status_code == 200
        found = problem(client.post(path, content=bodies[kind](4), headers={"content-type": kind}), 413)
        assert "at most 3" in found["detail"]
        assert "MAX_ITEMS" in found["detail"]


def test_points() -> None:
    path = "/v1/frontier?domain=language&compute_min=1e20&compute_max=1e24&points="
    with served(max_points=5) as client:
        assert len(client.get(f"{path}5").json()["rows"]) == 5
        for found in (
            client.get(f"{path}6"),
            client.post("/v1/frontier", json={"domain": "language", "compute_min": 1e20, "compute_max": 1e24}),
        ):
            assert problem(found, 400)["errors"][0]["expected"] == "at most 5 points (MAX_POINTS)"


def test_draws() -> None:
    assert settings.read({"DRAWS": "100000"}).draws == 100_000
    with pytest.raises(BadSetting, match="DRAWS"):
        settings.read({"DRAWS": "100001"})
    tags = set()
    for draws, drawn in ((0, False), (100, True), (4000, True)):
        with TestClient(create_app(load(draws=draws), Settings(draws=draws))) as client:
            found = client.get(OPTIMAL)
            assert (found.json()["params_low"] is not None) == drawn
            tags.add(found.headers["etag"])
    assert len(tags) == 3


def test_concurrency() -> None:
    semaphore = Semaphore(2, metrics())
    with semaphore.acquired(), semaphore.acquired(), pytest.raises(Refused) as refused, semaphore.acquired():
        pass
    assert refused.value.status == 503
    assert ("Retry-After", "1") in refused.value.headers
    with semaphore.acquired(), semaphore.acquired():
        pass


def test_concurrency_is_refused_over_http() -> None:
    """One dear question after the other in hand; small questions are answered all the same."""
    dear = {"domain": "language", "law": "all", "compute_min": 1e18, "compute_max": 1e24, "points": 1000}
    enough = threading.Event()
    with serving(MAX_CONCURRENT="1", MAX_SECONDS="2") as (client, _):

        def hold() -> None:
            while not enough.is_set():
                client.post("/v1/frontier", json=dear)

        held = threading.Thread(target=hold)
        held.start()
        try:
            refused = eventually(lambda: is_refused(client.post("/v1/optimal", json=COLUMN)))
            assert (problem(refused, 503)["status"], refused.headers["retry-after"]) == (503, "1")
            assert client.get(OPTIMAL).status_code == 200
        finally:
            enough.set()
            held.join()
        assert client.post("/v1/optimal", json=COLUMN).status_code == 200
        assert counted(client, "refused_total", limit="concurrency") > 0


def is_refused(response) -> Any:
    """The response, if it is a refusal."""
    return response if response.status_code != 200 else None


@pytest.mark.parametrize("calculating", [0, 1])
def test_time(calculating) -> None:
    """A question that takes too long gets 503, and the next is answered."""
    slow = {"domain": "language", "law": "all", "compute": np.geomspace(1e19, 1e24, 1000).tolist()}
    calculators = Calculators(calculating, 0.05) if calculating else None
    with TestClient(create_app(shipped(), Settings(max_seconds=0.05), calculators=calculators)) as client:
        refused = client.post("/v1/optimal", json=slow)
        assert "MAX_SECONDS" in problem(refused, 503)["detail"]
        assert refused.headers["retry-after"] == "5"
        assert client.get(OPTIMAL).status_code == 200
        assert counted(client, "refused_total", limit="time") == 1


def test_time_enough() -> None:
    """The same question where a minute may pass."""
    with served(max_seconds=60) as client:
        assert client.post("/v1/optimal", json={"domain": "language", "compute": [1e21] * 1000}).status_code == 200


def test_a_calculator_that_died_is_replaced() -> None:
    calculators = Calculators(1, PATIENCE)
    ask = Request(method="GET", path="/v1/optimal.json", inputs={"domain": "language", "compute": 1e21})
    try:
        first = asyncio.run(calculators.run(None, ask))
        os.kill(calculators._idle[0]._process.pid, 9)  # noqa: SLF001 - it offers no other way
        assert asyncio.run(calculators.run(None, ask)) == first
    finally:
        calculators.close()


def test_calculators_that_died_idle_are_no_deaths_of_what_is_asked() -> None:
    """A machine without memory ends them all; each question may still lose one of its own."""
    calculators = Calculators(1, PATIENCE)
    ask = Request(method="GET", path="/v1/optimal.json", inputs={"domain": "language", "compute": 1e21})
    try:
        calculators._idle += [Calculator(), Calculator()]  # noqa: SLF001 - as many as answered at once before
        for each in calculators._idle:  # noqa: SLF001
            each._process.kill()  # noqa: SLF001
            each._process.wait()  # noqa: SLF001
        assert asyncio.run(calculators.run(None, ask)).status == 200
    finally:
        calculators.close()


def test_calculators_answer_as_threads_do() -> None:
    paths = [
        OPTIMAL,
        f"{OPTIMAL}&law=all",
        "/v1/frontier.svg?domain=language&compute_min=1e20&compute_max=1e24&points=3",
        "/v1/crossover?domain=math",
    ]
    with serving(CALCULATORS="1") as (one, _), served() as other:
        for path in paths:
            assert one.get(path).content == other.get(path).content
        wide = COLUMN | {"compute": [1e20 + i for i in range(100)]}
        assert one.post("/v1/optimal", json=wide).content == other.post("/v1/optimal", json=wide).content
        large = {
            "domain": "language",
            "law": "hoffmann-2022",
            "params": 1e9,
            "tokens": [1e10 + i for i in range(20_000)],
        }
        reply = one.post("/v1/loss", json=large)
        assert reply.content == other.post("/v1/loss", json=large).content
        assert int(reply.headers["content-length"]) == len(reply.content) > 10 * PART_BYTES
        bad = COLUMN | {"compute": [1e20] * 100 + [-1]}
        assert problem(one.post("/v1/optimal", json=bad), 400) == problem(other.post("/v1/optimal", json=bad), 400)


@pytest.mark.parametrize("answerer", [pytest.param(a, id=a.path) for a in answerers(shipped(), Settings())])
def test_a_question_reaches_a_calculator_as_it_was_read(answerer) -> None:
    """Also its numbers, which are not read again there; its reply comes under the same tag."""
    query = urlencode({**answerer.question.example, "level": "0.8"}).encode()
    question = answerer.read(Request(method="GET", path=answerer.path, query=query))
    there = msgspec.msgpack.decode(msgspec.msgpack.encode(answerer.handed_on(question)), type=Request)
    assert answerer.question(**there.inputs) == question
    assert answerer.tag(answerer.question(**there.inputs)) == answerer.tag(question)


def test_every_limit_is_a_setting() -> None:
    limits = {
        "max_rows",
        "max_items",
        "max_body_bytes",
        "max_points",
        "draws",
        "max_concurrent",
        "max_seconds",
        "rate_limit",
        "cache_bytes",
    }
    assert limits <= set(Settings.__struct_fields__)
