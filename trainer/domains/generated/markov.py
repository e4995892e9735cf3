"""`markov`: text of an order-1 chain whose logits have a power-law spectrum, so that a width-d model is short of rank
by a known loss.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import optimize, special

from trainer.domains.base import Array, Domain, Entropy, Mask, Seed, Tokens, entropies, require

LEAST_EXCESS = {4: 0.01638988946, 8: 0.00363238219, 12: 0.00140318847, 16: 0.00065978843, 24: 0.00021358579}
"""ε(d) of `Markov(symbols=64, beta=1.5)` by width, frozen: what `least_excess` finds."""


class Markov(Domain, frozen=True, tag="markov", kw_only=True):
    """P = softmax(U diag(s) Wᵀ), U and W random orthogonal, s_k ∝ k^−β, logits of root mean square σ.

    The first token is not counted.
    """

    symbols: int = 256
    beta: float = 1.0
    sigma: float = 1.5
    context: int = 16
    chain: int = 0
    """The seed of U and W."""

    def __post_init__(self) -> None:
        sizes = (self.symbols, self.context)
        require(min(sizes) >= 2, f"markov: expected 2 symbols and a context of 2 or more, got {sizes}")
        require(self.sigma > 0, f"markov: expected a positive sigma, got {self.sigma}")

    @property
    def vocabulary(self) -> int:
        return self.symbols

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.context,)

    @cached_property
    def logits(self) -> Array:
        """U diag(s) Wᵀ, (from, to)."""
        random = np.random.default_rng((self.chain, 1))
        u, w = (np.linalg.qr(random.standard_normal((self.symbols, self.symbols)))[0] for _ in range(2))
        s = np.arange(1.0, self.symbols + 1) ** -self.beta
        return np.asarray((u * (s * self.sigma * self.symbols / np.linalg.norm(s))) @ w.T)

    @cached_property
    def transitions(self) -> Array:
        return np.asarray(special.softmax(self.logits, axis=1))

    @cached_property
    def stationary(self) -> Array:
        """π with π P = π."""
        equations = np.vstack([self.transitions.T - np.eye(self.symbols), np.ones(self.symbols)])
        distribution: Array = np.linalg.lstsq(equations, np.r_[np.zeros(self.symbols), 1.0])[0]
        return distribution

    def samples(self, seed: Seed, n: int) -> Tokens:
        uniforms = np.random.default_rng(seed).random((self.context, n))
        tokens = np.empty((n, self.context), np.int64)
        tokens[:, 0] = np.minimum(np.searchsorted(self.stationary.cumsum(), uniforms[0], "right"), self.symbols - 1)
        for t in range(1, self.context):
            before = tokens[:, t - 1]
            following = np.searchsorted(self._ladder, uniforms[t] + before, "right") - before * self.symbols
            tokens[:, t] = np.clip(following, 0, self.symbols - 1)
        return tokens

    @cached_property
    def _ladder(self) -> Array:
        """Row i's cumulative distribution plus i: one sorted array, so that one search draws from any row."""
        cumulative = self.transitions.cumsum(axis=1)
        cumulative[:, -1] = 1.0
        return np.asarray((cumulative + np.arange(self.symbols)[:, None]).ravel())

    def conditionals(self, tokens: Tokens) -> Array:
        first = np.broadcast_to(self.stationary, (len(tokens), 1, self.symbols))
        return np.concatenate([first, self.transitions[tokens[:, :-1]]], axis=1)

    def counted(self, tokens: Tokens) -> Mask:
        return np.broadcast_to(np.arange(self.context) > 0, tokens.shape)

    @cached_property
    def entropy(self) -> Entropy:
        """H = −Σ_i π_i Σ_j P_ij ln P_ij."""
        return Entropy(float(self.stationary @ entropies(self.transitions)))

    def least_excess(self, width: int) -> float:
        """ε(d): the least Σ_i π_i KL(P_i ‖ softmax(Z_i)) over logits Z of rank ≤ d, searched from the truncated
        spectrum.
        """
        u, s, w = np.linalg.svd(self.logits)
        start = np.concatenate(
            [(u[:, :width] * np.sqrt(s[:width])).ravel(), (w[:width].T * np.sqrt(s[:width])).ravel()]
        )
        weighted = self.stationary[:, None] * self.transitions

        def loss(theta: Array) -> tuple[float, Array]:
            left, right = theta.reshape(2, self.symbols, width)
            z = left @ right.T
            z -= special.logsumexp(z, axis=1, keepdims=True)
            slope = self.stationary[:, None] * np.exp(z) - weighted
            return float(-(weighted * z).sum()), np.concatenate([(slope @ right).ravel(), (slope.T @ left).ravel()])

        optimum = optimize.minimize(
            loss,
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9, "maxcor": 20},
        )
        return float(optimum.fun) - self.entropy.value
