"""Bisection: many brackets at once, each by itself."""

import numpy as np
import pytest

from fitted_laws.forms.bisection import BASIN_HALVINGS, FARTHEST, basin_of, bisected, falling_root, foreseen


@pytest.mark.parametrize("flipped", [False, True])
def test_a_bracket_closes_on_where_the_truth_ends(flipped: bool) -> None:
    """The ends stand on either side of the edge, neighbours at last, whichever of them is larger."""
    edges = np.array([0.1, 1.0, np.pi, 7.5])
    low, high = (np.full(4, end) for end in ((8.0, 0.0) if flipped else (0.0, 8.0)))
    inside, outside = bisected(lambda x: x > edges if flipped else x < edges, low, high, 60)
    assert np.all(inside > edges if flipped else inside < edges)
    assert np.all(np.abs(outside - edges) <= np.spacing(edges))


def test_a_row_does_not_depend_on_the_rows_beside_it() -> None:
    """Alone or among others, to the last bit."""
    edges = np.geomspace(1e-3, 1e3, 20)
    together = bisected(lambda x: x < edges, np.zeros(20), np.full(20, 2e3), 40)[1]
    alone = [bisected(lambda x, e=edge: x < e, np.zeros(1), np.full(1, 2e3), 40)[1][0] for edge in edges]
    assert together.tolist() == alone


@pytest.mark.parametrize("power", [0.1, 1, 5])
def test_the_root_of_a_falling_function(power) -> None:
    """To the last bits, in fewer steps than halvings take; the far end where it never falls to 0."""
    steps = []

    def above(x) -> float:
        steps.append(x)
        return float(np.exp(-power * x) - np.exp(-power * 7.3))

    assert falling_root(above, 0.0, 230.0) == pytest.approx(7.3, rel=1e-12)
    assert len(steps) < 75
    assert falling_root(lambda _: 1.0, 0.0, 230.0) == 230.0


@pytest.mark.parametrize("seed", range(5))
def test_foreseen_halvings_come_to_the_same_bits(seed) -> None:
    """As one after the other, wherever the edges lie, also where there is none."""
    chance = np.random.default_rng(seed)
    edges = chance.uniform(-1.0, 5.0, (2, 3, 1))
    low, high = np.zeros(edges.shape), np.full(edges.shape, FARTHEST)
    one_by_one, _ = bisected(lambda x: np.exp(x) < np.exp(edges), low, high, BASIN_HALVINGS)
    assert np.array_equal(foreseen(lambda x: np.exp(x) < np.exp(edges), low, high, BASIN_HALVINGS), one_by_one)


def test_a_basin_has_the_same_bits_alone_and_among_many() -> None:
    """Few are foreseen, many are halved one time after the other."""
    alpha = np.random.default_rng(1).uniform(0.1, 0.9, (40, 1))

    def overhead(ratio, exponent=alpha) -> np.ndarray:
        return ratio * (0.5 + 0.5 * ratio**-exponent) ** (-1 / exponent) + np.abs(ratio - 1) ** 1.5

    together = np.stack(basin_of(overhead, alpha.shape))
    alone = [np.stack(basin_of(lambda ratio, e=each[None]: overhead(ratio, e))) for each in alpha]
    assert np.array_equal(together, np.concatenate(alone, axis=1))
    assert np.all(together[0] < 1)
    assert np.all(together[1] > 1)
