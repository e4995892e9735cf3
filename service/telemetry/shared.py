"""The folder in which several processes add up their metrics: read as one page, with what the dead have counted."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

NOBODY = 0
"""In place of a process's number: the file that holds what all dead ones have counted."""
DAMAGED = (RuntimeError, struct.error, UnicodeDecodeError)
"""What reading the file of a process may raise that was killed while it wrote."""


def page(folder: Path) -> bytes:
    """All metrics as text, of every process, as they were written last."""
    with alone(folder):
        bury_all(folder)
        whole = CollectorRegistry()
        MultiProcessCollector(whole, str(folder))  # type: ignore[no-untyped-call]
        return generate_latest(whole)


def bury(folder: Path) -> None:
    """Takes over what processes that are gone have counted, and forgets their gauges, so that their files do not pile up."""
    with alone(folder):
        bury_all(folder)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While no other process or thread reads the folder or buries: nothing is counted twice, or not at all."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def bury_all(folder: Path) -> None:
    for file in folder.glob("*.db"):
        kind, _, pid = file.stem.rpartition("_")
        if alive(int(pid)):
            continue
        if not kind.startswith("gauge"):
            _add(file, folder / f"{kind}_{NOBODY}.db")
        file.unlink()


def _add(file: Path, total: Path) -> None:
    sums = MmapedDict(str(total))  # type: ignore[no-untyped-call]
    with contextlib.suppress(*DAMAGED):
        for key, value, moment, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
            sums.write_value(key, sums.read_value(key)[0] + value, moment)  # type: ignore[no-untyped-call]
    sums.close()  # type: ignore[no-untyped-call]


def alive(pid: int) -> bool:
    """Whether there is such a process; nobody never dies."""
    if pid == NOBODY:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
