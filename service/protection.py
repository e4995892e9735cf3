"""Headers that protect a browser, and those by which other origins may ask, where they are allowed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.messages import RawHeaders

SVG = b"image/svg+xml"
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What `/`, `/docs` and every other reply may load and run: what this service holds, and nothing inline."""
PAGE_WITH_PLOTS = POLICY.replace(b"style-src 'self'", b"style-src 'self' 'unsafe-inline'").decode()
"""What a law's page may load: its plots stand in it with their styles inline. Nothing on it comes from a user."""
SVG_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A plot opened by itself has its styles inline, and no scripts."""
ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"DENY"))
EXPOSED = b"etag, retry-after, ratelimit, ratelimit-policy, x-request-id"


def protecting(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The protecting headers that a reply with `headers` lacks."""
    held = dict(headers)
    if b"content-security-policy" in held:
        return list(ALWAYS)
    policy = SVG_POLICY if held.get(b"content-type") == SVG else POLICY
    return [*ALWAYS, (b"content-security-policy", policy)]


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
        found += [(b"access-control-allow-origin", b"*" if b"*" in self._named else origin), (b"access-control-expose-headers", EXPOSED)]
        if method == "OPTIONS" and b"access-control-request-method" in headers:
            asked = headers.get(b"access-control-request-headers", b"")
            found += [(b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"), (b"access-control-max-age", b"600")]
            found += [(b"access-control-allow-headers", asked)] if asked else []
        return found
