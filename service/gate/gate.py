"""The gate: the one way in. It finds what answers, has the layers answer, sends the response, counts it and logs it."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

from fitted_laws.quantities.problems import Fault
from service.gate.arrivals import Gone
from service.gate.dispatch import encoded, path_of, shaped
from service.gate.visit import Answer, Layer, Response, Visit
from service.protocol import problems
from service.protocol.messages import PART_BYTES, RawHeaders, Resource, in_parts
from service.protocol.problems import Refused
from service.telemetry.logs import Line, Log
from service.telemetry.metrics import Metrics, Route

UNMATCHED = "unmatched"
GONE = 499
"""What is counted where the client left before it had the whole reply; no reply has it."""
HOST = b"host"
CLOSE = (b"connection", b"close")
TAKING_SECONDS = 20.0
"""In which a client must take one part of a body; a reply that nobody takes is not held."""
UNREAD = encoded(
    problems.reply(
        Refused(
            400,
            "the body ended before it was whole, or its chunks cannot be read",
            [Fault("body", "as many bytes as Content-Length or the chunks say", "fewer, or others")],
            headers=(("Connection", "close"),),
        )
    )
)

_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Place(NamedTuple):
    """What answers at a path, and where it is counted; without a resource nothing is there."""

    route: Route
    resource: Resource | None = None


class Gate:
    """The service as the server calls it: a path that is exactly a resource's belongs to it, any other to none.

    What answers is found once, here, before anything is decided of a request: no layer reads its path again.
    The framework's router would make `//v1/laws` one with `/v1/laws`; measured, it also takes 15 µs a request.
    """

    def __init__(self, resources: Iterable[Resource], answer: Answer, metrics: Metrics, log: Log) -> None:
        self._places = {
            resource.path.encode(): Place(metrics.route(resource.route), resource) for resource in resources
        }
        self._nowhere = Place(metrics.route(UNMATCHED))
        self._answer = answer
        self._unhosted = shaped(refuse_unhosted)
        self._metrics = metrics
        self._log = log
        self._draining = False
        self._prefix = os.urandom(8).hex().encode()
        self._count = itertools.count(1)

    def drain(self) -> None:
        """From now on every response closes its connection."""
        self._draining = True

    def close(self) -> None:
        """Writes the last lines of the log; it may take a moment."""
        self._log.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)  # the server offers no websockets
        began = time.perf_counter()
        place = self._places.get(path_of(http), self._nowhere)
        visit = Visit(place.resource, http, receive, dict(http["headers"]), http["method"], http["query_string"])
        own = [(b"x-request-id", self._id(visit))]
        if self._draining:
            own.append(CLOSE)
        response = None
        self._metrics.request_began()
        try:
            response = await (self._answer if hosted(visit) else self._unhosted)(visit)
            await write(visit.method, response, own, send)
        except Gone:
            if response is None:
                # Whoever has left does not hear it; the server would say 500.
                await write(visit.method, UNREAD, own, send)
            else:
                response = msgspec.structs.replace(response, status=GONE)  # the server closes what is not whole
        finally:
            self._metrics.request_ended()
            self._observe(visit, place.route, response, own[0][1], time.perf_counter() - began)

    def _id(self, visit: Visit) -> bytes:
        """The request's own id, if it has a good one, or a new one."""
        sent = visit.headers.get(b"x-request-id")
        return sent if sent and _ID.fullmatch(sent) else b"%s%08x" % (self._prefix, next(self._count))

    def _observe(self, visit: Visit, route: Route, response: Response | None, id: bytes, seconds: float) -> None:
        """Counts a request and what it asked, and logs it if it is of the sample."""
        method, status = visit.method, response.status if response else GONE
        route.observe(method, status, seconds)
        for usage in response.usage if response else ():
            self._metrics.subject(usage.question, usage.domain, usage.law).observe(usage.extrapolation)
        self._metrics.soon()
        if self._log.wanted(status):
            size = response.size if response and method != "HEAD" else 0
            owner, error = (response.owner, response.error) if response else ("", "")
            trace = visit.headers.get(b"traceparent")
            self._log.enqueue(Line(time.time(), method, route.template, status, seconds, size, id, trace, owner, error))


def hosted(visit: Visit) -> bool:
    """Whether a request names its host, and one only (RFC 9112, 3.2); the first HTTP had no hosts. The server adds an empty name for one missing."""
    sent = cast(RawHeaders, visit.scope["headers"])
    named = visit.headers.get(HOST)
    if named and len(visit.headers) == len(sent):
        return True
    return (bool(named) or visit.scope["http_version"] != "1.1") and sum(name == HOST for name, _ in sent) <= 1


async def refuse_unhosted(_: Visit) -> Response:
    """Nothing is answered to a request that two readers could take for two hosts.

    Raises:
        Refused: 400.
    """
    fault = Fault("Host", "the header Host, once", "none or several")
    raise Refused(
        400, "expected the header Host, once, got none or several", [fault], headers=(("Connection", "close"),)
    )


def through(layers: Sequence[Layer], innermost: Answer) -> Answer:
    """The answer of all layers, the first outermost; what one raises becomes a response that passes those around it."""
    answer = shaped(innermost)
    for layer in reversed(layers):
        answer = shaped(functools.partial(layer, inner=answer))
    return answer


async def write(method: str, response: Response, further: RawHeaders, send: Send) -> None:
    """Sends a response with further headers, to HEAD these alone; a large one in parts, between which small questions have their turn."""
    headers = [*response.headers, *further]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    part = b"" if method == "HEAD" else response.body
    if (len(part) > PART_BYTES or response.rest) and method != "HEAD":
        part = await _all_but_the_last(map(bytes, in_parts((part, *response.rest))), send)
    await send({"type": "http.response.body", "body": part, "more_body": False})


async def _all_but_the_last(parts: Iterator[bytes], send: Send) -> bytes:
    """Sends `parts` until one is left, which is returned.

    Raises:
        Gone: the client did not take one in time.
    """
    part = next(parts, b"")
    for following in parts:
        try:
            async with asyncio.timeout(TAKING_SECONDS):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except TimeoutError:
            raise Gone from None
        await asyncio.sleep(0)
        part = following
    return part
