"""Surfaces in other units, or with further inputs: experts, granularity, sparsity. Given those, most are additive in N and D."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values
from fitted_laws.forms.surfaces import AdditivePowerLaw


class NormalisedAdditive(Form, frozen=True, kw_only=True, tag="additive-normalised"):
    """L(N, D) = E + A/(N/N_unit)^alpha + B/(D/D_unit)^beta: additive, where a paper counts N and D in millions or billions.

    Kept as printed: A of single parameters is A·N_unit^alpha and moves with alpha, so rounding leaves it wide where A is not.
    """

    latex: ClassVar[str] = r"L(N, D) = E + \frac{A}{(N/N_\text{unit})^{\alpha}} + \frac{B}{(D/D_\text{unit})^{\beta}}"

    derived = ("params_exponent", "tokens_exponent")

    E: Values
    A: Values
    B: Values
    alpha: Values
    beta: Values
    N_unit: Values
    D_unit: Values

    @property
    def params_exponent(self) -> Values:
        return self.additive().params_exponent

    @property
    def tokens_exponent(self) -> Values:
        return self.additive().tokens_exponent

    def additive(self) -> AdditivePowerLaw:
        return AdditivePowerLaw(
            E=self.E,
            A=self.A * self.N_unit**self.alpha,
            B=self.B * self.D_unit**self.beta,
            alpha=self.alpha,
            beta=self.beta,
        )

    def value(self, params: Values, tokens: Values) -> Values:
        return self.additive().value(params, tokens)


class OverTraining(Form, frozen=True, kw_only=True, tag="over-training"):
    """L(C, M) = E + (a·M^eta + b·M^−eta)·C^−eta, M = D/N, C = 6ND (Gadre et al. 2024, eq 4).

    Since M^eta·C^−eta = (6N²)^−eta and M^−eta·C^−eta = (6D²)^−eta it is additive: A = a·6^−eta, alpha = 2·eta, and so for B.
    """

    latex: ClassVar[str] = r"""
    L(C, M) = E + \left(a\,M^{\eta} + b\,M^{-\eta}\right) C^{-\eta}
    M = D/N, \quad C = 6ND
    """

    E: Values
    a: Values
    b: Values
    eta: Values

    def additive(self) -> AdditivePowerLaw:
        sixth = 6**-self.eta
        return AdditivePowerLaw(E=self.E, A=self.a * sixth, B=self.b * sixth, alpha=2 * self.eta, beta=2 * self.eta)

    def value(self, params: Values, tokens: Values) -> Values:
        return self.additive().value(params, tokens)


class FineGrainedExperts(Form, frozen=True, kw_only=True, tag="moe"):
    """L(N, D, G) = c + (g/G^gamma + a)/N^alpha + b/D^beta, G the granularity of the experts (Krajewski et al. 2024)."""

    latex: ClassVar[str] = r"L(N, D, G) = c + \frac{g/G^{\gamma} + a}{N^{\alpha}} + \frac{b}{D^{\beta}}"

    extras: ClassVar[tuple[str, ...]] = ("granularity",)

    c: Values
    g: Values
    gamma: Values
    a: Values
    alpha: Values
    b: Values
    beta: Values

    def additive(self, granularity: Values) -> AdditivePowerLaw:
        return AdditivePowerLaw(
            E=self.c, A=self.g / granularity**self.gamma + self.a, B=self.b, alpha=self.alpha, beta=self.beta
        )


class SparseExperts(Form, frozen=True, kw_only=True, tag="moe-sparse"):
    """L(N, D, S) = e + a/N^alpha + b/D^beta + c/(1 − S)^lamda + d/((1 − S)^delta·N^gamma), S the sparsity (Abnar et al. 2025)."""

    latex: ClassVar[str] = (
        r"L(N, D, S) = e + \frac{a}{N^{\alpha}} + \frac{b}{D^{\beta}} + \frac{c}{(1 - S)^{\lambda}} + \frac{d}{(1 - S)^{\delta} N^{\gamma}}"
    )

    extras: ClassVar[tuple[str, ...]] = ("sparsity",)
    unpriced: ClassVar[str] = (
        "params counts all experts, and how many of them and of the rest a token passes is not printed; ask by params and tokens"
    )

    e: Values
    a: Values
    alpha: Values
    b: Values
    beta: Values
    c: Values
    lamda: Values
    d: Values
    delta: Values
    gamma: Values

    def value(self, params: Values, tokens: Values, sparsity: Values) -> Values:
        dense = 1 - sparsity
        size = self.a / params**self.alpha + self.d / (dense**self.delta * params**self.gamma)
        return self.e + size + self.b / tokens**self.beta + self.c / dense**self.lamda

    def spent(self, **further: Values) -> Values:
        return np.full_like(further["sparsity"], np.nan)

    def floor_at(self, sparsity: Values) -> Values:
        """The loss of unlimited size and data at this sparsity."""
        return self.e + self.c / (1 - sparsity) ** self.lamda


class SparseWeights(Form, frozen=True, kw_only=True, tag="sparse-weights"):
    """L(N, D, S) = c + (a_S·(1 − S)^b_S + c_S)/N^b_N + (a_D/D)^b_D, N the weights that are not zero.

    S is the share of those that are (Frantar et al. 2023, eq 1).
    """

    latex: ClassVar[str] = (
        r"L(N, D, S) = c + \frac{a_S (1 - S)^{b_S} + c_S}{N^{b_N}} + \left(\frac{a_D}{D}\right)^{b_D}"
    )

    extras: ClassVar[tuple[str, ...]] = ("sparsity",)

    c: Values
    a_S: Values
    b_S: Values
    c_S: Values
    b_N: Values
    a_D: Values
    b_D: Values

    def prefactor(self, sparsity: Values) -> Values:
        """a_S·(1 − S)^b_S + c_S: what a model of one weight that is not zero would lose to its size."""
        return self.a_S * (1 - sparsity) ** self.b_S + self.c_S

    def dense_multiple(self, sparsity: Values) -> Values:
        """How many times as many parameters a dense model of the same loss and data has, over the weights that are not zero."""
        return np.asarray((self.prefactor(np.zeros(1)) / self.prefactor(sparsity)) ** (1 / self.b_N))

    def additive(self, sparsity: Values) -> AdditivePowerLaw:
        return AdditivePowerLaw(
            E=self.c, A=self.prefactor(sparsity), B=self.a_D**self.b_D, alpha=self.b_N, beta=self.b_D
        )


class SharedExperts(Form, frozen=True, kw_only=True, tag="moe-shared"):
    """L of all N and active N_a parameters, D tokens, G active experts and a share S of shared ones (Zhao et al. 2025):
    L = (e·G + f/G + m·S² + n·S)·(1/N^alpha + k/N_a^alpha + h·N_a/N) + a/N^alpha + b/D^beta + c/N_a^alpha + eps.
    """

    latex: ClassVar[str] = r"""
    L = \left(e\,G + f/G + m S^2 + n S\right) \left(\frac{1}{N^{\alpha}} + \frac{k}{N_a^{\alpha}} + \frac{h N_a}{N}\right)
        + \frac{a}{N^{\alpha}} + \frac{b}{D^{\beta}} + \frac{c}{N_a^{\alpha}} + \epsilon
    """

    derived = ("best_active_experts", "best_shared_share")
    extras: ClassVar[tuple[str, ...]] = ("active_params", "active_experts", "shared_share")
    unpriced: ClassVar[str] = "a token passes active_params alone: 6 × active_params × tokens; ask by params and tokens"

    e: Values
    f: Values
    m: Values
    n: Values
    k: Values
    h: Values
    a: Values
    alpha: Values
    b: Values
    beta: Values
    c: Values
    eps: Values

    @property
    def best_active_experts(self) -> Values:
        """G of the least loss, sqrt(f/e)."""
        return np.sqrt(self.f / self.e)

    @property
    def best_shared_share(self) -> Values:
        """S of the least loss, −n/2m."""
        return -self.n / (2 * self.m)

    def spent(self, **further: Values) -> Values:
        return np.full_like(further["active_params"], np.nan)

    def value(
        self, params: Values, tokens: Values, active_params: Values, active_experts: Values, shared_share: Values
    ) -> Values:
        experts = self.e * active_experts + self.f / active_experts
        shared = self.m * shared_share**2 + self.n * shared_share
        all_size, active_size = params**-self.alpha, active_params**-self.alpha
        mixed = all_size + self.k * active_size + self.h * active_params / params
        dense = self.a * all_size + self.b / tokens**self.beta + self.c * active_size
        return np.asarray((experts + shared) * mixed + dense + self.eps)

    def floor_at(self, **further: Values) -> Values:
        """eps: what is left at unlimited sizes and data where few of the parameters are active."""
        return np.asarray(self.eps + 0 * further["active_params"])


class RoutedExperts(Form, frozen=True, kw_only=True, tag="moe-routed"):
    """log10 L = a·log10 N + b·log10 Ê + c·log10 N·log10 Ê + d at one number of tokens (Clark et al. 2022, eqs 1–2).

    1/Ê = 1/(experts − 1 + (1/E_start − 1/E_max)^−1) + 1/E_max saturates the number of experts.
    """

    latex: ClassVar[str] = r"""
    \log_{10} L = a \log_{10} N + b \log_{10} \hat{E} + c \log_{10} N \log_{10} \hat{E} + d
    \frac{1}{\hat{E}} = \frac{1}{E - 1 + \left(1/E_\text{start} - 1/E_\text{max}\right)^{-1}} + \frac{1}{E_\text{max}}
    """

    derived = ("cutoff",)
    extras: ClassVar[tuple[str, ...]] = ("experts",)

    a: Values
    b: Values
    c: Values
    d: Values
    E_start: Values
    E_max: Values

    @property
    def cutoff(self) -> Values:
        """N_cutoff = 10^(−b/c): the size from which further experts no longer lower the loss."""
        return np.asarray(10 ** (-self.b / self.c))

    def saturated(self, experts: Values) -> Values:
        """Ê: what the number of experts counts for."""
        return 1 / (1 / (experts - 1 + 1 / (1 / self.E_start - 1 / self.E_max)) + 1 / self.E_max)

    def value(self, params: Values, experts: Values) -> Values:
        n, e = np.log10(params), np.log10(self.saturated(experts))
        return np.asarray(10 ** (self.a * n + self.b * e + self.c * n * e + self.d))
