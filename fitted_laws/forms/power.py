"""Laws of one variable: loss falls, optimal sizes grow, as powers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values, power


class PowerLaw(Form, frozen=True, kw_only=True, tag="power"):
    """L(x) = (x0/x)^alpha, no irreducible loss fitted (K eqs 1.1–1.3)."""

    latex: ClassVar[str] = r"y(x) = (x_0/x)^{\alpha}"

    x0: Values
    alpha: Values

    @property
    def floor(self) -> Values:
        return np.zeros_like(self.alpha)

    def value(self, x: Values) -> Values:
        return self.reducible(x)

    def reducible(self, x: Values) -> Values:
        return power(self.x0 / x, self.alpha)

    def inverse(self, reducible: Values) -> Values:
        """x = x0·(L − L∞)^(−1/alpha): where the reducible loss is `reducible`."""
        return self.x0 * power(reducible, -1 / self.alpha)


class PowerDecay(Form, frozen=True, kw_only=True, tag="power-decay"):
    """L(x) = k·x^−a, no irreducible loss fitted: a power law as papers print it that give the loss at x = 1."""

    latex: ClassVar[str] = r"y(x) = k \, x^{-a}"

    k: Values
    a: Values

    @property
    def floor(self) -> Values:
        return np.zeros_like(self.a)

    def value(self, x: Values) -> Values:
        return self.k * x**-self.a

    def inverse(self, reducible: Values) -> Values:
        """x = (k/L)^(1/a)."""
        return (self.k / reducible) ** (1 / self.a)


class PowerLawPlusConstant(Form, frozen=True, kw_only=True, tag="power-constant"):
    """L(x) = L_inf + (x0/x)^alpha (H eq 1.1)."""

    latex: ClassVar[str] = r"y(x) = L_\infty + (x_0/x)^{\alpha}"

    derived = ("compute_at_one_nat", "floor_per_sample")

    L_inf: Values
    x0: Values
    alpha: Values

    @property
    def floor(self) -> Values:
        return self.L_inf

    def value(self, x: Values) -> Values:
        return self.L_inf + self.reducible(x)

    def reducible(self, x: Values) -> Values:
        """L − L∞, exact also where it is far smaller."""
        return power(self.x0 / x, self.alpha)

    def inverse(self, reducible: Values) -> Values:
        """x = x0·(L − L∞)^(−1/alpha)."""
        return self.x0 * power(reducible, -1 / self.alpha)

    def compute_at_one_nat(self, tokens_per_sample: float) -> Values:
        """C1 = C0·T^(1/alpha): where the reducible loss is one nat a sample of T tokens (H Table 3)."""
        return self.x0 * tokens_per_sample ** (1 / self.alpha)

    def floor_per_sample(self, tokens_per_sample: float) -> Values:
        """L∞·T in nats a sample (H Table 3)."""
        return self.L_inf * tokens_per_sample


class PowerGrowth(Form, frozen=True, kw_only=True, tag="power-growth"):
    """y(x) = k·x^a, growing: N_opt(C), D_opt(C) (K Table 6; H22 Table 2)."""

    latex: ClassVar[str] = r"y(x) = k \, x^{a}"

    k: Values
    a: Values

    def value(self, x: Values) -> Values:
        return self.k * power(x, self.a)


class ScaledGrowth(Form, frozen=True, kw_only=True, tag="scaled-growth"):
    """y(x) = (x/x0)^beta, growing: N_opt(C) as H's Table 1 prints it."""

    latex: ClassVar[str] = r"y(x) = (x/x_0)^{\beta}"

    x0: Values
    beta: Values

    def value(self, x: Values) -> Values:
        return power(x / self.x0, self.beta)
