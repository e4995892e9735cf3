"""A program of ours as a child: in a folder of its own, bounded in memory, processor, files and time, with nothing of what this process was told."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec


class Bounds(msgspec.Struct, frozen=True):
    """What a child may take; one that takes more is ended."""

    memory: int
    """bytes of address space"""
    processor: int
    """seconds of processor time"""
    file: int
    """bytes of one file"""
    seconds: float
    """from start to end"""


class Ran(NamedTuple):
    """What came of a child: its exit code, negative where a signal ended it, and what it printed."""

    code: int
    out: str
    err: str


def run(words: Sequence[str], folder: Path, bounds: Bounds, environment: Mapping[str, str]) -> Ran:
    """Runs `python -P -m …` in `folder`; it and what it starts are ended when `bounds.seconds` are over."""
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-P", "-m", *words],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            bound(process.pid, bounds)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(bounds.seconds)
        finally:
            end(process)
        return Ran(process.returncode, said(folder / "out", bounds.file), said(folder / "err", bounds.file))


def bound(pid: int, bounds: Bounds) -> None:
    """Sets the bounds of a process that has just begun; they hold for what it starts as well."""
    for kind, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, bounds.processor),
        (resource.RLIMIT_FSIZE, bounds.file),
    ):
        try:
            resource.prlimit(pid, kind, (most, most))
        except ProcessLookupError:  # it has ended already
            return


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a child, if it has not, and whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def said(file: Path, most: int) -> str:
    return file.read_bytes()[:most].decode(errors="replace")
