"""Documents: what an address gives whatever its query, as it follows from laws and settings alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from service.protocol import conditional
from service.protocol.messages import Getter, Reply, Request


class Document(msgspec.Struct, frozen=True):
    """One document: its name, which is its address where it has one, and how its body is made."""

    name: str
    media_type: str
    make: Callable[[], bytes]

    def compute(self, _: Request) -> Reply:
        """The reply that holds it, under the tag of its bytes."""
        return conditional.fixed(self.make(), self.media_type)


Getters: TypeAlias = Mapping[str, Getter]
"""What answers each document, by name."""
