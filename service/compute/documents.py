"""Documents in this process: each made when it is first asked for, by the scheduler, and held within a bound."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Iterable

from service.compute.scheduler import Scheduler
from service.protocol import conditional
from service.protocol.documents import Document, Getters
from service.protocol.messages import Reply, Request
from service.telemetry.metrics import Metrics

LIMIT = 32_000_000
"""Bytes of documents that are held; the least recently asked for go first. Measured: those of the laws that ship are 7 MB."""


class Documents:
    """Getters of documents. Making one is an expensive question: bounded, computed aside, once for all who ask at once."""

    def __init__(self, scheduler: Scheduler, metrics: Metrics, limit: int = LIMIT) -> None:
        self._scheduler = scheduler
        self._metrics = metrics
        self._limit = limit
        self._held: OrderedDict[str, Reply] = OrderedDict()
        self.bytes = 0
        metrics.measured("documents_bytes", "Bytes of documents held in process", lambda: self.bytes)

    def getters(self, documents: Iterable[Document]) -> Getters:
        """What answers each of `documents`, by name."""
        return {document.name: functools.partial(self._get, document) for document in documents}

    async def _get(self, document: Document, request: Request) -> Reply:
        reply = self._held.get(document.name)
        if reply is None:
            self._metrics.misses["process"].add()
            asked = Request(method="GET", path=document.name)
            reply = await self._scheduler.answer(f"document {document.name}", document.compute, asked)
        else:
            self._metrics.hits["process"].add()
        if reply.status != 200:
            return reply
        self._hold(document.name, reply)
        return conditional.checked(request, reply)

    def _hold(self, name: str, reply: Reply) -> None:
        """Holds `reply`, which was then asked for last."""
        if name not in self._held:
            self.bytes += len(reply.body)
        self._held[name] = reply
        self._held.move_to_end(name)
        while self.bytes > self._limit and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self.bytes -= len(dropped.body)
