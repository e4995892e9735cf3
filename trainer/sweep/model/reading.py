"""What a model's expectations are worth on test tokens: the loss, by place, by sample. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from trainer.domains.base import Array, Domain, Mask, Tokens, logarithm, ratio
from trainer.sweep.records import Reading

PLACES = 256
"""Longer samples are kept as means over as many runs of places."""
DIGITS = 6
QUANTILES = (1, 5, 25, 50, 75, 95, 99)


class Scores(msgspec.Struct, frozen=True):
    """Of every test token, (samples, length), 0 where it is not counted."""

    own: Array
    """The model's −ln p."""
    excess: Array
    """KL(true‖model); 0 where the truth is not known."""
    oracle: Array
    """The truth's −ln p; 0 where it is not known."""


def readings(domain: Domain, expected: Iterable[Array], tokens: Tokens) -> Reading:
    """Of ln p of every token, (block, length, vocabulary), block after block over `tokens`."""
    return summary(domain, scores(domain, expected, tokens), tokens)


def scores(domain: Domain, expected: Iterable[Array], tokens: Tokens) -> Scores:
    own, excess, oracle = np.zeros(tokens.shape), np.zeros(tokens.shape), np.zeros(tokens.shape)
    counted, start = domain.counted(tokens), 0
    for found in expected:
        rows = slice(start, start + len(found))
        own[rows] = -np.take_along_axis(found, tokens[rows, :, None], 2)[:, :, 0] * counted[rows]
        if domain.known:
            truth = domain.conditionals(tokens[rows])
            excess[rows] = (truth * (np.where(truth > 0, logarithm(truth), 0) - found)).sum(axis=2) * counted[rows]
            oracle[rows] = domain.oracle(tokens[rows])
        start += len(found)
    return Scores(own, excess, oracle)


def summary(domain: Domain, scored: Scores, tokens: Tokens) -> Reading:
    """The reading that these scores make."""
    own, excess, oracle = scored.own, scored.excess, scored.oracle
    counted = domain.counted(tokens)
    weight = domain.weighed(tokens)
    weight = counted.astype(float) if weight is None else weight
    plain, over = (ratio((each * weight).sum(axis=1), weight.sum(axis=1)) for each in (own, excess))
    return Reading(
        step=0,
        loss=domain.entropy.value + over.value if domain.known else plain.value,
        loss_error=over.standard_error if domain.known else plain.standard_error,
        test_loss=plain.value,
        oracle_loss=float((oracle * weight).sum() / weight.sum()) if domain.known else None,
        by_place=by_place(own, counted),
        excess_by_place=by_place(excess, counted) if domain.known else [],
        quantiles=quantiles(own, counted),
        parts={name: shown(own[:, places].sum() / len(own)) for name, places in domain.parts.items()},
        least={name: shown(value) for name, value in domain.least(tokens).items()},
    )


def shown(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def by_place(each: Array, counted: Mask) -> list[float]:
    """Means over samples, at most PLACES of them."""
    groups = np.array_split(np.arange(each.shape[1]), min(PLACES, each.shape[1]))
    sums = [(each[:, g].sum(), max(1, counted[:, g].sum())) for g in groups]
    return [shown(total / count) for total, count in sums]


def quantiles(each: Array, counted: Mask) -> dict[str, float]:
    """Percentiles over samples of the mean loss of each."""
    means = each.sum(axis=1) / np.maximum(1, counted.sum(axis=1))
    return {str(q): shown(v) for q, v in zip(QUANTILES, np.percentile(means, QUANTILES), strict=True)}
