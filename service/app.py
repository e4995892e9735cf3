"""The composition root: laws and settings in, the application out. It imports everything; only the server imports it."""

from __future__ import annotations

import asyncio
import gc
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import anyio.to_thread
from litestar import Litestar
from litestar.config.app import AppConfig

from fitted_laws import Laws, NotFound
from fitted_laws.catalogue import load
from service import settings
from service.api import fit, get, post
from service.compute.allocator import keep_memory
from service.compute.code_digest import code_digest
from service.compute.documents import Documents
from service.compute.processes import Calculators
from service.compute.redis_store import RedisStore
from service.compute.scheduler import Scheduler
from service.compute.semaphore import Semaphore
from service.gate.admission import Admission
from service.gate.api_keys import keys_of
from service.gate.arrivals import Arrivals
from service.gate.cors import Cors
from service.gate.dispatch import Dispatch
from service.gate.gate import Gate, through
from service.gate.memory import Memory
from service.gate.rate_limit import RateLimit, Rates
from service.gate.transport import Transport
from service.gate.visit import Answer, Layer
from service.pages import every, lists
from service.pages import laws as lawpages
from service.pages import resources as pages
from service.pages.planner import page as planner
from service.protocol.messages import Reply, Resource, in_thread
from service.server import on_signal, with_its_parent
from service.settings import Settings, numeric
from service.telemetry import health, process, scrape
from service.telemetry.health import Readiness
from service.telemetry.listener import Listener
from service.telemetry.logs import Log, structure
from service.telemetry.metrics import Metrics
from service.workbook import workbook

SPARE_SECONDS = 1.0
"""After its start, when a worker loads what is rarely used."""


class Application(Litestar):
    """Start, stop and what stands between; without what the framework loads for packages that happen to be installed, pydantic's 0.2 s among it."""

    @staticmethod
    def _get_default_plugins(plugins: list[Any]) -> list[Any]:
        return plugins

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        return config


def create_app(
    laws: Laws, settings: Settings, folder: Path | None = None, calculators: Calculators | None = None
) -> Litestar:
    """The service that answers from `laws`.

    `folder` is where several workers add up their metrics; `calculators` compute what is expensive, in place of threads.
    """
    metrics = Metrics(laws, folder)
    log = Log(settings.log_sample, metrics.logs_dropped)
    shared = store(laws, settings, metrics)
    semaphore = Semaphore(settings.max_concurrent, metrics)
    scheduler = Scheduler(
        calculators.run if calculators else in_thread, semaphore, shared, metrics, settings.max_seconds
    )
    readiness = Readiness(laws)
    process.measure(metrics)
    metrics.measured("draws", "Draws behind an interval", lambda: settings.draws, "livemax")
    metrics.measured("dear_in_hand", "Dear questions and bodies in hand", lambda: semaphore.acquired_now)
    if calculators is not None:
        metrics.measured("calculators_busy", "Calculators that compute", lambda: calculators.busy)
        metrics.measured("calculators_queued", "Dear questions that wait for a calculator", lambda: calculators.queued)
    offered = list(resources(laws, settings, metrics, scheduler, readiness))
    known = [resource.path for resource in offered]
    arrivals = Arrivals(settings.max_body_bytes, settings.max_body_seconds, metrics)
    dispatch = Dispatch(scheduler, lambda path: no_such(path, known, laws), arrivals)

    answer = through(layers(settings, shared, metrics), dispatch)
    gate = traced(offered, answer, metrics, log, settings) if settings.traces else Gate(offered, answer, metrics, log)

    async def close() -> None:
        """Pours the last counts, writes the last lines and spans, ends connections and processes."""
        metrics.pour()
        await anyio.to_thread.run_sync(gate.close)
        if shared is not None:
            await shared.close()
        if calculators is not None:
            calculators.close()

    async def listen() -> None:
        """Opens the listener of those who watch, where one is set."""
        if settings.health_port:
            Listener(numeric(settings.host), settings.health_port, watched(metrics, readiness)).start()

    app = Application(openapi_config=None, logging_config=None, on_startup=[listen], on_shutdown=[close])
    app.asgi_handler = gate
    return app


def traced(offered: Sequence[Resource], answer: Answer, metrics: Metrics, log: Log, settings: Settings) -> Gate:
    """A gate whose requests are traced: what it stands on is loaded only here."""
    spans = importlib.import_module("service.telemetry.traces").Traces(settings.traces, settings.traces_sample)
    found: Gate = importlib.import_module("service.gate.traced_gate").TracedGate(offered, answer, metrics, log, spans)
    return found


def layers(settings: Settings, shared: RedisStore | None, metrics: Metrics) -> list[Layer]:
    """What a request passes between the gate and its resource, outermost first; what is not set is left out."""
    keys = keys_of(settings, metrics.keys_held)
    by_tls = settings.public_url.startswith("https:")
    candidates: list[Layer | None] = [
        Transport(settings.hsts_seconds, settings.trusted_proxies, always=by_tls)
        if by_tls or settings.trusted_proxies
        else None,
        Cors(settings.origins) if settings.origins else None,
        Admission(keys, settings.trusted_proxies, metrics) if keys.needed else None,
        RateLimit(Rates(settings.rate, shared, metrics), settings.trusted_proxies) if settings.rate else None,
        Memory(settings.cache_bytes, metrics),
    ]
    return [layer for layer in candidates if layer is not None]


def store(laws: Laws, settings: Settings, metrics: Metrics) -> RedisStore | None:
    """Where replicas share, if a Redis is set. Answers follow from the coefficients, the draws, the code and what it computes with."""
    if not settings.redis_url:
        return None
    code = f"{laws.digest}:{settings.draws}:{code_digest()}"
    return RedisStore(
        settings.redis_url, settings.redis_namespace, code, settings.cache_ttl, metrics, settings.redis_secret
    )


def resources(
    laws: Laws, settings: Settings, metrics: Metrics, scheduler: Scheduler, readiness: Readiness
) -> Iterator[Resource]:
    """Every resource: a path that is none of theirs is answered by nobody."""
    getters = Documents(scheduler, metrics).getters(every.documents(laws, settings))
    yield from get.resources(laws, settings, scheduler)
    yield Resource(path="/v1/answers", post=post.list_handler(laws, settings), cheap_body=post.cheap_body(None))
    if settings.uploads:
        yield Resource(path=fit.PATH, post=fit.handler(settings), cheap_body=lambda _: True)  # a child does the work
    yield from planner.resources(laws, settings, scheduler)
    yield from lists.resources(getters)
    yield from lawpages.resources(laws, getters)
    yield from pages.resources(getters, settings)
    yield workbook.resource(getters[workbook.PATH], settings)
    yield from health.resources(readiness)
    yield scrape.resource(metrics)


def watched(metrics: Metrics, readiness: Readiness) -> dict[str, Callable[[], Reply]]:
    """What the listener of those who watch answers."""
    return {
        health.LIVE: lambda: health.ALIVE,
        health.READY: readiness.checked,
        scrape.PATH: lambda: scrape.page(metrics),
    }


def no_such(path: str, known: Sequence[str], laws: Laws) -> NotFound:
    """Why nothing answers at `path`: no such law, question, format or address."""
    place, _, name = path.rstrip("/").rpartition("/")
    if place == "/v1/laws":
        return NotFound.named("law", name, (law.id for law in laws))
    if place == "/v1":
        return get.unknown(name)
    return NotFound.named("address", path, known)


async def draining(app: Litestar) -> None:
    """Has the worker drain when its parent says so, and end with it."""
    keep_memory()
    on_signal(cast(Gate, app.asgi_handler).drain)
    with_its_parent()
    asyncio.get_running_loop().call_later(SPARE_SECONDS, threading.Thread(target=load_the_rest, daemon=True).start)


def load_the_rest() -> None:
    """Loads what the mathematics takes for a few questions, so that none of them waits; the first answer does not wait for it either."""
    importlib.import_module("scipy.special")
    gc.freeze()


def from_environment(*, check: bool = True) -> Litestar:
    """The application as the environment sets it."""
    structure()
    chosen = settings.read()
    calculators = Calculators(chosen.calculators, chosen.max_seconds) if chosen.calculators else None
    laws = load(chosen.law_files, chosen.draws, check=check)
    app = create_app(laws, chosen, settings.metrics_folder(), calculators)
    app.on_startup.append(draining)
    gc.collect()
    gc.freeze()  # what is here stays: to look through it anew, now and then, took 65 ms
    return app


def of_worker() -> Litestar:
    """What each worker of the server makes: the laws were checked before it was started."""
    return from_environment(check=False)
