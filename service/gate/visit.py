"""A request on its way through the layers, and the response on its way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec
from litestar.types import HTTPScope, Receive

from service.protocol.messages import Part, RawHeaders, Resource, Usage


class Visit(msgspec.Struct, frozen=True):
    """One request: what answers at its path, None where nothing does; whose it is, once a layer knows."""

    resource: Resource | None
    scope: HTTPScope
    receive: Receive
    headers: Mapping[bytes, bytes]
    """By name; of one that came several times, the last."""
    method: str
    query: bytes
    """The query string, still escaped."""
    owner: str = ""


class Response(msgspec.Struct, frozen=True):
    """What is sent; `usage` is what it counts as, `owner` whose request it answers, `error` what failed, for the log."""

    status: int
    headers: RawHeaders
    body: bytes = b""
    usage: tuple[Usage, ...] = ()
    owner: str = ""
    error: str = ""
    rest: Sequence[Part] = ()
    """What follows `body`, in parts as they are sent."""

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.body) + sum(map(len, self.rest))

    def with_headers(self, headers: RawHeaders) -> Response:
        """This response with further headers."""
        return msgspec.structs.replace(self, headers=[*self.headers, *headers]) if headers else self


Answer: TypeAlias = Callable[[Visit], Awaitable[Response]]


class Layer(Protocol):
    """One layer around an answer: it returns the response of `inner`, changed or not, or one of its own.

    What it raises becomes a problem in the one shape.
    """

    def __call__(self, visit: Visit, inner: Answer) -> Awaitable[Response]: ...
