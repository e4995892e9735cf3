"""Traces: spans of requests, sent to a collector by OTLP over HTTP. Loaded only where TRACES is set; what fails here fails alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from fitted_laws import __version__
from service.protocol.messages import METHODS, Usage

NAME = "fitted-laws"
PATH = "/v1/traces"
EXPORT_SECONDS = 3.0
"""That one batch may take to be sent, with what is tried again."""
CLOSE_SECONDS = 2.0
"""For the last spans, once the service stops; a collector that is slower loses them."""
TRACEPARENT = "traceparent"

_propagator = TraceContextTextMapPropagator()


class Traces:
    """Spans of this process. They wait in a queue of 2,048 for a thread that sends them; more are dropped."""

    def __init__(self, collector: str, sample: float) -> None:
        ours = Resource({SERVICE_NAME: NAME, SERVICE_VERSION: __version__})
        self._provider = TracerProvider(
            ParentBased(TraceIdRatioBased(sample)),
            Resource.create().merge(ours).merge(OTELResourceDetector().detect()),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=collector.rstrip("/") + PATH, timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(NAME, __version__)

    def begun(self, method: str, route: str, sent: Sequence[bytes]) -> AbstractContextManager[Span]:
        """The span of a request to a route, as long as the block inside.

        `sent` are the values of its `traceparent`, of which one alone is a parent (W3C Trace Context, 3.2.2).
        """
        parent = _propagator.extract({TRACEPARENT: sent[0].decode("latin-1")}) if len(sent) == 1 else None
        known = method if method in METHODS else "_OTHER"
        attributes = {"http.request.method": known, "http.route": route}
        return self._tracer.start_as_current_span(
            f"{known} {route}",
            parent,
            SpanKind.SERVER,
            attributes,
            record_exception=False,  # its words may hold a request's values
            set_status_on_exception=False,
        )

    def close(self) -> None:
        """Sends the last spans, unless it takes too long."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def traceparent(span: Span) -> bytes:
    """What names `span` as the parent of what happens within it."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}".encode()


def describe(span: Span, status: int, request_id: str, usage: Sequence[Usage] = (), error: str = "") -> None:
    """Says of a span what came of its request: names that exist, and no value of the request but its id, as in the log."""
    if not span.is_recording():
        return
    span.set_attributes({"http.response.status_code": status, "fitted_laws.request_id": request_id})
    if len(usage) == 1:
        [one] = usage
        names = {"question": one.question, "domain": one.domain, "law": one.law}
        span.set_attributes({f"fitted_laws.{name}": value for name, value in names.items()})
    elif usage:
        span.set_attribute("fitted_laws.questions", len(usage))
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR, error))
