"""How often a key or an address may ask. Each process counts by itself and adds its counts to Redis five times a second.

So no request waits for Redis, replicas share a limit to within a fifth of a second, and without Redis each process counts alone:
nobody is refused who would not have been refused with it.
"""

from __future__ import annotations

import asyncio
import heapq
import ipaddress
import time
from collections.abc import Callable

from litestar.types import HTTPScope

from service.compute.redis_store import RedisStore, Skipped
from service.gate.visit import Answer, Response, Visit
from service.protocol.problems import Refused
from service.settings import Rate
from service.telemetry.metrics import Metrics

SHARE_SECONDS = 0.2
MOST_SHARED = 250
"""Counts that are added to Redis at once, the largest first: more would not come within the time of a command."""
MOST_CLIENTS = 100_000
"""Clients counted at once; beyond, the window starts anew for all."""


class Rates:
    """The counts of one window, by client."""

    def __init__(
        self,
        rate: Rate,
        shared: RedisStore | None,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
        counted: str = "requests (RATE_LIMIT)",
    ) -> None:
        self._rate = rate
        self._counted = counted
        self._shared = shared
        self._metrics = metrics
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}
        self._elsewhere: dict[str, int] = {}
        self._unshared: dict[str, int] = {}
        self._sharing = False

    def passed(self, client: str) -> tuple[tuple[str, str], ...]:
        """Counts one request of `client`; the headers that tell it what is left.

        Raises:
            Refused: 429: it asked too often.
        """
        now = self._clock()
        window, gone = divmod(int(now), self._rate.seconds)
        if window != self._window or len(self._counts) > MOST_CLIENTS:
            self._window = window
            self._counts = {}
            self._elsewhere = {}
            self._unshared = {}
        count = self._counts.get(client, 0) + 1
        left = self._rate.requests - count - self._elsewhere.get(client, 0)
        wait = self._rate.seconds - gone
        headers = (
            ("RateLimit-Policy", f'"default";q={self._rate.requests};w={self._rate.seconds}'),
            ("RateLimit", f'"default";r={max(left, 0)};t={wait}'),
        )
        if left < 0:
            self._metrics.refused.labels("rate").inc()
            raise Refused(
                429,
                f"more than {self._rate.requests} {self._counted} in {self._rate.seconds} s",
                headers=(*headers, ("Retry-After", str(wait))),
            )
        self._counts[client] = count
        self._unshared[client] = self._unshared.get(client, 0) + 1
        self._share_soon()
        return headers

    def _share_soon(self) -> None:
        if self._shared is not None and not self._sharing:
            self._sharing = True
            self._shared.soon(self._share(self._shared))

    async def _share(self, shared: RedisStore) -> None:
        """Adds what was counted here to what was counted elsewhere; what is left goes next, if Redis answered."""
        answered = False
        try:
            await asyncio.sleep(SHARE_SECONDS)
            window, unshared = self._window, self._largest()
            totals = await shared.added(f"rate:{window}:", unshared, 2 * self._rate.seconds)
            answered = True
            if window == self._window:
                for client, total in totals.items():
                    self._elsewhere[client] = max(
                        total - self._counts.get(client, 0) + self._unshared.get(client, 0), 0
                    )
        except Skipped:
            if window == self._window:
                for client, count in unshared.items():
                    self._unshared[client] = self._unshared.get(client, 0) + count
        finally:
            self._sharing = False
        if answered and self._unshared:
            self._share_soon()

    def _largest(self) -> dict[str, int]:
        """The largest counts that are not shared yet; they are taken out."""
        names = heapq.nlargest(MOST_SHARED, self._unshared, key=self._unshared.__getitem__)
        return {name: self._unshared.pop(name) for name in names}


class RateLimit:
    """The layer that counts requests by key or address, of what is rated, and tells what is left."""

    def __init__(self, rates: Rates, proxies: int) -> None:
        self._rates = rates
        self._proxies = proxies

    async def __call__(self, visit: Visit, inner: Answer) -> Response:
        """The response with what is left.

        Raises:
            Refused: 429: it asked too often.
        """
        if visit.resource is not None and not visit.resource.rated:
            return await inner(visit)
        left = self._rates.passed(visit.owner or address(visit.scope, self._proxies))
        response = await inner(visit)
        return response.with_headers([(name.lower().encode(), value.encode()) for name, value in left])


def address(scope: HTTPScope, proxies: int) -> str:
    """The client's address, as the nearest trusted proxy saw it; a header that comes twice is one list (RFC 9110, 5.3).

    Of IPv6 it is the network of 64 bits: whoever has one address of it has all (RFC 4291, 2.5.4).
    """
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [part.strip() for part in forwarded.decode("latin-1").split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return _network(hops[-proxies][:64])
    client = scope["client"]
    return _network(client[0]) if client else "unknown"


def _network(text: str) -> str:
    if ":" not in text:
        return text
    try:
        found = ipaddress.IPv6Address(text.strip("[]"))
    except ValueError:
        return text
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
