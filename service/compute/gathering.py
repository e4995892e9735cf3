"""What arrives in one turn of the event loop, answered together: the more there is to do, the less each costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar

from service.protocol.messages import Reply

Asked = TypeVar("Asked")
Outcome: TypeAlias = Reply | Exception

MOST = 32
"""Answered at once: who came first does not wait for all."""
PATIENCE = 4
"""Turns in which the first of a new batch wait for company, where there was some a moment ago: clients who were answered together
ask again almost together. Measured: a tenth more answers a second; a turn takes some 10 µs."""


class Gathering(Generic[Asked]):
    """Has what is asked before the event loop's next turn answered by one call; what is equal, once. For that loop's thread."""

    def __init__(self, answers: Callable[[Sequence[Asked]], Sequence[Outcome]]) -> None:
        self._answers = answers
        self._last = 0
        self._turns_left = 0
        self._waiting: dict[Hashable, tuple[Asked, list[asyncio.Future[Reply]]]] = {}

    async def answer(self, name: Hashable, asked: Asked) -> Reply:
        """The reply to `asked`, or what is raised in its place; whatever has the same `name` has the same reply."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._turn)
        self._waiting.setdefault(name, (asked, []))[1].append(future)
        return await future

    def _turn(self) -> None:
        if self._turns_left and 2 * len(self._waiting) < self._last:
            self._turns_left -= 1
            asyncio.get_running_loop().call_soon(self._turn)
            return
        self._turns_left, self._last = PATIENCE, len(self._waiting)
        names = list(self._waiting)[:MOST]
        taken = [self._waiting.pop(name) for name in names]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._turn)
        outcomes: Sequence[Outcome]
        try:
            outcomes = self._answers([asked for asked, _ in taken])
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait are told
            outcomes = [error] * len(taken)
        for (_, futures), outcome in zip(taken, outcomes, strict=True):
            for future in futures:
                if future.done():
                    continue  # its client has left
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
