"""Dear questions: which they are, by what they cost; computed aside, once for all who ask the same at once, shared through Redis.

Measured: a question to one law costs 0.04 to 0.8 ms, one of Redis's answers 0.2 ms of the event loop's time. Curves, plots and questions
to all laws cost 3 to 400 ms: these are dear from the start. Any other is dear once its cheapest answer so far has cost more than 2 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.compute.redis_store import Shared
from service.compute.turnstile import Turnstile
from service.protocol.messages import Handler, Reply, Request, Runner, in_thread
from service.protocol.problems import Refused
from service.telemetry.metrics import Metrics

DEAR_SECONDS = 0.002
SMALL_BODY = 400
"""Bytes: a question or two."""
TRIALS = 3
"""Answers before a kind of question is called dear: the first ones fill memories."""


class Costs:
    """What kinds of questions cost, in seconds of this thread's processor time."""

    def __init__(self) -> None:
        self._cheapest: dict[str, tuple[int, float]] = {}

    def dear(self, kind: str) -> bool:
        count, cheapest = self._cheapest.get(kind, (0, 0.0))
        return count >= TRIALS and cheapest > DEAR_SECONDS

    @contextmanager
    def measured(self, kind: str) -> Iterator[None]:
        """Takes note of what happens inside."""
        began = time.thread_time()
        yield
        count, cheapest = self._cheapest.get(kind, (0, float("inf")))
        self._cheapest[kind] = count + 1, min(cheapest, time.thread_time() - began)


class Dear:
    """Answers to dear questions, in one process."""

    def __init__(
        self, runs: Runner, turnstile: Turnstile, shared: Shared | None, metrics: Metrics, seconds: float
    ) -> None:
        self._runs, self.turnstile, self._shared, self._metrics, self._seconds = (
            runs,
            turnstile,
            shared,
            metrics,
            seconds,
        )
        self._flights: dict[str, asyncio.Task[Reply]] = {}

    async def answer(self, tag: str, handler: Handler, request: Request) -> Reply:
        """What `handler` answers, or answered to someone: equal questions at once are computed once.

        Raises:
            Refused: 503: too many are in hand, or the time is up.
        """
        flight = self._flights.get(tag)
        if flight is None:
            self._metrics.misses["flight"].add()
            flight = asyncio.get_running_loop().create_task(self._made(tag, handler, request))
            self._flights[tag] = flight
            flight.add_done_callback(lambda done: self._landed(tag, done))
        else:
            self._metrics.hits["flight"].add()
        return await asyncio.shield(flight)

    def _landed(self, tag: str, flight: asyncio.Task[Reply]) -> None:
        del self._flights[tag]
        if not flight.cancelled():
            flight.exception()  # seen, even where everyone who asked has left

    async def _made(self, tag: str, handler: Handler, request: Request) -> Reply:
        if self._shared is not None:
            held = await self._shared.get(tag)
            if held is not None:
                return held
        with self.turnstile.passed():
            reply = await self.bounded(handler, request, self._runs)
        if self._shared is not None and reply.asked:  # an answer, no refusal
            self._shared.put(tag, reply)
        return reply

    async def posted(self, handler: Handler, request: Request) -> Reply:
        """What `handler` answers to a body, which is inside the turnstile: a small one in a thread, a larger one aside."""
        return await self.bounded(handler, request, in_thread if len(request.body) < SMALL_BODY else self._runs)

    async def bounded(self, handler: Handler, request: Request, runs: Runner) -> Reply:
        """Has `runs` run `handler`.

        Raises:
            Refused: 503: the time is up.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await runs(handler, request)
        except TimeoutError:
            self._metrics.refused.labels("time").inc()
            detail = f"no answer within {self._seconds:g} s; ask for fewer rows or points (MAX_SECONDS)"
            raise Refused(503, detail, headers=(("Retry-After", "5"),)) from None
