"""The ledger's file: one JSON object a line, each with the hash of the line before it and its own; lines are only ever
added.
"""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from fitted_laws.quantities.problems import Unanswerable
from trainer.files import Refusal, folder_at

from .entries import Entry, Forecast, Score

GENESIS = "0" * 64
"""What the first line names as the line before it."""


class UnreadableLedger(Refusal):
    """A ledger, or a forecast in it, cannot be used: file, expected, got."""


class BrokenChain(Unanswerable):
    """A ledger was changed after it was written; the message says where."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a file in order, the hash of its last line, and where its chain is broken, if it is."""

    entries: list[Entry]
    head: str
    hashes: list[str]
    breaks: list[str] = []

    @property
    def forecasts(self) -> list[Forecast]:
        return [entry for entry in self.entries if isinstance(entry, Forecast)]

    @property
    def scores(self) -> dict[str, Score]:
        """The last score of each forecast that has one."""
        return {entry.forecast: entry for entry in self.entries if isinstance(entry, Score)}

    def forecast(self, id: str) -> Forecast:
        """The forecast of that id.

        Raises:
            UnreadableLedger: the ledger holds none.
        """
        matches = [each for each in self.forecasts if each.id == id]
        if not matches:
            known = ", ".join(each.id for each in self.forecasts) or "none yet"
            raise UnreadableLedger(f"expected the id of a forecast in the ledger ({known}), got {id}")
        return matches[0]


def digest_of(content: dict[str, object]) -> str:
    """SHA-256 of an entry's canonical JSON: keys sorted, no spaces, UTF-8, floats as the shortest text that reads back
    the same.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_ledger(path: Path) -> Ledger:
    """The ledger of a file; one that was never written to is empty.

    Raises:
        UnreadableLedger: the file cannot be read, or a line in it is no entry.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as reason:
        raise UnreadableLedger(f"{path}: expected a ledger, got {reason}") from None
    return _parsed(path, text)


def append(path: Path, entry_of: Callable[[Ledger], Entry]) -> Entry:
    """Adds the entry that `entry_of` makes of the ledger as it stands; others who append at the same time wait.

    Raises:
        BrokenChain: the ledger was changed; nothing is added to it.
        UnreadableLedger: the file cannot be read or written.
    """
    folder_at(path.parent)
    with _locked(path) as file:
        ledger = _parsed(path, file.read())
        if ledger.breaks:
            raise BrokenChain(f"{path}: {ledger.breaks[0]}; nothing is added to a ledger that was changed")
        entry = entry_of(ledger)
        content = json.loads(msgspec.json.encode(entry))
        file.write(json.dumps({**content, "hash": digest_of(content)}, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return entry


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    """The ledger's file, to read from its start and to add to, while no one else does.

    Raises:
        UnreadableLedger: it cannot be read or written.
    """
    try:
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            yield file
    except (OSError, UnicodeDecodeError) as reason:
        raise UnreadableLedger(f"{path}: expected a ledger that can be added to, got {reason}") from None


def _parsed(path: Path, text: str) -> Ledger:
    entries: list[Entry] = []
    hashes: list[str] = []
    breaks: list[str] = []
    previous = GENESIS
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            content = json.loads(line)
            stated = str(content.pop("hash"))
            entry = msgspec.convert(content, Entry)
        except (ValueError, KeyError, AttributeError) as reason:
            breaks.append(f"line {number} is no whole entry ({reason})")
            previous = ""
            continue
        if digest_of(content) != stated:
            breaks.append(
                f"line {number} ({entry.id}) was changed: its content no longer has the hash that it was written with"
            )
        if previous and entry.previous != previous:
            breaks.append(
                f"line {number} ({entry.id}) does not follow the line before it: one was removed, put in, moved or changed"
            )
        entries.append(entry)
        hashes.append(stated)
        previous = stated
    if text and not text.endswith("\n"):
        breaks.append(f"the last line of {path.name} has no end: it was cut")
    return Ledger(entries=entries, head=previous, hashes=hashes, breaks=breaks)
