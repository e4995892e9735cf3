"""How an ensemble's steps are taken: one by one on a CPU, without a wait for the host on a card. Needs torch."""

from __future__ import annotations

from typing import Protocol

import torch

from trainer.sweep.model.captured import Captured
from trainer.sweep.model.ensemble import Ensemble, data
from trainer.sweep.records import CHUNK

LOOK = 25
"""Steps between looks at the clock, and on a card at the losses."""


class Steps(Protocol):
    """What a loop of training needs of them; closed at its end."""

    parts: int
    notes: list[str]

    def advance(self, step: int) -> None:
        """Takes, or on a card begins, one step."""
        ...

    def taken(self) -> tuple[list[float], int]:
        """Each member's training losses since they were last asked for, summed, and of how many steps."""
        ...

    def close(self) -> None: ...


def steps_of(ensemble: Ensemble) -> tuple[Steps, int]:
    """Its steps, and how many of them to take between looks at the losses; a CPU's in float32 keep the bits that they always had."""
    return (Captured(ensemble), LOOK) if ensemble.on_card or ensemble.config.half else (Stepped(ensemble), 1)


class Stepped:
    """Data are drawn here, a chunk at a time; nothing is to be closed."""

    parts = 1

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble
        self.notes: list[str] = []
        self.chunk = -1
        self.tokens = self.targets = self.losses = torch.empty(0)

    def advance(self, step: int) -> None:
        if step // CHUNK != self.chunk:
            self.chunk = step // CHUNK
            self.tokens, self.targets = data(self.ensemble.configs, self.chunk, self.ensemble.device)
        self.losses = self.ensemble.train(self.tokens[step % CHUNK], self.targets[step % CHUNK], step)

    def taken(self) -> tuple[list[float], int]:
        found: list[float] = self.losses.tolist()
        return found, 1

    def close(self) -> None:
        pass
