"""Where a card's steps take their data: files that lie on it whole, or samples that processes draw ahead. The order is a CPU's. Needs torch."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from typing import Any, Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.domains.base import TRAINING, Domain
from trainer.domains.collected.base import Collected, Rows
from trainer.sweep.model.drawing import Order, small
from trainer.sweep.records import CHUNK, RunConfig

MOST_PROCESSES = 12
AHEAD = 2
"""Chunks that a process may be ahead of the card."""


class Feed(Protocol):
    """The data of one step after another, in tensors that stay where they are."""

    def load(self, step: int) -> None:
        """Brings a step's data; the card is not waited for."""
        ...

    def batch(self) -> tuple[Tensor, Tensor]:
        """Tokens and their weights in the loss, (members, batch, length) each."""
        ...

    def close(self) -> None:
        """Ends what draws."""
        ...


def feed_of(configs: list[RunConfig], device: torch.device) -> Feed:
    return Resident(configs, device) if lies_whole(configs[0].domain) else Drawn(configs, device)


def lies_whole(domain: Domain) -> bool:
    """Whether samples are rows of files, each token of which counts the same."""
    own = type(domain)
    return isinstance(domain, Collected) and (own.counted, own.weighed, own.samples) == (
        Domain.counted,
        Domain.weighed,
        Collected.samples,
    )


class Resident:
    """The rows of a domain's files on the card, as small as they are kept; only the offsets of the samples travel."""

    def __init__(self, configs: list[RunConfig], device: torch.device) -> None:
        self.configs, config = configs, configs[0]
        if not isinstance(config.domain, Collected):
            raise TypeError(f"expected a domain of files, got {config.domain}")
        self.domain = config.domain
        rows = self.domain.material.train
        self.stride = 1 if rows.strides[0] == rows.strides[1] else rows.shape[1]
        flat = flattened(rows)
        self.flat = torch.from_numpy(flat.astype(np.int32) if flat.dtype == np.uint16 else flat).to(device)
        self.places = torch.arange(rows.shape[1], device=device)
        self.at = torch.zeros(len(configs), config.batch, dtype=torch.int64, device=device)
        self.ones = torch.ones(len(configs), config.batch, rows.shape[1], device=device)
        self.chunk, self.number = self.at[None], -1

    def load(self, step: int) -> None:
        if step // CHUNK != self.number:
            self.number = step // CHUNK
            batch = self.configs[0].batch
            drawn = [
                self.domain.offsets((config.seed, TRAINING, self.number), CHUNK * batch).reshape(CHUNK, batch)
                for config in self.configs
            ]
            self.chunk = moved(torch.from_numpy(np.stack(drawn, axis=1) * self.stride), self.at.device)
        self.at.copy_(self.chunk[step % CHUNK])

    def batch(self) -> tuple[Tensor, Tensor]:
        return self.flat[self.at[:, :, None] + self.places].long(), self.ones

    def close(self) -> None:
        """Nothing draws."""


def flattened(rows: Rows) -> NDArray[Any]:
    """Tokens in one line: windows of a text overlap, and are not written out."""
    found: NDArray[Any] = (
        np.concatenate([rows[:, 0], rows[-1, 1:]])
        if rows.strides[0] == rows.strides[1]
        else np.ascontiguousarray(rows).reshape(-1)
    )
    return found


def moved(here: Tensor, device: torch.device) -> Tensor:
    """On the device; from pinned memory where that spares a wait."""
    return here.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else here.to(device)


class Drawn:
    """Samples that processes of their own draw, chunk by chunk, some chunks ahead of the card."""

    def __init__(self, configs: list[RunConfig], device: torch.device) -> None:
        self.configs, self.device, config = configs, device, configs[0]
        self.shape = (CHUNK, len(configs), config.batch, config.domain.length)
        self.dtype = small(config.domain.vocabulary)
        self.tokens = torch.zeros(self.shape[1:], dtype=torch.int32, device=device)
        self.weight = torch.zeros(self.shape[1:], device=device)
        self.chunk: tuple[Tensor, Tensor] = self.tokens[None], self.weight[None]
        self.number = -1
        self.sources: list[Source] = []

    def load(self, step: int) -> None:
        number = step // CHUNK
        if number != self.number:
            if not self.sources or number != self.number + 1:
                self.begin(number)
            self.number = number
            tokens, weight = self.sources[number % len(self.sources)].next()
            self.chunk = moved(tokens, self.device), moved(weight, self.device)
        for here, there in zip((self.tokens, self.weight), self.chunk, strict=True):
            here.copy_(there[step % CHUNK])

    def batch(self) -> tuple[Tensor, Tensor]:
        return self.tokens.long(), self.weight

    def begin(self, number: int) -> None:
        """Processes that draw this chunk and those after it, in turns."""
        self.close()
        count = max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) - 1))
        made = [
            Source(Order(configs=tuple(self.configs), first=number + i, stride=count), self.shape, self.dtype)
            for i in range(count)
        ]
        self.sources = [made[(i - number) % count] for i in range(count)]

    def close(self) -> None:
        for source in self.sources:
            source.close()
        self.sources = []


class Source:
    """One process that draws, and the thread that takes what it has drawn."""

    def __init__(self, order: Order, shape: tuple[int, ...], dtype: type[np.unsignedinteger]) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        command = [sys.executable, "-P", "-m", "trainer.sweep.model.drawing"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
        if self.process.stdin is not None:
            self.process.stdin.write(msgspec.json.encode(order) + b"\n")
            self.process.stdin.flush()
        self.ready: queue.Queue[tuple[Tensor, Tensor] | None] = queue.Queue(AHEAD)
        threading.Thread(target=self.take, daemon=True).start()

    def take(self) -> None:
        """Chunk after chunk until the process ends, or is ended."""
        places = int(np.prod(self.shape))
        while self.process.stdout is not None:
            tokens, weight = (self.process.stdout.read(places * size) for size in (self.dtype.itemsize, 4))
            if len(weight) < places * 4:
                break
            found = np.frombuffer(tokens, self.dtype).astype(np.int32), np.frombuffer(bytearray(weight), np.float32)
            self.ready.put((torch.from_numpy(found[0]).view(self.shape), torch.from_numpy(found[1]).view(self.shape)))
        self.ready.put(None)

    def next(self) -> tuple[Tensor, Tensor]:
        """Raises OSError where the process ended."""
        found = self.ready.get()
        if found is None:
            self.ready.put(None)
            raise OSError(f"the process that draws samples ended with code {self.process.wait()}")
        return found

    def close(self) -> None:
        self.process.kill()
        while self.ready.get() is not None:
            pass
        self.process.communicate()
