"""What `reading.scores` computes, on a card: neither logits nor the truth's distributions travel, only a number a token. Needs torch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer.domains.base import Domain, Tokens, logarithm
from trainer.sweep.model.reading import Scores


class TestSet:
    """Test tokens with the truth about each of them, in blocks of samples, kept on the card from reading to reading."""

    __test__ = False  # to pytest

    def __init__(self, domain: Domain, tokens: Tokens, block: int, device: torch.device) -> None:
        self.counted = domain.counted(tokens)
        self.oracle = domain.oracle(tokens) if domain.known else np.zeros(tokens.shape)
        parts = np.split(tokens, range(block, len(tokens), block))
        self.blocks = [torch.from_numpy(part).to(device) for part in parts]
        self.truth = [truth_of(domain, part, device) for part in parts] if domain.known else []

    def scores(self, expected: Iterable[Tensor]) -> Scores:
        """Of the logits of each block, (samples, length, vocabulary)."""
        own, excess = [], []
        for at, logits in enumerate(expected):
            found = functional.log_softmax(logits.double(), dim=-1)
            own.append(-found.gather(2, self.blocks[at][:, :, None])[:, :, 0])
            excess.append(divergence(*self.truth[at], found) if self.truth else torch.zeros_like(own[-1]))
        mine, over = (torch.cat(part).cpu().numpy() * self.counted for part in (own, excess))
        return Scores(mine, over, self.oracle)


def truth_of(domain: Domain, tokens: Tokens, device: torch.device) -> tuple[Tensor, Tensor]:
    """The true distribution of every token, and its logarithm where it is not 0."""
    truth = domain.conditionals(tokens)
    log = np.where(truth > 0, logarithm(truth), 0)
    return torch.from_numpy(np.ascontiguousarray(truth)).to(device), torch.from_numpy(log).to(device)


def divergence(truth: Tensor, log: Tensor, found: Tensor) -> Tensor:
    """KL(truth‖found) over the last axis."""
    return (truth * (log - found)).sum(2)
