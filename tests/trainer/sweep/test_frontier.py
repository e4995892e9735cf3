"""The frontier of a sweep's readings without a surface."""

import numpy as np
import pytest

from trainer.sweep.law.frontier import frontier
from trainer.sweep.law.posterior import Readings


def swept(params: np.ndarray, tokens: np.ndarray, optimum: float) -> Readings:
    """Readings of every size at every amount of data, of an additive law whose N_opt grows as C^optimum."""
    n, d = (column.ravel() for column in np.meshgrid(params, tokens, indexing="ij"))
    alpha, beta = 0.8 * (1 - optimum), 0.8 * optimum
    loss = 1 + (n / 1e4) ** -alpha + (d / 1e6) ** -beta
    run = np.repeat(np.arange(len(params)), len(tokens))
    return Readings(params=n, tokens=d, loss=loss, run=run, seed=np.zeros_like(run))


@pytest.mark.parametrize("optimum", [0.4, 0.5, 0.6])
def test_the_envelope_grows_as_the_optimum_where_the_grid_is_wide(optimum: float) -> None:
    """Seventeen sizes over eight decades, each over as many of data: the line from corner to corner would have 0.5 whatever the law."""
    found = frontier(swept(np.geomspace(1e1, 1e9, 17), np.geomspace(1e3, 1e11, 17), optimum))
    assert found["optimum"] == pytest.approx(optimum, abs=0.035)
    assert found["optimum_low"] <= found["optimum"] <= found["optimum_high"]
    assert found["loss"] == sorted(found["loss"], reverse=True)
    assert found["compute"] == sorted(found["compute"])


def test_two_sizes_say_nothing_of_growth() -> None:
    found = frontier(swept(np.array([1e3, 1e5]), np.geomspace(1e5, 1e7, 5), 0.5))
    assert found["optimum"] is None
    assert found["optimum_low"] is None
    assert set(found["params"]) <= {1e3, 1e5}
