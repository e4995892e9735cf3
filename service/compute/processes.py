"""Processes that compute what is expensive, so that small questions need not wait for it.

Measured, small questions at half of saturation while a batch runs: in threads the batch holds the interpreter for up to 5 ms at a time,
decoding and encoding of large bodies even for 50 ms, and p99 rose to 20 times the median; in a process of its own it stays below 5 times.
A process can also be ended when its time is up, which a thread cannot. A calculator reads requests from its standard input and ends with it.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import BinaryIO, cast

import anyio.to_thread
import msgspec

from service.compute.allocator import keep_memory
from service.protocol import problems
from service.protocol.messages import PART_BYTES, Handler, Reply, Request
from service.protocol.problems import Refused

NICE = 5
"""Small questions come first where processors are scarce."""
PIPE_BYTES = 1_048_576
"""Of an answer that are on their way: few changes between the processes."""
SIZES = struct.Struct(">QQ")
PART = struct.Struct(">q")
FAILED = -1
"""In place of a part's size: it could not be made, and another reply follows in place of this one."""

_encode = msgspec.msgpack.encode
_request = msgspec.msgpack.Decoder(Request)
_reply = msgspec.msgpack.Decoder(Reply)


class Ended(Exception):
    """The process of a calculator has ended."""


class Late(Exception):
    """The calculator did not answer in time."""


def send(stream: BinaryIO, message: Request | Reply) -> None:
    """Writes a message: its sizes, its fields, its body as it is."""
    own = {"rest": ()} if isinstance(message, Reply) else {}
    fields = _encode(msgspec.structs.replace(message, body=b"", **own))
    stream.write(SIZES.pack(len(fields), len(message.body)))
    stream.write(fields)
    stream.write(message.body)
    stream.flush()


def send_reply(stream: BinaryIO, reply: Reply) -> None:
    """Writes a reply, each part of its rest as soon as it is made: the other process takes it while the next one is."""
    send(stream, reply)
    parts = iter(reply.rest)
    while True:
        try:
            part = next(parts, b"")
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            stream.write(PART.pack(FAILED))
            send_reply(stream, problems.reply(error))
            return
        stream.write(PART.pack(len(part)))
        if not part:
            break
        stream.write(part)
    stream.flush()


class Source:
    """What is read from a pipe, in as many bytes as are wanted, until an end of time."""

    def __init__(self, stream: BinaryIO, seconds: float = math.inf) -> None:
        self._stream = stream
        self._end = time.monotonic() + seconds
        self._ready = select.poll()  # select() itself fails beyond 1,023 open files
        self._ready.register(stream, select.POLLIN)

    def exactly(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            Ended: there are not so many.
            Late: they do not come in time.
        """
        parts: list[bytes] = []
        while size:
            if self._end < math.inf and not self._ready.poll(1000 * max(0.0, self._end - time.monotonic())):
                raise Late
            parts.append(os.read(self._stream.fileno(), min(size, PART_BYTES)))
            if not parts[-1]:
                raise Ended
            size -= len(parts[-1])
        return b"".join(parts)

    def message(self) -> tuple[bytes, bytes]:
        """The fields and the body of a message."""
        fields, body = SIZES.unpack(self.exactly(SIZES.size))
        return self.exactly(fields), self.exactly(body)

    def reply(self) -> Reply:
        """A reply, whole: what fails while its rest is made is a reply of its own."""
        fields, body = self.message()
        parts: list[bytes] = []
        while (size := PART.unpack(self.exactly(PART.size))[0]) > 0:
            parts.append(self.exactly(size))
        if size == FAILED:
            return self.reply()
        return msgspec.structs.replace(_reply.decode(fields), body=body, rest=tuple(parts))


class Calculator:
    """One process, for one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.calculator"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=PIPE_BYTES,
        )
        self._stdin = cast(BinaryIO, self._process.stdin)
        self._stdout = cast(BinaryIO, self._process.stdout)

    def answer(self, request: Request, seconds: float) -> Reply:
        """What the calculator answers.

        Raises:
            Late: it was not there in time; the calculator is ended.
            Ended: the calculator died.
        """
        try:
            send(self._stdin, request)
            return Source(self._stdout, seconds).reply()
        except (Ended, OSError):
            self.end()
            raise Ended from None
        except Late:
            self.end()
            raise

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        with contextlib.suppress(OSError):
            self._stdin.close()  # what was not read of it is lost


class Calculators:
    """At most `most` calculators, each started when it is needed first."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._limit = anyio.CapacityLimiter(most)
        self._lock = threading.Lock()
        self._idle = [Calculator()]
        self._closed = False

    async def run(self, _: Handler, request: Request) -> Reply:
        """What a calculator answers to `request`, by the handler that it has under the same method and path."""
        return await anyio.to_thread.run_sync(self._answer, request, limiter=self._limit, abandon_on_cancel=True)

    @property
    def busy(self) -> int:
        """How many compute."""
        return self._limit.borrowed_tokens

    @property
    def queued(self) -> int:
        """How many requests wait for one."""
        return self._limit.statistics().tasks_waiting

    def _answer(self, request: Request) -> Reply:
        for _ in range(2):  # what a machine without memory ends at random is tried again
            calculator = self._living() or Calculator()
            try:
                reply = calculator.answer(request, self._seconds)
            except Late:
                raise TimeoutError from None
            except Ended:
                continue
            self._back(calculator)
            return reply
        raise Refused(503, "the process that computes died twice", headers=(("Retry-After", "5"),))

    def _living(self) -> Calculator | None:
        """One that is idle; those that died meanwhile are no deaths of what is asked now."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                calculator = self._idle.pop()
            if calculator.lives:
                return calculator
            calculator.end()

    def _back(self, calculator: Calculator) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(calculator)
                return
        calculator.end()

    def close(self) -> None:
        """Ends the calculators that are idle, and each other one once it has answered."""
        with self._lock:
            self._closed = True
            idle = self._idle
            self._idle = []
        for calculator in idle:
            calculator.end()


def serve(handlers: Mapping[tuple[str, str], Handler]) -> None:
    """Answers requests from standard input on standard output, by method and path, until there are no more."""
    os.nice(NICE)
    keep_memory()
    source, stdout = Source(sys.stdin.buffer), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints does not mix with replies
    while True:
        try:
            fields, body = source.message()
        except Ended:
            return
        request = msgspec.structs.replace(_request.decode(fields), body=body)
        try:
            answer = handlers[request.method, request.path](request)
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            answer = problems.reply(error)
        try:
            send_reply(stdout, answer)
        except BrokenPipeError:
            return
