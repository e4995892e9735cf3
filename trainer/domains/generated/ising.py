"""`ising`: images from the Boltzmann distribution of Ising or Potts spins with free boundary, by a site-by-site
transfer matrix.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import special

from trainer.domains.base import Array, Domain, Entropy, Seed, Tokens, drawn, require

LARGEST = 65_536
"""States of a row that the tables may hold, q^W."""


class Ising(Domain, frozen=True, tag="ising", kw_only=True):
    """P(x) ∝ exp(β Σ bonds) over neighbours of a W×W grid.

    A bond is s·s' = ±1 for two states, δ(s, s') for more (Potts).
    """

    width: int = 8
    states: int = 2
    coupling: float = 0.4

    def __post_init__(self) -> None:
        rows = float(self.states) ** self.width
        require(
            self.width >= 1 and self.states >= 2,
            f"ising: expected a width of 1 and 2 states or more, got {self.width}, {self.states}",
        )
        require(
            rows <= LARGEST, f"ising: expected states^width ≤ {LARGEST}, got {self.states}^{self.width} = {rows:.0f}"
        )

    @property
    def vocabulary(self) -> int:
        return self.states

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.width, self.width)

    @cached_property
    def bonds(self) -> Array:
        """A bond's value for two neighbouring spins, (q, q)."""
        same = np.eye(self.states)
        return 2 * same - 1 if self.states == 2 else same

    def _new_bonds(self, site: int) -> Array:
        """What a spin at `site` adds, by the last W spins in base q (newest digit last) and the spin itself, (q^W, q)."""
        rows = np.arange(self.states**self.width)
        up = self.bonds[rows // self.states ** (self.width - 1)] if site >= self.width else np.zeros((1, 1))
        left = self.bonds[rows % self.states] if site % self.width else np.zeros((1, 1))
        return np.broadcast_to(up + left, (len(rows), self.states))

    @property
    def _following(self) -> Tokens:
        """The last W spins after one more, (q^W, q)."""
        rows = np.arange(self.states**self.width)
        return (rows[:, None] * self.states + np.arange(self.states)) % len(rows)

    @cached_property
    def _messages(self) -> tuple[Array, float, float]:
        """Exact conditionals by site and last W spins, (sites, q^W, q); ln Z; d ln Z/dβ."""
        following = self._following
        table = np.empty((self.length, *following.shape))
        log_z, slope = np.zeros(len(following)), np.zeros(len(following))
        for site in reversed(range(self.length)):
            bonds = self._new_bonds(site)
            weights = self.coupling * bonds + log_z[following]
            log_z = np.asarray(special.logsumexp(weights, axis=1))
            table[site] = np.exp(weights - log_z[:, None])
            slope = (table[site] * (bonds + slope[following])).sum(axis=1)
        return table, float(log_z[0]), float(slope[0])

    @cached_property
    def energies(self) -> tuple[Array, Array]:
        """Every sum of bonds that an image can have, and ln of how many images have it; site by site, as the messages."""
        most = 2 * self.width * (self.width - 1)
        counts = np.zeros((self.states**self.width, 2 * most + 1))
        counts[0, most] = 1.0
        for site in range(self.length):
            bonds, after = self._new_bonds(site), np.zeros_like(counts)
            for spin in range(self.states):
                for bond in np.unique(bonds[:, spin]):
                    rows = np.flatnonzero(bonds[:, spin] == bond)
                    np.add.at(after, self._following[rows, spin], np.roll(counts[rows], int(bond), axis=1))
            counts = after
        found: Array = counts.sum(axis=0)
        return np.asarray(np.flatnonzero(found) - most, float), np.asarray(np.log(found[found > 0]))

    @cached_property
    def entropy(self) -> Entropy:
        """H = ln Z − β d ln Z/dβ, per site."""
        _, log_z, slope = self._messages
        return Entropy((log_z - self.coupling * slope) / self.length)

    def samples(self, seed: Seed, n: int) -> Tokens:
        table, following = self._messages[0], self._following
        uniforms = np.random.default_rng(seed).random((self.length, n))
        tokens, rows = np.empty((n, self.length), np.int64), np.zeros(n, np.int64)
        for site in range(self.length):
            tokens[:, site] = drawn(table[site, rows], uniforms[site])
            rows = following[rows, tokens[:, site]]
        return tokens

    def conditionals(self, tokens: Tokens) -> Array:
        table, following = self._messages[0], self._following
        probabilities, rows = np.empty((*tokens.shape, self.states)), np.zeros(len(tokens), np.int64)
        for site in range(self.length):
            probabilities[:, site] = table[site, rows]
            rows = following[rows, tokens[:, site]]
        return probabilities
