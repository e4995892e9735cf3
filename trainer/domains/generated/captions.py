"""`captions`: an image and the words for its attributes, one after the other, with a mutual information known exactly."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from trainer.domains.base import Array, Domain, Entropy, Mask, Seed, Tokens, binary, require


class Captions(Domain, frozen=True, tag="captions", kw_only=True):
    """Attributes a_i ~ U(A_i), independent.

    Pixel i shows a_i without error beside noise; word i, of those mentioned, is a_i with probability 1 − δ_i, else
    another, in a fixed slot.

    I(text; image) = Σ_{mentioned} [ln A_i − h_b(δ_i) − δ_i ln(A_i − 1)], the same for both orders. Pixels are tokens
    a_i·noise + (0 … noise − 1); words follow them in the vocabulary.
    """

    attributes: tuple[int, ...] = (8, 8, 8, 8)
    wrong: tuple[float, ...] = (0.05, 0.1, 0.2, 0.0)
    mentioned: tuple[int, ...] = (0, 1, 2)
    noise: int = 4
    order: Literal["image-text", "text-image"] = "image-text"

    def __post_init__(self) -> None:
        count = len(self.attributes)
        require(
            count > 0 and min(self.attributes) >= 2,
            f"captions: expected attributes of 2 values or more, got {self.attributes}",
        )
        require(self.noise >= 1, f"captions: expected 1 noise value or more, got {self.noise}")
        require(
            len(self.wrong) == count,
            f"captions: expected one probability in wrong an attribute, got {len(self.wrong)} for {count}",
        )
        require(all(0 <= d < 1 for d in self.wrong), f"captions: expected wrong in 0..1, got {self.wrong}")
        known = sorted(set(self.mentioned) & set(range(count)))
        require(
            known == sorted(self.mentioned),
            f"captions: expected mentioned among 0 to {count - 1}, each once, got {self.mentioned}",
        )

    @property
    def vocabulary(self) -> int:
        return max(self.attributes) * (self.noise + 1)

    @property
    def layout(self) -> tuple[int, ...]:
        return (len(self.attributes) + len(self.mentioned),)

    @cached_property
    def text(self) -> Mask:
        """Which places are words, (length,)."""
        words = np.arange(self.length) < len(self.mentioned)
        return words if self.order == "text-image" else words[::-1]

    def samples(self, seed: Seed, n: int) -> Tokens:
        random = np.random.default_rng(seed)
        sizes, tokens = np.array(self.attributes), np.empty((n, self.length), np.int64)
        shown = (random.random((n, len(sizes))) * sizes).astype(np.int64)
        tokens[:, ~self.text] = shown * self.noise + random.integers(0, self.noise, shown.shape)
        words = shown + (random.random(shown.shape) < self.wrong) * (
            1 + (random.random(shown.shape) * (sizes - 1)).astype(np.int64)
        )
        tokens[:, self.text] = self._first_word + (words % sizes)[:, list(self.mentioned)]
        return tokens

    @property
    def _first_word(self) -> int:
        return max(self.attributes) * self.noise

    def _channel(self, i: int) -> Array:
        """P(word | attribute) = P(attribute | word), since both are uniform: (A, A)."""
        size = self.attributes[i]
        return np.eye(size) * (1 - self.wrong[i]) + (1 - np.eye(size)) * self.wrong[i] / (size - 1)

    def conditionals(self, tokens: Tokens) -> Array:
        probabilities = np.zeros((*tokens.shape, self.vocabulary))
        words, pixels = np.flatnonzero(self.text), np.flatnonzero(~self.text)
        for i, size in enumerate(self.attributes):
            at = slice(0, size * self.noise)
            known = np.full((len(tokens), size), 1 / size)
            if i in self.mentioned and self.order == "text-image":
                known = self._channel(i)[tokens[:, words[self.mentioned.index(i)]] - self._first_word]
            probabilities[:, pixels[i], at] = np.repeat(known, self.noise, axis=1) / self.noise
        for place, i in zip(words, self.mentioned, strict=True):
            size = self.attributes[i]
            at = slice(self._first_word, self._first_word + size)
            of_word = (
                self._channel(i)[tokens[:, pixels[i]] // self.noise]
                if self.order == "image-text"
                else np.full((1, size), 1 / size)
            )
            probabilities[:, place, at] = of_word
        return probabilities

    @property
    def information(self) -> float:
        """I(text; image) in nats per sample."""
        terms = [
            np.log(self.attributes[i]) - binary(self.wrong[i]) - self.wrong[i] * np.log(self.attributes[i] - 1)
            for i in self.mentioned
        ]
        return float(sum(terms))

    @cached_property
    def entropy(self) -> Entropy:
        """H(image) + H(text) − I over the tokens of both."""
        image = sum(np.log(size) + np.log(self.noise) for size in self.attributes)
        text = sum(np.log(self.attributes[i]) for i in self.mentioned)
        return Entropy(float(image + text - self.information) / self.length)
