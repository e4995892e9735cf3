"""Priors of the family of laws behind a forecast: which freedoms each law has, held towards the additive law.

The equation and its coordinates are in `trainer.forecast.family.equation`.
"""

import numpy as np

from trainer.estimation.objective import Array

from .equation import COORDINATES, Place

CENTRE = np.array([0.8, -1.5, -1.5, np.log(0.35), np.log(0.35), 0.0, 0.0, 0.0, 0.0, 0.0, np.log(15.0), -6.0, 0.0])
"""Centre of the priors: published laws have exponents about .35 and E of two thirds of the lowest loss; R* = 15 is
Muennighoff et al. 2023."""
SPREAD = np.array([1.5, 2.0, 2.0, 1.0, 1.0, 0.5, 0.03, 0.03, 0.03, 0.5, 0.7, 2.0, 0.3])
"""Standard deviations of the priors, weak: exponents within a factor of 2.7, k within 1.6; .03 changes a term by 10 %
at u = 1.8, runs a factor of 40 in compute from the centre. Their widths, the excess of compute and the overfitting term
were chosen by the errors of held-out runs of eleven sets of tables: those errors are no test of the choice."""
PINNED = 1e-6
LAWS = {"additive": (), "outer": ("ln_outer",), "bent": ("ln_outer", "along", "across", "mixed")}
"""Which freedoms each law has beyond the additive one; the last has them all."""
FURTHER = LAWS["bent"]
LOW = np.array(
    [-6.0, -9.0, -9.0, np.log(0.02), np.log(0.02), np.log(0.25), -0.2, -0.2, -0.2, -2.0, 0.0, -20.0, np.log(0.5)]
)
HIGH = np.array([6.0, 3.0, 3.0, np.log(2.0), np.log(2.0), np.log(4.0), 0.2, 0.2, 0.2, 2.0, 6.0, 3.0, np.log(4.0)])


def precisions(law: str, place: Place) -> Array:
    """Precisions of the priors of one law's coordinates; those that it or the runs do not have are pinned."""
    out = SPREAD.copy()
    out[[COORDINATES.index(name) for name in FURTHER if name not in LAWS[law]]] = PINNED
    if not (place.again > 0).any():
        out[COORDINATES.index("ln_decay") :] = PINNED
    return np.asarray(1 / out**2)
