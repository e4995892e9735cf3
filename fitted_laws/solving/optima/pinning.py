"""A fitted surface solved again on its own runs with the irreducible loss pinned. The fit itself, with every start, is
the trainer's.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from fitted_laws.forms import AdditivePowerLaw, PowerLawPlusConstant, Values, WarpedPowerLaw
from fitted_laws.forms.protocols import LossCurve, Surface
from fitted_laws.laws.law import Drawn
from fitted_laws.laws.relation import ROLES, Relation
from fitted_laws.quantities.problems import Incapable
from fitted_laws.solving.optima.pinned_set import pinned_set

NAMES = ("E", "A", "B", "alpha", "beta")


def solved(drawn: Drawn[AdditivePowerLaw], irreducible: float) -> Drawn[AdditivePowerLaw]:
    """The law at this E: its centre the exact optimum, its draws those of the free fit with E regressed out, or none.

    Near its optimum a fit is normal with the inverse Hessian as covariance, and fixing one coordinate is then
    conditioning on it.
    """
    objective = Objective.of(drawn.relation, irreducible)
    free = np.stack([getattr(drawn.form, name)[:, 0] for name in NAMES])
    theta = objective.minimum(objective.start(free[:, 0]))
    rows = theta[:, None]
    source = drawn.source
    reason = "; ".join(filter(None, (SOLVED, drawn.reason)))
    if free.shape[1] > 1:
        low, high = np.quantile(free[0, 1:], [(1 - SHARE) / 2, (1 + SHARE) / 2])
        if low <= irreducible <= high:
            rows = np.column_stack([rows, conditional(free[0, 1:], objective.working(free[:, 1:]), theta)])
            reason = f"{SOLVED}; its interval is that of the free fit's draws, taken at this irreducible loss by their regression on it"
        else:
            source = "none"
            reason = f"{SOLVED}; there is no interval, since the runs themselves put the irreducible loss at {low:.4g} to {high:.4g}"
    table = np.vstack([np.full(rows.shape[1], irreducible), objective.coefficients(rows)])
    form = AdditivePowerLaw(**dict(zip(NAMES, table[:, :, None], strict=True)))
    return Drawn(drawn.relation, source, reason, form)


SOLVED = "the surface is solved again, at this irreducible loss, on the runs kept with the law"
SHARE = 0.98
"""Share of the draws within whose range the free fit's scatter still tells that of a pinned one; beyond it the pinned
law misfits.
"""
STEPS = 300
TOLERANCE = 1e-14
"""Converged where a step promises to lower the sum by less than this part of it."""
STONE = 4.0
"""Factor between the deltas on the way to a small one, from where all residuals count as small."""


def pinned(drawn: Drawn[Surface], irreducible: float) -> Drawn[AdditivePowerLaw] | Drawn[WarpedPowerLaw]:
    """The relation of `drawn` with its irreducible loss at `irreducible`.

    Raises:
        Incapable: it is no additive surface with its runs and the objective it was fitted by, or `irreducible` is not
            below their losses.
    """
    relation, form = drawn.relation, drawn.form
    if isinstance(form, WarpedPowerLaw):
        return pinned_set(Drawn(relation, drawn.source, drawn.reason, form), irreducible)
    if not (isinstance(form, AdditivePowerLaw) and relation.runs and "delta" in relation.fit):
        raise unpinnable(relation)
    return solved(Drawn(relation, drawn.source, drawn.reason, form), irreducible)


def unpinnable(relation: Relation) -> Incapable:
    """Why no irreducible loss is pinned on a relation."""
    return Incapable(
        f"irreducible_loss= cannot be pinned on {ROLES[relation.role]} of {relation.id}: an additive surface is solved again on its runs, "
        "and none are frozen with it; one-variable power laws with a fitted range can be pinned"
    )


def conditional(floors: Values, others: Values, centre: Values) -> Values:
    """Draws about `centre` that scatter as `others`, (4, draws), do at one value of `floors`, (draws,)."""
    off = floors - floors.mean()
    scatter = others - others.mean(axis=1, keepdims=True)
    slope = scatter @ off / max(float(off @ off), 1e-300)
    return np.asarray(centre[:, None] + scatter - np.outer(slope, off))


class Objective(msgspec.Struct, frozen=True):
    """Σ w·huber(ln L − ln(E + e^(a − alpha·x) + e^(b − beta·y))) of the runs, E fixed; x and y are ln N and ln D less
    their means.
    """

    floor: float
    delta: float
    x: Values
    y: Values
    log_loss: Values
    weights: Values
    means: Values

    @classmethod
    def of(cls, relation: Relation, irreducible: float) -> Objective:
        runs = {name: np.array(values) for name, values in relation.runs.items()}
        least = float(runs["loss"].min())
        if irreducible >= least:
            raise Incapable(
                f"irreducible_loss must be below {least:.6g}, the lowest loss of the runs of {relation.id}; got {irreducible}"
            )
        logs = np.log(np.stack([runs["params"], runs["tokens"]]))
        means = logs.mean(axis=1)
        x, y = logs - means[:, None]
        delta = relation.fit["delta"]
        weights = runs.get("weight", np.ones(len(x)))
        return cls(irreducible, math.inf if delta is None else float(delta), x, y, np.log(runs["loss"]), weights, means)

    def working(self, coefficients: Values) -> Values:
        """(E, A, B, alpha, beta) as (a, b, alpha, beta)."""
        _, first, second, alpha, beta = coefficients
        return np.stack([np.log(first) - alpha * self.means[0], np.log(second) - beta * self.means[1], alpha, beta])

    def coefficients(self, theta: Values) -> Values:
        """(a, b, alpha, beta) as (A, B, alpha, beta)."""
        a, b, alpha, beta = theta
        return np.stack([np.exp(a + alpha * self.means[0]), np.exp(b + beta * self.means[1]), alpha, beta])

    def start(self, coefficients: Values) -> Values:
        """The free fit with both terms scaled, so that the middle of the runs keeps its loss."""
        theta = self.working(coefficients)
        first, second = np.exp(theta[:2])
        middle = coefficients[0] + first + second
        theta[:2] += math.log(max(middle - self.floor, 1e-3 * middle) / (first + second))
        return theta

    def minimum(self, theta: Values) -> Values:
        """The minimum that `theta` leads to, through larger deltas down to the law's own."""
        delta = 1.345 * 1.4826 * float(np.median(np.abs(self.residuals(theta)[0])))
        while delta > self.delta:
            theta = self.descended(theta, delta)
            delta /= STONE
        return self.descended(theta, self.delta)

    def residuals(self, theta: Values) -> tuple[Values, Values]:
        """ln L − ln of the law, (runs,), and the two terms' shares in it, (2, runs)."""
        a, b, alpha, beta = theta
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far is refused
            terms = np.exp(np.stack([a - alpha * self.x, b - beta * self.y]))
            total = self.floor + terms.sum(axis=0)
            return self.log_loss - np.log(total), terms / total

    def value(self, residuals: Values, delta: float) -> float:
        """The sum that is minimised."""
        inside = np.minimum(np.abs(residuals), delta)
        return float(self.weights @ (inside * (np.abs(residuals) - inside / 2)))

    def descended(self, theta: Values, delta: float) -> Values:
        """Damped Newton: a step is kept where it lowers the sum, the damping grows where none does."""
        damping = 0.0
        residuals, shares = self.residuals(theta)
        value = self.value(residuals, delta)
        for _ in range(STEPS):
            gradient, hessian, scale = self.model(residuals, shares, delta)
            step = damped(gradient, hessian, damping * scale)
            # the last step is a Newton step that promises next to nothing: it is taken without a look at the sum
            if step is not None and damping < 1e-3 and -step @ gradient <= TOLERANCE * value + 1e-30:
                return np.asarray(theta + step)
            trial = self.residuals(theta + step) if step is not None else None
            lower = trial is not None and self.value(trial[0], delta) < value
            if step is not None and trial is not None and lower:
                theta, (residuals, shares) = theta + step, trial
                value = self.value(residuals, delta)
            # a tenth of a per cent of the metric counts as none: plain Newton steps end the way, quadratically
            damping = (0.0 if damping < 1e-3 else damping / 5) if lower else max(1e-2, damping * 5)
            if damping > 1e12:
                break
        return theta

    def model(self, residuals: Values, shares: Values, delta: float) -> tuple[Any, Any, Any]:
        """Gradient, Hessian and a positive scale of the sum about the point of these residuals."""
        # of Huber's loss of r: its slope, and its second derivative, 1 inside delta and 0 outside; the slope is added,
        # since
        # the second derivative of ln(total) is that of a log-sum-exp: share·(1 − share) on its diagonal
        slope = self.weights * np.clip(residuals, -delta, delta)
        curvature = self.weights * (np.abs(residuals) <= delta) + slope
        first, second = shares
        jacobian = np.stack([first, second, -self.x * first, -self.y * second])
        hessian = (jacobian * curvature) @ jacobian.T
        # a term bends with its own two coordinates alone
        for (i, j), t, share in (((0, 2), self.x, first), ((1, 3), self.y, second)):
            bend = slope * share
            hessian[i, i] -= bend.sum()
            hessian[i, j] += bend @ t
            hessian[j, i] += bend @ t
            hessian[j, j] -= bend @ t**2
        # the scale of the damping: the diagonal of Gauss and Newton's matrix, reweighted, which is positive everywhere
        size = np.maximum(np.abs(residuals), 1e-300)
        metric = (jacobian**2) @ (self.weights * np.minimum(1.0, delta / size))
        return -jacobian @ slope, hessian, metric + 1e-10 * metric.max()


def damped(gradient: Values, hessian: Values, extra: Values) -> Values | None:
    """−(H + diag(extra))⁻¹·g, or None where the matrix is not positive definite."""
    try:
        factor = np.linalg.cholesky(hessian + np.diag(extra))
    except np.linalg.LinAlgError:
        return None
    return np.asarray(-np.linalg.solve(factor.T, np.linalg.solve(factor, gradient)))


def pin(drawn: Drawn[LossCurve], irreducible: float) -> PowerLawPlusConstant:
    """The one-variable law with L∞ = `irreducible` that keeps its values at both ends of its fitted range: new x0 and
    alpha.

    Raises:
        Incapable: the relation is no one-variable law with a fitted range, or L∞ is not below its loss at the upper
            end.
    """
    relation = drawn.relation
    variable = relation.one_variable_of
    if variable is None or relation.form not in ("power", "power-constant") or variable not in relation.ranges:
        raise unpinnable(relation)
    low, high = (end / relation.scale if variable == "compute" else end for end in relation.ranges[variable])
    at_low, at_high = drawn.form.value(np.array([low])), drawn.form.value(np.array([high]))
    if irreducible >= at_high[0, 0]:
        raise Incapable(
            f"irreducible_loss must be below {at_high[0, 0]:.6g}, the loss of {relation.id} at the end of its fitted range; got {irreducible}"
        )
    above = np.maximum(at_high - irreducible, 1e-12)
    alpha = np.log((at_low - irreducible) / above) / np.log(high / low)
    x0 = low * (at_low - irreducible) ** (1 / alpha)
    return PowerLawPlusConstant(L_inf=np.full_like(alpha, irreducible), x0=x0, alpha=alpha)
