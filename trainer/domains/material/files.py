"""Files of a folder or of a source that ships elsewhere: which there are, what they weigh, and how they part into
training and test.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from fitted_laws.quantities.display import number_of
from trainer.domains.material.sources import SOURCES, DataSource
from trainer.files import Refusal

TESTED = 0.1
"""The part of the data that is held out."""
FEWEST_FILES = 20
LARGEST_SHARE = 0.1
"""Files are held out whole where there are so many, none with more than this share; else the end of each."""
LISTED = 4


class UnreadableData(Refusal):
    """Data cannot be read: which file, what was expected, what would work."""


class SourceFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a source, sorted by name, with whose they are."""

    root: Path
    paths: tuple[Path, ...]
    licence: str
    about: str
    strict: bool = True

    def name(self, path: Path) -> str:
        """The path as the digest knows it: where a folder stands does not matter."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


def files_of(source: str, suffixes: Sequence[str]) -> SourceFiles:
    """The files with one of `suffixes` of a source's name, or of a folder, all levels deep.

    Hidden ones are not looked at.

    Raises:
        UnreadableData: no such source or folder, or no such file in it.
    """
    if source in SOURCES:
        return _shipped(source, SOURCES[source])
    root = Path(source)
    if not root.exists():
        raise UnreadableData(
            f"expected a folder, or a source that is known ({', '.join(SOURCES)}), got {source}, which is neither"
        )
    if not root.is_dir():
        raise UnreadableData(f"{root}: expected a folder of files, got a file: name the folder that holds it")
    every = [
        p
        for p in sorted(root.rglob("*"))
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(root).parts)
    ]
    paths = tuple(p for p in every if p.suffix.lower() in suffixes)
    if not paths:
        others = ", ".join(p.name for p in every[:LISTED]) + (", …" if len(every) > LISTED else "")
        raise UnreadableData(
            f"{root}: expected files ending in {' '.join(suffixes)}, got {others or 'an empty folder'}"
        )
    return SourceFiles(
        root=root,
        paths=paths,
        licence="the user's own data",
        about=f"{number_of(len(paths), 'file')} of the folder {root.name}",
    )


def _shipped(name: str, source: DataSource) -> SourceFiles:
    paths = sorted({Path(p) for pattern in source.patterns for p in glob.glob(pattern, recursive=True)})  # noqa: PTH207 - patterns are absolute
    used = tuple(p for p in paths if p.is_file() and not any(part in source.without for part in p.parts))
    if not used:
        raise UnreadableData(
            f"{name}: expected files at {', '.join(source.patterns)}, got none: {source.install}, or name a folder with --data"
        )
    return SourceFiles(
        root=Path(source.root),
        paths=used,
        licence=source.licence,
        about=f"{source.about}, {number_of(len(used), 'file')}",
        strict=source.strict,
    )


def held_out(sizes: Sequence[int], names: Sequence[str]) -> frozenset[int] | None:
    """Which files are the test's, by their names' digests, about a tenth of all; None where the end of each file is."""
    total = sum(sizes)
    if len(sizes) < FEWEST_FILES or max(sizes) > LARGEST_SHARE * total:
        return None
    taken, weight = set(), 0
    for i in sorted(range(len(sizes)), key=lambda i: hashlib.sha256(names[i].encode()).digest()):
        if weight >= TESTED * total:
            break
        taken.add(i)
        weight += sizes[i]
    return frozenset(taken)


def digest_of(parts: Iterable[tuple[str, bytes]]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of names and contents."""
    whole = hashlib.sha256()
    for name, content in parts:
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()[:16]
