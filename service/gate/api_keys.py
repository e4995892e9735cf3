"""API keys: whose request this is. Only digests are held, they are compared in constant time, and a file of them is read anew when it changes."""

from __future__ import annotations

import codecs
import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from service.protocol.problems import Refused
from service.protocol.queries import value
from service.settings import BadSetting, Settings

HASHED = "sha256:"
CHECK_SECONDS = 1.0
"""Least time between two looks at the file of keys."""
COOKIE = b"fitted-laws-key"
"""Set by the page at /, so that its links and downloads carry the key and no address does. Other sites cannot send it: SameSite=Strict."""
CHALLENGE = (("WWW-Authenticate", 'Bearer realm="Fitted Laws"'),)

logger = logging.getLogger(__name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadKey(ValueError):
    """A key is no key; the message does not hold it."""


def digest_of(key: str) -> bytes:
    """The SHA-256 of a key; `sha256:…` is one already.

    Raises:
        BadKey: what follows `sha256:` is no digest, or there are signs in it that cannot be written.
    """
    if not key.isprintable():
        raise BadKey("expected a key of printable characters, got others")
    if not key.startswith(HASHED):
        return hashlib.sha256(key.encode()).digest()
    hexadecimal = key.removeprefix(HASHED).lower()
    if not _DIGEST.fullmatch(hexadecimal):
        raise BadKey(f"expected 64 hexadecimal digits after {HASHED}, got {len(hexadecimal)} characters")
    return bytes.fromhex(hexadecimal)


def listed_digests(listed: str) -> tuple[bytes, ...]:
    """The digests of keys separated by commas.

    Raises:
        BadKey: one is none.
    """
    found = []
    for number, key in enumerate(listed.split(","), 1):
        try:
            found += [digest_of(key.strip())] if key.strip() else []
        except BadKey as error:
            raise BadKey(f"key {number}: {error}") from None
    return tuple(found)


class Lines(NamedTuple):
    """The keys of a file, and what is wrong with its other lines, by number."""

    digests: tuple[bytes, ...]
    faults: tuple[str, ...]


def lines_of(data: bytes) -> Lines:
    """A key a line; blank lines and comments, which begin with #, are skipped, and a bad line is refused alone."""
    found, faults = [], []
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).splitlines(), 1):
        try:
            key = line.decode().strip()
            found += [digest_of(key)] if key and not key.startswith("#") else []
        except UnicodeDecodeError:
            faults.append(f"line {number}: expected UTF-8, got other bytes")
        except BadKey as error:
            faults.append(f"line {number}: {error}")
    return Lines(tuple(found), tuple(faults))


class Keys:
    """The keys that open this service; none at all: it is open. `noted` hears how many keys and bad lines there are."""

    def __init__(self, listed: str, file: Path | None, noted: Callable[[int, int], None] = lambda *_: None) -> None:
        self._listed = listed_digests(listed)
        self._file = file
        self._noted = noted
        self._looked = 0.0
        self._stamp = (0, 0, 0)
        self._digests = self._listed
        noted(len(self._listed), 0)
        if file is not None:
            self._reread(file)

    @property
    def needed(self) -> bool:
        """Whether there are keys: a file that is set and empty opens nothing."""
        return bool(self._listed) or self._file is not None

    def owner(self, headers: Mapping[bytes, bytes], query: bytes) -> str:
        """Whose request this is: the first digits of the digest of its key.

        Raises:
            Refused: 401: there is no key, or it is none of ours.
        """
        self._refresh()
        key = key_of(headers, query)
        if not key:
            raise Refused(
                401,
                "this service asks for an API key: Authorization: Bearer …, X-API-Key, or key= in a cell; a browser takes it on the page at /",
                headers=CHALLENGE,
            )
        digest = hashlib.sha256(key).digest()
        matches = [
            hmac.compare_digest(digest, known) for known in self._digests
        ]  # every one: how long it takes tells nothing
        if not any(matches):
            raise Refused(401, "the API key is not known here", headers=CHALLENGE)
        return digest.hex()[:12]

    def _refresh(self) -> None:
        now = time.monotonic()
        if self._file is None or now - self._looked < CHECK_SECONDS:
            return
        self._looked = now
        try:
            self._reread(self._file)
        except OSError:
            return  # while it is being replaced, or until it is there again, the keys are those of before

    def _reread(self, file: Path) -> None:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp == self._stamp:
            return
        lines = lines_of(file.read_bytes())
        self._stamp = stamp
        self._digests = self._listed + lines.digests
        self._noted(len(self._digests), len(lines.faults))
        for fault in lines.faults:
            logger.warning("API_KEYS_FILE, %s; the other lines hold", fault)


def keys_of(settings: Settings, noted: Callable[[int, int], None] = lambda *_: None) -> Keys:
    """The keys that `settings` name.

    Raises:
        BadSetting: one is none, the file cannot be read, or there are none where there must be.
    """
    try:
        keys = Keys(settings.api_keys, settings.keys_file, noted)
    except (BadKey, OSError) as error:
        raise BadSetting(f"API_KEYS, API_KEYS_FILE: {error}") from None
    if settings.require_keys and not keys.needed:
        raise BadSetting(
            "REQUIRE_KEYS: expected keys in API_KEYS or API_KEYS_FILE, got none; set REQUIRE_KEYS=0 to serve without"
        )
    return keys


def key_of(headers: Mapping[bytes, bytes], query: bytes) -> bytes:
    """The key of a request: `Authorization: Bearer`, `X-API-Key`, `key=` in its query, or the page's cookie; empty where there is none."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer" and token.strip():
        return token.strip()
    if b"x-api-key" in headers:
        return headers[b"x-api-key"].strip()
    in_query = value(query, "key")
    return in_query.encode() if in_query else _in_cookies(headers.get(b"cookie", b""))


def _in_cookies(cookies: bytes) -> bytes:
    named = (part.strip().partition(b"=") for part in cookies.split(b";"))
    return next((unquote_to_bytes(value) for name, _, value in named if name == COOKIE), b"")
