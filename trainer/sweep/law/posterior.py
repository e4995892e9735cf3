"""Where the losses of a sweep end: the posterior of the irreducible loss, with the errors of the form carried along.

ln(L - E) = ln(A/N^alpha + B/D^beta) + g(ln N, ln D) + noise

All errors are relative to the excess over E, which is what a law describes. `g` is what the additive law (Hoffmann et
al. 2022, eq 2) misses: a Gaussian process with quadratic bends, so that every smooth law about the additive one (outer
exponents, terms that mix N and D, exponents that change) is averaged over by evidence. Noise is shared by the readings
of a run, by runs of one seed, which see the same data, and each reading has its own. E, g's size and the noise's are on
a grid; the rest is Laplace's approximation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.objective import Array

Numbers = NDArray[np.int64]
FORM_PARTS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""How large what the form misses may be, over the noise."""
PRIOR_SIZE, PRIOR_FREEDOM = 0.03, 1.0
"""The noise's size is integrated out; its prior is worth so many readings of this size."""
LENGTH = 2.0
"""e-folds of size or data over which what the form misses stays alike."""
MEMORY = 0.5
"""e-folds of data over which noise is forgotten."""
EXPONENT, EXPONENT_SPREAD = np.log(0.65), 0.35
"""Prior of both exponents: of their logarithm."""
LEVEL_SPREAD = 3.0
BEND = 0.05
"""Prior deviation of quadratic bends of ln excess: .05 changes an exponent by .1 an e-fold."""
RUN, SEED, OWN = 0.15, 0.6, 0.25
"""Parts of the noise's variance: a run's, a seed's, a reading's own."""
NUGGET = 1e-3
COARSE, FINE = 48, 96
WIDEST = 20.0
"""The lowest E considered is so many times the losses' span below the lowest loss, but not below 0."""
NEAREST = 1e-3
TRUST = 0.2
"""The evidence on E counts to this power, which widens its posterior by 2.2: of 52 sweeps, none of them among those
that coverage is reported on, 40 had the true entropy in the 90 % interval at .4, 46 at .2 (the rest stood on plateaus,
where nothing tells).
"""
NEGLIGIBLE = 25.0
TURNS = 60
SETTLED = 1e-9
LONGEST_STEP = 1.5


@dataclass(frozen=True, slots=True)
class Readings:
    """Losses of runs read at several D, (n,) each; rows of one run and of one seed share what is random about them."""

    params: Array
    tokens: Array
    loss: Array
    run: Numbers
    seed: Numbers

    @property
    def place(self) -> Array:
        """ln N and ln D about their means, (2, n)."""
        logs = np.log([self.params, self.tokens])
        return np.asarray(logs - logs.mean(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Posterior:
    """Nodes of E and of FORM_PARTS with their probability.

    At each the law's a, b, ln alpha, ln beta and bends with their covariance.

    levels (e,), weight (e, h), theta (e, h, 7), covariance (e, h, 7, 7); centre: means of ln N and ln D.
    """

    levels: Array
    weight: Array
    theta: Array
    covariance: Array
    centre: Array

    def quantile(self, p: float) -> float:
        """The p-quantile of the irreducible loss E, in nats."""
        each = self.weight.sum(axis=1)
        return float(np.interp(p, each.cumsum() - each / 2, self.levels))

    @property
    def parts(self) -> Array:
        """Probability of each of FORM_PARTS."""
        return np.asarray(self.weight.sum(axis=0))

    def draws(self, count: int, seed: int) -> Array:
        """E, A, B, alpha, beta of laws drawn from the posterior, (count, 5)."""
        random = np.random.default_rng(seed)
        chosen = random.choice(self.weight.size, count, p=self.weight.ravel())
        level, size = np.unravel_index(chosen, self.weight.shape)
        root, theta_size = np.linalg.cholesky(self.covariance[level, size]), self.theta.shape[-1]
        theta = self.theta[level, size] + (root @ random.standard_normal((count, theta_size, 1)))[..., 0]
        return np.asarray(self.coefficients(self.levels[level], theta))

    def coefficients(self, level: Array, theta: Array) -> Array:
        """E, A, B, alpha, beta of laws in working coordinates, (…, 5)."""
        alpha, beta = np.exp(theta[..., 2]), np.exp(theta[..., 3])
        a, b = np.exp(theta[..., 0] + alpha * self.centre[0]), np.exp(theta[..., 1] + beta * self.centre[1])
        return np.asarray(np.stack([level, a, b, alpha, beta], axis=-1))

    @property
    def central(self) -> Array:
        """The law at the median of E: (5,)."""
        middle = int(np.searchsorted(self.weight.sum(axis=1).cumsum(), 0.5))
        size = int(self.weight[middle].argmax())
        return np.asarray(self.coefficients(self.levels[middle], self.theta[middle, size]))


def posterior(readings: Readings) -> Posterior:
    """The posterior of the law of these readings: on a wide grid of E first, then on a fine one where its mass is."""
    lowest, span = float(readings.loss.min()), float(np.ptp(readings.loss))
    below = np.geomspace(NEAREST * span, min(lowest, WIDEST * span), COARSE)
    log_mass = _nodes(readings, below)[0]
    likely = np.flatnonzero(
        np.logaddexp.reduce(log_mass, axis=1) > np.logaddexp.reduce(log_mass, axis=1).max() - NEGLIGIBLE
    )
    ends = below[max(likely[0] - 1, 0)], below[min(likely[-1] + 1, COARSE - 1)]
    below = np.geomspace(*ends, FINE)
    log_mass, theta, covariance = _nodes(readings, below)
    each = np.logaddexp.reduce(log_mass, axis=1, keepdims=True)
    weight = np.exp(log_mass - each + TRUST * (each - each.max()))
    order = slice(None, None, -1)
    centre = np.log([readings.params, readings.tokens]).mean(axis=1)
    return Posterior((lowest - below)[order], (weight / weight.sum())[order], theta[order], covariance[order], centre)


def _nodes(readings: Readings, below: Array) -> tuple[Array, Array, Array]:
    """ln of the mass of each E (e,) = lowest loss − below and each form's part (h,), with the law's optimum and
    covariance there.
    """
    excess = np.log(readings.loss - readings.loss.min() + below[:, None])
    whiten, log_determinant = _errors(readings)
    theta, cost, curvature = _laws(excess, readings.place, whiten)
    log_mass = -cost - log_determinant - 0.5 * np.linalg.slogdet(curvature)[1]
    log_mass -= excess.sum(axis=1)[:, None]  # densities of losses, not of ln excess; E's prior is flat in ln(below)
    return log_mass, theta, np.asarray(np.linalg.inv(curvature), np.float64)


def covariances(readings: Readings) -> Array:
    """Of the errors of ln excess for each of FORM_PARTS, (h, n, n), up to their common size squared."""
    x, y = readings.place
    apart_x, apart_y = x[:, None] - x, y[:, None] - y
    form = np.exp(-(apart_x**2 + apart_y**2) / 2 / LENGTH**2)
    near = np.exp(-np.abs(apart_y) / MEMORY)
    noise = near * (
        RUN * np.equal.outer(readings.run, readings.run) + SEED * np.equal.outer(readings.seed, readings.seed)
    )
    noise += (OWN + NUGGET) * np.eye(len(x))
    return np.asarray(np.square(FORM_PARTS)[:, None, None] * form + noise)


def _errors(readings: Readings) -> tuple[Array, Array]:
    """For each of FORM_PARTS what whitens residuals (h, n, n), up to their common size, and half their covariance's ln
    determinant.
    """
    root = np.linalg.cholesky(covariances(readings))
    return np.asarray(np.linalg.inv(root), np.float64), np.log(np.einsum("hii->hi", root)).sum(axis=1)


def _laws(excess: Array, place: Array, whiten: Array) -> tuple[Array, Array, Array]:
    """Optimum (e, h, 7), cost (e, h) and curvature of the law's coordinates for every E and part, by damped
    Gauss-Newton.

    The cost is Student's: the errors' common size is integrated out.
    """
    x, y = place
    quadratic = np.stack([x * x, y * y, x * y], axis=-1)
    quadratic -= quadratic.mean(axis=0)
    middle = np.median(excess, axis=1) - np.log(2)
    zero = np.zeros_like(middle)
    centre = np.stack([middle, middle, zero + EXPONENT, zero + EXPONENT, zero, zero, zero], axis=1)[:, None]
    precision = np.array([LEVEL_SPREAD] * 2 + [EXPONENT_SPREAD] * 2 + [BEND] * 3) ** -2.0
    theta = np.broadcast_to(centre, (len(excess), len(whiten), 7)).copy()
    freedom = PRIOR_FREEDOM + len(x)

    def local(at: Array) -> tuple[Array, Array, Array]:
        a, b, alpha, beta = at[..., 0:1], at[..., 1:2], np.exp(at[..., 2:3]), np.exp(at[..., 3:4])
        first, second = a - alpha * x, b - beta * y
        total = np.logaddexp(first, second)
        part = np.exp(first - total)
        bends = np.broadcast_to(quadratic, (*part.shape, 3))
        left = excess[:, None] - total - at[..., 4:] @ quadratic.T
        slopes = np.stack(
            [part, 1 - part, -part * alpha * x, -(1 - part) * beta * y, *np.moveaxis(bends, -1, 0), left], axis=-1
        )
        white = whiten @ slopes
        slopes, rest, off = white[..., :7], white[..., 7:], at - centre
        squares = PRIOR_FREEDOM * PRIOR_SIZE**2 + (rest**2).sum(axis=(-1, -2))
        scale = (freedom / squares)[..., None]
        turned = slopes.swapaxes(-1, -2)
        cost = freedom / 2 * np.log(squares) + (precision * off**2).sum(axis=-1) / 2
        return (
            cost,
            -scale * (turned @ rest)[..., 0] + precision * off,
            scale[..., None] * (turned @ slopes) + np.diag(precision),
        )

    cost, gradient, curvature = local(theta)
    damping = np.full(cost.shape, 1e-2)
    for _ in range(TURNS):
        lifted = curvature * (1 + damping[..., None, None] * np.eye(7))
        step = np.linalg.solve(lifted, -gradient[..., None])[..., 0].clip(-LONGEST_STEP, LONGEST_STEP)
        new = local(theta + step)
        better = new[0] < cost
        done = np.abs(cost - new[0]) < SETTLED
        theta = np.where(better[..., None], theta + step, theta)
        cost = np.where(better, new[0], cost)
        gradient = np.where(better[..., None], new[1], gradient)
        curvature = np.where(better[..., None, None], new[2], curvature)
        damping = np.where(better, damping / 5, damping * 4).clip(1e-8, 1e8)
        if done.all():
            break
    return theta, cost, curvature
