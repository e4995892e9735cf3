"""What a law file may say, since it is input: names as questions have them, links of the web, texts that can be printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fitted_laws.quantities.problems import shown

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
NAMED = "1 to 100 of a-z, 0-9, . and -, a letter or digit first"
RESERVED = frozenset({"all"})
"""What `law=` reads otherwise."""
SUFFIXES = (".json", ".html", ".csv")
"""What an address ends in, not an id."""
LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[!#-;=?-~]*)?")
"""An address of the web, without spaces, quotes and angle brackets."""
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that XML does not know, that move a terminal's cursor, or that turn the order of what is read."""
MOST_BYTES = 4_000_000
"""Of a law file. A law with draws has 200 kB."""


def unsafe(tree: dict[str, Any], key: str = "") -> Iterator[tuple[str, str, str]]:
    """What of a law file, or of one of its relations, is not as it must be: key, expected, got."""
    for name, value in tree.items():
        where = f"{key}{name}"
        if name in {"id", "domain", "part"} and isinstance(value, str):
            yield from _named(where, value)
        elif name == "url" and isinstance(value, str) and value and not LINK.fullmatch(value):
            yield where, "an address that begins with https:// or http://", shown(value)
        elif name == "relations" and isinstance(value, list):
            for number, each in enumerate(value):
                yield from unsafe(each, f"relations[{number}].") if isinstance(each, dict) else ()
        else:
            yield from _texts(where, value)
        yield from _texts("a key", name)


def _named(key: str, value: str) -> Iterator[tuple[str, str, str]]:
    if not NAME.fullmatch(value) or value.endswith(SUFFIXES) or value in RESERVED:
        yield key, f"{NAMED}, without {', '.join(SUFFIXES)} at its end, and not {' or '.join(RESERVED)}", shown(value)


def _texts(key: str, value: object) -> Iterator[tuple[str, str, str]]:
    """The first text in `value`, however deep, that cannot be printed."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and (match := UNPRINTABLE.search(one)):
            yield key, "text without control characters", f"U+{ord(match[0]):04X}"
            return
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
