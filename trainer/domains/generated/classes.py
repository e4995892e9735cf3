"""`classes`: images whose class chose their coupling, then the class: for fine-tuning, with a Bayes error from exact
likelihoods.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import msgspec
import numpy as np
from scipy import special

from trainer.domains.base import (
    BLOCK,
    MEASURED_SAMPLES,
    Array,
    Domain,
    Entropy,
    Mask,
    Seed,
    Tokens,
    entropies,
    logarithm,
    ratio,
    require,
)
from trainer.domains.generated.field import Field
from trainer.domains.generated.ising import Ising


class Classes(Domain, frozen=True, tag="classes", kw_only=True):
    """Class ~ U; the image is from `ising` of the class's coupling, or `field` of the class's memory.

    The last token is the class.
    """

    image: Ising | Field = Ising(width=6)
    couplings: tuple[float, ...] = (0.2, 0.4)
    """Ising's coupling, or field's memory, of each class."""
    counts: Literal["image", "class"] | msgspec.UnsetType = msgspec.UNSET
    """What the loss counts: the `image` alone, for a model that learns nothing of classes, or the `class` alone, for a classifier.

    Unset it counts both, and is no part of the identity.
    """

    def __post_init__(self) -> None:
        require(
            len(set(self.couplings)) >= 2, f"classes: expected two different couplings or more, got {self.couplings}"
        )

    @cached_property
    def members(self) -> list[Ising | Field]:
        """The image's domain of each class."""
        plain = {name: getattr(self.image, name) for name in self.image.__struct_fields__}
        varied = "coupling" if isinstance(self.image, Ising) else "memory"
        return [type(self.image)(**(plain | {varied: value})) for value in self.couplings]

    @property
    def vocabulary(self) -> int:
        return self.image.vocabulary + len(self.couplings)

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.image.length + 1,)

    def samples(self, seed: Seed, n: int) -> Tokens:
        words = (seed,) if isinstance(seed, int) else seed
        chosen = np.random.default_rng(seed).integers(0, len(self.couplings), n)
        tokens = np.empty((n, self.length), np.int64)
        for k, member in enumerate(self.members):
            rows = np.flatnonzero(chosen == k)
            tokens[rows, :-1] = member.samples((*words, k + 1), len(rows))
        tokens[:, -1] = self.image.vocabulary + chosen
        return tokens

    def conditionals(self, tokens: Tokens) -> Array:
        """Mixtures of the classes' own, weighted by what the pixels so far say of the class."""
        images, n = tokens[:, :-1], len(tokens)
        each = np.stack([member.conditionals(images) for member in self.members])  # (classes, n, pixels, values)
        seen = logarithm(np.take_along_axis(each, images[None, :, :, None], axis=3)[..., 0]).cumsum(axis=2)
        before = np.concatenate([np.zeros((len(self.members), n, 1)), seen], axis=2)
        belief = special.softmax(before, axis=0)  # (classes, n, pixels + 1)
        probabilities = np.zeros((n, self.length, self.vocabulary))
        probabilities[:, :-1, : self.image.vocabulary] = np.einsum("kntv,knt->ntv", each, belief[:, :, :-1])
        probabilities[:, -1, self.image.vocabulary :] = belief[:, :, -1].T
        return probabilities

    def counted(self, tokens: Tokens) -> Mask:
        places = np.arange(self.length) == self.length - 1
        if self.counts is msgspec.UNSET:
            places = np.ones_like(places)
        elif self.counts == "image":
            places = ~places
        return np.broadcast_to(places, tokens.shape)

    @cached_property
    def _shared(self) -> Array | None:
        """P(class, Σ bonds), (classes, sums): of spins all that an image says of its class; None of other images."""
        if not isinstance(self.image, Ising):
            return None
        energies, log_count = self.image.energies
        log_p = log_count + np.outer(self.couplings, energies)
        return np.asarray(special.softmax(log_p, axis=1) / len(self.couplings))

    @cached_property
    def entropy(self) -> Entropy:
        """Exact for the class of spins; else a mean of samples."""
        if self.counts != "class" or self._shared is None:
            return super().entropy
        return Entropy(float(entropies(self._shared).sum() - entropies(self._shared.sum(axis=0))))

    @cached_property
    def bayes_error(self) -> Entropy:
        """The least share of images that any classifier gets wrong, E[1 − max P(class | image)]: exact of spins, else with its standard error."""
        if self._shared is not None:
            return Entropy(1 - float(self._shared.max(axis=0).sum()))
        errors = []
        for block in range(-(-MEASURED_SAMPLES // BLOCK)):
            belief = self.conditionals(self.samples((block, 2021), BLOCK))[:, -1]
            errors.append(1 - belief.max(axis=1))
        wrong = np.concatenate(errors)
        return ratio(wrong, np.ones(len(wrong), np.int64))
