"""Laws of two variables: size with data, with steps, with repeated data."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms.base import Form, Values, power
from fitted_laws.forms.bisection import bisected
from fitted_laws.forms.power import PowerLawPlusConstant, ScaledGrowth

WORTHLESS = 0.1
"""A repeated token worth less than this share of a fresh one counts as worthless."""
HALVINGS = 64
"""How often a span of ln N is halved: to the last bits."""


class AdditivePowerLaw(Form, frozen=True, kw_only=True, tag="additive"):
    """L(N, D) = E + A/N^alpha + B/D^beta (H22 eq 2); its optimum at C = 6ND in closed form (H22 eq 4)."""

    latex: ClassVar[str] = r"L(N, D) = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}"

    derived = ("params_exponent", "tokens_exponent", "params_at")

    E: Values
    A: Values
    B: Values
    alpha: Values
    beta: Values

    @property
    def floor(self) -> Values:
        return self.E

    def central(self) -> AdditivePowerLaw:
        """The law without its draws: row 0 of its coefficients, (1, 1)."""
        return AdditivePowerLaw(E=self.E[:1], A=self.A[:1], B=self.B[:1], alpha=self.alpha[:1], beta=self.beta[:1])

    def value(self, params: Values, tokens: Values) -> Values:
        return self.E + self.params_term(params) + self.tokens_term(tokens)

    def reducible(self, params: Values, tokens: Values) -> Values:
        """L − E, exact also where it is far smaller."""
        return self.params_term(params) + self.tokens_term(tokens)

    def params_with(self, tokens: Values, reducible: Values) -> Values:
        """N at which L(N, D) − E is `reducible`, NaN where no size brings D tokens there."""
        left = reducible - self.tokens_term(tokens)
        return self.params_for(np.where(left > 0, left, np.nan))

    def tokens_with(self, params: Values, reducible: Values) -> Values:
        """D at which L(N, D) − E is `reducible`, NaN where no data bring size N there."""
        left = reducible - self.params_term(params)
        return self.tokens_for(np.where(left > 0, left, np.nan))

    def sensitivities(self, params: Values, tokens: Values) -> tuple[Values, Values]:
        """Loss per e-fold of size, and of data: alpha·A/N^alpha, beta·B/D^beta."""
        return self.alpha * self.params_term(params), self.beta * self.tokens_term(tokens)

    def params_term(self, params: Values) -> Values:
        """A/N^alpha; it is L(N, ∞) − E."""
        return self.A / power(params, self.alpha)

    def tokens_term(self, tokens: Values) -> Values:
        """B/D^beta; it is L(∞, D) − E."""
        return self.B / power(tokens, self.beta)

    def params_for(self, params_term: Values) -> Values:
        """N at which A/N^alpha is `params_term`."""
        return power(self.A / params_term, 1 / self.alpha)

    def tokens_for(self, tokens_term: Values) -> Values:
        """D at which B/D^beta is `tokens_term`."""
        return power(self.B / tokens_term, 1 / self.beta)

    @property
    def G(self) -> Values:
        """G = (alpha·A/(beta·B))^(1/(alpha + beta)) (H22 eq 4)."""
        return (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))

    @property
    def params_exponent(self) -> Values:
        """a = beta/(alpha + beta) in N_opt ∝ C^a."""
        return self.beta / (self.alpha + self.beta)

    @property
    def tokens_exponent(self) -> Values:
        """b = alpha/(alpha + beta) in D_opt ∝ C^b."""
        return self.alpha / (self.alpha + self.beta)

    def params_at(self, compute: Values | float) -> Values:
        """N_opt(C) = G·(C/6)^a."""
        return self.G * (compute / 6) ** self.params_exponent

    def growth(self) -> ScaledGrowth:
        """N_opt(C) = (C/C₁)^a, C₁ = 6·G^(−1/a) the budget of one parameter: numpy raises a column of bases three times as fast as one base."""
        a = self.params_exponent
        return ScaledGrowth(x0=6 * self.G ** (-1 / a), beta=a)

    def frontier(self) -> PowerLawPlusConstant:
        """L(C) at the optimum: E + K·(C/6)^(−alpha·beta/(alpha + beta)), K = A·G^−alpha + B·G^beta; exactly a power law plus constant."""
        exponent = self.alpha * self.beta / (self.alpha + self.beta)
        K = self.A * self.G**-self.alpha + self.B * self.G**self.beta
        return PowerLawPlusConstant(L_inf=self.E, x0=6 * K ** (1 / exponent), alpha=exponent)

    def overhead(self, ratio: Values) -> Values:
        """C/C* of a model `ratio` × the optimal size with the same loss: x·[(1 − w·x^−alpha)/(1 − w)]^(−1/beta), w = beta/(alpha + beta).

        Infinite where so small a model never reaches that loss.
        """
        w = self.params_exponent
        bracket = (1 - w * ratio**-self.alpha) / (1 - w)
        reached = np.where(bracket > 0, bracket, 1.0)
        return np.where(bracket > 0, ratio * reached ** (-1 / self.beta), np.inf)


class CombinedPowerLaw(Form, frozen=True, kw_only=True, tag="combined"):
    """L(N, D) = E + (A/N^alpha + B/D^beta)^gamma: the terms of size and data under one exponent (Beck et al. 2025; Busbridge et al. 2025)."""

    latex: ClassVar[str] = r"L(N, D) = E + \left(\frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}\right)^{\gamma}"

    E: Values
    A: Values
    B: Values
    alpha: Values
    beta: Values
    gamma: Values

    def within(self) -> AdditivePowerLaw:
        """The sum under the exponent, as a law of its own: at one budget it is least where the loss is."""
        return AdditivePowerLaw(E=0 * self.E, A=self.A, B=self.B, alpha=self.alpha, beta=self.beta)

    def value(self, params: Values, tokens: Values) -> Values:
        return np.asarray(self.E + self.within().value(params, tokens) ** self.gamma)

    def floor_at(self) -> Values:
        return self.E

    def critical_tokens(self, params: Values) -> Values:
        """No data are too many."""
        return np.full_like(params, np.inf)

    def params_limit(self, params: Values) -> Values:
        """The loss of unlimited data."""
        return np.asarray(self.E + self.within().params_term(params) ** self.gamma)

    def tokens_limit(self, tokens: Values) -> Values:
        """The loss of unlimited size."""
        return np.asarray(self.E + self.within().tokens_term(tokens) ** self.gamma)

    def matched_tokens(self, params: Values) -> Values:
        """D of the budget C = 6ND at which a size is the best one: alpha·A/N^alpha = beta·B/D^beta."""
        law = self.within()
        return law.tokens_for(self.alpha / self.beta * law.params_term(params))

    def tokens_to(self, loss: Values, params: Values) -> Values:
        """The tokens by which a size has this loss; NaN where it never has."""
        law, left = self.within(), loss - self.E
        term = np.where(left > 0, left, 0.0) ** (1 / self.gamma) - law.params_term(params)
        return np.where(term > 0, law.tokens_for(np.where(term > 0, term, 1.0)), np.nan)


class OverfittingLaw(Form, frozen=True, kw_only=True, tag="kaplan"):
    """L(N, U) = [(Nc/N)^(alpha_N/alpha_D) + Dc/U]^alpha_D, early stopped on U unique tokens (K eq 1.5)."""

    latex: ClassVar[str] = r"L(N, U) = \left[(N_c/N)^{\alpha_N/\alpha_D} + D_c/U\right]^{\alpha_D}"

    Nc: Values
    Dc: Values
    alpha_N: Values
    alpha_D: Values

    @property
    def floor(self) -> Values:
        return np.zeros_like(self.alpha_N)

    def value(self, params: Values, unique_tokens: Values) -> Values:
        return ((self.Nc / params) ** (self.alpha_N / self.alpha_D) + self.Dc / unique_tokens) ** self.alpha_D


class LearningCurve(Form, frozen=True, kw_only=True, tag="learning-curve"):
    """L(N, S) = (Nc/N)^alpha_N + (Sc/S)^alpha_S at S steps of large batches (K eq 1.6)."""

    latex: ClassVar[str] = r"L(N, S) = (N_c/N)^{\alpha_N} + (S_c/S)^{\alpha_S}"

    Nc: Values
    Sc: Values
    alpha_N: Values
    alpha_S: Values

    def value(self, params: Values, steps: Values) -> Values:
        return (self.Nc / params) ** self.alpha_N + (self.Sc / steps) ** self.alpha_S

    def overhead(self, ratio: Values) -> Values:
        """C/C* of a model `ratio` × the efficient size with the same loss (K eq B.16); infinite where it never gets there."""
        bracket = 1 + self.alpha_S / self.alpha_N * (1 - ratio**-self.alpha_N)
        reached = np.where(bracket > 0, bracket, 1.0)
        return np.where(bracket > 0, ratio * reached ** (-1 / self.alpha_S), np.inf)


class RepeatedData(Form, frozen=True, kw_only=True, tag="repeated"):
    """L(N, U, epochs) = E + A/N'^alpha + B/D'^beta with effective size N' and data D' (Muennighoff et al. 2023, eqs 5–7)."""

    latex: ClassVar[str] = r"""
    L(N, U, \epsilon) = E + \frac{A}{N'^{\,\alpha}} + \frac{B}{D'^{\,\beta}}
    D' = U \left(1 + R_D \left(1 - e^{-(\epsilon - 1)/R_D}\right)\right)
    N' = U_N \left(1 + R_N \left(1 - e^{-(N/U_N - 1)/R_N}\right)\right)
    """

    E: Values
    A: Values
    B: Values
    alpha: Values
    beta: Values
    R_N: Values
    R_D: Values

    @property
    def floor(self) -> Values:
        return self.E

    def additive(self) -> AdditivePowerLaw:
        """The law of fresh data and no excess parameters, of which this is the extension."""
        return AdditivePowerLaw(E=self.E, A=self.A, B=self.B, alpha=self.alpha, beta=self.beta)

    def effective_tokens(self, unique_tokens: Values, epochs: Values) -> Values:
        """D' = U·(1 + R_D·(1 − e^(−(epochs − 1)/R_D)))."""
        return unique_tokens * (1 + self.R_D * -np.expm1(-(epochs - 1) / self.R_D))

    def matched_params(self, unique_tokens: Values) -> Values:
        """The size that U tokens would optimally train: (U·G)^(beta/alpha)·G; parameters beyond it count for less."""
        G = self.additive().G
        return (unique_tokens * G) ** (self.beta / self.alpha) * G

    def effective_params(self, params: Values, unique_tokens: Values) -> Values:
        """N' = U_N·(1 + R_N·(1 − e^(−(N/U_N − 1)/R_N))), U_N = min(N, the size that U matches)."""
        base = np.minimum(params, self.matched_params(unique_tokens))
        return base * (1 + self.R_N * -np.expm1(-(params / base - 1) / self.R_N))

    def value(self, params: Values, unique_tokens: Values, epochs: Values) -> Values:
        effective = self.effective_params(params, unique_tokens)
        return self.additive().value(effective, self.effective_tokens(unique_tokens, epochs))

    def best_params(self, compute: Values, unique_tokens: Values) -> Values:
        """N that minimises the loss at C = 6ND with U unique tokens: that of fresh data where these need no more than U.

        Else D > U, and along ln N the loss falls while alpha·A·N'^−alpha·g_N exceeds beta·B·D'^−beta·g_D, g the slopes of
        ln N' and ln D' in ln N and ln D. Their ratio falls with N, from above 1 at the size that U matches to below 1 where D = U.
        """
        fresh = self.additive().params_at(compute)
        matched = self.matched_params(unique_tokens)
        most = np.maximum(compute / (6 * unique_tokens), matched)

        def falls(log_params: Values) -> NDArray[np.bool_]:
            params = np.exp(log_params)
            epochs = np.maximum(compute / (6 * params * unique_tokens), 1.0)
            size, data = self.effective_params(params, unique_tokens), self.effective_tokens(unique_tokens, epochs)
            of_size = (
                np.log(self.alpha * self.A * params / size)
                - self.alpha * np.log(size)
                - (params / matched - 1) / self.R_N
            )
            of_data = np.log(self.beta * self.B * unique_tokens * epochs / data) - self.beta * np.log(data)
            return np.asarray(of_size > of_data - (epochs - 1) / self.R_D)

        least, most = np.broadcast_arrays(np.log(matched), np.log(most))
        low, _ = bisected(falls, least, most, HALVINGS)
        return np.where(compute / (6 * fresh) <= unique_tokens, fresh, np.exp(low))

    def at_budget(self, params: Values, compute: Values, unique_tokens: Values) -> Values:
        """The loss of a size at C = 6ND: of as many passes over U as that makes, or of a part of U."""
        tokens = compute / (6 * params)
        return self.value(params, np.minimum(tokens, unique_tokens), np.maximum(tokens / unique_tokens, 1.0))

    def marginal_value(self, epochs: Values) -> Values:
        """What one more repeated token is worth, against a fresh one: e^(−(epochs − 1)/R_D)."""
        return np.exp(-(epochs - 1) / self.R_D)
