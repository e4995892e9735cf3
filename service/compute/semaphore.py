"""How many expensive requests are in hand at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from service.protocol.problems import Refused
from service.telemetry.metrics import Metrics


class Semaphore:
    """Admits `most` at once; unlike asyncio's it has nobody wait, but refuses."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self._most = most
        self._acquired = 0
        self._metrics = metrics

    @property
    def acquired_now(self) -> int:
        """How many places are taken."""
        return self._acquired

    @contextmanager
    def acquired(self) -> Iterator[None]:
        """One of the places, for the time of the block inside.

        Raises:
            Refused: 503: there are as many already.
        """
        if self._acquired >= self._most:
            self._metrics.refused.labels("concurrency").inc()
            detail = f"{self._most} dear questions and bodies are in hand already; ask again soon (MAX_CONCURRENT)"
            raise Refused(503, detail, headers=(("Retry-After", "1"),))
        self._acquired += 1
        try:
            yield
        finally:
            self._acquired -= 1
