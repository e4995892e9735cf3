"""Replies that operations share: under a tag, and problems."""

from __future__ import annotations

from service.api.openapi.schemas import Schema, ref
from service.protocol.problems import KINDS, MEDIA_TYPE

HEADERS: dict[str, Schema] = {
    "ETag": {"description": "follows from laws, version and question", "schema": {"type": "string"}}
}
"""Headers of replies, by the name of the component."""


def problems() -> dict[str, Schema]:
    """Every kind of problem as a response, by the name of its component."""
    content = {MEDIA_TYPE: {"schema": ref("Problem")}}
    return {kind.slug: {"description": f"{kind.title}. {kind.doc}", "content": content} for kind in KINDS.values()}


def errors(*statuses: int) -> dict[str, Schema]:
    """References to the problems with these statuses, and to those that any request may meet."""
    every = dict.fromkeys((*statuses, 401, 429, 500, 503))
    return {str(status): ref(KINDS[status].slug, "responses") for status in every}


def tagged(media_type: str, body: Schema) -> dict[str, Schema]:
    """200 with a tag, and 304."""
    headers = {"ETag": ref("ETag", "headers")}
    answer = {"description": "The answer", "headers": headers, "content": {media_type.partition(";")[0]: body}}
    return {"200": answer, "304": {"description": "The client's copy is the answer", "headers": headers}}
