"""Law forms as the fit sees them: their equation, their coefficients, and the problem that runs make of them.

These are the forms that reduce to a constant and at most two power terms; `curves.py` and `surfaces.py` hold the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from trainer.estimation.objective import Array
from trainer.estimation.problem import FREE, Asymptote, Problem

from .terms import TermLayout, term_problem

Inputs = Mapping[str, Array]
"""The runs' columns by name (params, tokens, compute, ...), each (n,), positive."""


class Form(Protocol):
    """A law form: `value` broadcasts coefficients (..., 1, m) against inputs (n,), so that draws give (draws, n)."""

    @property
    def name(self) -> str:
        """The name on the command line."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns it reads."""

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The paper's letters, in the order of every coefficient array."""

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        """The equation: (..., m) and (n,) give (..., n)."""

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        """The runs in working coordinates."""


def columns(coefficients: Array) -> Array:
    """(..., m) to (m, ..., 1): one array a coefficient that broadcasts against rows."""
    return np.moveaxis(coefficients, -1, 0)[..., None]


def _reference_from_log(natural: Array) -> Array:
    """(E, ln A, ., alpha, .) to (x0, alpha) of (x0/x)^alpha."""
    return np.column_stack([np.exp(natural[:, 1] / natural[:, 3]), natural[:, 3]])


def _natural(constant: Array, log_first: Array, log_second: Array, alpha: Array, beta: Array) -> Array:
    return np.column_stack(np.broadcast_arrays(constant, log_first, log_second, alpha, beta)).astype(np.float64)


_ZERO, _ABSENT, _ONE = np.zeros(1), np.full(1, -200.0), np.ones(1)


@dataclass(frozen=True, slots=True)
class Power:
    """y = (x0/x)^alpha (Kaplan et al. 2020, eq 1.1-1.3), in one variable."""

    variable: str
    name: ClassVar[str] = "power"
    coefficients: ClassVar[tuple[str, ...]] = ("x0", "alpha")

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.variable,)

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        x0, alpha = columns(coefficients)
        return np.asarray((x0 / inputs[self.variable]) ** alpha)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=False,
            second=False,
            tied=False,
            to_coefficients=_reference_from_log,
            to_natural=lambda c: _natural(_ZERO, c[:, 1] * np.log(c[:, 0]), _ABSENT, c[:, 1], _ONE),
        )
        return term_problem(layout, np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), held)


@dataclass(frozen=True, slots=True)
class PowerConstant:
    """y = L_inf + (x0/x)^alpha (Henighan et al. 2020, eq 1.1), in one variable."""

    variable: str
    name: ClassVar[str] = "power-constant"
    coefficients: ClassVar[tuple[str, ...]] = ("L_inf", "x0", "alpha")

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.variable,)

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        constant, x0, alpha = columns(coefficients)
        return np.asarray(constant + (x0 / inputs[self.variable]) ** alpha)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=True,
            second=False,
            tied=False,
            to_coefficients=lambda n: np.column_stack([n[:, 0], _reference_from_log(n)]),
            to_natural=lambda c: _natural(c[:, 0], c[:, 2] * np.log(c[:, 1]), _ABSENT, c[:, 2], _ONE),
        )
        return term_problem(layout, np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), held)


@dataclass(frozen=True, slots=True)
class PowerGrowth:
    """y = k x^a: N_opt(C) (Hoffmann et al. 2022, approaches 1 and 2; Henighan et al. 2020, eq 1.2)."""

    variable: str = "compute"
    name: ClassVar[str] = "power-growth"
    coefficients: ClassVar[tuple[str, ...]] = ("k", "a")

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.variable,)

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        k, a = columns(coefficients)
        return np.asarray(k * inputs[self.variable] ** a)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=False,
            second=False,
            tied=False,
            to_coefficients=lambda n: np.column_stack([np.exp(n[:, 1]), n[:, 3]]),
            to_natural=lambda c: _natural(_ZERO, np.log(c[:, 0]), _ABSENT, c[:, 1], _ONE),
        )
        return term_problem(layout, -np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), held)


@dataclass(frozen=True, slots=True)
class Additive:
    """L = E + A/N^alpha + B/D^beta (Hoffmann et al. 2022, eq 2)."""

    name: ClassVar[str] = "additive"
    inputs: ClassVar[tuple[str, ...]] = ("params", "tokens")
    coefficients: ClassVar[tuple[str, ...]] = ("E", "A", "B", "alpha", "beta")

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        constant, a, b, alpha, beta = columns(coefficients)
        return np.asarray(constant + a / inputs["params"] ** alpha + b / inputs["tokens"] ** beta)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=True,
            second=True,
            tied=False,
            to_coefficients=lambda n: np.column_stack([n[:, 0], np.exp(n[:, 1:3]), n[:, 3:]]),
            to_natural=lambda c: _natural(c[:, 0], np.log(c[:, 1]), np.log(c[:, 2]), c[:, 3], c[:, 4]),
        )
        return term_problem(layout, np.log(inputs["params"]), np.log(inputs["tokens"]), np.log(observed), held)


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """L = (Nc/N)^alpha_N + (Sc/S)^alpha_S (Kaplan et al. 2020, eq 5.6); S is `steps`, S_min in the paper."""

    name: ClassVar[str] = "learning-curve"
    inputs: ClassVar[tuple[str, ...]] = ("params", "steps")
    coefficients: ClassVar[tuple[str, ...]] = ("Nc", "Sc", "alpha_N", "alpha_S")

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        nc, sc, alpha_n, alpha_s = columns(coefficients)
        return np.asarray((nc / inputs["params"]) ** alpha_n + (sc / inputs["steps"]) ** alpha_s)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=False,
            second=True,
            tied=False,
            to_coefficients=lambda n: np.column_stack([np.exp(n[:, 1:3] / n[:, 3:]), n[:, 3:]]),
            to_natural=lambda c: _natural(
                _ZERO, c[:, 2] * np.log(c[:, 0]), c[:, 3] * np.log(c[:, 1]), c[:, 2], c[:, 3]
            ),
        )
        return term_problem(layout, np.log(inputs["params"]), np.log(inputs["steps"]), np.log(observed), held)


@dataclass(frozen=True, slots=True)
class OverTraining:
    """L = E + (a M^eta + b M^-eta) C^-eta, M = D/N, C = 6 N D (Gadre et al. 2024, eq 4): two power terms of one exponent."""

    name: ClassVar[str] = "over-training"
    inputs: ClassVar[tuple[str, ...]] = ("params", "tokens")
    coefficients: ClassVar[tuple[str, ...]] = ("E", "a", "b", "eta")

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        constant, a, b, eta = columns(coefficients)
        ratio = inputs["tokens"] / inputs["params"]
        compute = 6 * inputs["params"] * inputs["tokens"]
        return np.asarray(constant + (a * ratio**eta + b * ratio**-eta) * compute**-eta)

    def problem(self, inputs: Inputs, observed: Array, held: Asymptote = FREE) -> Problem:
        layout = TermLayout(
            constant=True,
            second=True,
            tied=True,
            to_coefficients=lambda n: np.column_stack([n[:, 0], np.exp(n[:, 1:3]), n[:, 3]]),
            to_natural=lambda c: _natural(c[:, 0], np.log(c[:, 1]), np.log(c[:, 2]), c[:, 3], c[:, 3]),
        )
        log_ratio = np.log(inputs["tokens"] / inputs["params"])
        log_compute = np.log(6 * inputs["params"] * inputs["tokens"])
        return term_problem(layout, log_compute - log_ratio, log_compute + log_ratio, np.log(observed), held)
