"""Answers held in this process: encoded, bounded in bytes, the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

import msgspec

from service.protocol.messages import RawHeaders
from service.telemetry.metrics import Subject

OVERHEAD = 1500
"""Bytes that an entry takes beside its body and its key: headers, objects, tables. Measured: 1.2 to 1.4 kB."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An answer as it is sent, and where it is counted."""

    etag: str
    headers: RawHeaders
    body: bytes
    subject: Subject
    extrapolation: float | None

    @property
    def unchanged(self) -> RawHeaders:
        """The headers of 304: nothing of a body."""
        return [header for header in self.headers if header[0] not in (b"content-type", b"content-length")]

    def cost(self, key: Hashable) -> int:
        """Its bytes, under `key`."""
        return len(self.body) + len(str(key)) + OVERHEAD


class Cache:
    """Answers by key, at most `limit` bytes of them. For one thread: that of the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, Kept] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable) -> Kept | None:
        """What is held under `key`, which was then used last."""
        kept = self._held.get(key)
        if kept is not None:
            self._held.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Holds `kept`, unless it alone is more than an eighth of the limit."""
        cost = kept.cost(key)
        if cost > self._limit // 8:
            return
        if key in self._held:
            self.bytes -= self._held.pop(key).cost(key)
        self._held[key] = kept
        self.bytes += cost
        while self.bytes > self._limit:
            old, dropped = self._held.popitem(last=False)
            self.bytes -= dropped.cost(old)
