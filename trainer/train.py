"""One run: a configuration in, its records out; killed at any moment and started again, it gives the same records bit by bit (CPU)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer.domains.base import TRAINING, Array, Tokens
from trainer.machine import this_machine
from trainer.model import initial, logits
from trainer.reading import readings
from trainer.records import DIVERGED, NO_MEMORY, OK, TIME_LIMIT, Reading, RunConfig, RunRecord, record
from trainer.shape import visible, weights

CHUNK = 32
"""Steps whose data are drawn at once; part of what the order of the data is."""
TEST_BLOCK = 256
LOOK = 25
"""Steps between looks at the clock and at the loss."""
BLOWN_UP = 3.0
"""A mean training loss above so many times ln V has diverged."""
CURVE_FACTOR = 1.15
UNCOUNTED = -100


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a run may take and where it keeps itself; none of it changes a record but for a run that ends early."""

    checkpoint: Path | None = None
    checkpoint_seconds: float = 15.0
    seconds: float = math.inf
    device: str = "cpu"


class Stopped(Exception):
    """A run cannot go on: its status and reason."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Trainer:
    """Weights, optimiser and averages as flat tensors: one of rates that fall with the width, one of rates that do not."""

    def __init__(self, config: RunConfig, device: str) -> None:
        self.config, self.device = config, torch.device(device)
        domain, shape = config.domain, config.shape
        length = domain.length
        self.masks = [torch.from_numpy(visible(length, shape.band, i)).to(self.device) for i in range(shape.layers)] if shape.band else []
        kinds = weights(shape, domain.vocabulary, domain.layout)
        values = initial(shape, domain.vocabulary, domain.layout, config.seed)
        self.named: dict[str, Tensor] = {}
        self.flats: list[Tensor] = []
        self.slices: dict[str, tuple[int, int, int]] = {}
        for part, scaled in enumerate((False, True)):
            names = [name for name, kind in kinds.items() if kind.scaled == scaled]
            flat = torch.cat([values[name].flatten() for name in names]).to(self.device)
            flat.grad = torch.zeros_like(flat)
            ends = np.cumsum([0, *(values[name].numel() for name in names)]).tolist()
            for name, (start, end) in zip(names, pairwise(ends), strict=True):
                self.slices[name] = (part, start, end)
                leaf = flat[start:end].view(kinds[name].size).requires_grad_()
                leaf.grad = flat.grad[start:end].view(kinds[name].size)
                self.named[name] = leaf
            self.flats.append(flat)
        rates = (config.learning_rate, config.learning_rate * config.base_width / shape.width)
        groups = [{"params": [flat], "rate": rate} for flat, rate in zip(self.flats, rates, strict=True)]
        betas = (config.beta1, config.beta2)
        self.optimiser = torch.optim.AdamW(groups, lr=1.0, betas=betas, weight_decay=config.weight_decay, fused=True)
        self.sums = [torch.zeros_like(flat) for flat in self.flats]
        self.summed = 0

    def train(self, tokens: Tensor, targets: Tensor, step: int) -> Tensor:
        """One step on (batch, length); the mean training loss before it."""
        config = self.config
        found = logits(config.shape, config.domain.layout, self.named, tokens, self.masks)
        loss = self.loss(found, tokens, targets)
        loss.backward()
        gradients = [flat.grad for flat in self.flats]
        size = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
        scale = (config.clip / (size + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(scale)
        warm = min(1.0, (step + 1) / max(1.0, config.warmup * config.reads[-1]))
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * warm
        self.optimiser.step()
        for gradient in gradients:
            gradient.zero_()
        return loss.detach()

    def loss(self, found: Tensor, tokens: Tensor, targets: Tensor) -> Tensor:
        """The mean over counted tokens, weighed where the domain weighs them."""
        found, targets = found.flatten(0, 1), targets.flatten()
        weight = self.config.domain.weighed(tokens.cpu().numpy())
        if weight is None:
            return functional.cross_entropy(found, targets, ignore_index=UNCOUNTED)
        each_weight = torch.from_numpy(weight.astype(np.float32)).to(self.device).flatten()
        return (functional.cross_entropy(found, targets, ignore_index=UNCOUNTED, reduction="none") * each_weight).sum() / each_weight.sum()

    def remember(self) -> None:
        """Adds the weights to their average."""
        for total, flat in zip(self.sums, self.flats, strict=True):
            total.add_(flat)
        self.summed += 1

    def forget(self) -> None:
        for total in self.sums:
            total.zero_()
        self.summed = 0

    def read(self, step: int) -> Reading:
        """The averaged weights' loss on the test set, by the exact conditionals and by the test tokens themselves."""
        with torch.no_grad():
            return self._read(step)

    def _read(self, step: int) -> Reading:
        domain = self.config.domain
        named = {name: (self.sums[p][a:b] / self.summed).view(self.named[name].shape) for name, (p, a, b) in self.slices.items()}
        tokens = domain.testing(self.config.test_samples)
        found = readings(domain, self.expected(named, tokens), tokens)
        others = domain.elsewhere(self.config.test_samples).items()
        elsewhere = {name: readings(domain, self.expected(named, rows), rows).test_loss for name, rows in others}
        found = msgspec.structs.replace(found, step=step, elsewhere=elsewhere)
        return found if step == self.config.reads[-1] else found.brief()

    def expected(self, named: dict[str, Tensor], tokens: Tokens) -> Iterator[Array]:
        """ln p of every token at every place, by blocks of samples."""
        config = self.config
        for block in np.split(tokens, range(TEST_BLOCK, len(tokens), TEST_BLOCK)):
            found = logits(config.shape, config.domain.layout, named, torch.from_numpy(block).to(self.device), self.masks)
            yield functional.log_softmax(found.double(), dim=-1).cpu().numpy()


class Progress(msgspec.Struct, kw_only=True):
    """How far a run is: all that its end depends on beside the tensors. The data follow from seed and step alone, and no step draws chance."""

    id: str
    step: int = 0
    seconds: float = 0.0
    readings: list[Reading] = []
    curve: list[tuple[int, float]] = []
    since: float = 0.0
    """Sum of the training losses since the curve's last point."""
    counted: int = 0


def train(config: RunConfig, limits: Limits, tell: Callable[[Progress], None] = lambda _: None) -> list[RunRecord]:
    """Trains from the checkpoint, where there is one, to the end; a run that cannot go on ends with a record that says why."""
    progress, fault = Progress(id=config.id), (OK, "")
    try:
        trainer = Trainer(config, limits.device)
        progress = restored(trainer, limits.checkpoint, progress)
        loop(trainer, progress, limits, tell)
    except Stopped as stop:
        fault = (stop.status, stop.reason)
    except (torch.OutOfMemoryError, MemoryError) as error:
        fault = (NO_MEMORY, str(error).splitlines()[0])
    made = this_machine(progress.seconds, progress.step * config.tokens_per_step, limits.device)
    records = [record(config, r.step, r, progress.curve, made, fault) for r in progress.readings]
    return records if fault[0] == OK else [*records, record(config, progress.step, None, progress.curve, made, fault)]


def loop(trainer: Trainer, progress: Progress, limits: Limits, tell: Callable[[Progress], None]) -> None:
    """Raises:
    Stopped: the loss has diverged or the time is up.
    """
    config = trainer.config
    starts = {read - max(1, round(config.averaged * read)): read for read in config.reads}
    begun, saved, spent = time.monotonic(), time.monotonic(), progress.seconds
    tokens, targets, chunk = torch.empty(0), torch.empty(0), -1
    averaging = progress.step and any(start <= progress.step < read for start, read in starts.items())
    while progress.step < config.reads[-1]:
        step = progress.step
        if step in starts:
            trainer.forget()
            averaging = True
        if step // CHUNK != chunk:
            chunk = step // CHUNK
            tokens, targets = data(config, chunk, trainer.device)
        loss = trainer.train(tokens[step % CHUNK], targets[step % CHUNK], step)
        progress.step += 1
        watch(config, progress, float(loss))
        if averaging:
            trainer.remember()
        if progress.step in config.reads:
            progress.readings.append(trainer.read(progress.step))
            averaging = False
        if progress.step % LOOK == 0 or progress.step in config.reads:
            now = time.monotonic()
            progress.seconds = spent + now - begun
            tell(progress)
            if progress.seconds > limits.seconds:
                raise Stopped(
                    TIME_LIMIT, f"{progress.seconds:.0f} s at step {progress.step} of {config.reads[-1]}: over the limit of {limits.seconds:.0f} s"
                )
            if limits.checkpoint and now - saved >= limits.checkpoint_seconds:
                save(trainer, progress, limits.checkpoint)
                saved = now


def data(config: RunConfig, chunk: int, device: Any) -> tuple[Tensor, Tensor]:
    """Tokens and targets of CHUNK steps, (steps, batch, length) each: they follow from the seed and the chunk's number alone."""
    tokens = config.domain.samples((config.seed, TRAINING, chunk), CHUNK * config.batch)
    targets = np.where(config.domain.counted(tokens), tokens, UNCOUNTED)
    shape = (CHUNK, config.batch, config.domain.length)
    return torch.from_numpy(tokens.reshape(shape)).to(device), torch.from_numpy(targets.reshape(shape)).to(device)


def watch(config: RunConfig, progress: Progress, loss: float) -> None:
    """Keeps the learning curve, at steps that grow geometrically.

    Raises:
        Stopped: the loss is not a number, or far above that of a guess.
    """
    guess = math.log(config.domain.vocabulary)
    if not loss < BLOWN_UP * guess:
        raise Stopped(DIVERGED, f"training loss {loss:.3g} at step {progress.step}, where a guess has {guess:.3g}")
    progress.since += loss
    progress.counted += 1
    last = progress.curve[-1][0] / config.tokens_per_step if progress.curve else 0
    if progress.step >= max(10, CURVE_FACTOR * last) or progress.step in config.reads:
        progress.curve.append((progress.step * config.tokens_per_step, progress.since / progress.counted))
        progress.since, progress.counted = 0.0, 0


def save(trainer: Trainer, progress: Progress, path: Path) -> None:
    """The whole state, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    state = {
        "progress": msgspec.json.encode(progress),
        "flats": trainer.flats,
        "sums": trainer.sums,
        "summed": trainer.summed,
        "optimiser": trainer.optimiser.state_dict(),
        "random": torch.get_rng_state(),
    }
    try:
        torch.save(state, part)
        part.replace(path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        raise OSError(f"{path}: the checkpoint cannot be written: {str(error).splitlines()[0]}") from None


def restored(trainer: Trainer, path: Path | None, fresh: Progress) -> Progress:
    """The state of the checkpoint, if it is this run's."""
    if path is None or not path.exists():
        return fresh
    state = torch.load(path, map_location=trainer.device, weights_only=True)
    progress = msgspec.json.decode(state["progress"], type=Progress)
    if progress.id != fresh.id:
        raise ValueError(f"{path}: expected the checkpoint of run {fresh.id}, got that of {progress.id}")
    with torch.no_grad():
        for ours, theirs in zip((*trainer.flats, *trainer.sums), (*state["flats"], *state["sums"]), strict=True):
            ours.copy_(theirs)
    trainer.summed = state["summed"]
    trainer.optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"].cpu())
    return progress
