"""What the solvers minimise: a problem in working coordinates, its local quadratic model, and how the asymptote is
held.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trainer.files import Refusal

from .objective import Array, Objective


@dataclass(frozen=True, slots=True)
class Asymptote:
    """How the irreducible loss is held: a range (equal ends pin it), or a Gaussian prior on its logarithm.

    `low`, `high` and `centre` are in the loss's unit; `log_sd` is the prior's standard deviation of ln E, inf for none.
    """

    low: float = 0.0
    high: float = math.inf
    centre: float = 1.0
    log_sd: float = math.inf

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise Refusal(f"an asymptote's range needs 0 <= low <= high, got {self.low} to {self.high}")
        if not (self.centre > 0 and self.log_sd > 0):
            raise Refusal(f"a prior needs a positive centre and width, got {self.centre} and {self.log_sd}")


FREE = Asymptote()


def pinned(loss: float) -> Asymptote:
    """Exactly this irreducible loss."""
    return Asymptote(low=loss, high=loss)


def prior(loss: float, log_sd: float) -> Asymptote:
    """ln E is normal about ln(loss) with this standard deviation."""
    return Asymptote(centre=loss, log_sd=log_sd)


@dataclass(frozen=True, slots=True)
class Prior:
    """A penalty precision/2 * (ln theta[index] - mean)^2 on one working coordinate; `mean` has one entry a problem,
    (r,).

    `precision` is in the objective's units; 0 switches it off.
    """

    index: int
    mean: Array
    precision: float


@dataclass(frozen=True, slots=True)
class Quadratic:
    """The objective about r points: value (r,), gradient (r, p), Hessian (r, p, p), and metric (r, p, p).

    The metric is the Gauss-Newton matrix of reweighted least squares: positive, its diagonal scales the damping.
    """

    value: Array
    gradient: Array
    hessian: Array
    metric: Array


class FitProblem(Protocol):
    """A form and its runs in working coordinates: p of them, centred so that the Hessian is well scaled."""

    @property
    def low(self) -> Array:
        """Lower bounds, (p,); equal to `high` where a coordinate is pinned."""

    @property
    def high(self) -> Array:
        """Upper bounds, (p,)."""

    @property
    def asymptote_index(self) -> int:
        """The working coordinate that is the asymptote over the typical loss; -1 where the form has none."""

    @property
    def log_unit(self) -> float:
        """ln of the loss that the asymptote is measured in."""

    @property
    def exact(self) -> bool:
        """Whether its Hessian is the objective's own, so that searches end quadratically; else it is Gauss and Newton's."""

    def residuals(self, theta: Array) -> Array:
        """Observed less predicted on the fit's scale: (r, p) -> (r, n)."""

    def quadratic(self, theta: Array, weights: Array, objective: Objective) -> Quadratic:
        """The objective about theta (r, p) under weights (r, n) or (1, n)."""

    def straighten(self, theta: Array, model: Quadratic) -> Quadratic:
        """The model in the coordinates in which a step from theta is straight."""

    def move(self, theta: Array, step: Array) -> Array:
        """Where a step in those coordinates leads, within the bounds: (r, p) each."""

    def starts(self, weights: Array) -> Array:
        """Starting points of the global search, (k, p), the most promising first."""

    def coefficients(self, theta: Array) -> Array:
        """The paper's coefficients in the runs' own units: (r, p) -> (r, m)."""

    def working(self, coefficients: Array) -> Array:
        """The inverse of `coefficients`: (r, m) -> (r, p)."""


def add_prior(model: Quadratic, theta: Array, prior: Prior) -> Quadratic:
    """The model with the prior's value, gradient and (positive part of the) curvature added in place."""
    if prior.precision == 0:
        return model
    at = theta[:, prior.index]
    with np.errstate(divide="ignore"):
        off = np.log(at) - prior.mean
    model.value[:] += 0.5 * prior.precision * off**2
    model.gradient[:, prior.index] += prior.precision * off / at
    model.hessian[:, prior.index, prior.index] += prior.precision * np.maximum(1.0 - off, 0.0) / at**2
    model.metric[:, prior.index, prior.index] += prior.precision / at**2
    return model
