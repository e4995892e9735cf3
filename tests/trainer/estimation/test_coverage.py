"""The coverage study itself, at a size that a test affords."""

import numpy as np

from trainer.estimation.coverage import QUANTITIES, study


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """120 surfaces: 90 % intervals within three binomial standard errors (2.7 points), hardly wider than with known noise."""
    result = study("isoflop", 120, 60, seed=5, resamples=400)
    assert len(result.coverage) == len(QUANTITIES)
    assert (np.abs(result.coverage - 0.9) <= 0.082).all()
    assert (result.width <= 1.5).all()
