"""Where rolling back-tests are cut: runs up to a quantile of compute forecast those beyond it."""

import numpy as np
from numpy.typing import NDArray

from trainer.fit.objective import Array

CUTS = (0.4, 0.55, 0.7, 0.85)
"""Quantiles of compute, or of the one variable there is."""
LEAST_ROWS = 6
"""Fewest rows a back-test is fitted to."""


def cuts(along: Array, least: int = LEAST_ROWS) -> list[NDArray[np.bool_]]:
    """Which rows each rolling back-test is fitted to, (n,) each."""
    nears = [along <= np.quantile(along, cut) for cut in CUTS]
    return [near for near in nears if near.sum() >= least and not near.all()]
