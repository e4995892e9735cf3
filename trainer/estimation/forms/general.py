"""Forms that are no sum of power terms: one problem class over an equation with its Jacobian, Gauss-Newton for the
Hessian.

An equation gives ln L (or, for an additive quantity, the quantity itself) in working coordinates of its own, with
inputs over their geometric means; it knows its bounds and its starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trainer.estimation.objective import Array, Objective
from trainer.estimation.problem import Asymptote, Quadratic

MOST_STARTS = 16


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the law says on the fit's scale, (r, n), and its derivative by the working coordinates, (p, r, n)."""

    value: Array
    jacobian: Array


@dataclass(frozen=True, slots=True)
class Centred:
    """Inputs over their geometric means, (n,) each, the observed values (n,), and ln of the means by input name."""

    inputs: Mapping[str, Array]
    observed: Array
    log_means: Mapping[str, float]


class Equation(Protocol):
    """A form in working coordinates; `asymptote` is the index of its irreducible loss, -1 without one."""

    @property
    def asymptote(self) -> int:
        """Index of the coordinate that is the irreducible loss in its own unit, or -1."""

    def bounds(self, data: Centred) -> Array:
        """Lower and upper bounds, (2, p)."""

    def predict(self, theta: Array, data: Centred) -> Prediction:
        """The prediction at each line of theta (r, p)."""

    def starts(self, data: Centred, weights: Array) -> Array:
        """Starting points, (k, p)."""

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        """The paper's coefficients for inputs in their own units, (r, m)."""

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        """The inverse of `to_coefficients`."""


@dataclass(frozen=True, slots=True)
class GeneralProblem:
    """An equation and its runs; see `Problem`. `target` is the observed on the fit's scale, (n,)."""

    equation: Equation
    data: Centred
    target: Array
    low: Array
    high: Array
    log_unit: float = 0.0

    @property
    def exact(self) -> bool:
        return False

    @property
    def asymptote_index(self) -> int:
        return self.equation.asymptote

    def residuals(self, theta: Array) -> Array:
        return self.target - self.equation.predict(theta, self.data).value

    def quadratic(self, theta: Array, weights: Array, objective: Objective) -> Quadratic:
        prediction = self.equation.predict(theta, self.data)
        residuals = self.target - prediction.value
        value = np.einsum("rn,rn->r", np.broadcast_to(weights, residuals.shape), objective.value(residuals))
        finite = np.isfinite(value) & np.isfinite(prediction.jacobian).all(axis=(0, 2))
        jacobian = np.where(finite[:, None], prediction.jacobian, 0.0)
        residuals = np.where(finite[:, None], residuals, 0.0)
        return Quadratic(
            value=np.where(finite, value, np.inf),
            gradient=-np.einsum("prn,rn->rp", jacobian, weights * objective.slope(residuals)),
            hessian=_gram(jacobian, weights * objective.curvature(residuals)),
            metric=_gram(jacobian, weights * objective.majorizer(residuals)),
        )

    def straighten(self, theta: Array, model: Quadratic) -> Quadratic:
        """The working coordinates themselves, which each equation chooses to be nearly straight."""
        return model

    def move(self, theta: Array, step: Array) -> Array:
        return np.clip(theta + step, self.low, self.high)

    def starts(self, weights: Array) -> Array:
        points = np.clip(self.equation.starts(self.data, weights), self.low, self.high)
        with np.errstate(all="ignore"):
            sizes = np.abs(self.residuals(points))
        cost = np.where(np.isfinite(sizes).all(axis=1), np.median(sizes[:, weights > 0], axis=1), np.inf)
        return points[np.argsort(cost, kind="stable")[:MOST_STARTS]]

    def coefficients(self, theta: Array) -> Array:
        return self.equation.to_coefficients(theta, self.data.log_means)

    def working(self, coefficients: Array) -> Array:
        return np.clip(self.equation.to_working(coefficients, self.data.log_means), self.low, self.high)


def _gram(jacobian: Array, weights: Array) -> Array:
    """sum_n w J J^T: (p, r, n), (r, n) -> (r, p, p)."""
    by_problem = jacobian.transpose(1, 0, 2)
    return np.asarray((by_problem * weights[:, None, :]) @ by_problem.transpose(0, 2, 1))


def general_problem(
    equation: Equation, inputs: Mapping[str, Array], observed: Array, target: Array, asymptote: Asymptote
) -> GeneralProblem:
    """Centres the inputs and narrows the asymptote's bounds to those held; observed (n,), target (n,) on the fit's
    scale.
    """
    log_means = {name: float(np.log(column).mean()) for name, column in inputs.items()}
    data = Centred({name: column / np.exp(log_means[name]) for name, column in inputs.items()}, observed, log_means)
    low, high = equation.bounds(data)
    at = equation.asymptote
    if at >= 0:
        low[at] = max(low[at], asymptote.low) if np.isinf(asymptote.log_sd) else max(asymptote.low, 1e-12)
        high[at] = max(min(high[at], asymptote.high), low[at])
    return GeneralProblem(equation, data, target, low, high)


def log_least_squares(columns: Array, target: Array, weights: Array) -> Array:
    """Weighted least squares of target (..., n) on columns (..., n, k): (..., k)."""
    weighted = columns * weights[:, None]
    gram = np.swapaxes(weighted, -1, -2) @ columns
    ridge = 1e-10 * np.trace(gram, axis1=-2, axis2=-1)[..., None, None] * np.eye(columns.shape[-1])
    right = np.einsum("...nk,...n->...k", weighted, target)
    return np.asarray(np.linalg.solve(gram + ridge, right[..., None])[..., 0])
