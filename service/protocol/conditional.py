"""Conditional requests (RFC 9110, 13): tags of answers, and whether a client already holds one."""

from __future__ import annotations

import hashlib
import re

from service.protocol.messages import Getter, Reply, Request

CACHE_CONTROL = "public, max-age=300"

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def tag(*parts: bytes) -> str:
    """An entity tag that follows from `parts` alone."""
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=12).hexdigest()
    return f'"{digest}"'


def names(condition: str, etag: str) -> bool:
    """Whether a condition holds for an answer that there is: it names its tag, weak or not, or `*`."""
    return etag in _TAG.findall(condition) or condition.strip() == "*"


def names_it(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, in a list and weak or not; `*` is left to `checked`, once there is an answer."""
    condition = request.header(b"if-none-match")
    return condition is not None and etag in _TAG.findall(condition)


def unchanged(etag: str) -> Reply:
    """304: the client's copy is the answer."""
    return Reply(304, headers=validators(etag))


def validators(etag: str) -> tuple[tuple[str, str], ...]:
    """The headers by which an answer is kept and checked again."""
    return ("ETag", etag), ("Cache-Control", CACHE_CONTROL)


def fixed(body: bytes, media_type: str) -> Reply:
    """A reply that never changes while the service runs, under the tag of its bytes."""
    return Reply(200, body, media_type, validators(tag(body)))


def always(body: bytes, media_type: str) -> Getter:
    """A getter of one body."""
    reply = fixed(body, media_type)

    async def get(request: Request) -> Reply:
        return checked(request, reply)

    return get


def checked(request: Request, reply: Reply) -> Reply:
    """`reply`, which has a tag, or 304 where the client holds it."""
    condition = request.header(b"if-none-match")
    if condition is None:
        return reply
    etag = dict(reply.headers)["ETag"]
    return unchanged(etag) if names(condition, etag) else reply
