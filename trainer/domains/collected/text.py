"""`text`: bytes of prose or code from files, in windows that begin anywhere; a token is a byte."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainer.domains.base import Tokens, require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.files import TESTED, SourceFiles, UnreadableData, digest_of, files_of, held_out

SUFFIXES = (".txt", ".md", ".rst", ".text", ".csv", ".json", ".jsonl", ".html", ".xml", ".tex", ".org", ".log", ".gz", ".dz",
            ".py", ".c", ".h", ".cpp", ".rs", ".go", ".js", ".ts", ".java", ".sh", ".toml", ".yaml", ".yml", ".r", ".jl", ".sql")  # fmt: skip
COMPRESSED = (".gz", ".dz")
MOST_BYTES = 64_000_000
"""Files beyond are not read; they come in the order of their names."""

STRETCHES, LONG = 10, 1_000_000
PIECE = 2048
"""Bytes of a piece of text that is trained on where unique data are limited."""


class Text(Collected, frozen=True, tag="text", kw_only=True):
    """Windows of `context` bytes.

    Files are parted whole where they are many, else at the last tenth of each; no window crosses that line.

    `also` names further sources or folders: the loss on their held-out part is read too. `unique` limits training to so
    many bytes, in pieces evenly spaced over what may be trained on; what is held out stays. Unset it is no part of a
    run's identity.
    """

    context: int = 128
    also: tuple[str, ...] = ()
    unique: int | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        require(2 <= self.context <= 4096, f"text: expected a context of 2 to 4096 bytes, got {self.context}")
        if self.unique is not msgspec.UNSET:
            require(
                self.unique >= 2 * self.context,
                f"text: expected two contexts or more of unique data, got {self.unique} bytes",
            )

    @property
    def vocabulary(self) -> int:
        return 256

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.context,)

    def collect(self) -> Material:
        files = files_of(self.source, SUFFIXES)
        texts, weight = {}, 0
        for path in files.paths:
            if weight < MOST_BYTES:
                texts[files.name(path)] = read_text(path, files)[: MOST_BYTES - weight]
                weight += len(texts[files.name(path)])
        names, sizes = list(texts), [len(t) for t in texts.values()]
        if weight < 2 * self.context / TESTED:
            raise UnreadableData(
                f"{self.source}: expected at least {2 * self.context / TESTED:.0f} bytes of text, got {weight}"
            )
        whole = held_out(sizes, names)
        if whole is None:
            parts = [parted(t) for t in texts.values()]
            split = "held out: the last tenth of each file, or of each tenth of a file of 1 MB and more"
        else:
            parts = [(b"", t) if i in whole else (t, b"") for i, t in enumerate(texts.values())]
            split = f"held out: {len(whole)} of {len(names)} files"
        train, test = (np.frombuffer(b"".join(side), np.uint8) for side in zip(*parts, strict=True))
        if self.unique is not msgspec.UNSET:
            train = limited(train, self.unique)
        return Material(
            train=sliding_window_view(train, self.context),
            test=windows(test, self.context),
            unique_tokens=len(train),
            digest=digest_of(texts.items()),
            about=f"{files.about}, {weight:,d} bytes",
            licence=files.licence,
            split=split,
        )

    def elsewhere(self, n: int) -> dict[str, Tokens]:
        return {Path(name).name: Text(source=name, context=self.context).testing(n) for name in self.also}


def parted(text: bytes) -> tuple[bytes, bytes]:
    """Training and test: the last tenth of each stretch is the test's.

    A long file has ten stretches, since its end may differ from its start.
    """
    edges = np.linspace(0, len(text), 1 + (STRETCHES if len(text) >= LONG else 1)).astype(int).tolist()
    cuts = [end - round(TESTED * (end - start)) for start, end in pairwise(edges)]
    train = b"".join(text[start:cut] for start, cut in zip(edges, cuts, strict=False))
    return train, b"".join(text[cut:end] for cut, end in zip(cuts, edges[1:], strict=True))


def limited(text: NDArray[np.uint8], unique: int) -> NDArray[np.uint8]:
    """So many bytes of the text, in pieces from its beginning to its end.

    Raises:
        UnreadableData: it has fewer.
    """
    if unique > len(text):
        raise UnreadableData(
            f"expected at least {unique} bytes to train on, got {len(text)}: lower `unique`, or take more text"
        )
    sizes = np.diff(np.linspace(0, unique, 1 + -(-unique // PIECE)).astype(int))
    starts = np.linspace(0, len(text) - sizes[-1], len(sizes)).astype(int)
    return np.concatenate([text[at : at + size] for at, size in zip(starts.tolist(), sizes.tolist(), strict=True)])


def windows(text: NDArray[np.uint8], context: int) -> NDArray[np.uint8]:
    """Side by side, without overlap, (windows, context)."""
    count = len(text) // context
    return text[: count * context].reshape(count, context)


def read_text(path: Path, files: SourceFiles) -> bytes:
    """A file's bytes, unpacked.

    Raises:
        UnreadableData: it cannot be unpacked, or is not UTF-8.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix in COMPRESSED else path.read_bytes()
    except (OSError, EOFError) as error:
        raise UnreadableData(f"{path}: expected a readable file, got {error}") from None
    try:
        raw.decode(errors="strict" if files.strict else "ignore")
    except UnicodeDecodeError as error:
        shown = raw[error.start : error.start + 4].hex(" ")
        raise UnreadableData(
            f"{path}: expected UTF-8, got {shown} at byte {error.start}: convert it (iconv -f latin1 -t utf-8), or take it out of the folder"
        ) from None
    return raw
