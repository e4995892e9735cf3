"""The pages for people, `/docs`, their files, `/llms.txt` the OpenAPI document; made from the registries. Nothing comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fitted_laws import Laws
from service.api.openapi.document import document
from service.pages.assets import PAGE, files, media_type
from service.pages.docs import docs
from service.pages.llms import llms
from service.protocol.conditional import always
from service.protocol.documents import Document, Getters
from service.protocol.messages import HTML, JSON, Resource
from service.settings import Settings

DOCS, OPENAPI, LLMS, FIT = "/docs", "/openapi.json", "/llms.txt", "/fit"
PLAIN = "text/plain; charset=utf-8"


def documents(laws: Laws, settings: Settings) -> Iterator[Document]:
    yield Document(DOCS, HTML, lambda: docs(settings))
    yield Document(OPENAPI, JSON, lambda: msgspec.json.encode(document(laws, settings)))
    yield Document(LLMS, PLAIN, lambda: llms(laws))


def resources(getters: Getters, settings: Settings) -> Iterator[Resource]:
    """The documents and the files that pages load, open to all; the page that takes tables where they are taken."""
    if settings.uploads:
        yield Resource(path=FIT, get=always((PAGE / "fit.html").read_bytes(), HTML), keyless=True)
    for path in (DOCS, OPENAPI, LLMS):
        yield Resource(path=path, get=getters[path], keyless=True)
    for name, body in files().items():
        yield Resource(path=f"/page/{name}", get=always(body, media_type(name)), keyless=True)
