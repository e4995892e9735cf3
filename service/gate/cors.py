"""Which pages of other hosts may ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EXPOSED = b"etag, retry-after, ratelimit, ratelimit-policy, x-request-id"


class Origins:
    """Which other origins may read replies (CORS): none, unless they are named, or `*`."""

    def __init__(self, named: Sequence[str]) -> None:
        self._named = frozenset(origin.encode() for origin in named)

    def allowing(self, method: str, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Headers of the reply to a request with `headers`."""
        if not self._named:
            return []
        origin = headers.get(b"origin")
        found = [] if b"*" in self._named else [(b"vary", b"origin")]
        if origin is None or not self._named & {origin, b"*"}:
            return found
        found += [
            (b"access-control-allow-origin", b"*" if b"*" in self._named else origin),
            (b"access-control-expose-headers", EXPOSED),
        ]
        if method == "OPTIONS" and b"access-control-request-method" in headers:
            asked = headers.get(b"access-control-request-headers", b"")
            found += [
                (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
                (b"access-control-max-age", b"600"),
            ]
            found += [(b"access-control-allow-headers", asked)] if asked else []
        return found
