"""The frontier that a sweep shows without a surface: the envelope of its readings, and how the sizes on it grow with
compute.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer.estimation.envelope import envelope
from trainer.estimation.objective import Array
from trainer.sweep.law.posterior import Numbers, Readings

RESAMPLES = 400
FEWEST = 3
"""Points of an envelope through which a line is laid."""


def frontier(readings: Readings) -> dict[str, Any]:
    """Compute, params and loss of the readings on the envelope (H section 2.2), and β of N ∝ C^β through them with its
    90 % interval.

    The interval is over resampled runs; β is null where fewer than three sizes' readings are on the envelope.
    """
    compute = 6 * readings.params * readings.tokens
    rows = envelope(compute, readings.loss)
    runs, random = np.unique(readings.run), np.random.default_rng(0)
    drawn = [growth(readings, compute, random.choice(runs, len(runs))) for _ in range(RESAMPLES)]
    known = [value for value in drawn if value is not None]
    central = growth(readings, compute, runs)
    low, high = np.quantile(known, [0.05, 0.95]).tolist() if central is not None and known else (None, None)
    points = {
        "compute": compute[rows].tolist(),
        "params": readings.params[rows].tolist(),
        "loss": readings.loss[rows].tolist(),
    }
    return {**points, "optimum": central, "optimum_low": low, "optimum_high": high}


def growth(readings: Readings, compute: Array, runs: Numbers) -> float | None:
    """β of a line through ln N and ln C of the envelope of these runs; none where it holds fewer than three sizes."""
    taken = np.flatnonzero(np.isin(readings.run, runs))
    rows = taken[envelope(compute[taken], readings.loss[taken])]
    if len(np.unique(readings.params[rows])) < FEWEST:
        return None
    return float(np.polyfit(np.log(compute[rows]), np.log(readings.params[rows]), 1)[0])
