"""Expensive questions: which they are, by what they cost.

Each is computed in a thread or a process, once for all who ask it at once, and shared through Redis.

Measured: a question to one law alone costs 0.04 to 0.8 ms, one of Redis's answers 0.2 ms of the event loop's time.
Curves, plots and questions to all laws cost 3 to 400 ms, and a law that is fitted anew for an irreducible loss up to 300 ms: these
are expensive from the start. Any other is expensive once those of its kind have cost more than 2 ms each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from service.compute.redis_store import Kept, RedisStore
from service.compute.semaphore import Semaphore
from service.protocol.messages import Handler, Reply, Request, Resource, Runner, in_thread
from service.protocol.problems import Refused
from service.telemetry.metrics import Metrics


class Scheduler:
    """Has what is expensive computed, for all who ask it of this process."""

    def __init__(
        self, runs: Runner, semaphore: Semaphore, shared: RedisStore | None, metrics: Metrics, seconds: float
    ) -> None:
        self._runs = runs
        self._semaphore = semaphore
        self._shared = shared
        self._metrics = metrics
        self._seconds = seconds
        self._flights: dict[str, asyncio.Task[Reply]] = {}

    async def answer(
        self, tag: str, handler: Handler, request: Request, restored: Callable[[Kept], Reply | None] | None = None
    ) -> Reply:
        """What `handler` answers, or answered to someone: equal questions at once are computed once.

        `restored` makes of what replicas keep the reply, or None where it cannot be of this question; without it none is asked.

        Raises:
            Refused: 503: too many are in hand, or the time is up.
        """
        flight = self._flights.get(tag)
        if flight is None:
            self._metrics.misses["flight"].add()
            flight = asyncio.get_running_loop().create_task(self._made(tag, handler, request, restored))
            self._flights[tag] = flight
            flight.add_done_callback(lambda done: self._landed(tag, done))
        else:
            self._metrics.hits["flight"].add()
        return await asyncio.shield(flight)

    def _landed(self, tag: str, flight: asyncio.Task[Reply]) -> None:
        del self._flights[tag]
        if not flight.cancelled():
            flight.exception()  # seen, even where everyone who asked has left

    async def _made(
        self, tag: str, handler: Handler, request: Request, restored: Callable[[Kept], Reply | None] | None
    ) -> Reply:
        if self._shared is not None and restored is not None:
            kept = await self._shared.get(tag)
            reply = restored(kept) if kept is not None else None
            if reply is not None:
                return reply
        with self._semaphore.acquired():
            reply = await self.bounded(handler, request, self._runs)
        if self._shared is not None and reply.usage:  # an answer, no refusal
            [usage] = reply.usage
            self._shared.put(tag, Kept(reply.body, usage.law, usage.extrapolation))
        return reply

    async def posted(self, resource: Resource, handler: Handler, request: Request) -> Reply:
        """What `handler` answers to a body of `resource`: what costs little in a thread, the rest like a question.

        Raises:
            Refused: 503: too many are in hand, or the time is up.
        """
        with self._semaphore.acquired():
            return await self.bounded(handler, request, in_thread if resource.cheap_body(request) else self._runs)

    async def bounded(self, handler: Handler, request: Request, runs: Runner) -> Reply:
        """What `handler` answers when `runs` runs it.

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
