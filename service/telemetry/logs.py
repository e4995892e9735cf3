"""Logs: one JSON object a line on standard error. Requests are sampled and hold no query values; a thread writes them, in batches."""

from __future__ import annotations

import logging
import random
import re
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

import msgspec

from service.telemetry.tallies import Tally

WRITE_SECONDS = 0.1
QUEUE = 10_000
"""Lines that may wait; more are dropped and counted."""

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_encode = msgspec.json.encode


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is logged of one request: the route's template, never the query."""

    moment: float
    method: str
    route: str
    status: int
    seconds: float
    size: int
    id: bytes
    traceparent: bytes | None = None
    client: str = ""
    error: str = ""

    def text(self) -> bytes:
        """The line as JSON."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(self.moment, UTC).isoformat(timespec="milliseconds"),
            "level": "error" if self.status >= 500 else "info",
            "event": "request",
            "method": self.method[:20],
            "route": self.route,
            "status": self.status,
            "ms": round(self.seconds * 1000, 3),
            "bytes": self.size,
            "request_id": self.id.decode(),
        }
        if self.client:
            fields["key"] = self.client
        if self.error:
            fields["error"] = self.error
        trace = _TRACEPARENT.fullmatch(self.traceparent) if self.traceparent else None
        if trace:
            fields |= {"trace_id": trace[1].decode(), "parent_id": trace[2].decode()}
        return _encode(fields) + b"\n"


class Log:
    """Lines of a sample of the requests, and of every failure of the service."""

    def __init__(self, sample: float, dropped: Tally, stream: Any = None) -> None:
        self._sample = sample
        self._dropped = dropped
        self._stream = stream
        self._waiting: deque[Line] = deque()
        self._writer: threading.Thread | None = None
        self._stop = threading.Event()

    def wanted(self, status: int) -> bool:
        """Whether a request that came to `status` is logged."""
        return status >= 500 or (self._sample > 0 and random.random() < self._sample)  # noqa: S311  # a sample, no secret

    def enqueue(self, line: Line) -> None:
        """Has `line` written within `WRITE_SECONDS`, or drops and counts it."""
        if len(self._waiting) >= QUEUE:
            self._dropped.add()
            return
        self._waiting.append(line)
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="log", daemon=True)
            self._writer.start()

    def _write(self) -> None:
        while not self._stop.wait(WRITE_SECONDS):
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        lines = []
        while self._waiting:
            lines.append(self._waiting.popleft().text())
        if lines:
            stream = self._stream or sys.stderr
            stream.write(b"".join(lines).decode())
            stream.flush()

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        self._stop.set()
        if self._writer is not None:
            self._writer.join()
        self.flush()


class Structured(logging.Formatter):
    """What else is logged, in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "time": moment,
            "level": record.levelname.lower(),
            "event": record.name,
            "message": record.getMessage(),
        }
        return _encode(fields).decode()


def structure() -> None:
    """Has this process log as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Structured())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
