"""How a request came, as trusted proxies say it: by TLS, of which browsers are then told to stay with it (HSTS, RFC 6797)."""

from __future__ import annotations

from service.gate.visit import Answer, Response, Visit

FORWARDED = b"x-forwarded-proto"


class Transport:
    """The layer that takes the scheme from `X-Forwarded-Proto`, where `proxies` stand in front; `always` where users have no other than TLS."""

    def __init__(self, seconds: int, proxies: int, *, always: bool) -> None:
        self._headers = [(b"strict-transport-security", b"max-age=%d" % seconds)] if seconds else []
        self._proxies = proxies
        self._always = always

    async def __call__(self, visit: Visit, inner: Answer) -> Response:
        if not (self._always or self._by_tls(visit)):
            return await inner(visit)
        visit.scope["scheme"] = "https"
        return (await inner(visit)).with_headers(self._headers)

    def _by_tls(self, visit: Visit) -> bool:
        """Whether the request came to the outermost trusted proxy by TLS: most proxies write one scheme, some add theirs to a list."""
        if not self._proxies or FORWARDED not in visit.headers:
            return False
        hops = visit.headers[FORWARDED].split(b",")
        return hops[max(len(hops) - self._proxies, 0)].strip().lower() == b"https"
