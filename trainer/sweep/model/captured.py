"""The steps of an ensemble on a card, none of which waits for the host: data, gradient, clipping and optimiser are one CUDA graph. Needs torch.

Without a card the same steps run one by one, which is how they are tested.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.sweep import ranks
from trainer.sweep.model.ensemble import Ensemble
from trainer.sweep.model.feeds import feed_of
from trainer.sweep.model.fused import summed_losses

WARMING = 3
"""Steps at rate 0 before a graph is captured, in which libraries choose their kernels."""


class Captured:
    """Weights and averages stay float32; with bfloat16 products and the stream between layers are in half precision."""

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble, self.config = ensemble, ensemble.config
        self.half = self.config.half
        self.fast = self.graphed = ensemble.on_card
        """Whether the compiler, and a graph of the whole step, do what they should here."""
        self.stream = torch.bfloat16 if self.half else torch.float32
        self.parts = 1
        """Micro-batches of a step: more than one where memory is short."""
        self.notes: list[str] = []
        self.feed = feed_of(ensemble.configs, ensemble.device)
        self.sums = torch.zeros(len(ensemble.configs), dtype=torch.float64, device=ensemble.device)
        self.taken_steps = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.low = [flat.to(torch.bfloat16) for flat in ensemble.flats] if self.half else []
        for group in ensemble.optimiser.param_groups:
            group["lr"] = torch.zeros((), device=ensemble.device)
        self.rate = 0.0
        try:
            self.prepare()
        except BaseException:
            self.close()
            raise

    def prepare(self) -> None:
        """Captures the step: in halves where memory is short, uncompiled where the compiler fails, not at all where that fails as well.

        Raises:
            torch.OutOfMemoryError: not even one sample a pass fits.
        """
        self.feed.load(0)
        while True:
            try:
                self.capture()
                return
            except torch.OutOfMemoryError:
                if 2 * self.parts > self.config.batch:
                    raise
                self.parts *= 2
                said = f"memory is short: micro-batches of {-(-self.config.batch // self.parts)} samples"
            except Exception as error:
                if not (self.fast or self.graphed):
                    raise
                said = f"{'not compiled' if self.fast else 'no graph'}: {type(error).__name__}: {first_line(error)}"
                self.fast, self.graphed = False, self.fast
            self.notes.append(said)
            self.graph = None
            if self.ensemble.on_card:
                torch.cuda.empty_cache()

    def capture(self) -> None:
        """Steps at rate 0 and the capture itself leave weights, moments and sums as they were."""
        if not self.graphed:
            return
        state = self.ensemble.optimiser.state
        before = [{name: value.clone() for name, value in state[flat].items()} for flat in self.ensemble.flats]
        stream = torch.cuda.Stream(self.ensemble.device)
        stream.wait_stream(torch.cuda.current_stream(self.ensemble.device))
        try:
            with torch.cuda.stream(stream):
                for _ in range(WARMING):
                    self.step()
            torch.cuda.current_stream(self.ensemble.device).wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            # on the stream that warmed it, not the one that all captures share: what cuBLAS works in goes by the stream, and another
            # graph that is replayed at the same time must not work in it too
            with torch.cuda.graph(graph, stream=stream):
                self.step()
            self.graph = graph
        finally:
            torch.cuda.current_stream(self.ensemble.device).wait_stream(stream)
            for flat, kept in zip(self.ensemble.flats, before, strict=True):
                for name, value in state[flat].items():
                    value.copy_(kept[name]) if name in kept else value.zero_()
            self.sums.zero_()

    def step(self) -> None:
        """One step on the data that are loaded; on a card this is what is captured."""
        tokens, weight = self.feed.batch()
        total = weight.flatten(1).sum(1)
        tokens, weight = ranks.share(tokens), ranks.share(weight)
        named = self.named()
        losses, gradients = torch.zeros_like(total), None
        for part in zip(tokens.chunk(self.parts, 1), weight.chunk(self.parts, 1), strict=True):
            found = (
                summed_losses(self.config.shape, self.config.domain.layout, named, part, (self.fast, self.stream))
                / total
            )
            more = torch.autograd.grad(found.sum(), list(named.values()))
            gradients = more if gradients is None else [a + b for a, b in zip(gradients, more, strict=True)]
            losses = losses + found.detach()
        if gradients is not None:
            self.ensemble.clip(gradients, losses)
        self.ensemble.optimiser.step()
        self.sums.add_(losses)

    def named(self) -> dict[str, Tensor]:
        """The weights in the precision of the products."""
        if not self.half:
            return self.ensemble.named
        for low, flat in zip(self.low, self.ensemble.flats, strict=True):
            low.copy_(flat)
        slices, full = self.ensemble.slices, self.ensemble.named
        return {
            name: self.low[part][:, start:end].view(full[name].shape).requires_grad_()
            for name, (part, start, end) in slices.items()
        }

    def advance(self, step: int) -> None:
        """Starts the step, and waits for nothing."""
        self.feed.load(step)
        warm = self.ensemble.warm(step)
        if warm != self.rate:
            for group in self.ensemble.optimiser.param_groups:
                group["lr"].fill_(group["rate"] * warm)
            self.rate = warm
        if self.graph:
            self.graph.replay()
        else:
            self.step()
        self.taken_steps += 1

    def taken(self) -> tuple[list[float], int]:
        """Each member's training losses since they were last taken, summed, and over how many steps: here the host waits."""
        found, count = self.sums.tolist(), self.taken_steps
        self.sums.zero_()
        self.taken_steps = 0
        return found, count

    def close(self) -> None:
        self.feed.close()
        self.graph = None


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:200]
