"""What the process that starts the workers counts: their deaths."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

NAME, MEANING = "fitted_laws_worker_deaths", "Workers that ended unasked"


def counter(registry: CollectorRegistry | None = None) -> Counter:
    """The count, in a registry of its own unless another is given; over several processes it is the sum of theirs."""
    return Counter(NAME, MEANING, registry=registry or CollectorRegistry())
