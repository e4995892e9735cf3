"""`mathematics`: the questions of `arithmetic` anywhere in the context, with difficulties that training covers and some
beyond it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import TESTING, Array, Seed, Tokens, require
from trainer.domains.generated.arithmetic import FILL, Arithmetic


class Mathematics(Arithmetic, frozen=True, tag="mathematics", kw_only=True):
    """Difficulty is the number of digits: 1 to `digits` are trained, up to `beyond` more are tested alone.

    A question begins anywhere that leaves room for the hardest, so that no place of a harder one is new to the model.
    """

    beyond: int = 1

    def __post_init__(self) -> None:
        Arithmetic.__post_init__(self)
        require(
            0 <= self.beyond <= 6 - self.digits,
            f"mathematics: expected at most 6 digits in all, got {self.digits} and {self.beyond} beyond",
        )

    @property
    def plain(self) -> Arithmetic:
        """The hardest questions' own domain."""
        return Arithmetic(digits=self.digits + self.beyond, modules=self.modules, replaced=self.replaced)

    @property
    def layout(self) -> tuple[int, ...]:
        return self.plain.layout

    def questions(self, seed: Seed, n: int, difficulty: int | None) -> Tokens:
        tokens = super().questions(seed, n, difficulty)
        words = (seed,) if isinstance(seed, int) else seed
        room = self.length - (tokens != FILL).sum(axis=1)
        return rolled(tokens, (np.random.default_rng((*words, 1)).random(n) * (room + 1)).astype(np.int64))

    def conditionals(self, tokens: Tokens) -> Array:
        begin = (tokens != FILL).argmax(axis=1)
        return rolled(super().conditionals(rolled(tokens, -begin)), begin)

    def elsewhere(self, n: int) -> dict[str, Tokens]:
        """Each difficulty alone: those within training, then those beyond."""
        return {str(k): self.questions((TESTING, k), n, k) for k in range(1, self.digits + self.beyond + 1)}


def rolled(rows: NDArray[Any], steps: Tokens) -> NDArray[Any]:
    """Row i moved to the right by steps[i] places, (n, length, …)."""
    places = (np.arange(rows.shape[1]) - steps[:, None]) % rows.shape[1]
    moved: NDArray[Any] = rows[np.arange(len(rows))[:, None], places]
    return moved
