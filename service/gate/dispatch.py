"""The ASGI application of one resource: its methods, the body read within bounds, the reply written."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service.compute.scheduler import Dear
from service.protocol import problems
from service.protocol.messages import RawHeaders, Reply, Request, Resource
from service.protocol.problems import Refused
from service.protocol.security_headers import protecting

PART_BYTES = 262_144
"""Of a body that is sent at once. Measured: the server takes 78 MB at once in 80 ms, for which nothing else is answered."""
REPLIED = "fitted_laws.replied"
"""Where the scope holds what the gate wants to see of a reply: a function of it."""


class Gone(Exception):
    """The client left before its request was whole."""


def dispatch(resource: Resource, max_body_bytes: int, dear: Dear) -> ASGIApp:
    """The application that answers at the path of `resource`; bodies are answered by `dear`."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)  # the server offers no websockets
        try:
            reply = await _answered(resource, http, receive, max_body_bytes, dear)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            reply = problems.reply(error)
        headers = encoded(reply)
        replied: Any = scope.get(REPLIED)
        if replied is not None:
            replied(reply, headers)
        await write(http["method"], reply.status, headers, reply.body, send)

    return answer


async def _answered(resource: Resource, scope: HTTPScope, receive: Receive, max_body_bytes: int, dear: Dear) -> Reply:
    method = scope["method"]
    if method in ("GET", "HEAD") and resource.fetch:
        return await resource.fetch(_request(scope))
    if method in ("GET", "HEAD") and resource.get:
        return await resource.get_runs(resource.get, _request(scope))
    if method == "POST" and resource.post:
        with dear.turnstile.passed():
            body = await _body(receive, scope, max_body_bytes)
            return await dear.posted(resource.post, _request(scope, body))
    allow = (("Allow", resource.allow),)
    if method == "OPTIONS":
        return Reply(204, headers=allow)
    raise Refused(405, f"{method} is not answered at {resource.path}; {resource.allow} are", headers=allow)


def _request(scope: HTTPScope, body: bytes = b"") -> Request:
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"],
        headers=tuple(scope["headers"]),
        body=body,
        scheme=scope["scheme"],
    )


async def _body(receive: Receive, scope: HTTPScope, limit: int) -> bytes:
    """The whole body.

    Raises:
        Refused: 413, as soon as it is known to exceed `limit`.
        Gone: the client left.
    """
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        parts.append(message["body"])
        size += len(message["body"])
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large(limit: int) -> Refused:
    return Refused(
        413,
        f"the body is larger than {limit} bytes (MAX_BODY_BYTES); send it in parts",
        headers=(("Connection", "close"),),
    )


def encoded(reply: Reply) -> list[tuple[bytes, bytes]]:
    """The headers of `reply` as they are sent."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]
    if reply.media_type:
        headers.append((b"content-type", reply.media_type.encode()))
        headers.append((b"content-length", str(len(reply.body)).encode()))
    return headers + protecting(headers)


async def write(method: str, status: int, headers: RawHeaders, body: bytes, send: Send) -> None:
    """Sends a reply; to HEAD its headers alone. A large one goes in parts, between which small questions have their turn."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if method == "HEAD":
        body = b""
    last = max(len(body) - 1, 0) // PART_BYTES * PART_BYTES
    for start in range(0, last, PART_BYTES):
        await send({"type": "http.response.body", "body": body[start : start + PART_BYTES], "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": body[last:], "more_body": False})
