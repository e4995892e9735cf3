"""GET /metrics, for Prometheus."""

from __future__ import annotations

import anyio.to_thread

from service.protocol.messages import Reply, Request, Resource
from service.telemetry.metrics import MEDIA_TYPE, Metrics


def resource(metrics: Metrics) -> Resource:
    """The address that a scrape asks."""

    async def get(_: Request) -> Reply:
        metrics.pour()
        body = await anyio.to_thread.run_sync(metrics.page)  # the files of all workers take some milliseconds to add up
        return Reply(200, body, MEDIA_TYPE, (("Cache-Control", "no-store"),))

    return Resource(path="/metrics", get=get, rated=False)
