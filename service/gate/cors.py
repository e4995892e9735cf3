"""Which pages of other hosts may ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.gate.visit import Answer, Response, Visit

EXPOSED = b"etag, retry-after, ratelimit, ratelimit-policy, x-request-id"


class Cors:
    """The layer by which other origins may read responses: those that are named, or all, by `*`."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, visit: Visit, inner: Answer) -> Response:
        return (await inner(visit)).with_headers(self.allowing(visit.method, visit.headers))

    def allowing(self, method: str, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Headers of the response to a request with `headers`."""
        origin = headers.get(b"origin")
        allowed = [] if b"*" in self._origins else [(b"vary", b"origin")]
        if origin is None or not self._origins & {origin, b"*"}:
            return allowed
        allowed += [
            (b"access-control-allow-origin", b"*" if b"*" in self._origins else origin),
            (b"access-control-expose-headers", EXPOSED),
        ]
        if method == "OPTIONS" and b"access-control-request-method" in headers:
            allowed += [
                (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
                (b"access-control-max-age", b"600"),
            ]
            wanted = headers.get(b"access-control-request-headers", b"")
            allowed += [(b"access-control-allow-headers", wanted)] if wanted else []
        return allowed
