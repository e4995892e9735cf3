"""Limits of what may be asked, each with the setting that moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fitted_laws import questions
from fitted_laws.problems import Fault, NotUnderstood
from fitted_laws.questions import Question
from service.metrics import Metrics
from service.problems import Refused


def read(name: str, inputs: Mapping[str, object], max_points: int) -> Question:
    """The question `name`, of at most `max_points` points.

    Raises:
        NotUnderstood: as of any question, or for too many points.
    """
    question = questions.read(name, inputs)
    points = getattr(question, "points", 0)
    if points > max_points:
        raise NotUnderstood.of(Fault("points", f"at most {max_points} points (MAX_POINTS)", str(points)))
    return question


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
