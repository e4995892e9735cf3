"""The pages for people, `/docs`, their files, and the OpenAPI document; made from the registries. Nothing on them comes from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import msgspec

from fitted_laws import Laws
from service.api.openapi.document import document
from service.pages.assets import files, media_type
from service.pages.docs import docs
from service.protocol import conditional
from service.protocol.messages import HTML, JSON, Resource, threaded
from service.settings import Settings


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    yield page("/docs", HTML, lambda: docs(settings))
    yield page("/openapi.json", JSON, lambda: msgspec.json.encode(document(laws, settings)))
    for name in files():
        yield page(f"/page/{name}", media_type(name), functools.partial(files().__getitem__, name))


def page(path: str, media_type: str, make: Callable[[], bytes]) -> Resource:
    """What `make` returns, made when it is first asked for; open to all."""
    return Resource(path=path, get=threaded(conditional.fixed_once_made(make, media_type)), keyless=True)
