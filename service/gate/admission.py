"""Who may pass where keys are set: a key is asked for by what answers, and by whatever does not say otherwise."""

from __future__ import annotations

import msgspec

from fitted_laws import NotFound
from service.gate.api_keys import Keys, key_of
from service.gate.rate_limit import Rates, address
from service.gate.visit import Answer, Response, Visit
from service.protocol.problems import Refused
from service.settings import Rate
from service.telemetry.metrics import Metrics

PUBLIC, PRIVATE = b"public", b"private"
WAYS_OF_KEYS = b"authorization, x-api-key, cookie"
WRONG_KEYS = Rate(30, 60)
"""So many wrong keys of an address are looked up; a right one always is."""


class Admission:
    """The layer that asks for a key."""

    def __init__(self, keys: Keys, proxies: int, metrics: Metrics) -> None:
        self._keys = keys
        self._proxies = proxies
        self._wrong = Rates(WRONG_KEYS, None, metrics, counted="wrong keys")
        self._metrics = metrics

    async def __call__(self, visit: Visit, inner: Answer) -> Response:
        """The response, which no cache keeps that others share, and no browser once the key is another.

        Raises:
            Refused: 401: a key is needed, and there is none of ours; 429: the address tried too many.
            NotFound: nothing answers there, and without a key no more is said of what does.
        """
        if not _open(visit):
            visit = msgspec.structs.replace(visit, owner=self._owner(visit))
        response = await inner(visit)
        headers = [(n, v.replace(PUBLIC, PRIVATE)) if n == b"cache-control" else (n, v) for n, v in response.headers]
        headers.append((b"vary", WAYS_OF_KEYS))
        return msgspec.structs.replace(response, headers=headers, owner=visit.owner)

    def _owner(self, visit: Visit) -> str:
        try:
            return self._keys.owner(visit.headers, visit.query)
        except Refused:
            self._metrics.refused.labels("key").inc()
            if key_of(visit.headers, visit.query):
                self._wrong.passed(address(visit.scope, self._proxies))
            if visit.resource is None:
                raise NotFound("there is no such address") from None
            raise


def _open(visit: Visit) -> bool:
    """Whether no key is needed; which methods there are is no secret, and a browser asks it without a key."""
    return visit.resource is not None and (visit.resource.keyless or visit.method == "OPTIONS")
