"""Files as commands are given them and leave them: what cannot be read or written is refused in a sentence, and files
are written whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from fitted_laws.quantities.extras import installing
from fitted_laws.quantities.problems import Problem

IMPORTS = f"`make imports`, or {installing('trainer-imports')}"
"""What brings the packages that read Parquet and event files."""


class Refusal(Problem, ValueError):
    """A command cannot do what it is asked: what it was given cannot be used, or what it needs is missing or fails. The
    detail says what would work.

    A ValueError too, since msgspec then names the field in which one is raised while a configuration is decoded.
    """


def content_of(path: Path, expected: str = "a readable file") -> bytes:
    """A file's bytes.

    Raises:
        Refusal: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path}: expected {expected}, got {error.strerror}") from None


def digest(source: Path) -> str:
    """The first 16 hexadecimal digits of the file's SHA-256: which table the law came from."""
    return hashlib.sha256(content_of(source)).hexdigest()[:16]


@contextlib.contextmanager
def whole(path: Path, expected: str = "a place for the file") -> Iterator[Path]:
    """Where to write what is to stand at `path`: it takes its place once all is written, and else nothing of it is
    left.

    Raises:
        Refusal: the folder is none, cannot be written, or is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise Refusal(f"{path}: expected {expected}, got: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(raw: bytes, path: Path) -> int:
    """Writes a file whole or not at all, also where two processes write it; its size in bytes.

    Raises:
        Refusal: as `whole`.
    """
    with whole(path, f"a place for {len(raw)} bytes") as part:
        part.write_bytes(raw)
    return len(raw)


def folder_at(path: Path, mode: int = 0o777) -> Path:
    """The folder of output at `path`, made where it is not there yet.

    Raises:
        Refusal: it cannot be made.
    """
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{path}: expected a folder, or a place for one, got: {error.strerror}") from None
    return path


def writable(folder: Path) -> None:
    """Refuses a folder of output before anything is measured or trained.

    Raises:
        Refusal: it cannot be made, or a file in it cannot be written.
    """
    new = not folder.exists()
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"\0")
        probe.unlink()
    except OSError as error:
        if new and folder.is_dir():
            probe.unlink(missing_ok=True)
            folder.rmdir()
        raise Refusal(
            f"{folder}: expected a folder that can be written, got: {error.strerror}; another is taken with -o"
        ) from None
