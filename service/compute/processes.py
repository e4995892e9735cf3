"""Processes that compute what is expensive, so that small questions need not wait for it.

Measured, small questions at half of saturation while a batch runs: in threads the batch holds the interpreter for up to 5 ms at a time,
decoding and encoding of large bodies even for 50 ms, and p99 rose to 20 times the median; in a process of its own it stays below 5 times.
A process can also be ended when its time is up, which a thread cannot. A calculator reads requests from its standard input and ends with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import BinaryIO, cast

import anyio.to_thread
import msgspec

from service.protocol import problems
from service.protocol.messages import Handler, Reply, Request
from service.protocol.problems import Refused

NICE = 5
"""Small questions come first where processors are scarce."""
PIPE_BYTES = 1_048_576
"""Of an answer that are on their way: few changes between the processes."""
SIZES = struct.Struct(">QQ")

_encode = msgspec.msgpack.encode
_request = msgspec.msgpack.Decoder(Request)
_reply = msgspec.msgpack.Decoder(Reply)


class Ended(Exception):
    """The process of a calculator has ended."""


class Late(Exception):
    """The calculator did not answer in time."""


def send(stream: BinaryIO, message: Request | Reply) -> None:
    """Writes a message: its sizes, its fields, its body as it is."""
    fields = _encode(msgspec.structs.replace(message, body=b""))
    stream.write(SIZES.pack(len(fields), len(message.body)))
    stream.write(fields)
    stream.write(message.body)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The fields and the body of a message.

    Raises:
        Ended: there is none.
    """
    head = _exactly(stream, SIZES.size)
    fields, body = SIZES.unpack(head)
    return _exactly(stream, fields), _exactly(stream, body)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Ended
    return data


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
            Late: nothing came in time; the calculator is ended.
            Ended: the calculator died.
        """
        try:
            send(self._stdin, request)
            fields, body = receive(self._stdout) if self._answers_within(seconds) else (b"", b"")
        except (Ended, OSError):
            self.end()
            raise Ended from None
        if not fields:
            self.end()
            raise Late
        return msgspec.structs.replace(_reply.decode(fields), body=body)

    def _answers_within(self, seconds: float) -> bool:
        """Whether an answer begins within so many seconds."""
        with selectors.DefaultSelector() as selector:  # select() itself fails beyond 1,023 open files
            selector.register(self._stdout, selectors.EVENT_READ)
            return bool(selector.select(seconds))

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
        for _ in range(2):  # the first may have died long ago
            with self._lock:
                calculator = self._idle.pop() if self._idle else None
            calculator = calculator or Calculator()
            try:
                reply = calculator.answer(request, self._seconds)
            except Late:
                raise TimeoutError from None
            except Ended:
                continue
            self._back(calculator)
            return reply
        raise Refused(503, "the process that computes died twice", headers=(("Retry-After", "5"),))

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
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints does not mix with replies
    while True:
        try:
            fields, body = receive(stdin)
        except Ended:
            return
        request = msgspec.structs.replace(_request.decode(fields), body=body)
        try:
            answer = handlers[request.method, request.path](request)
        except Exception as error:  # noqa: BLE001  # whatever it is, the user gets the one shape
            answer = problems.reply(error)
        try:
            send(stdout, answer)
        except BrokenPipeError:
            return
