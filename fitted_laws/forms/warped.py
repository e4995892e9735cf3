"""Laws whose axes bend (see `axes`), of which a forecast's set is made: they fall in size and data, stay above their own E, and are smooth."""

from __future__ import annotations

import functools
from typing import ClassVar

import numpy as np

from fitted_laws.forms.axes import Axis, Bent, expected, joined, observed
from fitted_laws.forms.base import Form, Values


class WarpedPowerLaw(Bent, frozen=True, kw_only=True, tag="warped", dict=True):
    """L(N, D) = E + (e^(−F(ln N)/k) + e^(−G(ln D)/k))^k, F and G bent powers (`Bent`)."""

    latex: ClassVar[str] = r"""
    L(N, D) = E + \left(e^{-F(\ln N)/k} + e^{-G(\ln D)/k}\right)^{k}
    F'(x) = \alpha_0 + (\alpha_1 - \alpha_0)\,\sigma(\tfrac{x - x_1}{w_x}) + (\alpha_2 - \alpha_1)\,\sigma(\tfrac{x - x_2}{w_x})
    G'(y) = \beta_0 + (\beta_1 - \beta_0)\,\sigma(\tfrac{y - y_1}{w_y}) + (\beta_2 - \beta_1)\,\sigma(\tfrac{y - y_2}{w_y})
    F(x_1) = -a, \quad G(y_1) = -b, \quad L_{run} = L\,e^{scatter}
    """

    def value(self, params: Values, tokens: Values) -> Values:
        return self.E + self.reducible(params, tokens)

    def reducible(self, params: Values, tokens: Values) -> Values:
        """L − E, exact also where it is far smaller."""
        return observed(self.term(np.log(params), np.log(tokens)), self.E, self.scatter)

    def params_term(self, params: Values) -> Values:
        """L(N, ∞) − E."""
        return observed(np.exp(-self.size.falls(np.log(params))), self.E, self.scatter)

    def tokens_term(self, tokens: Values) -> Values:
        """L(∞, D) − E."""
        return observed(np.exp(-self.data.falls(np.log(tokens))), self.E, self.scatter)

    def params_for(self, params_term: Values) -> Values:
        """N at which L(N, ∞) − E is `params_term`."""
        return np.exp(self.size.place(-np.log(expected(params_term, self.E, self.scatter))))

    def tokens_for(self, tokens_term: Values) -> Values:
        """D at which L(∞, D) − E is `tokens_term`."""
        return np.exp(self.data.place(-np.log(expected(tokens_term, self.E, self.scatter))))

    def params_with(self, tokens: Values, reducible: Values) -> Values:
        """N at which L(N, D) − E is `reducible`, NaN where no size brings D tokens there."""
        return np.exp(self.size.place(self._rest(reducible, self.data.falls(np.log(tokens)))))

    def tokens_with(self, params: Values, reducible: Values) -> Values:
        """D at which L(N, D) − E is `reducible`, NaN where no data bring size N there."""
        return np.exp(self.data.place(self._rest(reducible, self.size.falls(np.log(params)))))

    def _rest(self, reducible: Values, fall: Values) -> Values:
        """F of one axis at which L − E is `reducible`, where that of the other is `fall`."""
        log_left = np.log(expected(reducible, self.E, self.scatter))
        share = np.exp(-(fall + log_left) / self.k)  # of (L − E)^(1/k)
        return np.asarray(-log_left - self.k * np.log1p(-np.where(share < 1, share, np.nan)))

    def sensitivities(self, params: Values, tokens: Values) -> tuple[Values, Values]:
        """Loss per e-fold of size, and of data."""
        falls_x, alpha, _ = self.size.local(np.log(params))
        falls_y, beta, _ = self.data.local(np.log(tokens))
        first, second = -falls_x / self.k, -falls_y / self.k
        total = joined(first, second)
        term = np.exp(self.k * total + self.scatter)
        return term * np.exp(first - total) * alpha, term * np.exp(second - total) * beta


class WarpedRepeats(Bent, frozen=True, kw_only=True, tag="warped-repeated", dict=True):
    """L(N, U, epochs) = E + T(N, D') + `most`·(1 − e^(−e^(o + h·w))): D' as Muennighoff et al. 2023, eq 5, has it, and what repeats overfit.

    w = ln(N·(epochs − 1)/U) − `m`: repeats beyond what a model's size bears; without any it is the law of fresh data.
    """

    latex: ClassVar[str] = r"""
    L(N, U, \epsilon) = E + \left(e^{-F(\ln N)/k} + e^{-G(\ln D')/k}\right)^{k} + most \left(1 - e^{-(N (\epsilon - 1) / U)^{h} \, e^{o - h m}}\right)
    D' = U \left(1 + R_D \left(1 - e^{-(\epsilon - 1)/R_D}\right)\right)
    F'(x) = \alpha_0 + (\alpha_1 - \alpha_0)\,\sigma(\tfrac{x - x_1}{w_x}) + (\alpha_2 - \alpha_1)\,\sigma(\tfrac{x - x_2}{w_x})
    G'(y) = \beta_0 + (\beta_1 - \beta_0)\,\sigma(\tfrac{y - y_1}{w_y}) + (\beta_2 - \beta_1)\,\sigma(\tfrac{y - y_2}{w_y})
    F(x_1) = -a, \quad G(y_1) = -b, \quad L_{run} = L\,e^{scatter}
    """

    R_D: Values
    o: Values
    h: Values
    m: Values
    most: Values

    def fresh(self) -> WarpedPowerLaw:
        """The law of data seen once."""
        return WarpedPowerLaw(**{name: getattr(self, name) for name in WarpedPowerLaw.__struct_fields__})

    def effective_tokens(self, unique_tokens: Values, epochs: Values) -> Values:
        """D' = U·(1 + R_D·(1 − e^(−(epochs − 1)/R_D)))."""
        return unique_tokens * (1 + self.R_D * -np.expm1(-(epochs - 1) / self.R_D))

    def effective_params(self, params: Values, unique_tokens: Values) -> Values:  # noqa: ARG002 - size counts in full here
        """N itself: what a size costs beyond its data is the overfitting term's."""
        return np.asarray(params)

    def value(self, params: Values, unique_tokens: Values, epochs: Values) -> Values:
        term = self.term(np.log(params), np.log(self.effective_tokens(unique_tokens, epochs)))
        return self.E + observed(term + self.overfitting(params, unique_tokens, epochs), self.E, self.scatter)

    def overfitting(self, params: Values, unique_tokens: Values, epochs: Values) -> Values:
        """What repeats cost beyond what the size bears, 0 without any; at most `most`."""
        again = np.log(np.maximum(epochs - 1, np.finfo(float).tiny))
        memory = np.log(params) + again - np.log(unique_tokens) - self.m
        return np.asarray(self.most * -np.expm1(-np.exp(np.minimum(self.o + self.h * memory, LARGEST))))

    def at_budget(self, params: Values, compute: Values, unique_tokens: Values) -> Values:
        """The loss of a size at C = 6ND: of as many passes over U as that makes, or of a part of U."""
        tokens = compute / (6 * params)
        return self.value(params, np.minimum(tokens, unique_tokens), np.maximum(tokens / unique_tokens, 1.0))

    def best_params(self, compute: Values, unique_tokens: Values) -> Values:
        """N that minimises the loss at C = 6ND with U unique tokens: by trial along ln N, then by sections about the best."""
        middle = np.log(compute / 6) / 2 + 0 * self.E

        def loss(offset: Values) -> Values:
            return self.at_budget(np.exp(middle + offset), compute, unique_tokens)

        tried = np.linspace(-WIDE, WIDE, TRIALS)
        losses = np.array([loss(np.full_like(middle, offset)) for offset in tried])
        low = tried[losses.argmin(axis=0)] - 2 * WIDE / (TRIALS - 1)
        high = low + 4 * WIDE / (TRIALS - 1)
        for _ in range(SECTIONS):
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            falls = loss(left) > loss(right)
            low, high = np.where(falls, left, low), np.where(falls, high, right)
        return np.asarray(np.exp(middle + (low + high) / 2))

    def marginal_value(self, epochs: Values) -> Values:
        """What one more repeated token is worth, against a fresh one: e^(−(epochs − 1)/R_D)."""
        return np.exp(-(epochs - 1) / self.R_D)


WIDE, TRIALS, SECTIONS = 14.0, 113, 30
"""Of a search for the best size: e-folds on either side of √(C/6), sizes tried first, and sections about the best of them."""
GOLDEN = (5**0.5 - 1) / 2
LARGEST = 50.0
"""ln of what stands in the exponent of the overfitting term, from which on that is `most`."""


class WarpedCurve(Form, frozen=True, kw_only=True, tag="warped-curve", dict=True):
    """L(x) = E + e^(−F(ln x)), F a bent power; `scatter` as in `Bent`."""

    latex: ClassVar[str] = r"""
    y(x) = E + e^{-F(\ln x)}
    F'(s) = \alpha_0 + (\alpha_1 - \alpha_0)\,\sigma(\tfrac{s - x_1}{w_x}) + (\alpha_2 - \alpha_1)\,\sigma(\tfrac{s - x_2}{w_x})
    F(x_1) = -a, \quad L_{run} = L\,e^{scatter}
    """

    E: Values
    a: Values
    alpha_0: Values
    alpha_1: Values
    alpha_2: Values
    x_1: Values
    x_2: Values
    w_x: Values
    scatter: Values | float = 0.0

    @functools.cached_property
    def size(self) -> Axis:
        return Axis(self.a, self.alpha_0, self.alpha_1, self.alpha_2, self.x_1, self.x_2, self.w_x)

    @property
    def floor(self) -> Values:
        return self.E

    def value(self, x: Values) -> Values:
        return self.E + self.reducible(x)

    def reducible(self, x: Values) -> Values:
        """L − E, exact also where it is far smaller."""
        return observed(np.exp(-self.size.falls(np.log(x))), self.E, self.scatter)

    def inverse(self, reducible: Values) -> Values:
        """x at which L − E is `reducible`, NaN where a run never has so little."""
        return np.exp(self.size.place(-np.log(expected(reducible, self.E, self.scatter))))
