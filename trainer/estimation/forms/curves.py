"""One-variable forms beyond a power law: M4, the broken power law, and logarithmic information."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np

from fitted_laws.forms.curves import m4_logit, sigmoid, softplus
from trainer.estimation.objective import Array
from trainer.estimation.problem import FREE, Asymptote, FitProblem

from .base import CurveForm, Inputs, columns
from .general import Centred, Prediction, general_problem, log_least_squares

ASYMPTOTE_SHARES = (0.0, 0.3, 0.6, 0.8, 0.9, 0.97)
"""Asymptotes tried, as parts of the smallest loss."""
CEILINGS = (1.02, 1.2, 2.0, 6.0)
"""Initial losses tried, as multiples of the largest loss."""
BREAKS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Places of the break tried, as quantiles of ln x."""
LAST_BREAK, BEYOND_BREAK = 0.7, 0.3
"""A break leaves so many of the rows before it, and this part of the range of ln x after it: the noise of the last rows
always finds a bend among them, and what comes after it would be its guess alone."""


@dataclass(frozen=True, slots=True)
class M4(CurveForm):
    """(L - L_inf)/(L_0 - L)^alpha = beta x^c (Alabdulmohsin et al. 2022, eq 5), solved for L: a sigmoid in ln x.

    Working coordinates: L_inf, ln L_0, alpha, ln beta, c; x over its geometric mean.
    """

    name: ClassVar[str] = "m4"
    asymptote: ClassVar[int] = 0

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        return general_problem(self, inputs, observed, np.log(observed), asymptote)

    def bounds(self, data: Centred) -> Array:
        least, middle, most = data.observed.min(), np.median(data.observed), data.observed.max()
        return np.array(
            [[0.0, np.log(middle) + 1e-6, 0.02, -80.0, -5.0], [least, np.log(most) + 6.0, 8.0, 80.0, -1e-3]]
        )

    def predict(self, theta: Array, data: Centred) -> Prediction:
        x = np.log(data.inputs[self.variable])
        floor, log_ceiling, alpha, log_beta, c = columns(theta)
        ceiling = np.exp(log_ceiling)
        gap = ceiling - floor
        t = m4_logit(log_beta + c * x - (1 - alpha) * np.log(gap), alpha)
        share = sigmoid(t)
        loss = floor + gap * share
        bend = gap * share * sigmoid(-t) / (alpha * share + sigmoid(-t))  # dL/d level
        by_gap = -(1 - alpha) / gap * bend
        jacobian = np.stack(
            [
                1 - share - by_gap,
                (share + by_gap) * ceiling,
                bend * (np.log(gap) - softplus(t)),
                bend,
                bend * x,
            ]
        )
        return Prediction(np.log(loss), jacobian / loss)

    def starts(self, data: Centred, weights: Array) -> Array:
        x = np.log(data.inputs[self.variable])
        grid = np.array(list(product(ASYMPTOTE_SHARES, CEILINGS, (0.2, 1.0, 3.0))))
        floor, ceiling = grid[:, 0] * data.observed.min(), grid[:, 1] * data.observed.max()
        odds = np.log(data.observed - floor[:, None]) - grid[:, 2:] * np.log(ceiling[:, None] - data.observed)
        lines = log_least_squares(
            np.broadcast_to(np.column_stack([np.ones_like(x), x]), (*odds.shape, 2)), odds, weights
        )
        return np.column_stack([floor, np.log(ceiling), grid[:, 2], lines])

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        beta = np.exp(theta[:, 3] - theta[:, 4] * log_means[self.variable])
        return np.column_stack([theta[:, 0], np.exp(theta[:, 1]), theta[:, 2], beta, theta[:, 4]])

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        log_beta = np.log(coefficients[:, 3]) + coefficients[:, 4] * log_means[self.variable]
        return np.column_stack(
            [coefficients[:, 0], np.log(coefficients[:, 1]), coefficients[:, 2], log_beta, coefficients[:, 4]]
        )


@dataclass(frozen=True, slots=True)
class Broken(CurveForm):
    """y = a + b x^-c0 (1 + (x/d1)^(1/f1))^(-c1 f1): one smooth break (Caballero et al. 2022, eq 1).

    Working coordinates: a, ln b, c0, c1, ln d1, ln f1; x over its geometric mean.
    """

    name: ClassVar[str] = "broken"
    asymptote: ClassVar[int] = 0

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        return general_problem(self, inputs, observed, np.log(observed), asymptote)

    def bounds(self, data: Centred) -> Array:
        x = np.log(data.inputs[self.variable])
        last = min(float(np.quantile(x, LAST_BREAK)), float(x.max() - BEYOND_BREAK * np.ptp(x)))
        low = [0.0, -80.0, -0.5, -4.0, x.min() - 2.0, np.log(0.03)]
        return np.array([low, [data.observed.min(), 80.0, 5.0, 8.0, last, np.log(4.0)]])

    def predict(self, theta: Array, data: Centred) -> Prediction:
        x = np.log(data.inputs[self.variable])
        a, log_b, c0, c1, log_d, log_f = columns(theta)
        f = np.exp(log_f)
        u = (x - log_d) / f
        bend, side = softplus(u), sigmoid(u)
        term = np.exp(log_b - c0 * x - c1 * f * bend)
        loss = a + term
        by_f = -c1 * f * (bend - u * side)
        ones = np.ones_like(term)
        jacobian = np.stack(
            [ones / loss, *(term / loss * part for part in (ones, -x * ones, -f * bend, c1 * side, by_f))]
        )
        return Prediction(np.log(loss), jacobian)

    def starts(self, data: Centred, weights: Array) -> Array:
        x = np.log(data.inputs[self.variable])
        grid = np.array(list(product(ASYMPTOTE_SHARES, np.quantile(x, BREAKS), (0.1, 0.5, 1.5))))
        floor, place, width = (grid[:, [i]] for i in range(3))
        parts = np.broadcast_arrays(1.0, -x, -width * softplus((x - place) / width))
        lines = log_least_squares(
            np.stack(parts, axis=-1), np.log(data.observed - floor * data.observed.min()), weights
        )
        return np.column_stack([floor * data.observed.min(), lines, place, np.log(width)])

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        mean = log_means[self.variable]
        log_b = theta[:, 1] + theta[:, 2] * mean
        return np.column_stack(
            [theta[:, 0], np.exp(log_b), theta[:, 2:4], np.exp(theta[:, 4] + mean), np.exp(theta[:, 5])]
        )

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        mean = log_means[self.variable]
        a, b, c0, c1, d1, f1 = coefficients.T
        return np.column_stack([a, np.log(b) - c0 * mean, c0, c1, np.log(d1) - mean, np.log(f1)])


@dataclass(frozen=True, slots=True)
class LogInformation(CurveForm):
    """I = lambda ln(N/N_c) (Henighan et al. 2020, eq 1.3): a line in ln N, fitted to the information itself, in nats.

    Working coordinates: the information at the geometric mean of N, and lambda.
    """

    variable: str = "params"
    name: ClassVar[str] = "log-information"
    asymptote: ClassVar[int] = -1

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        return general_problem(self, inputs, observed, observed, asymptote)

    def bounds(self, data: Centred) -> Array:
        most = 10.0 * float(data.observed.max())
        return np.array([[-most, 1e-9 * most], [most, most]])

    def predict(self, theta: Array, data: Centred) -> Prediction:
        x = np.log(data.inputs[self.variable])
        level, rate = columns(theta)
        value = level + rate * x
        return Prediction(value, np.stack([np.ones_like(value), np.broadcast_to(x, value.shape)]))

    def starts(self, data: Centred, weights: Array) -> Array:
        x = np.log(data.inputs[self.variable])
        return log_least_squares(np.column_stack([np.ones_like(x), x]), data.observed, weights)[None, :]

    def to_coefficients(self, theta: Array, log_means: Mapping[str, float]) -> Array:
        return np.column_stack([theta[:, 1], np.exp(log_means[self.variable] - theta[:, 0] / theta[:, 1])])

    def to_working(self, coefficients: Array, log_means: Mapping[str, float]) -> Array:
        rate, nc = coefficients.T
        return np.column_stack([rate * (log_means[self.variable] - np.log(nc)), rate])
