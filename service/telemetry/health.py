"""Health: whether the process lives, and whether its laws still give the numbers that were published."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import cast

import anyio.to_thread
import msgspec

from fitted_laws import Laws, Problem, __version__
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import Example
from fitted_laws.questions import registry
from service.protocol import problems
from service.protocol.messages import JSON, Reply, Request, Resource
from service.protocol.problems import Refused

UNKEPT = (("Cache-Control", "no-store"),)
LIVE, READY = "/health/live", "/health/ready"
ALIVE = Reply(200, b'{"status":"live"}', JSON, UNKEPT)
CHECK_SECONDS = 10.0
"""Between two checks; they cost some milliseconds of processor time each."""


def resources(readiness: Readiness) -> Iterator[Resource]:
    yield Resource(path=LIVE, get=live, keyless=True, rated=False)
    yield Resource(path=READY, get=readiness, keyless=True, rated=False)


class Readiness:
    """Whether the published numbers come out: checked in a thread of its own, and answered at once from the last outcome."""

    def __init__(self, laws: Laws, clock: Callable[[], float] = time.monotonic) -> None:
        self._laws = laws
        self._clock = clock
        self._lock = threading.Lock()
        self._outcome: Reply | None = None
        self._until = 0.0
        self._thread: anyio.CapacityLimiter | None = None
        self._checking: asyncio.Task[Reply] | None = None

    async def __call__(self, _: Request) -> Reply:
        if self._checking is None and self._clock() >= self._until:
            self._checking = asyncio.get_running_loop().create_task(self._renew())
        if self._outcome is not None:
            return self._outcome
        return await asyncio.shield(cast(asyncio.Task[Reply], self._checking))

    async def _renew(self) -> Reply:
        self._thread = self._thread or anyio.CapacityLimiter(1)
        try:
            return await anyio.to_thread.run_sync(self.checked, limiter=self._thread)
        finally:
            self._checking = None

    def checked(self) -> Reply:
        """The outcome, checked anew where the last one is old; from any thread, of which one checks at a time."""
        with self._lock:
            if self._outcome is None or self._clock() >= self._until:
                self._until = self._clock() + CHECK_SECONDS
                self._outcome = self._check()
            return self._outcome

    def _check(self) -> Reply:
        try:
            return ready(self._laws)
        except Exception as error:  # noqa: BLE001  # whatever it is, the service is not ready
            return problems.reply(error)


async def live(_: Request) -> Reply:
    """200 as long as the process answers at all."""
    return ALIVE


def ready(laws: Laws) -> Reply:
    """200 where the default law of every domain gives a number of its paper.

    Raises:
        Refused: 503: one does not.
    """
    examples = [example for domain in laws.domains if (example := published(laws.of(domain.id)[0]))]
    off = [sentence for inputs, example in examples for sentence in differences(inputs, example, laws)]
    if off:
        raise Refused(503, f"published numbers do not come out: {'; '.join(off)}")
    status = {
        "status": "ready",
        "checked": len(examples),
        "laws": len(laws),
        "catalogue": laws.digest,
        "version": __version__,
    }
    return Reply(200, msgspec.json.encode(status), JSON, UNKEPT)


def published(law: Law) -> tuple[Mapping[str, object], Example] | None:
    """The first worked example that the law must hold to, with its inputs."""
    for relation in law.relations.values():
        for example in relation.examples:
            if example.enforce:
                return {"domain": law.domain.id, "law": law.id, **example.inputs}, example
    return None


def differences(inputs: Mapping[str, object], example: Example, laws: Laws) -> Iterator[str]:
    """The numbers of `example` that do not come out, a sentence each."""
    try:
        answer = answering.answer(registry.read(example.question, inputs), laws)
    except Problem as problem:
        yield f"{inputs['law']}: {problem.detail}"
        return
    for name, expected in example.expected.items():
        got = answer.columns.get(name)
        first = answer.column(name)[0] if got is not None else None
        if not isinstance(first, float) or not math.isclose(first, expected, rel_tol=example.tolerance):
            yield f"{inputs['law']}: {name} is {first}, not {expected}"
