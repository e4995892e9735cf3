"""Work in a process of its own that has a time to be done in: past it, it is killed with all that it started. Needs no torch itself."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

import msgspec

from trainer.files import Refusal

DYING_SECONDS = 5.0
"""That a killed process is waited for: one that a driver holds may never go."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What such a process says to a question: `found`, or why there is nothing."""

    found: Any = None
    failed: str = ""


class Limited:
    """A process that answers questions, a JSON line each; another takes its place where one failed or was too slow."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.process: subprocess.Popen[str] | None = None
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(self, question: Sequence[str | int], seconds: float) -> Any:
        """What it finds.

        Raises:
            Refusal: it found nothing, ended, or took longer than so many seconds.
        """
        try:
            line = self.answer(question, seconds)
        except queue.Empty:
            self.close()
            raise Refusal(f"killed: it was not done within {seconds:.0f} s") from None
        answered = msgspec.json.decode(line, type=Answered) if line else Answered(failed="its process ended")
        if answered.failed:  # a card that has failed once may fail whatever comes after in the same process
            self.close()
            raise Refusal(answered.failed)
        return answered.found

    def answer(self, question: Sequence[str | int], seconds: float) -> str:
        """Its line; empty where it ended."""
        if self.process is None:
            self.process = begun(self.command, subprocess.PIPE)
            self.answers = queue.SimpleQueue()
            threading.Thread(target=taken, args=(self.process, self.answers), daemon=True).start()
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # then it says nothing
                self.process.stdin.write(msgspec.json.encode(question).decode() + "\n")
                self.process.stdin.flush()
        return self.answers.get(timeout=max(0.0, seconds))

    def close(self) -> None:
        if self.process is not None:
            killed(self.process)
        self.process = None


def taken(process: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    """Line after line, and an empty one when it ends."""
    if process.stdout is not None:
        with process.stdout as lines:
            for line in lines:
                answers.put(line)
    answers.put("")


def completed(command: Sequence[str], seconds: float) -> int | None:
    """The exit code of a command; None where it was killed since it had not ended after so many seconds."""
    process = begun(command)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        killed(process)


def begun(command: Sequence[str], pipe: int | None = None) -> subprocess.Popen[str]:
    """In a group of its own, so that all it starts can be ended with it."""
    return subprocess.Popen(command, text=True, start_new_session=True, stdin=pipe, stdout=pipe)  # noqa: S603 - our own modules


def killed(process: subprocess.Popen[str]) -> None:
    """With all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(DYING_SECONDS)
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
