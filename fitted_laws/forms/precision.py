"""Laws of precision: integers in training, floating point in training, and quantising after it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values
from fitted_laws.forms.surfaces import AdditivePowerLaw


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


class FloatingPoint(Form, frozen=True, kw_only=True, tag="floating-point"):
    """L(N, D, E, M, B) = n/N^alpha + d/D^beta + eps + (D^beta/N^alpha)·log2(B)/(gamma·(E + ½)^delta·(M + ½)^nu) (Sun et al. 2025).

    E and M are bits of exponent and mantissa, B the numbers that share one scale: at B = 1 nothing is added.
    Data beyond D_crit raise the loss.
    """

    latex: ClassVar[str] = r"""
    L(N, D, E, M, B) = \epsilon + \frac{n}{N^{\alpha}} + \frac{d}{D^{\beta}} + q \, \frac{D^{\beta}}{N^{\alpha}}
    q = \frac{\log_2 B}{\gamma (E + \frac{1}{2})^{\delta} (M + \frac{1}{2})^{\nu}}
    D_\text{crit} = \left(d \, N^{\alpha}/q\right)^{1/2\beta}
    """

    extras: ClassVar[tuple[str, ...]] = ("exponent_bits", "mantissa_bits", "block")
    rises_in: ClassVar[tuple[str, ...]] = ("tokens",)

    eps: Values
    n: Values
    alpha: Values
    d: Values
    beta: Values
    gamma: Values
    delta: Values
    nu: Values

    def coarseness(self, exponent_bits: Values, mantissa_bits: Values, block: Values) -> Values:
        """log2(B)/(gamma·(E + ½)^delta·(M + ½)^nu): what low precision adds where D^beta = N^alpha."""
        return np.log2(block) / (self.gamma * (exponent_bits + 0.5) ** self.delta * (mantissa_bits + 0.5) ** self.nu)

    def value(self, params: Values, tokens: Values, **further: Values) -> Values:
        size, data = params**-self.alpha, tokens**self.beta
        return np.asarray(self.eps + self.n * size + self.d / data + data * size * self.coarseness(**further))

    def floor_at(self, **further: Values) -> Values:
        """eps: the loss of unlimited size and data, for sizes may grow faster than what low precision adds."""
        return np.asarray(self.eps + 0 * self.coarseness(**further))

    def critical_tokens(self, params: Values, **further: Values) -> Values:
        """D_crit: the data beyond which more of it raises the loss; infinite where nothing is quantised."""
        with np.errstate(divide="ignore"):
            return np.asarray((self.d / (params**-self.alpha * self.coarseness(**further))) ** (1 / (2 * self.beta)))

    def params_limit(self, params: Values, **further: Values) -> Values:
        """The loss of unlimited data: infinite where anything is quantised."""
        return np.where(self.coarseness(**further) > 0, np.inf, self.eps + self.n * params**-self.alpha)

    def tokens_limit(self, tokens: Values, **further: Values) -> Values:
        """The loss of unlimited size."""
        return self.floor_at(**further) + self.d / tokens**self.beta

    def matched_tokens(self, params: Values, **further: Values) -> Values:
        """D of the budget C = 6ND at which a size is the best one: where dL/dlnN = dL/dlnD, a square root in d/D^beta."""
        size = params**-self.alpha
        pull = self.alpha * self.n * size
        push = 4 * self.beta * (self.alpha + self.beta) * self.coarseness(**further) * self.d * size
        return np.asarray((2 * self.beta * self.d / (pull + np.sqrt(pull**2 + push))) ** (1 / self.beta))

    def tokens_to(self, loss: Values, params: Values, **further: Values) -> Values:
        """The fewest tokens by which a size has this loss; NaN where it never has."""
        size = params**-self.alpha
        left = loss - self.eps - self.n * size
        square = left**2 - 4 * self.d * size * self.coarseness(**further)
        reached = (left > 0) & (square >= 0)
        least = 2 * self.d / (np.where(reached, left, 1.0) + np.sqrt(np.where(reached, square, 0.0)))
        return np.where(reached, least ** (1 / self.beta), np.nan)


class PostTraining(Form, frozen=True, kw_only=True, tag="post-training"):
    """delta(N, D, P) ∝ D^gamma_D/N^gamma_N·e^(−P/gamma_post): what quantising weights to P bits after training adds (Kumar et al. 2024, eq 2).

    How it scales, not how large it is: where the printed bias b stands in the exponent is not written out, and with
    it the level is 3.1 times as high. It rises with data.
    """

    latex: ClassVar[str] = r"\delta(N, D, P) \propto \frac{D^{\gamma_D}}{N^{\gamma_N}} \, e^{-P/\gamma_\text{post}}"

    rises_in: ClassVar[tuple[str, ...]] = ("tokens",)

    gamma_D: Values
    gamma_N: Values
    gamma_post: Values

    def ratio(self, params: Values, tokens: Values, bits: Values) -> Values:
        """What times the size, the data, and more bits make of the loss that is added."""
        return np.asarray(tokens**self.gamma_D / params**self.gamma_N * np.exp(-bits / self.gamma_post))
