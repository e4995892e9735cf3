"""Bytes as text: which encoding a file is in."""

from __future__ import annotations

import codecs

import msgspec

from fitted_laws.quantities.problems import NotUnderstood

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LOOKED_AT = 4096
"""Bytes from which an encoding without a mark is told."""
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})
"""Bytes that no text holds in an encoding that extends ASCII; \\x1a ends files of old editors."""


class NoTable(NotUnderstood):
    """A content is no table: what was expected and what came; the caller says where."""


class Text(msgspec.Struct, frozen=True):
    """A decoded text, and the name of its encoding where that is not UTF-8."""

    content: str
    encoding: str = ""


def decoded(raw: bytes) -> Text:
    """A file's text: by its byte order mark, else UTF-8, else UTF-16 where every other byte is 0, else Latin-1 as
    Windows extends it.

    Raises:
        NoTable: the bytes are no text.
    """
    mark = next((mark for mark in BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    if mark is not None:
        name = BYTE_ORDER_MARKS[mark]
        return _as(raw, name, "" if name == "utf-8-sig" else "UTF-16")
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = raw[offset:LOOKED_AT:2]
        if len(raw) >= 4 and zeros.count(0) > 0.9 * len(zeros) and raw[1 - offset : LOOKED_AT : 2].count(0) == 0:
            return _as(raw, name, "UTF-16")
    if any(byte in CONTROLS for byte in raw[:LOOKED_AT]):
        raise NoTable("expected a text, got bytes that are none")
    try:
        return Text(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Text(raw.decode("cp1252", errors="replace"), "Latin-1")


def _as(raw: bytes, encoding: str, shown: str) -> Text:
    try:
        return Text(raw.decode(encoding), shown)
    except UnicodeDecodeError:
        raise NoTable(f"expected {encoding} as its first bytes say, got other bytes") from None
