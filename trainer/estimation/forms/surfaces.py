"""Surfaces beyond two power terms: Kaplan's L(N, D) and Muennighoff's law of repeated data."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np

from trainer.estimation.objective import Array
from trainer.estimation.problem import FREE, Asymptote, FitProblem

from .base import Form, Inputs, columns
from .general import Centred, Prediction, general_problem
from .power import Additive
from .projection import Linear, robust_linear

KAPLAN_EXPONENTS = (0.03, 0.06, 0.1, 0.17, 0.3, 0.5, 0.8)
DECAYS = (1.5, 5.0, 15.0, 50.0)
"""R* tried, for epochs and for excess parameters."""


@dataclass(frozen=True, slots=True)
class Kaplan(Form):
    """L = [(Nc/N)^(alpha_N/alpha_D) + Dc/D]^alpha_D (Kaplan et al. 2020, eq 1.5); D is the data set's size.

    Working coordinates: alpha_N ln Nc, alpha_D ln Dc (over the inputs' means), alpha_N, alpha_D.
    """

    name: ClassVar[str] = "kaplan"
    inputs = ("params", "tokens")
    asymptote: ClassVar[int] = -1

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        return general_problem(self, inputs, observed, np.log(observed), asymptote)

    def bounds(self, data: Centred) -> Array:
        return np.array([[-30.0, -30.0, 0.003, 0.003], [30.0, 30.0, 3.0, 3.0]])

    def predict(self, theta: Array, data: Centred) -> Prediction:
        x, y = np.log(data.inputs["params"]), np.log(data.inputs["tokens"])
        first, second, alpha_n, alpha_d = columns(theta)
        by_size, by_data = (first - alpha_n * x) / alpha_d, second / alpha_d - y
        total = np.logaddexp(by_size, by_data)
        share = np.exp(by_size - total)
        jacobian = np.stack([share, 1 - share, -x * share, total - share * by_size - (1 - share) * second / alpha_d])
        return Prediction(alpha_d * total, jacobian)

    def starts(self, data: Centred, weights: Array) -> Array:
        """L^(1/alpha_D) is linear in two terms for every pair of exponents."""
        grid = np.array(list(product(KAPLAN_EXPONENTS, KAPLAN_EXPONENTS)))
        alpha_n, alpha_d = grid[:, [0]], grid[:, [1]]
        power = data.observed ** (-1 / alpha_d)
        basis = np.stack([data.inputs["params"] ** (-alpha_n / alpha_d) * power, power / data.inputs["tokens"]], axis=1)
        scale = basis.mean(axis=2)
        basis /= scale[:, :, None]
        ranges = Linear(low=np.full(2, 1e-6), high=np.full(2, np.inf))
        linear, _ = robust_linear(basis, np.ones(len(weights)), weights, ranges)
        return np.column_stack([alpha_d * np.log(linear / scale), grid])

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        means = np.array([log_means["params"], log_means["tokens"]])
        return np.column_stack([np.exp(theta[:, :2] / theta[:, 2:] + means), theta[:, 2:]])

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        means = np.array([log_means["params"], log_means["tokens"]])
        return np.column_stack([(np.log(coefficients[:, :2]) - means) * coefficients[:, 2:], coefficients[:, 2:]])


def effective(used: Array, excess: Array, decay: Array) -> Array:
    """used (1 + R* (1 - e^(-excess/R*))): repeats and surplus count for less and less."""
    return np.asarray(used * (1 - decay * np.expm1(-excess / decay)))


@dataclass(frozen=True, slots=True)
class Repeated(Form):
    """L = E + A/N'^alpha + B/D'^alpha with N' and D' discounted by R_N*, R_D* (Muennighoff et al. 2023, eq 5-9).

    U_N = min((A/B)^(1/alpha) U, N): the exponents are one, as published. Working coordinates: E over the typical loss,
    ln A, ln B (over the inputs' means), alpha, ln R_N*, ln R_D*.
    """

    name: ClassVar[str] = "repeated"
    inputs = ("params", "unique_tokens", "epochs")
    asymptote: ClassVar[int] = 0

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        return general_problem(self, inputs, observed, np.log(observed), asymptote)

    def bounds(self, data: Centred) -> Array:
        most = float(data.observed.max())
        return np.array([[0.0, -16.0, -16.0, 0.005, -3.0, -3.0], [most, 6.0, 6.0, 3.0, 8.0, 8.0]])

    def predict(self, theta: Array, data: Centred) -> Prediction:
        constant, log_a, log_b, alpha, log_rn, log_rd = columns(theta)
        params, unique = data.inputs["params"], data.inputs["unique_tokens"]
        epochs = data.inputs["epochs"] * np.exp(data.log_means["epochs"])
        rn, rd = np.exp(log_rn), np.exp(log_rd)
        balanced = np.exp((log_a - log_b) / alpha) * unique
        surplus = params > balanced
        used = np.minimum(balanced, params)
        excess, again = np.maximum(params / used - 1, 0), epochs - 1
        size, seen = effective(used, excess, rn), effective(unique, again, rd)
        first, second = np.exp(log_a - alpha * np.log(size)), np.exp(log_b - alpha * np.log(seen))
        loss = constant + first + second
        fading = np.exp(-excess / rn)
        by_used = np.where(surplus, size - params * fading, 0.0) * (-alpha * first / size)
        by_rn = used * (rn - (rn + excess) * fading) * (-alpha * first / size)
        by_rd = unique * (rd - (rd + again) * np.exp(-again / rd)) * (-alpha * second / seen)
        by_alpha = -first * np.log(size) - second * np.log(seen) - by_used * (log_a - log_b) / alpha**2
        parts = [np.ones_like(loss), first + by_used / alpha, second - by_used / alpha, by_alpha, by_rn, by_rd]
        return Prediction(np.log(loss), np.stack(parts) / loss)

    def starts(self, data: Centred, weights: Array) -> Array:
        """The additive law on discounted inputs, for every pair of decays; its two exponents averaged."""
        epochs = data.inputs["epochs"] * np.exp(data.log_means["epochs"])
        starts = []
        for rn, rd in product(DECAYS, DECAYS):
            seen = effective(data.inputs["unique_tokens"], epochs - 1, np.array(rd))
            problem = Additive().problem({"params": data.inputs["params"], "tokens": seen}, data.observed)
            points = problem.coefficients(problem.starts(weights)[:3])
            exponent = points[:, 3:].mean(axis=1)
            starts.append(
                np.column_stack(
                    [points[:, 0], np.log(points[:, 1:3]), exponent, np.tile(np.log([rn, rd]), (len(points), 1))]
                )
            )
        return np.concatenate(starts)

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        constant, log_a, log_b, alpha, log_rn, log_rd = theta.T
        a, b = np.exp(log_a + alpha * log_means["params"]), np.exp(log_b + alpha * log_means["unique_tokens"])
        return np.column_stack([constant, a, b, alpha, alpha, np.exp(log_rn), np.exp(log_rd)])

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        constant, a, b, alpha, _, rn, rd = coefficients.T
        log_a, log_b = np.log(a) - alpha * log_means["params"], np.log(b) - alpha * log_means["unique_tokens"]
        return np.column_stack([constant, log_a, log_b, alpha, np.log(rn), np.log(rd)])
