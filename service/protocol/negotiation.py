"""One address, two representations: JSON for programs, a page where a browser asks for one."""

from __future__ import annotations

import msgspec
from litestar.datastructures.headers import Accept

from service.protocol.messages import JSON, Getter, Reply, Request


def negotiated(data: Getter, page: Getter) -> Getter:
    """`data`, or `page` where the client would rather have HTML."""

    async def get(request: Request) -> Reply:
        wanted = Accept(request.header(b"accept") or "*/*").best_match([JSON, "text/html"])
        reply = await (page if wanted == "text/html" else data)(request)
        return msgspec.structs.replace(reply, headers=(*reply.headers, ("Vary", "Accept")))

    return get
