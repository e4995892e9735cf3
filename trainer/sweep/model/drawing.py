"""A process that draws samples ahead of a card: an order comes as a JSON line, chunks go out as bytes until nobody reads them. Needs no torch."""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import TRAINING, Domain
from trainer.sweep.records import CHUNK, RunConfig


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Chunks first, first + stride, … of runs that learn together."""

    configs: tuple[RunConfig, ...]
    first: int
    stride: int


def small(vocabulary: int) -> type[np.unsignedinteger]:
    """The type that tokens travel in."""
    return np.uint8 if vocabulary <= 256 else np.uint16 if vocabulary <= 65536 else np.uint32


def drawn(configs: tuple[RunConfig, ...], number: int) -> tuple[NDArray[np.unsignedinteger], NDArray[np.float32]]:
    """A chunk's tokens and their weights in the loss, (steps, members, batch, length): what `ensemble.data` gives, token for token."""
    domain, batch = configs[0].domain, configs[0].batch
    shape = (CHUNK, batch, domain.length)
    tokens = [domain.samples((config.seed, TRAINING, number), CHUNK * batch).reshape(shape) for config in configs]
    weights = [np.stack([weighed(domain, step) for step in each]) for each in tokens]
    return np.stack(tokens, axis=1).astype(small(domain.vocabulary)), np.stack(weights, axis=1)


def weighed(domain: Domain, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
    """Of each token in the loss of its step, (batch, length)."""
    weight = domain.weighed(tokens)
    return (domain.counted(tokens) if weight is None else weight).astype(np.float32)


def main(write: Callable[[bytes], object]) -> None:
    """Ends when nobody reads."""
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    number = order.first
    try:
        while True:
            for part in drawn(order.configs, number):
                write(np.ascontiguousarray(part).tobytes())
            number += order.stride
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main(sys.stdout.buffer.write)
