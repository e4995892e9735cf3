"""GET /metrics, for Prometheus."""

from __future__ import annotations

import anyio.to_thread

from service.protocol.messages import Reply, Request, Resource
from service.telemetry.metrics import MEDIA_TYPE, Metrics

PATH = "/metrics"


def resource(metrics: Metrics) -> Resource:
    """The address that a scrape asks."""

    async def get(_: Request) -> Reply:
        metrics.pour()
        return await anyio.to_thread.run_sync(
            page, metrics
        )  # the files of all workers take some milliseconds to add up

    return Resource(path=PATH, get=get, rated=False)


def page(metrics: Metrics) -> Reply:
    """All metrics as they were poured last."""
    return Reply(200, metrics.page(), MEDIA_TYPE, (("Cache-Control", "no-store"),))
