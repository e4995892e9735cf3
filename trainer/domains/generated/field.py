"""`field`: images whose pixels are discretised normals around a weighted mean of those before them, in grey or in
colours.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import special

from trainer.domains.base import Array, Domain, Seed, Tokens, drawn, require


class Field(Domain, frozen=True, tag="field", kw_only=True):
    """P(x_p = k) ∝ exp(−(k − μ_p)²/2s²) over L levels, μ_p = Σ_c a_c x_{p−c} with a_c ∝ |c|^−decay over causal
    neighbours, Σ a = memory.

    Levels are centred on 0 for the mean. Of several channels a later one also sees the earlier ones of its own pixel.
    The oracle is an exact distribution a pixel; the entropy is a Monte-Carlo mean of theirs, with its standard error.
    """

    height: int = 8
    width: int = 8
    channels: int = 1
    levels: int = 16
    spread: float = 1.0
    memory: float = 0.95
    decay: float = 2.0
    reach: int = 2

    def __post_init__(self) -> None:
        sizes = (self.height, self.width, self.channels, self.reach)
        require(min(sizes) >= 1, f"field: expected height, width, channels and reach of 1 or more, got {sizes}")
        require(
            self.levels >= 2 and self.spread > 0,
            f"field: expected 2 levels or more and a positive spread, got {self.levels}, {self.spread}",
        )

    @property
    def vocabulary(self) -> int:
        return self.levels

    @property
    def layout(self) -> tuple[int, ...]:
        grey = (self.height, self.width)
        return grey if self.channels == 1 else (*grey, self.channels)

    @cached_property
    def kernel(self) -> Array:
        """Rows of Δy, Δx, Δchannel, weight, (neighbours, 4)."""
        steps = [(0, dx, 0) for dx in range(1, self.reach + 1)]
        for dy in range(1, self.reach + 1):
            steps += [(dy, dx, 0) for dx in range(-self.reach, self.reach + 1)]
        steps += [(0, 0, dc) for dc in range(1, self.channels)]
        offsets = np.array(steps, float)
        weights = np.linalg.norm(offsets, axis=1) ** -self.decay
        return np.column_stack([offsets, self.memory * weights / weights.sum()])

    @cached_property
    def _weights(self) -> Array:
        """μ = weights @ x: strictly lower triangular, (length, length)."""
        weights = np.zeros((self.length, self.length))
        places = np.array(np.unravel_index(np.arange(self.length), (self.height, self.width, self.channels)))
        shape = np.array([[self.height], [self.width], [self.channels]])
        for dy, dx, dc, weight in self.kernel:
            before = places - np.array([[dy], [dx], [dc]]).astype(np.int64)
            rows = np.flatnonzero(((before >= 0) & (before < shape)).all(axis=0))
            weights[rows, np.ravel_multi_index(tuple(before[:, rows]), (self.height, self.width, self.channels))] = (
                weight
            )
        return weights

    @property
    def _middle(self) -> float:
        return (self.levels - 1) / 2

    def _distribution(self, means: Array) -> Array:
        """The probability of each level of pixels with these means, (...,) to (..., levels)."""
        levels = np.arange(self.levels) - self._middle
        return np.asarray(special.softmax(-0.5 * ((levels - means[..., None]) / self.spread) ** 2, axis=-1))

    def samples(self, seed: Seed, n: int) -> Tokens:
        uniforms = np.random.default_rng(seed).random((self.length, n))
        tokens = np.empty((n, self.length), np.int64)
        centred = np.zeros((n, self.length))
        for p in range(self.length):
            tokens[:, p] = drawn(self._distribution(centred[:, :p] @ self._weights[p, :p]), uniforms[p])
            centred[:, p] = tokens[:, p] - self._middle
        return tokens

    def conditionals(self, tokens: Tokens) -> Array:
        return self._distribution((tokens - self._middle) @ self._weights.T)
