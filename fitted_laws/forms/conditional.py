"""Surfaces in other units, or with further inputs: experts, granularity, sparsity, bits. Given those, most are additive in N and D."""

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


class Precision(Form, frozen=True, kw_only=True, tag="precision"):
    """L(N, D, bits) = E + A/N_eff^alpha + B/D^alpha, N_eff = N·∏ (1 − e^(−bits/gamma + n)) over weights, activations, cache (Kumar et al. 2024).

    The paper calls n an offset in the exponent (Appendix K) without its sign. With +n 16 bits keep 99.4 % of the
    parameters, activations suffer most, seven bits keep most a bit, and activations of three bits keep none; with −n
    activations would hardly suffer, and the fewest bits would be best.
    """

    latex: ClassVar[str] = r"""
    L(N, D, P) = E + \frac{A}{N_\text{eff}^{\alpha}} + \frac{B}{D^{\alpha}}
    N_\text{eff} = N \prod_{i \in \{w, a, kv\}} \left(1 - e^{-P_i/\gamma_i + n_i}\right)
    """

    extras: ClassVar[tuple[str, ...]] = ("weight_bits", "activation_bits", "cache_bits")
    unpriced: ClassVar[str] = (
        "compute counts FLOP in 16-bit equivalents, (6/16)·params·tokens·bits, so unequal bits have no price; "
        "give weight_bits, activation_bits and cache_bits alike, or ask by params and tokens"
    )

    E: Values
    A: Values
    B: Values
    alpha: Values
    gamma_w: Values
    n_w: Values
    gamma_a: Values
    n_a: Values
    gamma_kv: Values
    n_kv: Values

    def kept(self, weight_bits: Values, activation_bits: Values, cache_bits: Values) -> Values:
        """N_eff/N: the share of the parameters that low precision leaves in effect; zero or below where the law says none."""
        pairs = (
            (weight_bits, self.gamma_w, self.n_w),
            (activation_bits, self.gamma_a, self.n_a),
            (cache_bits, self.gamma_kv, self.n_kv),
        )
        share: Values = np.ones(())
        for bits, gamma, n in pairs:
            share = np.where(share > 0, share, 0.0) * -np.expm1(-bits / gamma + n)
        return share

    def spent(self, **further: Values) -> Values:
        """bits/16: FLOP in 16-bit equivalents, C = (6/16)·N·D·bits, where weights, activations and cache have the same bits."""
        bits, *others = np.broadcast_arrays(*further.values())
        return np.where(np.all([other == bits for other in others], axis=0), bits / 16, np.nan)

    def additive(self, weight_bits: Values, activation_bits: Values, cache_bits: Values) -> AdditivePowerLaw:
        effective = np.maximum(self.kept(weight_bits, activation_bits, cache_bits), 1e-12)
        return AdditivePowerLaw(
            E=self.E, A=self.A * effective**-self.alpha, B=self.B, alpha=self.alpha, beta=self.alpha
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
