"""What this process uses, as prometheus-client reads it of the system; where it cannot, nothing is told."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector

from service.telemetry.metrics import Metrics

SHOWN = {
    "process_resident_memory_bytes": "Memory of the processes that answer",
    "process_cpu_seconds_total": "Processor time of the processes that answer now",
    "process_open_fds": "Open files and connections of the processes that answer",
}


def measure(metrics: Metrics) -> None:
    """Has `metrics` tell memory, processor time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for sample, doc in SHOWN.items():
        if registry.get_sample_value(sample) is not None:
            metrics.measured(sample.removesuffix("_total"), doc, _reading(registry, sample))


def _reading(registry: CollectorRegistry, sample: str) -> Callable[[], float]:
    return lambda: registry.get_sample_value(sample) or 0.0
