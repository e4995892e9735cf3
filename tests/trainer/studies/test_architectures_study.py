"""Another architecture beside the transformer: exponents that are known come back, and are called the same only where that is sure."""

import numpy as np
import pytest

from trainer.studies.registry import STUDIES
from trainer.studies.scaling.architectures import Grid, begun, fitted, model, multiplier, slopes, told

FLOOR, TRANSFORMER, OTHER = 1.0, (0.5, 0.4, 0.45, 0.5), (0.8, 0.6, 0.35, 0.5)
"""Of each ln A and ln B at the grid's middle as the terms themselves, alpha and beta."""


def cells(noise: float = 0.0) -> Grid:
    """Losses of two laws with one floor, five sizes, two seeds, four amounts of data."""
    params = np.array([np.geomspace(3e3, 6e4, 5), np.geomspace(4e3, 5e4, 5)])
    tokens = np.geomspace(5e5, 4e6, 4)
    loss = model(exact(), params, tokens)[:, :, None, :] * np.ones((1, 1, 2, 1))
    return Grid(
        params=params, tokens=tokens, loss=loss * np.exp(noise * np.random.default_rng(0).standard_normal(loss.shape))
    )


def exact() -> np.ndarray:
    return np.log([FLOOR, *TRANSFORMER, *OTHER])


def test_known_laws_come_back() -> None:
    """Both with one floor, and their slopes at the most data."""
    grid = cells()
    found = fitted(grid, np.ones((5, 2)), begun(grid))
    assert np.exp(found) == pytest.approx(np.exp(exact()), rel=1e-3)
    by_hand = [
        np.polyfit(np.log(n), np.log(loss[:, 0, -1]), 1)[0] for n, loss in zip(grid.params, grid.loss, strict=True)
    ]
    assert slopes(grid, np.ones((5, 2))) == pytest.approx(by_hand)


def test_the_multiplier_is_that_of_the_optima() -> None:
    """The other's optimum at so many times the budget has the loss of the transformer's at it, found on a fine grid of sizes."""
    grid = cells()
    times = multiplier(exact(), grid)
    budget = np.exp(np.log(grid.params).mean() + np.log(grid.tokens).mean())

    def best(side: int, at: float) -> float:
        sizes = np.geomspace(1e2, 1e8, 20_001)
        n, d = np.log(grid.params).mean(), np.log(grid.tokens).mean()
        a, b, alpha, beta = (TRANSFORMER, OTHER)[side]
        return float(
            (FLOOR + a * np.exp(-alpha * (np.log(sizes) - n)) + b * np.exp(-beta * (np.log(at / sizes) - d))).min()
        )

    assert best(1, times * budget) == pytest.approx(best(0, budget), rel=1e-5)


@pytest.mark.parametrize(("spread", "verdict"), [(0.02, "the same"), (0.2, "not decided")])
def test_the_same_is_said_only_within_a_twentieth(spread: float, verdict: str) -> None:
    difference = np.array([0.0, *np.linspace(-spread, spread, 101)])
    assert told("x", difference)[1] == verdict


def test_differences_lie_in_their_intervals() -> None:
    """Each pair's difference has an interval around it, and both laws fit to a few per cent."""
    numbers = STUDIES["architectures"].finding().numbers
    for name in ("lstm", "convolution"):
        for what in ("N", "D", "C", "slope"):
            key = f"{name}_less_transformer_{what}"
            assert numbers[f"{key}_low"] <= numbers[key] <= numbers[f"{key}_high"]
        assert numbers[f"{name}_rms"] < 0.05
