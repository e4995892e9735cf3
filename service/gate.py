"""The gate: every request to a resource and every reply passes here. Caches, metrics and limits have their place here."""

from __future__ import annotations

from typing import cast

from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service import problems
from service.messages import Reply, Request, Resource, aside
from service.problems import Refused


class Gone(Exception):
    """The client left before its request was whole."""


def gate(resource: Resource, max_body_bytes: int) -> ASGIApp:
    """The ASGI application of one resource."""

    async def pass_through(scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)  # the server offers no websockets
        try:
            reply = await _answered(resource, http, receive, max_body_bytes)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            reply = problems.reply(error)
        await write(reply, http["method"], send)

    return pass_through


async def _answered(resource: Resource, scope: HTTPScope, receive: Receive, max_body_bytes: int) -> Reply:
    method = scope["method"]
    if method in ("GET", "HEAD") and resource.get:
        return await resource.get_runs(resource.get, _request(scope))
    if method == "POST" and resource.post:
        body = await _body(receive, scope, max_body_bytes)
        return await aside(resource.post, _request(scope, body))
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
    return Refused(413, f"the body is larger than {limit} bytes; send it in parts", headers=(("Connection", "close"),))


async def write(reply: Reply, method: str, send: Send) -> None:
    """Sends `reply`; to HEAD its headers alone."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]
    if reply.media_type:
        headers.append((b"content-type", reply.media_type.encode()))
        headers.append((b"content-length", str(len(reply.body)).encode()))
    body = b"" if method == "HEAD" else reply.body
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
