"""API keys: whose request this is. Only digests are held, they are compared in constant time, and a file of them is read anew when it changes."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
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

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadKey(ValueError):
    """A key is no key; the message does not hold it."""


def digests(keys: Iterable[str]) -> tuple[bytes, ...]:
    """The SHA-256 of each key; `sha256:…` is one already.

    Raises:
        BadKey: what follows `sha256:` is no digest.
    """
    return tuple(_digest(key.strip(), number) for number, key in enumerate(keys, 1) if key.strip())


def _digest(key: str, number: int) -> bytes:
    if not key.startswith(HASHED):
        return hashlib.sha256(key.encode()).digest()
    hexadecimal = key.removeprefix(HASHED).lower()
    if not _DIGEST.fullmatch(hexadecimal):
        raise BadKey(f"key {number}: expected 64 hexadecimal digits after {HASHED}, got {len(hexadecimal)} characters")
    return bytes.fromhex(hexadecimal)


class Keys:
    """The keys that open this service; none at all: it is open."""

    def __init__(self, listed: str, file: Path | None) -> None:
        self._listed = digests(listed.split(","))
        self._file = file
        self._looked = 0.0
        self._stamp = (0, 0, 0)
        self._digests = self._listed
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
        except (OSError, BadKey):
            return  # while it is being replaced, or until it is mended, the keys are those of before

    def _reread(self, file: Path) -> None:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp:
            lines = file.read_text().splitlines()
            self._digests = self._listed + digests(line for line in lines if not line.startswith("#"))
            self._stamp = stamp


def keys_of(settings: Settings) -> Keys:
    """The keys that `settings` name.

    Raises:
        BadSetting: one is none, or the file cannot be read.
    """
    try:
        return Keys(settings.api_keys, settings.keys_file)
    except (BadKey, OSError) as error:
        raise BadSetting(f"API_KEYS, API_KEYS_FILE: {error}") from None


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
