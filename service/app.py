"""The composition root: laws and settings in, the application out. It imports everything; only the server imports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import NotFoundException
from litestar.handlers import ASGIRouteHandler

from fitted_laws import Laws, NotFound
from fitted_laws.catalogue import load
from service import discovery, endpoints, health, lawpages, monitoring, pages, posts, problems, settings, workbook
from service.dispatch import dispatch, encoded
from service.gate import Gate
from service.messages import Resource
from service.metrics import Metrics
from service.settings import Settings


def create_app(laws: Laws, settings: Settings, folder: Path | None = None) -> Litestar:
    """The service that answers from `laws`; `folder` is where several workers add up their metrics."""
    metrics = Metrics(laws, folder)
    held = list(resources(laws, settings, metrics))
    handlers = [ASGIRouteHandler(r.path, copy_scope=False)(dispatch(r, settings.max_body_bytes)) for r in held]
    known = [resource.path for resource in held]

    def failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """What goes wrong before a resource is found: no such address, mostly."""
        missing = isinstance(error, NotFoundException)
        reply = problems.reply(no_such(request.scope["path"][:100], known, laws) if missing else error)
        headers = {name.decode(): value.decode("latin-1") for name, value in encoded(reply)}
        return Response(reply.body, status_code=reply.status, headers=headers)

    app = Litestar(handlers, openapi_config=None, logging_config=None, exception_handlers={Exception: failed})
    app.asgi_handler = Gate(app.asgi_handler, held, metrics, settings)
    return app


def resources(laws: Laws, settings: Settings, metrics: Metrics) -> Iterator[Resource]:
    """Everything that has an address."""
    yield from endpoints.resources(laws, settings)
    yield Resource(path="/v1/answers", post=posts.listed(laws, settings))
    yield monitoring.resource(metrics)
    yield from discovery.resources(laws)
    yield from health.resources(laws)
    yield from pages.resources(laws, settings)
    yield from workbook.resources(laws, settings)
    yield from lawpages.resources(laws, pages.template("law.html"))


def no_such(path: str, known: Sequence[str], laws: Laws) -> NotFound:
    """Why nothing answers at `path`: no such law, question, format or address."""
    place, _, name = path.rstrip("/").rpartition("/")
    if place == "/v1/laws":
        return NotFound.named("law", name, (law.id for law in laws))
    if place == "/v1":
        return endpoints.unknown(name)
    return NotFound.named("address", path, known)


def from_environment() -> Litestar:
    """The application as the environment sets it: what each worker of the server makes."""
    chosen = settings.read()
    return create_app(load(chosen.law_files, chosen.draws), chosen, settings.metrics_folder())
