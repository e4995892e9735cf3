"""`sprites`: video of one binary sprite that drifts over a torus, with pixels flipped by chance.

An exact forward filter is its oracle.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from trainer.domains.base import Array, Domain, Entropy, Seed, Tokens, require

VELOCITIES = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 0))
PATTERN_SEED = 20


class Sprites(Domain, frozen=True, tag="sprites", kw_only=True):
    """Sprite ~ U(S), position ~ U(W²), velocity ~ U(V) and redrawn at each later step with probability ρ.

    Pixels flip with probability ε.

    The closed form for ε = 0 needs frames that show their state: no sprite is a translate of another or of itself,
    velocities differ mod W.
    """

    frames: int = 4
    width: int = 4
    sprites: int = 2
    velocities: int = 4
    redraw: float = 0.3
    flip: float = 0.0

    def __post_init__(self) -> None:
        require(
            self.frames >= 2,
            f"sprites: expected 2 frames or more, since one frame shows no velocity, got {self.frames}",
        )
        require(
            1 <= self.velocities <= len(VELOCITIES),
            f"sprites: expected 1 to {len(VELOCITIES)} velocities, got {self.velocities}",
        )
        require(
            0 <= self.redraw <= 1 and 0 <= self.flip < 0.5,
            f"sprites: expected redraw in 0..1, flip in 0..0.5, got {self.redraw}, {self.flip}",
        )
        moves = {(y % self.width, x % self.width) for y, x in VELOCITIES[: self.velocities]}
        require(
            len(moves) == self.velocities,
            f"sprites: {self.velocities} velocities are not distinct on a torus of width {self.width}",
        )
        require(
            len(self.patterns) == self.sprites,
            f"sprites: a torus of width {self.width} shows only {len(self.patterns)} sprites that differ",
        )

    @property
    def vocabulary(self) -> int:
        return 2

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.frames, self.width, self.width)

    @cached_property
    def patterns(self) -> Array:
        """Sprites at the origin of which all translates of all differ, (S, W, W)."""
        random = np.random.default_rng(PATTERN_SEED)
        side = min(3, self.width)
        distinct: list[Array] = []
        seen: set[bytes] = set()
        for _ in range(2000):
            frame = np.zeros((self.width, self.width))
            frame[:side, :side] = random.integers(0, 2, (side, side))
            moved = {np.roll(frame, (y, x), (0, 1)).tobytes() for y in range(self.width) for x in range(self.width)}
            if len(distinct) < self.sprites and len(moved) == self.width**2 and not moved & seen:
                distinct.append(frame)
                seen |= moved
        return np.array(distinct)

    @cached_property
    def images(self) -> Array:
        """What each sprite at each position looks like, (S·W², W²)."""
        places = [(y, x) for y in range(self.width) for x in range(self.width)]
        return np.array([np.roll(p, place, (0, 1)).ravel() for p in self.patterns for place in places])

    @cached_property
    def entropy(self) -> Entropy:
        """ln S + ln W² + ln V + (F − 2)·h per sample where ε = 0, h the entropy of the next velocity; a Monte-Carlo
        mean otherwise.
        """
        if self.flip:
            return super().entropy
        other = self.redraw / self.velocities
        unchanged = 1 - self.redraw + other
        h = -unchanged * np.log(unchanged) - ((self.velocities - 1) * other * np.log(other) if other else 0.0)
        start = np.log(self.sprites) + 2 * np.log(self.width) + np.log(self.velocities)
        return Entropy(float(start + (self.frames - 2) * h) / self.length)

    def samples(self, seed: Seed, n: int) -> Tokens:
        random = np.random.default_rng(seed)
        sprite, y, x = (
            random.integers(0, self.sprites, n),
            random.integers(0, self.width, n),
            random.integers(0, self.width, n),
        )
        velocity = random.integers(0, self.velocities, n)
        moves = np.array(VELOCITIES)
        tokens = np.empty((n, self.frames, self.width**2), np.int64)
        for f in range(self.frames):
            if f > 1:
                velocity = np.where(random.random(n) < self.redraw, random.integers(0, self.velocities, n), velocity)
            if f > 0:
                y, x = (y + moves[velocity, 0]) % self.width, (x + moves[velocity, 1]) % self.width
            tokens[:, f] = self.images[(sprite * self.width + y) * self.width + x]
        flipped = random.random(tokens.shape) < self.flip
        return (tokens ^ flipped).reshape(n, -1)

    def conditionals(self, tokens: Tokens) -> Array:
        """By a forward filter over sprite, position and velocity, and within a frame pixel by pixel."""
        n, states = len(tokens), len(self.images)
        frames = tokens.reshape(n, self.frames, -1)
        lit = np.abs(self.images - self.flip)  # probability that the pixel is 1
        belief = np.full((n, states, self.velocities), 1 / states / self.velocities)
        ones = np.empty(frames.shape)
        for f in range(self.frames):
            if f > 0:
                belief = self._moved(belief, first=f == 1)
            here = belief.sum(axis=2)
            start = here
            for p in range(frames.shape[2]):
                ones[:, f, p] = here @ lit[:, p]
                here = here * np.where(frames[:, f, p, None] == 1, lit[:, p], 1 - lit[:, p])
                here /= here.sum(axis=1, keepdims=True)
            belief = belief * np.divide(here, start, out=np.zeros_like(here), where=start > 0)[:, :, None]
        lit_chance = ones.reshape(n, -1).clip(0, 1)
        return np.stack([1 - lit_chance, lit_chance], axis=2)

    def _moved(self, belief: Array, *, first: bool) -> Array:
        """The belief about the next frame: velocities are redrawn, but for the first step, and then the sprite moves."""
        unchanged = 1.0 if first else 1 - self.redraw
        after = unchanged * belief + (1 - unchanged) * belief.mean(axis=2, keepdims=True)
        grid = after.reshape(len(belief), self.sprites, self.width, self.width, self.velocities)
        moved = [np.roll(grid[..., v], VELOCITIES[v], (2, 3)) for v in range(self.velocities)]
        return np.stack(moved, axis=-1).reshape(belief.shape)
