"""Protocol buffers' wire format: the fields of a message by number, without its schema
(protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class NoMessage(ValueError):
    """Bytes that are no message."""


def fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer, or the bytes of a text, a message or a fixed-width number.

    Raises:
        NoMessage: the bytes are no message.
    """
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(raw, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            size, at = _varint(raw, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise NoMessage(f"wire type {kind} in a message")
        if at + size > len(raw):
            raise NoMessage("a message that ends within a field")
        yield tag >> 3, raw[at : at + size]
        at += size


def messages(raw: bytes, number: int) -> list[bytes]:
    """The bytes of every field of that number."""
    return [value for field, value in fields(raw) if field == number and isinstance(value, bytes)]


def text(raw: bytes, number: int) -> str:
    """The last text of that number; empty where there is none."""
    return (messages(raw, number) or [b""])[-1].decode("utf-8", "replace")


def integer(raw: bytes, number: int) -> int:
    """The last integer of that number, signed; 0 where there is none, as senders leave zeros out."""
    values = [value for field, value in fields(raw) if field == number and isinstance(value, int)]
    return (values[-1] ^ 1 << 63) - (1 << 63) if values else 0


def double(raw: bytes) -> float:
    """The number in eight bytes."""
    return float(struct.unpack("<d", raw)[0])


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(raw) or shift > 63:
            raise NoMessage("a number without an end")
        value |= (raw[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if raw[at - 1] < 0x80:
            return value, at
