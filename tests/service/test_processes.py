"""Replies from process to process: parts as they are made, whole or not at all."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pytest

from service.compute.processes import Ended, Late, Source, send, send_reply
from service.protocol.messages import PART_BYTES, Part, Reply, in_parts

PIECES = (b"head", b"x" * 3 * PART_BYTES, b"y" * PART_BYTES, b"", *[b"small"] * 100_000, b"tail")


@contextmanager
def written(write: Callable[[BinaryIO], object]) -> Iterator[BinaryIO]:
    """The end of a pipe into whose other one `write` writes."""
    from_there, to_here = os.pipe()
    with os.fdopen(from_there, "rb") as reading, os.fdopen(to_here, "wb") as writing:
        thread = threading.Thread(target=lambda: write(writing))
        thread.start()
        yield reading
        thread.join(10)
        assert not thread.is_alive()


def whole(reply: Reply) -> bytes:
    return b"".join((reply.body, *reply.rest))


def test_parts_are_the_pieces_in_order() -> None:
    """None is larger than what is sent at once, nor empty; of nothing there are none."""
    parts = list(in_parts(PIECES))
    assert b"".join(parts) == b"".join(PIECES)
    assert max(map(len, parts)) == PART_BYTES
    assert all(parts)
    assert len(parts) < 10
    assert list(in_parts(())) == []


def test_a_reply_comes_across() -> None:
    """With what is still being made when its fields are sent."""
    reply = Reply(200, b"body", "text/plain", (("A", "b"),), rest=in_parts(PIECES))
    with written(lambda pipe: send_reply(pipe, reply)) as pipe:
        got = Source(pipe, 10).reply()
    assert (got.status, got.body, got.media_type, got.headers) == (200, b"body", "text/plain", (("A", "b"),))
    assert whole(got) == b"body" + b"".join(PIECES)


def test_a_failure_on_the_way_is_a_reply_of_its_own() -> None:
    """Nothing of what was made is in it, and the next reply is read after it."""

    def failing() -> Iterator[Part]:
        yield b"half"
        raise ZeroDivisionError

    def write(pipe: BinaryIO) -> None:
        send_reply(pipe, Reply(200, media_type="text/plain", rest=failing()))
        send_reply(pipe, Reply(200, b"next"))

    with written(write) as pipe:
        source = Source(pipe, 10)
        failed = source.reply()
        assert (failed.status, failed.media_type, b"half" in whole(failed)) == (500, "application/problem+json", False)
        assert "ZeroDivisionError" in failed.error
        assert whole(source.reply()) == b"next"


@pytest.mark.parametrize(("ends", "raised"), [(True, Ended), (False, Late)], ids=["ends", "stops"])
def test_half_a_reply_is_none(ends, raised) -> None:
    """Of a process that ends, or goes on no further, before its reply is whole."""
    read = threading.Event()

    def write(pipe: BinaryIO) -> None:
        send(pipe, Reply(200, media_type="text/plain"))
        pipe.write((1000).to_bytes(8, "big") + b"half")
        pipe.flush()
        if ends:
            pipe.close()
        read.wait(10)

    with written(write) as pipe:
        with pytest.raises(raised):
            Source(pipe, 0.1 if raised is Late else 10).reply()
        read.set()


def test_a_thread_makes_all_of_a_reply() -> None:
    """What a handler would make later is there before others see it."""
    made: Any = Reply(200, rest=in_parts(PIECES)).made()
    assert whole(made) == b"".join(PIECES) == whole(made)
