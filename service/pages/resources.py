"""The pages for people, `/docs`, their files, and the OpenAPI document; made from the registries. Nothing on them comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fitted_laws import Laws
from service.api.openapi import document
from service.pages.assets import files, media_type
from service.pages.docs import docs
from service.protocol.conditional import always
from service.protocol.documents import Document, Getters
from service.protocol.messages import HTML, JSON, Resource
from service.settings import Settings

DOCS, OPENAPI = "/docs", "/openapi.json"


def documents(laws: Laws, settings: Settings) -> Iterator[Document]:
    yield Document(DOCS, HTML, lambda: docs(settings))
    yield Document(OPENAPI, JSON, lambda: msgspec.json.encode(document(laws, settings)))


def resources(getters: Getters) -> Iterator[Resource]:
    """The documents and the files that pages load, open to all."""
    for path in (DOCS, OPENAPI):
        yield Resource(path=path, get=getters[path], keyless=True)
    for name, body in files().items():
        yield Resource(path=f"/page/{name}", get=always(body, media_type(name)), keyless=True)
