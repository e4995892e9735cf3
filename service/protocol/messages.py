"""What crosses the border: a request as read, a reply as sent, and the resources that turn one into the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import anyio.to_thread
import msgspec

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Headers as they are sent: names in lower case."""

JSON = "application/json"
HTML = "text/html; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
"""That are answered somewhere; all others are counted as one."""
PART_BYTES = 262_144
"""Bytes of a body that are sent at once. Measured: 78 MB at once take 80 ms, in which nothing else is answered."""


Part: TypeAlias = bytes | memoryview
"""Some of the bytes of a body; a view of them where they are part of what is larger."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request; `query` is raw, `body` is whole."""

    method: str
    path: str
    query: bytes = b""
    headers: RawHeaders = ()
    body: bytes = b""
    scheme: str = "http"
    inputs: dict[str, Any] = {}
    """The inputs of a question that was read already, for who computes its answer, perhaps in another process."""

    def header(self, name: bytes) -> str | None:
        """The values of a header (named in lower case), joined by commas."""
        values = [value for key, value in self.headers if key == name]
        return b", ".join(values).decode("latin-1") if values else None


class Usage(msgspec.Struct, frozen=True):
    """What an answer counts as: names that exist, and decades beyond the fitted range (null: the law has none)."""

    question: str
    domain: str
    law: str
    extrapolation: float | None = None


class Reply(msgspec.Struct, frozen=True):
    """One reply; without a media type it has no body."""

    status: int
    body: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    usage: tuple[Usage, ...] = ()
    error: str = ""
    """Of a failure of the service: what it was, and where, for the log alone; no values of a request."""
    rest: Iterable[Part] = ()
    """What follows `body`, where that is large: parts of at most `PART_BYTES`, which a handler may still be making."""

    def made(self) -> Reply:
        """This reply with all its parts there."""
        return msgspec.structs.replace(self, rest=tuple(map(bytes, self.rest))) if self.rest else self


def in_parts(pieces: Iterable[Part]) -> Iterator[Part]:
    """`pieces` one after the other, small ones together, in parts of at most `PART_BYTES`: none has memory of the whole."""
    small: list[Part] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > PART_BYTES:
            if small:
                yield b"".join(small)
            small, size = [], 0
        if len(piece) > PART_BYTES:
            view = memoryview(piece)
            yield from (view[start : start + PART_BYTES] for start in range(0, len(view), PART_BYTES))
        else:
            small.append(piece)
            size += len(piece)
    if small:
        yield b"".join(small)


Handler: TypeAlias = Callable[[Request], Reply]
"""Answers in whatever thread it is called."""
Getter: TypeAlias = Callable[[Request], Awaitable[Reply]]
"""Answers a GET on the event loop: at once if that is cheap, else by waiting for a thread or a process."""
Runner: TypeAlias = Callable[[Handler, Request], Awaitable[Reply]]

_threads = anyio.CapacityLimiter(2)


async def in_thread(handler: Handler, request: Request) -> Reply:
    """What `handler` answers in one of two threads, where it does not hold up small questions."""
    return await anyio.to_thread.run_sync(lambda: handler(request).made(), limiter=_threads, abandon_on_cancel=True)


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What answers at one path: GET (with HEAD), POST, or both; OPTIONS everywhere."""

    path: str
    get: Getter | None = None
    post: Handler | None = None
    """What answers a body; the scheduler runs it, once the body is whole."""
    cheap_body: Callable[[Request], bool] = lambda _: False
    """Whether a body asks so little that another process is not worth it."""
    keyless: bool = False
    """Answers without a key also where keys are set. Documents and health do; whatever does not say so asks for one."""
    rated: bool = True
    """Counts towards the rate of who asks; what machines must know does not."""

    @property
    def route(self) -> str:
        """The template of the path: what is counted and logged in place of the path."""
        return next((f"{folder}{{id}}" for folder in FOLDERS if self.path.startswith(folder)), self.path)

    @property
    def allow(self) -> str:
        """The value of `Allow`."""
        return ", ".join([*(["GET", "HEAD"] if self.get else []), "OPTIONS", *(["POST"] if self.post else [])])


FOLDERS = ("/v1/laws/", "/page/")
"""Folders whose addresses are of one kind, counted together."""
