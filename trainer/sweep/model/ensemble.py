"""Models of one shape that learn at once: their weights in common tensors, their steps, their readings. No clock and no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer.domains.base import TRAINING, Tokens
from trainer.sweep import ranks
from trainer.sweep.model.reading import readings, summary
from trainer.sweep.model.scoring import TestSet
from trainer.sweep.model.transformer import initial, logits
from trainer.sweep.records import CHUNK, Reading, RunConfig
from trainer.sweep.shape import weights

TEST_BLOCK = 256
UNCOUNTED = -100


class Ensemble:
    """Weights, optimiser and averages of runs that differ in their seed alone, (members, …): small models fill a core only together.

    They lie in two flat tensors, of rates that do not fall with the width and of rates that do. No member sees another's data or gradient.
    """

    def __init__(self, configs: list[RunConfig], device: str) -> None:
        self.configs, self.config, self.device = configs, configs[0], torch.device(device)
        self.on_card = self.device.type == "cuda"
        domain, shape = self.config.domain, self.config.shape
        kinds = weights(shape, domain.vocabulary, domain.layout)
        values = [initial(shape, domain.vocabulary, domain.layout, config.seed) for config in configs]
        self.named: dict[str, Tensor] = {}
        self.flats: list[Tensor] = []
        self.slices: dict[str, tuple[int, int, int]] = {}
        for part, scaled in enumerate((False, True)):
            names = [name for name, kind in kinds.items() if kind.scaled == scaled]
            flat = torch.stack([torch.cat([value[name].flatten() for name in names]) for value in values]).to(
                self.device
            )
            flat.grad = torch.zeros_like(flat)
            ends = np.cumsum([0, *(values[0][name].numel() for name in names)]).tolist()
            for name, (start, end) in zip(names, pairwise(ends), strict=True):
                self.slices[name] = (part, start, end)
                self.named[name] = flat[:, start:end].view(len(configs), *kinds[name].size).requires_grad_()
            self.flats.append(flat)
        rates = (self.config.learning_rate, self.config.learning_rate * self.config.base_width / shape.width)
        groups = [{"params": [flat], "rate": rate} for flat, rate in zip(self.flats, rates, strict=True)]
        betas = (self.config.beta1, self.config.beta2)
        self.optimiser = torch.optim.AdamW(
            groups, lr=1.0, betas=betas, weight_decay=self.config.weight_decay, fused=True, capturable=self.on_card
        )
        self.sums = [torch.zeros_like(flat) for flat in self.flats]
        self.summed = 0

    def train(self, tokens: Tensor, targets: Tensor, step: int) -> Tensor:
        """One step on (members, batch, length), of which this process computes its share; each member's mean training loss before it."""
        config = self.config
        weight = self.weight(tokens, targets)
        total = weight.flatten(1).sum(1)
        tokens, targets, weight = (ranks.share(part) for part in (tokens, targets, weight))
        found = logits(config.shape, config.domain.layout, self.named, tokens)
        each = functional.cross_entropy(
            found.flatten(0, 2), targets.flatten(), ignore_index=UNCOUNTED, reduction="none"
        ).view(len(found), -1)
        losses = (each * weight.flatten(1)).sum(1) / total
        found_gradients = torch.autograd.grad(losses.sum(), list(self.named.values()))
        losses = losses.detach()
        self.clip(found_gradients, losses)
        warm = self.warm(step)
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * warm
        self.optimiser.step()
        return losses

    def clip(self, found: Sequence[Tensor], losses: Tensor) -> None:
        """Takes the gradients of `named` into the flat ones, each member's clipped to its length; where processes share the batch
        they and the losses, (members,), are summed over them first.
        """
        gradients = [flat.grad for flat in self.flats]
        for part, gradient in enumerate(gradients):
            pieces = [g.flatten(1) for g, (at, _, _) in zip(found, self.slices.values(), strict=True) if at == part]
            if pieces[0].dtype == gradient.dtype:
                torch.cat(pieces, 1, out=gradient)
            else:
                gradient.copy_(torch.cat(pieces, 1))
        ranks.add_up([*gradients, losses])
        size = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g, dim=1) for g in gradients]), dim=0)
        scale = (self.config.clip / (size + 1e-6)).clamp(max=1.0)[:, None]
        for gradient in gradients:
            gradient.mul_(scale)

    def warm(self, step: int) -> float:
        """The part of its rate that a step has."""
        return min(1.0, (step + 1) / max(1.0, self.config.warmup * self.config.reads[-1]))

    def weight(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """Of each token in the loss: 1 where it is counted, but where the domain says otherwise."""
        domain = self.config.domain
        if domain.weighed(tokens[0, :1].cpu().numpy()) is None:
            return (targets != UNCOUNTED).float()
        found = [part for part in map(domain.weighed, tokens.cpu().numpy()) if part is not None]
        return torch.from_numpy(np.stack(found).astype(np.float32)).to(self.device)

    def remember(self) -> None:
        """Adds the weights to their average."""
        for total, flat in zip(self.sums, self.flats, strict=True):
            total.add_(flat)
        self.summed += 1

    def forget(self) -> None:
        for total in self.sums:
            total.zero_()
        self.summed = 0

    def read(self, step: int) -> list[Reading]:
        """Each member's averaged weights on the test set, by the exact conditionals and by the test tokens themselves."""
        with torch.no_grad():
            return self._read(step)

    def _read(self, step: int) -> list[Reading]:
        config = self.config
        out = []
        for member in range(len(self.configs)):
            named = {name: self.averaged(name, member) for name in self.slices}
            found, *others = (self.reading(named, name) for name in self.tests)
            elsewhere = {name: other.test_loss for name, other in zip(list(self.tests)[1:], others, strict=True)}
            found = msgspec.structs.replace(found, step=step, elsewhere=elsewhere)
            out.append(found if step == config.reads[-1] else found.brief())
        return out

    @cached_property
    def tests(self) -> dict[str, Tokens]:
        """The test set, and those that are read beside it."""
        domain, samples = self.config.domain, self.config.test_samples
        return {"": domain.testing(samples), **domain.elsewhere(samples)}

    @cached_property
    def scored(self) -> dict[str, TestSet]:
        """The same on a card, with the truth about them."""
        return {
            name: TestSet(self.config.domain, tokens, TEST_BLOCK, self.device) for name, tokens in self.tests.items()
        }

    def reading(self, named: dict[str, Tensor], name: str) -> Reading:
        """Of one member on a test set: on a card only a number a token comes back."""
        domain, tokens = self.config.domain, self.tests[name]
        if not self.on_card:
            return readings(
                domain,
                (functional.log_softmax(x.double(), dim=-1).numpy() for x in self.expected(named, tokens)),
                tokens,
            )
        return summary(domain, self.scored[name].scores(self.expected(named, tokens)), tokens)

    def averaged(self, name: str, member: int) -> Tensor:
        """A weight's average, of one member, (1, out, in)."""
        part, start, end = self.slices[name]
        return (self.sums[part][member, start:end] / self.summed).view(1, *self.named[name].shape[1:])

    def expected(self, named: dict[str, Tensor], tokens: Tokens) -> Iterator[Tensor]:
        """Logits at every place, by blocks of samples."""
        config = self.config
        for block in np.split(tokens, range(TEST_BLOCK, len(tokens), TEST_BLOCK)):
            yield logits(config.shape, config.domain.layout, named, torch.from_numpy(block).to(self.device)[None])[0]


def data(configs: list[RunConfig], chunk: int, device: Any) -> tuple[Tensor, Tensor]:
    """Tokens and targets of CHUNK steps, (steps, members, batch, length) each: they follow from the seeds and the chunk's number alone."""
    domain, batch = configs[0].domain, configs[0].batch
    tokens = [domain.samples((config.seed, TRAINING, chunk), CHUNK * batch) for config in configs]
    targets = [np.where(domain.counted(t), t, UNCOUNTED) for t in tokens]
    shape = (CHUNK, batch, domain.length)
    found, wanted = (
        torch.from_numpy(np.stack([t.reshape(shape) for t in part], axis=1)).to(device) for part in (tokens, targets)
    )
    return found, wanted
