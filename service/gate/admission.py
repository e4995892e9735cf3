"""Who may pass the gate: keys, rates, other origins; and the log of who did."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.types import HTTPScope

from fitted_laws import NotFound
from service.gate.api_keys import Keys
from service.gate.cors import Origins
from service.gate.rate_limit import Rates
from service.protocol.messages import RawHeaders, Resource
from service.protocol.problems import Refused
from service.telemetry.logs import Log
from service.telemetry.metrics import Metrics

PUBLIC, PRIVATE = b"public", b"private"
WAYS_OF_KEYS = b"authorization, x-api-key, cookie"


class Guards:
    """What stands at the gate of one process."""

    def __init__(
        self, keys: Keys, rates: Rates | None, origins: Origins, log: Log, metrics: Metrics, proxies: int
    ) -> None:
        self._keys, self._rates, self.origins, self.log, self._metrics, self._proxies = (
            keys,
            rates,
            origins,
            log,
            metrics,
            proxies,
        )

    def admit(
        self,
        resource: Resource | None,
        scope: HTTPScope,
        headers: Mapping[bytes, bytes],
        extra: list[tuple[bytes, bytes]],
    ) -> str:
        """Whose request this is, where keys are asked for; what its reply tells of rates is added to `extra`.

        `resource` is what answers at the request's path, None where nothing does. It alone says whether a key is needed.

        Raises:
            Refused: 401 without a key, 429 too often.
            NotFound: nothing answers there, and without a key no more is said of what does.
        """
        owner = ""
        if self._keys.needed and not self._open(resource, scope["method"]):
            try:
                owner = self._keys.owner(headers, scope["query_string"])
            except Refused:
                self._metrics.refused.labels("key").inc()
                if resource is None:
                    raise NotFound("there is no such address") from None
                raise
        if self._rates is not None and (resource is None or resource.rated):
            told = self._rates.passed(owner or self._address(scope))
            extra += [(name.lower().encode(), value.encode()) for name, value in told]
        return owner

    @staticmethod
    def _open(resource: Resource | None, method: str) -> bool:
        """Whether no key is needed; which methods there are is no secret, and a browser asks it without a key."""
        return resource is not None and (resource.keyless or method == "OPTIONS")

    def _address(self, scope: HTTPScope) -> str:
        """The client's address, as the nearest of the trusted proxies saw it; a header given twice is one list (RFC 9110, 5.3)."""
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        seen = [part.strip() for part in forwarded.decode("latin-1").split(",")]
        if self._proxies and len(seen) >= self._proxies and seen[-self._proxies]:
            return seen[-self._proxies][:64]
        client = scope["client"]
        return client[0] if client else "unknown"

    def kept_apart(self, headers: RawHeaders) -> RawHeaders:
        """`headers`; what a key opened is kept by no cache that others share, and by no browser once the key is another."""
        if not self._keys.needed:
            return headers
        private = [(n, v.replace(PUBLIC, PRIVATE)) if n == b"cache-control" else (n, v) for n, v in headers]
        return [*private, (b"vary", WAYS_OF_KEYS)]
