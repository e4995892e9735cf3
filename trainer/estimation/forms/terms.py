"""Forms that are a constant plus at most two power terms, L = E + exp(a - alpha x) + exp(b - beta y), in centred units.

x and y are logarithms of a run's inputs less their means, E is over the typical loss: five coordinates (E, a, b, alpha,
beta) that are nearly uncorrelated. A form with fewer terms pins the rest. ln L is convex in all but E (log-sum-exp).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms.bisection import bisected
from trainer.estimation.objective import Array, Objective
from trainer.estimation.problem import Asymptote, Quadratic

from .projection import project

ABSENT = -200.0
"""ln of a term that the form does not have: no double can see it beside 1."""
LOG_TERM = (-16.0, 6.0)
"""Range of ln(term over the typical loss) at the centre of the runs."""
EXPONENT = (0.005, 3.0)
"""Range of an exponent: wider than any published one."""
ASYMPTOTE_MARGIN = 1.0
"""An asymptote is searched up to this multiple of the largest loss."""
TERMS = ((1, 3), (2, 4))
"""The coordinates of each term and of its exponent."""
HALVINGS = 40
"""Bisections towards the point where a curved step meets the asymptote's bound."""
FLAT = 0.02
"""An input whose logarithm spreads less than this does not vary."""


@dataclass(frozen=True, slots=True)
class Centre:
    """The logarithms taken off x, y and the loss (geometric means of the runs)."""

    x: float
    y: float
    loss: float


@dataclass(frozen=True, slots=True)
class TermProblem:
    """Residuals ln L_observed - ln L of the two-term form; see `Problem`. `tied` makes beta equal alpha."""

    x: Array
    y: Array
    log_loss: Array
    centre: Centre
    low: Array
    high: Array
    tied: bool
    curved: bool
    to_coefficients: Callable[[Array], Array]
    to_natural: Callable[[Array], Array]
    asymptote_index: int = 0

    @property
    def exact(self) -> bool:
        return True

    @property
    def log_unit(self) -> float:
        return self.centre.loss

    def residuals(self, theta: Array) -> Array:
        return np.asarray(self.log_loss - np.log(self._parts(theta).sum(axis=0)))

    def quadratic(self, theta: Array, weights: Array, objective: Objective) -> Quadratic:
        parts = self._parts(theta)
        total = parts.sum(axis=0)
        residuals = self.log_loss - np.log(total)
        psi = weights * objective.slope(residuals)
        jacobian = np.empty((5, *total.shape))
        np.divide(parts[1:], total, out=jacobian[1:3])
        np.divide(1.0, total, out=jacobian[0])
        np.multiply(jacobian[1], -self.x, out=jacobian[3])
        np.multiply(jacobian[2], -self.y, out=jacobian[4])
        model = Quadratic(
            value=np.einsum("rn,rn->r", np.broadcast_to(weights, total.shape), objective.value(residuals)),
            gradient=-np.einsum("prn,rn->rp", jacobian, psi),
            hessian=_gram(jacobian, weights * objective.curvature(residuals) + psi, self._free),
            metric=_gram(jacobian, weights * objective.majorizer(residuals), self._free),
        )
        for term, slope, at in ((1, 3, self.x), (2, 4, self.y)):
            share = psi * jacobian[term]
            model.hessian[:, term, term] -= share.sum(axis=1)
            model.hessian[:, slope, slope] -= share @ at**2
            model.hessian[:, slope, term] += share @ at
            model.hessian[:, term, slope] = model.hessian[:, slope, term]
        return model

    @property
    def _free(self) -> list[int]:
        """The coordinates that are not pinned, and those that a tied one stands for."""
        return [i for i in range(5) if self.low[i] < self.high[i] or (self.tied and i == 4)]

    def _parts(self, theta: Array) -> Array:
        """The constant and the two terms over the typical loss, (3, r, n)."""
        constant, a, b, alpha, beta = theta.T[:, :, None]
        parts = np.empty((3, len(theta), len(self.x)))
        parts[0] = constant
        parts[1] = np.exp(a - alpha * self.x)
        parts[2] = np.exp(b - (alpha if self.tied else beta) * self.y)
        return parts

    def _curved(self, theta: Array) -> NDArray[np.bool_]:
        """Where a step follows the chart: at a free asymptote, if both inputs vary."""
        return np.asarray(self.curved & (self.low[0] < theta[:, 0]) & (theta[:, 0] < self.high[0]))

    def straighten(self, theta: Array, model: Quadratic) -> Quadratic:
        """The model in the chart (E + e^a + e^b, a + ln alpha, b + ln beta, alpha, beta): level, slopes, exponents.

        The data fix a law's level and slopes; along what they fix badly, E against alpha, theta's valley is curved.
        """
        rows = np.flatnonzero(self._curved(theta))
        if rows.size:
            gradient, hessian = model.gradient[rows], model.hessian[rows]
            chart = np.tile(np.eye(5), (len(rows), 1, 1))
            for term, slope in TERMS:
                size, at = np.exp(theta[rows, term]), theta[rows, 3 if self.tied else slope]
                chart[:, 0, term], chart[:, 0, slope], chart[:, term, slope] = -size, size / at, -1.0 / at
            hessian = chart.transpose(0, 2, 1) @ hessian @ chart
            for term, slope in TERMS:
                size, at = np.exp(theta[rows, term]), theta[rows, 3 if self.tied else slope]
                pull = gradient[:, 0] * size
                hessian[:, term, term] -= pull
                hessian[:, term, slope] += pull / at
                hessian[:, slope, term] += pull / at
                hessian[:, slope, slope] += (gradient[:, term] - 2.0 * pull) / at**2
            model.metric[rows] = chart.transpose(0, 2, 1) @ model.metric[rows] @ chart
            model.gradient[rows] = np.einsum("rji,rj->ri", chart, gradient)
            model.hessian[rows] = hessian
        return _tie(model) if self.tied else model

    def move(self, theta: Array, step: Array) -> Array:
        moved = np.clip(theta + step, self.low, self.high)
        rows = np.flatnonzero(self._curved(theta))
        if rows.size:
            part = np.ones(len(rows))
            bent = self._along(theta[rows], step[rows], part)
            out = (bent[:, 0] < self.low[0]) | (bent[:, 0] > self.high[0])
            if out.any():
                part[out] = self._meet(theta[rows[out]], step[rows[out]])
                bent = self._along(theta[rows], step[rows], part)
            moved[rows] = np.clip(bent, self.low, self.high)
        return moved

    def _along(self, theta: Array, step: Array, part: Array) -> Array:
        """The points a part (r,) of the step away on straight lines of the chart."""
        moved = theta + part[:, None] * step
        moved[:, 3:] = np.clip(moved[:, 3:], self.low[3:], self.high[3:])
        for term, slope in TERMS:
            at = 3 if self.tied else slope
            moved[:, term] += np.log(theta[:, at] / moved[:, at])
            moved[:, 0] += np.exp(theta[:, term]) - np.exp(moved[:, term])
        return moved

    def _meet(self, theta: Array, step: Array) -> Array:
        """The part of each step at which the asymptote has just crossed its bound, by bisection."""

        def inside(part: Array) -> NDArray[np.bool_]:
            constant = self._along(theta, step, part)[:, 0]
            return np.asarray((constant >= self.low[0]) & (constant <= self.high[0]))

        _, outside = bisected(inside, np.zeros(len(theta)), np.ones(len(theta)), HALVINGS)
        return outside

    def starts(self, weights: Array) -> Array:
        return project(self.x, self.y, self.log_loss, self.low, self.high, self.tied, weights)

    def coefficients(self, theta: Array) -> Array:
        """Through the natural coordinates (E, ln A, ln B, alpha, beta) in the runs' own units."""
        natural = theta.copy()
        if self.tied:
            natural[:, 4] = natural[:, 3]
        natural[:, 0] *= np.exp(self.centre.loss)
        natural[:, 1] += self.centre.loss + natural[:, 3] * self.centre.x
        natural[:, 2] += self.centre.loss + natural[:, 4] * self.centre.y
        return self.to_coefficients(natural)

    def working(self, coefficients: Array) -> Array:
        theta = self.to_natural(coefficients)
        theta[:, 0] *= np.exp(-self.centre.loss)
        theta[:, 1] -= self.centre.loss + theta[:, 3] * self.centre.x
        theta[:, 2] -= self.centre.loss + theta[:, 4] * self.centre.y
        return np.clip(theta, self.low, self.high)


def _gram(jacobian: Array, weights: Array, free: list[int]) -> Array:
    """sum_n w J J^T for each problem over its free coordinates: (p, r, n), (r, n) -> (r, p, p)."""
    gram = np.zeros((jacobian.shape[1], 5, 5))
    for place, i in enumerate(free):
        weighted = jacobian[i] * weights
        for j in free[place:]:
            gram[:, i, j] = gram[:, j, i] = np.einsum("rn,rn->r", weighted, jacobian[j])
    return gram


def _tie(model: Quadratic) -> Quadratic:
    """Moves every dependence on beta to alpha; beta is left flat (its bounds pin it)."""
    model.gradient[:, 3] += model.gradient[:, 4]
    model.gradient[:, 4] = 0.0
    for matrix in (model.hessian, model.metric):
        matrix[:, 3, :] += matrix[:, 4, :]
        matrix[:, :, 3] += matrix[:, :, 4]
        matrix[:, 4, :] = matrix[:, :, 4] = 0.0
    return model


@dataclass(frozen=True, slots=True)
class TermLayout:
    """Which of the five coordinates a form uses, and how they read as the paper's coefficients."""

    constant: bool
    second: bool
    tied: bool
    to_coefficients: Callable[[Array], Array]
    to_natural: Callable[[Array], Array]


def term_problem(layout: TermLayout, log_x: Array, log_y: Array, log_loss: Array, asymptote: Asymptote) -> TermProblem:
    """Centres the runs and sets the bounds; log_x, log_y, log_loss are natural logarithms, (n,)."""
    centre = Centre(float(log_x.mean()), float(log_y.mean()), float(log_loss.mean()))
    largest = float(np.exp(log_loss.max() - centre.loss)) * ASYMPTOTE_MARGIN
    unit = np.exp(-centre.loss)
    lowest = asymptote.low * unit if np.isinf(asymptote.log_sd) else max(asymptote.low * unit, 1e-12)
    bounds = np.array(
        [
            (lowest, max(min(asymptote.high * unit, largest), lowest)) if layout.constant else (0.0, 0.0),
            LOG_TERM,
            LOG_TERM if layout.second else (ABSENT, ABSENT),
            EXPONENT,
            EXPONENT if layout.second and not layout.tied else (1.0, 1.0),
        ]
    )
    return TermProblem(
        x=log_x - centre.x,
        y=log_y - centre.y,
        log_loss=log_loss - centre.loss,
        centre=centre,
        low=bounds[:, 0].copy(),
        high=bounds[:, 1].copy(),
        tied=layout.tied,
        curved=bool(np.ptp(log_x) > FLAT and (np.ptp(log_y) > FLAT or not layout.second)),
        to_coefficients=layout.to_coefficients,
        to_natural=layout.to_natural,
        asymptote_index=0 if layout.constant else -1,
    )
