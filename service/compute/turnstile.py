"""So many dear requests at once, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from service.protocol.problems import Refused
from service.telemetry.metrics import Metrics


class Turnstile:
    """Lets `most` in at once."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self._most, self._inside, self._metrics = most, 0, metrics

    @contextmanager
    def passed(self) -> Iterator[None]:
        """For the time inside.

        Raises:
            Refused: 503: there are as many already.
        """
        if self._inside >= self._most:
            self._metrics.refused.labels("concurrency").inc()
            detail = f"{self._most} dear questions and bodies are in hand already; ask again soon (MAX_CONCURRENT)"
            raise Refused(503, detail, headers=(("Retry-After", "1"),))
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
