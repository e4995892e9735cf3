"""What Prometheus reads. Counts wait in plain integers and are poured into prometheus-client four times a second, since one of its
increments costs a microsecond over several workers and a request makes ten.

Over several workers each writes to files in one folder, set before this module is imported; GET /metrics adds them up.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from fitted_laws import Laws, __version__
from service.protocol.messages import METHODS
from service.telemetry import deaths, shared
from service.telemetry.tallies import Spread, Tally, Waiting

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
POURED_EVERY = 0.25
SECONDS = (
    0.00005,
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
REDIS_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05)
DECADES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0)
LEVELS = ("client", "process", "flight", "redis")


class Route:
    """What is counted of one route template."""

    __slots__ = ("_metrics", "_statuses", "seconds", "template")

    def __init__(self, metrics: Metrics, template: str) -> None:
        self.template = template
        self._metrics = metrics
        self.seconds = metrics.spread(metrics.duration.labels(template), SECONDS)
        self._statuses: dict[tuple[str, int], Tally] = {}

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Counts one request that took `seconds`."""
        known = method if method in METHODS else "other"
        tally = self._statuses.get((known, status))
        if tally is None:
            child = self._metrics.requests.labels(self.template, known, str(status))
            tally = self._statuses[known, status] = self._metrics.tally(child)
        tally.add()
        self.seconds.add(seconds)


class Subject:
    """What is counted of one question, domain and law."""

    __slots__ = ("_answers", "_decades")

    def __init__(self, answers: Tally, decades: Spread) -> None:
        self._answers = answers
        self._decades = decades

    def observe(self, extrapolation: float | None) -> None:
        """Counts one answer, so many decades beyond the fitted range; None: the law has no range."""
        self._answers.add()
        if extrapolation is not None:
            self._decades.add(extrapolation)


class Metrics:
    """Every metric, and what waits to be poured into it."""

    def __init__(self, laws: Laws, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._waiting: list[Waiting] = []
        self._subjects: dict[tuple[str, str, str], Subject] = {}
        self._routes: dict[str, Route] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._measured: list[tuple[Gauge, Callable[[], float]]] = []
        self._requests = 0
        self._entries = 0
        self._bytes = 0
        self._of_requests()
        self._of_questions()
        self._of_caches()
        self._of_the_build(laws)

    def _of_requests(self) -> None:
        self.requests = self._counter("http_requests", "Requests answered", "route", "method", "status")
        self.duration = self._histogram("http_request_duration_seconds", "From request to reply", SECONDS, "route")
        self._in_flight = self._gauge("http_requests_in_flight", "Requests being answered", "livesum")
        self.refused = self._counter("refused", "Requests refused by a limit", "limit")
        self._keys = self._gauge("api_keys", "Keys that open the service", "livemin")
        self._bad_keys = self._gauge("api_keys_bad_lines", "Lines of API_KEYS_FILE that are no key", "livemax")
        deaths.counter(self._registry)  # where no worker has died, 0 is to be read
        self.logs_dropped = self.tally(self._counter("log_lines_dropped", "Log lines that found the queue full"))

    def _of_questions(self) -> None:
        self._questions = self._counter(
            "questions", "Questions answered, from a cache or not", "question", "domain", "law"
        )
        doc = "Decades beyond the fitted range, as asked; the largest of an answer's rows"
        self._decades = self._histogram("question_extrapolation_decades", doc, DECADES, "question")
        self._spreads: dict[str, Spread] = {}

    def _of_caches(self) -> None:
        lookups = self._counter(
            "cache_lookups",
            "Lookups by level (client: If-None-Match; flight: the same question in flight)",
            "level",
            "result",
        )
        self.hits = {level: self.tally(lookups.labels(level, "hit")) for level in LEVELS}
        self.misses = {level: self.tally(lookups.labels(level, "miss")) for level in LEVELS}
        self._cache_bytes = self._gauge("cache_bytes", "Bytes of answers held in process", "livesum")
        self._cache_entries = self._gauge("cache_entries", "Answers held in process", "livesum")
        self.redis_configured = self._gauge("redis_configured", "1 where REDIS_URL is set", "livemax")
        self.redis_up = self._gauge("redis_up", "1 where the last command was answered, by every worker", "livemin")
        self.breaker_open = self._gauge("redis_breaker_open", "1 while Redis is not asked, in any worker", "livemax")
        self.redis_errors = self._counter("redis_errors", "Commands that failed", "operation", "reason")
        self.redis_rejected = self._counter(
            "redis_rejected", "Values from Redis that were foreign, damaged or truncated"
        )
        self.redis_seconds = self._histogram(
            "redis_command_duration_seconds", "Commands, failed ones included", REDIS_SECONDS, "operation"
        )

    def _of_the_build(self, laws: Laws) -> None:
        build = self._gauge("build_info", "The running code", "livemax", "version", "python")
        build.labels(__version__, platform.python_version()).set(1)
        catalogue = self._gauge("catalogue_info", "The coefficients answered from", "livemax", "digest")
        catalogue.labels(laws.digest).set(1)
        self._gauge("catalogue_laws", "Laws answered from", "livemax").set(len(laws))

    def _counter(self, name: str, doc: str, *labels: str) -> Counter:
        return Counter(f"fitted_laws_{name}", doc, labels, registry=self._registry)

    def _histogram(self, name: str, doc: str, bounds: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"fitted_laws_{name}", doc, labels, buckets=bounds, registry=self._registry)

    def _gauge(self, name: str, doc: str, mode: Any, *labels: str) -> Gauge:
        return Gauge(f"fitted_laws_{name}", doc, labels, registry=self._registry, multiprocess_mode=mode)

    def tally(self, child: Any) -> Tally:
        tally = Tally(child)
        self._waiting.append(tally)
        return tally

    def spread(self, child: Any, bounds: Sequence[float]) -> Spread:
        spread = Spread(child, bounds)
        self._waiting.append(spread)
        return spread

    def route(self, template: str) -> Route:
        """Where requests to a route template are counted."""
        if template not in self._routes:
            self._routes[template] = Route(self, template)
        return self._routes[template]

    def request_began(self) -> None:
        """One more request is being answered."""
        self._requests += 1

    def request_ended(self) -> None:
        """One less is."""
        self._requests -= 1

    def cache_holds(self, entries: int, size: int) -> None:
        """So many answers and bytes are in the cache of this process now."""
        self._entries = entries
        self._bytes = size

    def subject(self, question: str, domain: str, law: str) -> Subject:
        """Where answers to `question` by `law` are counted; all three are names that exist."""
        subject = self._subjects.get((question, domain, law))
        if subject is None:
            if question not in self._spreads:
                self._spreads[question] = self.spread(self._decades.labels(question), DECADES)
            answers = self.tally(self._questions.labels(question, domain, law))
            subject = Subject(answers, self._spreads[question])
            self._subjects[question, domain, law] = subject
        return subject

    def keys_held(self, keys: int, bad_lines: int) -> None:
        """So many keys open the service, and so many lines of their file are none."""
        self._keys.set(keys)
        self._bad_keys.set(bad_lines)

    def soon(self) -> None:
        """Has what waits poured within `POURED_EVERY` seconds; for the event loop's thread."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(POURED_EVERY, self._poured)

    def _poured(self) -> None:
        self._timer = None
        self.pour()

    def pour(self) -> None:
        """Hands what waits to prometheus-client."""
        self._in_flight.set(self._requests)
        self._cache_entries.set(self._entries)
        self._cache_bytes.set(self._bytes)
        for gauge, read in self._measured:
            gauge.set(read())
        for waiting in list(self._waiting):
            waiting.pour()

    def measured(self, name: str, doc: str, read: Callable[[], float], mode: str = "livesum") -> None:
        """Has `read` read whenever counts are poured; workers add it up, or as prometheus-client's `mode` says."""
        self._measured.append((self._gauge(name, doc, mode), read))

    def page(self) -> bytes:
        """All metrics as text, of every worker, as they were poured last."""
        if self._folder is None:
            return generate_latest(self._registry)
        return shared.page(self._folder)
