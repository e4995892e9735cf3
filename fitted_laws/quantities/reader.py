"""Who reads what a command prints, and that he may stop: `fitted-laws laws | head`."""

from __future__ import annotations

import functools
import select
import sys
from collections.abc import Callable
from typing import ParamSpec, TextIO

Given = ParamSpec("Given")
NOT_READ = 141
"""The exit code where the reader has gone: as shells tell of a program that SIGPIPE ended, 128 + 13."""


def ends_with_its_reader(command: Callable[Given, int]) -> Callable[Given, int]:
    """A command that ends without a word once nothing reads its output.

    SIGPIPE stays ignored, as Python has it: commands write to sockets and to processes of their own too, and a broken pipe to one of those
    is raised.
    """

    @functools.wraps(command)
    def run(*given: Given.args, **named: Given.kwargs) -> int:
        try:
            try:
                return command(*given, **named)
            finally:
                if sys.stdout is not None:  # as it is where there is none, and once it was found unread
                    sys.stdout.flush()  # at the interpreter's end it would be too late to say nothing
        except BrokenPipeError:
            streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
            gone = [name for name, stream in streams.items() if stream is not None and not _read(stream)]
            if not gone:
                raise
            for name in gone:  # what is still held back would be written at the interpreter's end, and complained of
                setattr(sys, name, None)
            return NOT_READ

    return run


def _read(stream: TextIO) -> bool:
    """Whether a stream has a reader; where the system cannot say, it has none."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(stream.fileno(), 0)  # errors are told unasked
    return not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
