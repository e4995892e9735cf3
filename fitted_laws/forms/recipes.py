"""Relations beside the loss: critical batch, learning rate, shape, transfer. Each is the paper's equation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values


class CriticalBatch(Form, frozen=True, kw_only=True, tag="critical-batch"):
    """B_crit(L) = B_star/L^(1/alpha_B) tokens (K eq 5.3)."""

    latex: ClassVar[str] = r"B_\text{crit}(L) = \frac{B_*}{L^{1/\alpha_B}}"

    B_star: Values
    alpha_B: Values

    def value(self, loss: Values) -> Values:
        return self.B_star / loss ** (1 / self.alpha_B)


class Transfer(Form, frozen=True, kw_only=True, tag="transfer"):
    """D_T = k·D_F^alpha·N^beta: what pretraining is worth in characters of fine-tuning data (Hernandez et al. 2021, eq 1.1)."""

    latex: ClassVar[str] = r"D_T = k \, D_F^{\alpha} \, N^{\beta}"

    k: Values
    alpha: Values
    beta: Values

    def value(self, characters: Values, params: Values) -> Values:
        return self.k * characters**self.alpha * params**self.beta


class ShapeFamily(Form, frozen=True, kw_only=True, tag="shape"):
    """N = k·layers·width² with aspect = width/layers: a family of shapes, one a size (K eq 2.1, H Tables 4 and 5).

    Heads are `head_width` wide, two at least: 64 in H's tables.
    """

    latex: ClassVar[str] = r"""
        N = k \, n_\text{layer} \, d_\text{model}^2, \quad d_\text{model}/n_\text{layer} = \text{aspect}
        n_\text{head} = \max(2, d_\text{model}/\text{head}_\text{width})
        """

    k: Values
    aspect: Values
    head_width: Values = 64.0  # type: ignore[assignment]  # the tables print no such coefficient

    def width(self, params: Values) -> Values:
        return (params * self.aspect / self.k) ** (1 / 3)


class LogLinear(Form, frozen=True, kw_only=True, tag="log-linear"):
    """y = a + b·ln x (K eq D.1: the learning rate)."""

    latex: ClassVar[str] = r"y(x) = a + b \ln x"

    a: Values
    b: Values

    def value(self, x: Values) -> Values:
        return np.maximum(self.a + self.b * np.log(x), 0.0)


class RateSurface(Form, frozen=True, kw_only=True, tag="rate-surface"):
    """eta = k·N^a·D^b (Li et al. 2025, Step law)."""

    latex: ClassVar[str] = r"\eta(N, D) = k \, N^{a} D^{b}"

    k: Values
    a: Values
    b: Values

    def value(self, params: Values, tokens: Values) -> Values:
        return self.k * params**self.a * tokens**self.b


class ErrorCurve(Form, frozen=True, kw_only=True, tag="error-curve"):
    """Err(L) = epsilon − k·e^(−gamma·L): mean downstream error from the loss (Gadre et al. 2024, eq 5)."""

    latex: ClassVar[str] = r"\text{Err}(L) = \epsilon - k \, e^{-\gamma L}"

    epsilon: Values
    k: Values
    gamma: Values

    def value(self, loss: Values) -> Values:
        return self.epsilon - self.k * np.exp(-self.gamma * loss)
