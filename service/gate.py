"""The gate: the one layer around every request. It gives it an id, answers it from memory if it can, counts it."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Sequence
from typing import Any, cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from service import conditional
from service.cache import Cache, Kept
from service.dispatch import REPLIED, write
from service.messages import RawHeaders, Reply, Resource
from service.metrics import Metrics, Route
from service.protection import Origins
from service.settings import Settings

UNMATCHED = "unmatched"
GETS = frozenset({"GET", "HEAD"})

_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Passage:
    """One request on its way through the gate."""

    __slots__ = ("began", "headers", "id", "key", "method", "route", "scope", "size", "status")

    def __init__(self, scope: HTTPScope, route: Route) -> None:
        self.began = time.perf_counter()
        self.scope, self.route, self.method = scope, route, scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.key = (scope["path"], without_key(scope["query_string"]))
        self.id, self.status, self.size = b"", 0, 0


def without_key(query: bytes) -> bytes:
    """A raw query without its API key: what an answer follows from."""
    if b"key=" not in query:
        return query
    return b"&".join(part for part in query.split(b"&") if not part.startswith(b"key="))


class Gate:
    """The service as the server calls it; `router` answers what is not in memory."""

    def __init__(self, router: ASGIApp, resources: Sequence[Resource], metrics: Metrics, settings: Settings) -> None:
        self._router, self._metrics = router, metrics
        self._routes = {resource.path: metrics.route(resource.route) for resource in resources}
        self._unmatched = metrics.route(UNMATCHED)
        self._cache = Cache(settings.cache_bytes)
        self._origins = Origins(settings.origins)
        self._prefix, self._count = os.urandom(8).hex().encode(), itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics, http = self._metrics, cast(HTTPScope, scope)  # the server offers no websockets
        passage = Passage(http, self._routes.get(http["path"], self._unmatched))
        metrics.in_flight += 1
        try:
            await self._answer(passage, receive, send)
        finally:
            metrics.in_flight -= 1
            passage.route.seen(passage.method, passage.status or 499, time.perf_counter() - passage.began)
            metrics.soon()

    async def _answer(self, passage: Passage, receive: Receive, send: Send) -> None:
        extra = self._of_this_request(passage)
        kept = self._cache.get(passage.key) if passage.method in GETS else None
        if kept is not None:
            await self._again(passage, kept, extra, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                message["headers"] = [*message["headers"], *extra]
            elif message["type"] == "http.response.body":
                passage.size += len(message["body"])
            await send(message)

        def replied(reply: Reply, headers: RawHeaders) -> None:
            self._count_and_keep(passage, reply, headers)

        scope = cast(dict[str, Any], passage.scope)
        scope[REPLIED] = replied
        await self._router(passage.scope, receive, sent)

    def _of_this_request(self, passage: Passage) -> list[tuple[bytes, bytes]]:
        """The headers that belong to this request, whatever the answer."""
        given = passage.headers.get(b"x-request-id")
        passage.id = given if given and _ID.fullmatch(given) else b"%s%08x" % (self._prefix, next(self._count))
        return [(b"x-request-id", passage.id), *self._origins.allowing(passage.method, passage.headers)]

    async def _again(self, passage: Passage, kept: Kept, extra: list[tuple[bytes, bytes]], send: Send) -> None:
        """Answers from memory: with the answer, or 304 where the client holds it."""
        level, status, headers, body = "process", 200, kept.headers, kept.body
        condition = passage.headers.get(b"if-none-match")
        if condition is not None and conditional.names(condition.decode("latin-1"), kept.etag):
            level, status, headers, body = "client", 304, kept.unchanged, b""
        self._metrics.hits[level].add()
        kept.subject.seen(kept.extrapolation)
        passage.status, passage.size = status, len(body)
        await write(passage.method, status, [*headers, *extra], body, send)

    def _count_and_keep(self, passage: Passage, reply: Reply, headers: RawHeaders) -> None:
        for asked in reply.asked:
            self._metrics.subject(asked.question, asked.domain, asked.law).seen(asked.extrapolation)
        if passage.method not in GETS or not reply.asked:
            return
        self._metrics.misses["process"].add()
        (asked,) = reply.asked
        subject = self._metrics.subject(asked.question, asked.domain, asked.law)
        self._cache.put(passage.key, Kept(dict(reply.headers)["ETag"], headers, reply.body, subject, asked.extrapolation))
        self._metrics.held(len(self._cache), self._cache.bytes)
