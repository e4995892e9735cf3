"""Query strings, read strictly: every name once, valid escapes, UTF-8; a `+` is a space."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from fitted_laws.quantities.problems import Fault, NotUnderstood, shown

MAX_BYTES = 8192

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse(raw: bytes) -> dict[str, str]:
    """The parameters of a raw query string.

    Raises:
        NotUnderstood: a name comes twice, an escape or its UTF-8 is invalid, or the query is too long.
    """
    if len(raw) > MAX_BYTES:
        raise NotUnderstood(f"the query has {len(raw)} bytes, more than {MAX_BYTES}; POST long questions as JSON")
    values: dict[str, str] = {}
    for part in raw.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            key = text(name)
            if key in values:
                raise NotUnderstood.of(Fault(key[:60], "one value", "several"))
            values[key] = text(value)
    return values


def value(raw: bytes, name: str) -> str | None:
    """The value of the parameter `name` as `parse` reads it; None where there is none, there are several, or it is unreadable."""
    parts = [part for part in raw.split(b"&") if _is(part, name)]
    return _readable(parts[0].partition(b"=")[2]) if len(parts) == 1 else None


def without(raw: bytes, name: str) -> bytes:
    """`raw` without its one parameter `name`; as it is where `parse` would refuse that one."""
    if name.encode() not in raw and b"%" not in raw:
        return raw
    return raw if value(raw, name) is None else b"&".join(part for part in raw.split(b"&") if not _is(part, name))


def _is(part: bytes, name: str) -> bool:
    """Whether `part` of a query is the parameter `name`, escaped or not."""
    written = part.partition(b"=")[0]
    return written == name.encode() or (b"%" in written and _readable(written) == name)


def _readable(escaped: bytes) -> str | None:
    try:
        return text(escaped)
    except NotUnderstood:
        return None


def text(escaped: bytes) -> str:
    """One name or value.

    Raises:
        NotUnderstood: an escape is incomplete, or what it spells is not UTF-8.
    """
    if b"%" in escaped and _BAD_ESCAPE.search(escaped):
        got = shown(escaped.decode("latin-1"))
        raise NotUnderstood(f"expected %XX escapes in the query, got {got}", [Fault("query", "%XX escapes", got)])
    try:
        spaced = escaped.replace(b"+", b" ")
        return (unquote_to_bytes(spaced) if b"%" in spaced else spaced).decode()
    except UnicodeDecodeError:
        got = shown(escaped.decode("latin-1"))
        raise NotUnderstood(f"expected UTF-8 in the query, got {got}", [Fault("query", "UTF-8", got)]) from None
