"""From a visit to the response of its resource: methods, the body read within bounds, problems in their one shape."""

from __future__ import annotations

from collections.abc import Callable

from litestar.types import HTTPScope

from fitted_laws import Problem
from service.compute.scheduler import Scheduler
from service.gate.arrivals import Arrivals, Gone
from service.gate.visit import Answer, Response, Visit
from service.protocol import problems
from service.protocol.messages import Reply, Request, Resource
from service.protocol.problems import Refused
from service.protocol.security_headers import protecting


class Dispatch:
    """The innermost answer: that of the resource, or `missing`, which says of a path why nothing answers there."""

    def __init__(self, scheduler: Scheduler, missing: Callable[[str], Problem], arrivals: Arrivals) -> None:
        self._scheduler = scheduler
        self._missing = missing
        self._arrivals = arrivals

    async def __call__(self, visit: Visit) -> Response:
        resource = visit.resource
        if resource is None:
            raise self._missing(path_of(visit.scope)[:100].decode("latin-1"))
        if resource.get and visit.method in ("GET", "HEAD"):
            return encoded(await resource.get(_request(visit.scope)))
        return encoded(await self._other(resource, visit))

    async def _other(self, resource: Resource, visit: Visit) -> Reply:
        """The reply to another method than GET and HEAD; a body is answered through the scheduler."""
        method = visit.method
        if method == "POST" and resource.post:
            body = await self._arrivals.whole(visit.receive, visit.headers)
            return await self._scheduler.posted(resource, resource.post, _request(visit.scope, body))
        allow = (("Allow", resource.allow),)
        if method == "OPTIONS":
            return Reply(204, headers=allow)
        raise Refused(405, f"{method} is not answered at {resource.path}; {resource.allow} are", headers=allow)


def path_of(scope: HTTPScope) -> bytes:
    """The path as it was sent. `scope["path"]` is unescaped: several paths that were sent are one there."""
    return (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]


def shaped(answer: Answer) -> Answer:
    """`answer` whose exceptions are responses: whatever goes wrong, the user gets the one shape."""

    async def respond(visit: Visit) -> Response:
        try:
            return await answer(visit)
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is
            return encoded(problems.reply(error))

    return respond


def encoded(reply: Reply) -> Response:
    """`reply`, which is made, with its headers as they are sent."""
    rest = tuple(reply.rest)
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]
    if reply.media_type:
        headers.append((b"content-type", reply.media_type.encode()))
        headers.append((b"content-length", str(len(reply.body) + sum(map(len, rest))).encode()))
    return Response(reply.status, headers + protecting(headers), reply.body, reply.usage, error=reply.error, rest=rest)


def _request(scope: HTTPScope, body: bytes = b"") -> Request:
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"],
        headers=tuple(scope["headers"]),
        body=body,
        scheme=scope["scheme"],
    )
