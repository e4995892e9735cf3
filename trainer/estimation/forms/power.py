"""Law forms as the fit sees them: their equation, their coefficients, and the problem that runs make of them.

These are the forms that reduce to a constant and at most two power terms; `curves.py` and `surfaces.py` hold the rest.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fitted_laws.forms import AdditivePowerLaw
from trainer.estimation.objective import Array
from trainer.estimation.problem import FREE, Asymptote, FitProblem

from .base import CurveForm, Form, Inputs
from .terms import TermLayout, term_problem


def _reference_from_log(natural: Array) -> Array:
    """(E, ln A, ., alpha, .) to (x0, alpha) of (x0/x)^alpha."""
    return np.column_stack([np.exp(natural[:, 1] / natural[:, 3]), natural[:, 3]])


def _natural(constant: Array, log_first: Array, log_second: Array, alpha: Array, beta: Array) -> Array:
    return np.column_stack(np.broadcast_arrays(constant, log_first, log_second, alpha, beta)).astype(np.float64)


_ZERO, _ABSENT, _ONE = np.zeros(1), np.full(1, -200.0), np.ones(1)


@dataclass(frozen=True, slots=True)
class Power(CurveForm):
    """y = (x0/x)^alpha (Kaplan et al. 2020, eq 1.1-1.3), in one variable."""

    name: ClassVar[str] = "power"

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=False,
            second=False,
            tied=False,
            to_coefficients=_reference_from_log,
            to_natural=lambda c: _natural(_ZERO, c[:, 1] * np.log(c[:, 0]), _ABSENT, c[:, 1], _ONE),
        )
        return term_problem(layout, np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), asymptote)


@dataclass(frozen=True, slots=True)
class PowerConstant(CurveForm):
    """y = L_inf + (x0/x)^alpha (Henighan et al. 2020, eq 1.1), in one variable."""

    name: ClassVar[str] = "power-constant"

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=True,
            second=False,
            tied=False,
            to_coefficients=lambda n: np.column_stack([n[:, 0], _reference_from_log(n)]),
            to_natural=lambda c: _natural(c[:, 0], c[:, 2] * np.log(c[:, 1]), _ABSENT, c[:, 2], _ONE),
        )
        return term_problem(layout, np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), asymptote)


@dataclass(frozen=True, slots=True)
class PowerGrowth(CurveForm):
    """y = k x^a: N_opt(C) (Hoffmann et al. 2022, approaches 1 and 2; Henighan et al. 2020, eq 1.2)."""

    variable: str = "compute"
    name: ClassVar[str] = "power-growth"

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=False,
            second=False,
            tied=False,
            to_coefficients=lambda n: np.column_stack([np.exp(n[:, 1]), n[:, 3]]),
            to_natural=lambda c: _natural(_ZERO, np.log(c[:, 0]), _ABSENT, c[:, 1], _ONE),
        )
        return term_problem(
            layout, -np.log(inputs[self.variable]), np.zeros(len(observed)), np.log(observed), asymptote
        )


@dataclass(frozen=True, slots=True)
class Additive(Form):
    """L = E + A/N^alpha + B/D^beta (Hoffmann et al. 2022, eq 2)."""

    name: ClassVar[str] = "additive"
    inputs = ("params", "tokens")

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=True,
            second=True,
            tied=False,
            to_coefficients=lambda n: np.column_stack([n[:, 0], np.exp(n[:, 1:3]), n[:, 3:]]),
            to_natural=lambda c: _natural(c[:, 0], np.log(c[:, 1]), np.log(c[:, 2]), c[:, 3], c[:, 4]),
        )
        return term_problem(layout, np.log(inputs["params"]), np.log(inputs["tokens"]), np.log(observed), asymptote)


def surface(coefficients: Array) -> AdditivePowerLaw:
    """The additive law of E, A, B, alpha and beta, (..., 5), whose methods give its optimum in closed form."""
    return AdditivePowerLaw(**dict(zip(Additive().coefficients, np.moveaxis(coefficients, -1, 0), strict=True)))


@dataclass(frozen=True, slots=True)
class LearningCurve(Form):
    """L = (Nc/N)^alpha_N + (Sc/S)^alpha_S (Kaplan et al. 2020, eq 5.6); S is `steps`, S_min in the paper."""

    name: ClassVar[str] = "learning-curve"
    inputs = ("params", "steps")

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=False,
            second=True,
            tied=False,
            to_coefficients=lambda n: np.column_stack([np.exp(n[:, 1:3] / n[:, 3:]), n[:, 3:]]),
            to_natural=lambda c: _natural(
                _ZERO, c[:, 2] * np.log(c[:, 0]), c[:, 3] * np.log(c[:, 1]), c[:, 2], c[:, 3]
            ),
        )
        return term_problem(layout, np.log(inputs["params"]), np.log(inputs["steps"]), np.log(observed), asymptote)


@dataclass(frozen=True, slots=True)
class OverTraining(Form):
    """L = E + (a M^eta + b M^-eta) C^-eta, M = D/N, C = 6 N D (Gadre et al. 2024, eq 4): two power terms of one
    exponent.
    """

    name: ClassVar[str] = "over-training"
    inputs = ("params", "tokens")

    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        layout = TermLayout(
            constant=True,
            second=True,
            tied=True,
            to_coefficients=lambda n: np.column_stack([n[:, 0], np.exp(n[:, 1:3]), n[:, 3]]),
            to_natural=lambda c: _natural(c[:, 0], np.log(c[:, 1]), np.log(c[:, 2]), c[:, 3], c[:, 3]),
        )
        log_ratio = np.log(inputs["tokens"] / inputs["params"])
        log_compute = np.log(6 * inputs["params"] * inputs["tokens"])
        return term_problem(layout, log_compute - log_ratio, log_compute + log_ratio, np.log(observed), asymptote)
