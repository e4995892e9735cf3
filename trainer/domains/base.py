"""What every domain of known entropy has: samples, exact conditionals, and from these the oracle's loss and the
entropy.
"""

from __future__ import annotations

import hashlib
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.files import Refusal

Tokens = NDArray[np.int64]
"""(samples, length), each from 0 to vocabulary − 1."""
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Seed = int | tuple[int, ...]
"""What numpy makes a generator from; the same seed gives the same samples on every machine."""

TRAINING, TESTING = 1, 2
"""Streams of data: they share no sample."""
MEASURED_SAMPLES = 4096
"""Samples behind an entropy that has no closed form."""
BLOCK = 512
"""Samples whose conditionals are held at once."""


class Entropy(msgspec.Struct, frozen=True):
    """Entropy in nats per counted token; a standard error where it is a Monte-Carlo mean, 0 where it is exact."""

    value: float
    standard_error: float = 0.0


class Domain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="name", dict=True):
    """A source whose every conditional is exact; its fields are its whole definition.

    What files hold is `Collected`.
    """

    @property
    def vocabulary(self) -> int:
        """How many different tokens there are."""
        raise NotImplementedError

    @property
    def layout(self) -> tuple[int, ...]:
        """The shape of a sample: (length,), (height, width) or (frames, height, width), in raster order."""
        raise NotImplementedError

    def samples(self, seed: Seed, n: int) -> Tokens:
        """n independent samples, (n, length)."""
        raise NotImplementedError

    @property
    def known(self) -> bool:
        """Whether conditionals and entropy are exact; where not, neither is to be asked for."""
        return True

    def testing(self, n: int) -> Tokens:
        """The test set that all sizes share: it has nothing of what `samples` gives for the seeds of training."""
        return self.samples((TESTING,), n)

    def elsewhere(self, n: int) -> dict[str, Tokens]:
        """Further test sets of the same layout by name, on which the loss is read as well: what training does not
        cover.
        """
        del n
        return {}

    def conditionals(self, tokens: Tokens) -> Array:
        """The true distribution of every token given those before it, (n, length, vocabulary)."""
        raise NotImplementedError

    def counted(self, tokens: Tokens) -> Mask:
        """Which tokens the loss counts, (n, length)."""
        return np.ones(tokens.shape, np.bool_)

    def weighed(self, tokens: Tokens) -> Array | None:
        """The weight of each token in the loss, (n, length); None where all that are counted weigh the same."""
        del tokens
        return None

    @property
    def parts(self) -> dict[str, Mask]:
        """Places whose loss is also read apart, by name, (length,)."""
        return {}

    def least(self, tokens: Tokens) -> dict[str, float]:
        """The mean −ln p of parts whose distribution is known where the whole's is not, in nats a sample."""
        del tokens
        return {}

    @property
    def length(self) -> int:
        return int(np.prod(self.layout))

    def oracle(self, tokens: Tokens) -> Array:
        """−ln of each token's true probability, (n, length), 0 where it is not counted."""
        return -logarithm(
            np.take_along_axis(self.conditionals(tokens), tokens[:, :, None], axis=2)[:, :, 0]
        ) * self.counted(tokens)

    @cached_property
    def entropy(self) -> Entropy:
        """Entropy per counted token: here the mean entropy of the conditionals of fixed samples, a ratio of sums over
        samples.
        """
        sums, counts = [], []
        for block in range(-(-MEASURED_SAMPLES // BLOCK)):
            tokens = self.samples((block, 2020), BLOCK)
            counted = self.counted(tokens)
            sums.append((entropies(self.conditionals(tokens)) * counted).sum(axis=1))
            counts.append(counted.sum(axis=1))
        return ratio(np.concatenate(sums), np.concatenate(counts))


def logarithm(p: Array) -> Array:
    """ln p, −inf at 0 without a warning."""
    return np.asarray(np.log(p, out=np.full(p.shape, -np.inf), where=p > 0))


def entropies(conditionals: Array) -> Array:
    """−Σ p ln p over the last axis."""
    return np.asarray(-(conditionals * np.log(np.where(conditionals > 0, conditionals, 1.0))).sum(axis=-1))


def ratio(sums: Array, counts: Array | NDArray[np.int64]) -> Entropy:
    """Σ sums / Σ counts with its standard error over samples."""
    value = float(sums.sum() / counts.sum())
    spread = (sums - value * counts).std(ddof=1) / counts.mean() / np.sqrt(len(sums))
    return Entropy(value, float(spread))


def binary(p: float) -> float:
    """Entropy of a coin that shows heads with probability p."""
    return float(entropies(np.array([p, 1 - p])))


def drawn(probabilities: Array, uniforms: Array) -> Tokens:
    """One outcome a row of (n, outcomes) by inverting its distribution at (n,) uniforms."""
    cumulative = probabilities.cumsum(axis=1)
    passed = (cumulative <= uniforms[:, None] * cumulative[:, -1:]).sum(axis=1)
    return np.asarray(np.minimum(passed, probabilities.shape[1] - 1))


def identity(definition: msgspec.Struct) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of its JSON with sorted keys: the order of its fields has no part
    in it.
    """
    return hashlib.sha256(msgspec.json.encode(definition, order="sorted")).hexdigest()[:16]


def require(holds: bool, sentence: str) -> None:  # noqa: FBT001 - a condition and its sentence
    """Refuses a definition.

    Raises:
        Refusal: the condition does not hold.
    """
    if not holds:
        raise Refusal(sentence)
