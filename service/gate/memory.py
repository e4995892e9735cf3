"""Answers held in this process: encoded, bounded in bytes, the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeAlias

import msgspec

from service.gate.visit import Answer, Response, Visit
from service.protocol import conditional
from service.protocol.queries import without
from service.telemetry.metrics import Metrics

Key: TypeAlias = tuple[str, bytes]
"""Path and query."""
OVERHEAD = 1500
"""Bytes that an entry takes beside its body and its key: headers, objects, tables. Measured: 1.2 to 1.4 kB."""
GETS = frozenset({"GET", "HEAD"})


class CachedAnswer(msgspec.Struct, frozen=True, gc=False):
    """A response under its tag."""

    etag: str
    response: Response

    @property
    def unchanged(self) -> Response:
        """The response to a client that holds the answer: 304, without body and without its headers."""
        headers = [header for header in self.response.headers if header[0] not in (b"content-type", b"content-length")]
        return Response(304, headers, usage=self.response.usage)

    def cost(self, key: Key) -> int:
        """The bytes of memory that it takes under `key`."""
        return len(self.response.body) + sum(map(len, key)) + OVERHEAD


class Cache:
    """Answers by key, at most `limit` bytes of them. For one thread: that of the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> CachedAnswer | None:
        """The answer under `key`, which was then used last."""
        cached = self._entries.get(key)
        if cached is not None:
            self._entries.move_to_end(key)
        return cached

    def put(self, key: Key, cached: CachedAnswer) -> None:
        """Holds `cached`, unless it alone is more than an eighth of the limit."""
        cost = cached.cost(key)
        if cost > self._limit // 8:
            return
        if key in self._entries:
            self.bytes -= self._entries.pop(key).cost(key)
        self._entries[key] = cached
        self.bytes += cost
        while self.bytes > self._limit:
            old, dropped = self._entries.popitem(last=False)
            self.bytes -= dropped.cost(old)


class Memory:
    """The layer that answers again what was answered before."""

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._cache = Cache(limit)
        self._metrics = metrics

    async def __call__(self, visit: Visit, inner: Answer) -> Response:
        if visit.resource is None or visit.method not in GETS:
            return await inner(visit)
        key = visit.resource.path, without(visit.query, "key")
        cached = self._cache.get(key)
        if cached is not None:
            return self._again(visit, cached)
        response = await inner(visit)
        if response.status == 304:
            self._metrics.hits["client"].add()
        if response.usage:
            self._metrics.misses["process"].add()
            self._cache.put(key, CachedAnswer(dict(response.headers)[b"etag"].decode(), response))
            self._metrics.cache_holds(len(self._cache), self._cache.bytes)
        return response

    def _again(self, visit: Visit, cached: CachedAnswer) -> Response:
        """The answer from memory, or 304 where the client holds it."""
        condition = visit.headers.get(b"if-none-match")
        if condition is not None and conditional.names(condition.decode("latin-1"), cached.etag):
            self._metrics.hits["client"].add()
            return cached.unchanged
        self._metrics.hits["process"].add()
        return cached.response
