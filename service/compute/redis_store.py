"""Answers that replicas share through Redis. Whatever Redis does, an answer is computed instead, and it is counted.

A command waits at most 25 ms. The first that fails opens a breaker: until a probe in the background is answered, nobody waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import importlib
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from service.telemetry.metrics import Metrics

T = TypeVar("T")

SCHEMA = 2
"""Of the values: raise it when `Kept` or the envelope changes."""
COMMAND_SECONDS = 0.025
"""For an answer, connecting included."""
AT_ONCE = 16
"""Commands in hand at once; more than these are not asked of Redis."""
CHECKED = 32
"""Bytes of a checksum."""
LARGEST = 1_000_000
"""Bytes of a value: what comes within the time of a command from another machine."""
PROBE_SECONDS, PROBE_SECONDS_AT_MOST = 0.25, 5.0
WRITE_PAUSE_SECONDS = 5.0
FAILURES = (Exception,)
"""Of a command: a server that lies may bring the client to fail in any way."""

_encoder = msgspec.msgpack.Encoder()


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What Redis holds of an answer: its body, and what it counts as. Type and headers are the resource's."""

    body: bytes
    law: str
    extrapolation: float | None = None


_decoder = msgspec.msgpack.Decoder(Kept)


class Skipped(Exception):
    """A command was not sent, or failed: Redis has no say in this answer."""


@contextlib.asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Ends what takes longer than `seconds` with TimeoutError.

    By as much as the event loop was late itself it goes on: a busy process is no failure of Redis, whose answer may lie
    there unread.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    async with asyncio.timeout(None) as deadline:
        timer = loop.call_at(due, lambda: deadline.reschedule(2 * loop.time() - due))
        try:
            yield
        finally:
            timer.cancel()


def sealed(key: str, kept: Kept, secret: bytes = b"") -> bytes:
    """The value of `kept` under `key`: a checksum of both, then what is kept. With a secret nobody else can make one."""
    payload = _encoder.encode(kept)
    return _checksum(key, payload, secret) + payload


def opened(key: str, value: object, secret: bytes = b"") -> Kept | None:
    """What `value` holds; None where it is foreign, damaged or truncated."""
    if not isinstance(value, bytes) or not hmac.compare_digest(
        value[:CHECKED], _checksum(key, value[CHECKED:], secret)
    ):
        return None
    try:
        return _decoder.decode(value[CHECKED:])
    except msgspec.DecodeError:
        return None


def _checksum(key: str, payload: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, hashlib.sha256(key.encode()).digest() + payload, "sha256")


class RedisStore:
    """The store of one process: for the thread of its event loop."""

    def __init__(self, url: str, namespace: str, code: str, ttl: int, metrics: Metrics, secret: str = "") -> None:
        clients = importlib.import_module("service.compute.redis_client")  # 0.2 s, where there is a Redis to ask
        self._redis = clients.client(url, AT_ONCE, 40 * COMMAND_SECONDS)
        self._unwritten: tuple[type[Exception], ...] = clients.UNWRITTEN
        self._metrics = metrics
        self._ttl = ttl
        self._secret = secret.encode()
        self._namespace = namespace
        self._prefix = f"{namespace}:{SCHEMA}:{code}"
        self._at_once = 0
        self._open = False
        self._no_writes_before = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        metrics.redis_configured.set(1)
        metrics.redis_up.set(1)

    async def get(self, tag: str) -> Kept | None:
        """What replicas hold under `tag`; None where there is nothing, or nothing good, or Redis fails."""
        key = f"{self._prefix}:{tag}"
        try:
            value = await self.command("get", self._redis.get(key))
        except Skipped:
            return None
        if value is None:
            self._metrics.misses["redis"].add()
            return None
        kept = opened(key, value, self._secret)
        if kept is None:
            self._metrics.redis_rejected.inc()
            self._metrics.misses["redis"].add()
            return None
        self._metrics.hits["redis"].add()
        return kept

    def put(self, tag: str, kept: Kept) -> None:
        """Lets replicas have `kept`, soon and if possible."""
        if self._open or time.monotonic() < self._no_writes_before or len(kept.body) > LARGEST:
            return
        key = f"{self._prefix}:{tag}"
        self.soon(self._put(key, sealed(key, kept, self._secret)))

    async def _put(self, key: str, value: bytes) -> None:
        try:
            await self.command("set", self._redis.set(key, value, ex=self._ttl))
        except Skipped:
            if not self._open:
                self._no_writes_before = time.monotonic() + WRITE_PAUSE_SECONDS

    async def added(self, prefix: str, counts: Mapping[str, int], seconds: int) -> dict[str, int]:
        """Adds to the counters that replicas share; their values then. They are forgotten `seconds` later.

        Raises:
            Skipped: Redis did not count them.
        """
        if time.monotonic() < self._no_writes_before:
            raise Skipped
        pipeline = self._redis.pipeline(transaction=False)
        for name, count in counts.items():
            key = f"{self._namespace}:{prefix}{name}"
            pipeline.incrby(key, count)
            pipeline.expire(key, seconds)
        totals = await self.command("count", pipeline.execute())
        if not all(isinstance(total, int) for total in totals) or len(totals) != 2 * len(counts):
            raise Skipped
        return dict(zip(counts, totals[::2], strict=True))

    async def command(self, operation: str, sent: Awaitable[T]) -> T:
        """The answer to a command.

        Raises:
            Skipped: there is none: it failed, which is counted, or was not sent.
        """
        if self._open or self._at_once >= AT_ONCE:
            if isinstance(sent, Coroutine):
                sent.close()
            raise Skipped
        began = time.perf_counter()
        self._at_once += 1
        try:
            async with _within(COMMAND_SECONDS):
                return await sent
        except FAILURES as error:
            self._failed(operation, error)
            raise Skipped from None
        finally:
            self._at_once -= 1
            self._metrics.redis_seconds.labels(operation).observe(time.perf_counter() - began)

    def _failed(self, operation: str, error: BaseException) -> None:
        self._metrics.redis_errors.labels(operation, type(error).__name__).inc()
        if isinstance(error, self._unwritten):  # it answers, but is full, or a replica: it is read on
            self._no_writes_before = time.monotonic() + WRITE_PAUSE_SECONDS
            return
        if not self._open:
            self._turn(open_now=True)
            self.soon(self._probe())

    def _turn(self, *, open_now: bool) -> None:
        self._open = open_now
        self._metrics.breaker_open.set(open_now)
        self._metrics.redis_up.set(not open_now)

    async def _probe(self) -> None:
        """Asks until an answer comes, then closes the breaker."""
        wait = PROBE_SECONDS
        while self._open:
            await asyncio.sleep(wait)
            try:
                async with _within(COMMAND_SECONDS):
                    await self._redis.get(f"{self._prefix}:probe")
            except FAILURES:
                wait = min(2 * wait, PROBE_SECONDS_AT_MOST)
            else:
                self._turn(open_now=False)

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Has `work` done in the background; `close` ends it, so that it leaves no connection behind."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends what runs in the background, and the connections."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()
