"""The gate: the one layer around every request. It gives it an id, answers it from memory if it can, counts it."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from fitted_laws import Problem
from service.gate.admission import Guards
from service.gate.dispatch import REPLIED, encoded, write
from service.gate.memory import Cache, Kept
from service.protocol import conditional, problems
from service.protocol.messages import Asked, RawHeaders, Reply, Resource
from service.protocol.queries import without
from service.settings import Settings
from service.telemetry.logs import Line
from service.telemetry.metrics import Metrics, Route

UNMATCHED = "unmatched"
GONE = 499
"""What is counted where the client left before its reply; no reply has it."""
CLOSE = (b"connection", b"close")
GETS = frozenset({"GET", "HEAD"})

_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Place(NamedTuple):
    """What answers at a path, and where it is counted; without a resource nothing is there."""

    app: ASGIApp
    route: Route
    resource: Resource | None = None


class Passage:
    """One request on its way through the gate."""

    __slots__ = ("began", "client", "extra", "headers", "id", "key", "method", "place", "scope", "size", "status")

    def __init__(self, scope: HTTPScope, place: Place) -> None:
        self.began = time.perf_counter()
        self.scope, self.place, self.method = scope, place, scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.key = (place.resource.path if place.resource else None, without(scope["query_string"], "key"))
        self.id, self.client, self.status, self.size = b"", "", 0, 0
        self.extra: list[tuple[bytes, bytes]] = []


def path_of(scope: HTTPScope) -> bytes:
    """The path as it was sent. `scope["path"]` is unescaped: several paths that were sent are one there."""
    return (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]


def _refusing(missing: Callable[[str], Problem]) -> ASGIApp:
    """The application of every path that is no resource's."""

    async def refuse(scope: Scope, _: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)
        reply = problems.reply(missing(path_of(http)[:100].decode("latin-1")))
        await write(http["method"], reply.status, encoded(reply), reply.body, send)

    return refuse


class Gate:
    """The service as the server calls it: a path that is exactly a resource's is answered by its application, any other is `missing`.

    What answers is found once, here, before anything is decided of a request: nothing behind reads its path again.
    Measured: on the way through the router of the framework, which makes `//v1/laws` one with `/v1/laws`, a request takes 15 µs longer.
    """

    def __init__(
        self,
        apps: Mapping[Resource, ASGIApp],
        missing: Callable[[str], Problem],
        guards: Guards,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._metrics, self._guards = metrics, guards
        self._places = {
            resource.path.encode(): Place(app, metrics.route(resource.route), resource)
            for resource, app in apps.items()
        }
        self._nowhere = Place(_refusing(missing), metrics.route(UNMATCHED))
        self._cache = Cache(settings.cache_bytes)
        self._draining = False
        self._prefix, self._count = os.urandom(8).hex().encode(), itertools.count(1)

    def drain(self) -> None:
        """From now on every reply closes its connection."""
        self._draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)  # the server offers no websockets
        passage = Passage(http, self._places.get(path_of(http), self._nowhere))
        self._metrics.in_flight += 1
        try:
            await self._answer(passage, receive, send)
        finally:
            self._metrics.in_flight -= 1
            self._tell(passage, time.perf_counter() - passage.began)

    def _tell(self, passage: Passage, seconds: float) -> None:
        status = passage.status or GONE
        passage.place.route.seen(passage.method, status, seconds)
        self._metrics.soon()
        if self._guards.log.wanted(status):
            trace = passage.headers.get(b"traceparent")
            line = Line(
                time.time(),
                passage.method,
                passage.place.route.template,
                status,
                seconds,
                passage.size,
                passage.id,
                trace,
                passage.client,
            )
            self._guards.log.tell(line)

    async def _answer(self, passage: Passage, receive: Receive, send: Send) -> None:
        given = passage.headers.get(b"x-request-id")
        passage.id = given if given and _ID.fullmatch(given) else b"%s%08x" % (self._prefix, next(self._count))
        passage.extra.append((b"x-request-id", passage.id))
        if self._draining:
            passage.extra.append(CLOSE)
        try:
            passage.extra += self._guards.origins.allowing(passage.method, passage.headers)
            passage.client = self._guards.admit(passage.place.resource, passage.scope, passage.headers, passage.extra)
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            await self._refuse(passage, problems.reply(error), send)
            return
        kept = self._cache.get(passage.key) if passage.method in GETS else None
        if kept is not None:
            await self._again(passage, kept, send)
        else:
            await self._afresh(passage, receive, send)

    async def _refuse(self, passage: Passage, reply: Reply, send: Send) -> None:
        passage.status, passage.size = reply.status, len(reply.body)
        await write(passage.method, reply.status, [*encoded(reply), *passage.extra], reply.body, send)

    async def _again(self, passage: Passage, kept: Kept, send: Send) -> None:
        """Answers from memory: with the answer, or 304 where the client holds it."""
        level, status, headers, body = "process", 200, kept.headers, kept.body
        condition = passage.headers.get(b"if-none-match")
        if condition is not None and conditional.names(condition.decode("latin-1"), kept.etag):
            level, status, headers, body = "client", 304, kept.unchanged, b""
        self._metrics.hits[level].add()
        kept.subject.seen(kept.extrapolation)
        passage.status, passage.size = status, len(body)
        await write(passage.method, status, [*headers, *passage.extra], body, send)

    async def _afresh(self, passage: Passage, receive: Receive, send: Send) -> None:
        """Has the application of its address answer."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                message["headers"] = self._guards.kept_apart([*message["headers"], *passage.extra])
            elif message["type"] == "http.response.body":
                passage.size += len(message["body"])
            await send(message)

        def replied(reply: Reply, headers: RawHeaders) -> None:
            self._count_and_keep(passage, reply, headers)

        scope = cast(dict[str, Any], passage.scope)
        scope[REPLIED] = replied
        await passage.place.app(passage.scope, receive, sent)

    def _count_and_keep(self, passage: Passage, reply: Reply, headers: RawHeaders) -> None:
        for asked in reply.asked:
            self._metrics.subject(asked.question, asked.domain, asked.law).seen(asked.extrapolation)
        if passage.method not in GETS:
            return
        if reply.status == 304:
            self._metrics.hits["client"].add()
        if reply.asked:
            self._metrics.misses["process"].add()
            self._keep(passage, reply, reply.asked[0], headers)

    def _keep(self, passage: Passage, reply: Reply, asked: Asked, headers: RawHeaders) -> None:
        subject = self._metrics.subject(asked.question, asked.domain, asked.law)
        etag = dict(reply.headers)["ETag"]
        self._cache.put(
            passage.key, Kept(etag, tuple(self._guards.kept_apart(headers)), reply.body, subject, asked.extrapolation)
        )
        self._metrics.held(len(self._cache), self._cache.bytes)
