"""The gate where TRACES is set: each request but those of health and metrics is a span, which its log line names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from litestar.types import HTTPScope, Receive, Scope, Send
from opentelemetry import trace

from service.gate.dispatch import path_of
from service.gate.gate import GONE, Gate
from service.gate.visit import Answer, Response, Visit
from service.protocol.messages import Resource
from service.telemetry import traces
from service.telemetry.logs import Log
from service.telemetry.metrics import Metrics, Route
from service.telemetry.traces import Traces

TRACEPARENT = traces.TRACEPARENT.encode()


class TracedGate(Gate):
    """A gate with a span around each request. It is a class of its own, so that a gate without traces does nothing for them."""

    def __init__(
        self, resources: Iterable[Resource], answer: Answer, metrics: Metrics, log: Log, spans: Traces
    ) -> None:
        super().__init__(resources, answer, metrics, log)
        self._traces = spans

    def close(self) -> None:
        super().close()
        self._traces.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)
        place = self._places.get(path_of(http), self._nowhere)
        if place.resource is not None and not place.resource.rated:
            await super().__call__(scope, receive, send)
            return
        sent = [value for name, value in http["headers"] if name == TRACEPARENT]
        with self._traces.begun(http["method"], place.route.template, sent) as span:
            others = [header for header in http["headers"] if header[0] != TRACEPARENT]
            http["headers"] = [*others, (TRACEPARENT, traces.traceparent(span))]  # by which the log names the span
            await super().__call__(scope, receive, send)

    def _observe(self, visit: Visit, route: Route, response: Response | None, id: bytes, seconds: float) -> None:
        super()._observe(visit, route, response, id, seconds)
        span = trace.get_current_span()
        if response is None:
            traces.describe(span, GONE, id.decode())
        else:
            traces.describe(span, response.status, id.decode(), response.usage, response.error)
