"""All documents of the service."""

from __future__ import annotations

from collections.abc import Iterator

from fitted_laws import Laws
from service.pages import laws as lawpages
from service.pages import lists, resources
from service.pages.assets import template
from service.protocol.documents import Document
from service.settings import Settings
from service.workbook import workbook


def documents(laws: Laws, settings: Settings) -> Iterator[Document]:
    """Each of them: what the process that answers may have another one make."""
    frame = template("law.html")
    yield from resources.documents(laws, settings)
    yield from lists.documents(laws, frame)
    yield from lawpages.documents(laws, frame)
    yield workbook.document(laws)
