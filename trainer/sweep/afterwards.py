"""What became of a run after its end: its weights pruned, or fine-tuned to classify. Needs no torch."""

from __future__ import annotations

import msgspec


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """The loss of a run's last averaged weights with a share of each body matrix, its smallest by magnitude, at 0, after so many steps more."""

    share: float
    steps: int
    loss: float


class Finetuned(msgspec.Struct, frozen=True, kw_only=True):
    """What a classifier of a run's shape came to after so many labelled images: the run's last averaged weights fine-tuned, or new ones."""

    pretrained: bool
    labelled: int
    excess: float
    """KL(true‖model) of the class, nats."""
    excess_error: float
    """Share of images beyond the Bayes error."""
