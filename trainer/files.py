"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path


def digest(source: Path) -> str:
    """The first 16 hexadecimal digits of the file's SHA-256: which table the law came from."""
    return hashlib.sha256(source.read_bytes()).hexdigest()[:16]


def write_whole(raw: bytes, path: Path) -> int:
    """Writes a file whole or not at all, also where two processes write it; its size in bytes.

    Raises:
        OSError: the folder is none, cannot be written, or is full; nothing of the file is left.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(raw)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OSError(f"{path}: expected a place for {len(raw)} bytes, got: {error.strerror}") from None
    return len(raw)


def writable(folder: Path) -> None:
    """Refuses a folder of output before anything is measured or trained.

    Raises:
        OSError: it cannot be made, or a file in it cannot be written.
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
        raise OSError(
            f"{folder}: expected a folder that can be written, got: {error.strerror}; another is taken with -o"
        ) from None
