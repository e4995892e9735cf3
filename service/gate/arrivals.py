"""Bodies on their way in: bounded in bytes, each and all together, and in time. None of them holds a place of a dear question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from litestar.types import Receive

from service.protocol.problems import Refused
from service.telemetry.metrics import Metrics

LEAST_RATE = 65_536
"""Bytes a second: each such part of a body gives it one second more."""
TOGETHER = 16
"""Largest bodies that are held at once, or as many bytes in smaller ones."""
CLOSED = (("Connection", "close"),)


class Gone(Exception):
    """The client left before its request was whole."""


class Arrivals:
    """Reads bodies of at most `limit` bytes, each within `seconds` and what its length adds to them."""

    def __init__(self, limit: int, seconds: float, metrics: Metrics) -> None:
        self._limit = limit
        self._seconds = seconds
        self._metrics = metrics
        self._held = 0

    async def whole(self, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
        """The whole body.

        Raises:
            Refused: 413, as soon as it is known to be too large; 408, where it comes too slowly; 503, where all bodies
                that are on their way are too large together.
            Gone: the client left.
        """
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._limit:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + self._seconds) as deadline:
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Gone
                    part = message["body"]
                    parts.append(part)
                    size += len(part)
                    self._hold(len(part), size)
                    if not message.get("more_body"):
                        return b"".join(parts)
                    deadline.reschedule(began + self._seconds + size / LEAST_RATE)
        except TimeoutError:
            raise self._too_slow() from None
        finally:
            self._held -= size

    def _hold(self, more: int, size: int) -> None:
        self._held += more
        if size > self._limit:
            raise self._too_large()
        if self._held > TOGETHER * self._limit:
            self._metrics.refused.labels("bodies").inc()
            detail = f"{TOGETHER * self._limit} bytes of bodies are on their way already; send it again soon (MAX_BODY_BYTES)"
            raise Refused(503, detail, headers=(*CLOSED, ("Retry-After", "1")))

    def _too_large(self) -> Refused:
        return Refused(
            413, f"the body is larger than {self._limit} bytes (MAX_BODY_BYTES); send it in parts", headers=CLOSED
        )

    def _too_slow(self) -> Refused:
        self._metrics.refused.labels("slowness").inc()
        detail = (
            f"the body did not come within {self._seconds:g} s (MAX_BODY_SECONDS) and a second more for each {LEAST_RATE} bytes; "
            "send it in one go"
        )
        return Refused(408, detail, headers=CLOSED)
