"""Laws whose axes bend as a fit sees them: coordinates, ln of the loss with its derivatives, and which of them have one optimum a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.estimation.objective import Array

SHARE, OUTER = 0, 1
OF_AXIS = 4
"""Coordinates of one axis: ln of its term at the first bend, ln of the first exponent, and by how much each bend changes that."""
WIDTH = 0.3
"""e-folds of the term over which a bend is spread: those of size or data are more, the flatter the law."""
BEYOND = 0.25
"""Decades beyond the largest run at which the second bend stands; the first is in the middle of the runs."""
MOST_LOG_TERM = 50.0
STEEPEST = 0.9
"""A bend is no sharper than nine tenths of what would make two optima of one budget."""
HALVINGS = 8
"""Of the search for how much of its bends an axis may keep."""


@dataclass(frozen=True, slots=True)
class Bends:
    """Where one axis bends, in e-folds of size or data, over steps how wide."""

    first: float
    second: float
    width: float

    @classmethod
    def of(cls, mean: float, largest: float, exponent: float) -> Bends:
        return cls(mean, largest + BEYOND * float(np.log(10)), WIDTH / exponent)

    def basis(self, x: Array) -> Array:
        """What each of the three exponents multiplies in F(x), (..., 3, n)."""
        early = self.width * (np.logaddexp(0, (x - self.first) / self.width) - np.log(2))
        apart = np.logaddexp(0, (self.first - self.second) / self.width)
        late = self.width * (np.logaddexp(0, (x - self.second) / self.width) - apart)
        return np.stack(
            [np.asarray(each, np.float64) for each in (x - self.first - early, early - late, late)], axis=-2
        )

    def sharpness(self, exponents: Array, outer: Array) -> Array:
        """The most, over the axis, of k·F''/F'², which below 1 everywhere leaves one optimum a budget, (m,); exponents (m, 3), outer (m,)."""
        x = np.linspace(self.first - 20 * self.width, self.second + 20 * self.width, 400)
        early, late = (0.5 + 0.5 * np.tanh((x - at) / self.width / 2) for at in (self.first, self.second))
        low, middle, high = exponents.T[:, :, None]
        slope = low * (1 - early) + middle * (early - late) + high * late
        bend = ((middle - low) * early * (1 - early) + (high - middle) * late * (1 - late)) / self.width
        return np.asarray((outer[:, None] * bend / slope**2).max(axis=1))


def exponents(theta: Array, axis: int) -> Array:
    """The three exponents of an axis, (m, 3)."""
    first = 3 + OF_AXIS * axis
    return np.asarray(np.exp(theta[:, first : first + 3].cumsum(axis=1)))


def log_losses(theta: Array, bases: tuple[Array, ...], lowest: float, overfit: Array) -> tuple[Array, Array]:
    """ln of the loss over the typical one, (m, n), and its derivatives, (m, n, p); bases (1 or m, 3, n), one an axis."""
    share, k = theta[:, [SHARE]], np.exp(theta[:, [OUTER]])
    steps = [exponents(theta, axis) for axis in range(len(bases))]
    logs = [
        (
            theta[:, [2 + OF_AXIS * axis]]
            - np.einsum("mi,min->mn", step, np.broadcast_to(base, (len(theta), *base.shape[1:])))
        )
        / k
        for axis, (step, base) in enumerate(zip(steps, bases, strict=True))
    ]
    total = logs[0] if len(logs) == 1 else np.logaddexp(*logs)
    parts = [np.exp(each - total) for each in logs]
    half = 1 / (1 + np.exp(-share))
    term = np.exp(np.minimum(k * total, MOST_LOG_TERM))
    loss = lowest * half + term + overfit
    by = term / loss
    slopes = np.empty((*loss.shape, theta.shape[1]))
    slopes[..., SHARE] = lowest * half * (1 - half) / loss
    slopes[..., OUTER] = by * k * (total - sum(part * each for part, each in zip(parts, logs, strict=True)))
    for axis, (part, step, base) in enumerate(zip(parts, steps, bases, strict=True)):
        first = 2 + OF_AXIS * axis
        slopes[..., first] = by * part
        # an exponent's change carries on to those after it
        each = -(by * part)[..., None] * (step[:, None] * np.moveaxis(base, -2, -1))
        slopes[..., first + 1 : first + 4] = each[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return np.log(loss), slopes


def gentler(theta: Array, bends: tuple[Bends, ...]) -> Array:
    """The coordinates with exponents that rise no faster than may be, (m, p); of a curve, which has no optimum, any may be.

    Of an axis that is too sharp what its bends add to the exponent is made less, by one part; what they take from it stays.
    """
    if len(bends) == 1:
        return theta
    out, outer = theta.copy(), np.exp(theta[:, OUTER])
    for axis, bend in enumerate(bends):
        changes = slice(4 + OF_AXIS * axis, 6 + OF_AXIS * axis)
        sharp = np.flatnonzero(bend.sharpness(exponents(out, axis), outer) > STEEPEST)
        added, part, step = np.maximum(out[sharp, changes], 0), np.zeros((len(sharp), 1)), 0.5
        for _ in range(HALVINGS if len(sharp) else 0):
            trial = theta[sharp]
            trial[:, changes] -= (1 - part - step) * added
            part += step * (bend.sharpness(exponents(trial, axis), outer[sharp]) <= STEEPEST)[:, None]
            step /= 2
        out[sharp, changes] -= (1 - part) * added
    return np.asarray(out)
