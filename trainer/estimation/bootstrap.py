"""Resamples of the runs as integer weights, and the law fitted to each of them from the optimum."""

import numpy as np
from numpy.typing import NDArray

from .objective import Array


def resampled_weights(clusters: NDArray[np.int64], resamples: int, seed: int) -> Array:
    """How often each row is drawn, (resamples, n), when clusters are drawn with replacement; clusters (n,) counts from
    0.

    With a cluster a row this is the row bootstrap: each line is multinomial and sums to n.
    """
    count = int(clusters.max()) + 1
    drawn = np.random.default_rng(seed).integers(0, count, (resamples, count), dtype=np.int32).astype(np.intp)
    drawn += np.arange(0, resamples * count, count)[:, None]
    times = np.bincount(drawn.ravel(), minlength=resamples * count).reshape(resamples, count)
    if count == len(clusters) and (clusters == np.arange(count)).all():
        return times.astype(np.float64)
    return times[:, clusters].astype(np.float64)


def cluster_numbers(labels: NDArray[np.generic]) -> NDArray[np.int64]:
    """0, 1, ... by first appearance of each label: run ids, or sizes where rows are checkpoints without an id."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)
