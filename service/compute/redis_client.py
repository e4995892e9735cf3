"""The connections to Redis. Loaded only where REDIS_URL is set: redis-py takes longer than all of ours."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, ReadOnlyError

UNWRITTEN = OutOfMemoryError, ReadOnlyError
"""What a Redis says that answers, but is full, or a replica."""


def client(url: str, connections: int, seconds: float) -> Redis:
    """A client that never retries, and waits so long at most; password, TLS and database as redis-py reads them from the URL."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        protocol=2,  # 3 says hello first: another wait
    )
    return Redis(connection_pool=pool)
