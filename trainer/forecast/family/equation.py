"""The family of laws behind a forecast: the additive law with further freedoms, as an equation.

    ln L = ln(E + T + 1 - e^-e^(o + h w))
    T = (e^((a - alpha x) / k) + e^((b - beta y) / k))^k e^(c u^2 + r v^2 + m u v)

x = ln N and y = ln D about the runs' means, u = (x + y)/2 along compute, v = (y - x)/2 across it. k = 1 and
c = r = m = 0 is Hoffmann et al. 2022, eq 2; k is the outer exponent of Kaplan et al. 2020, eq 1.5; c bends the
exponents with scale, r the valley, m joins N and D. Repeated tokens count for less (Muennighoff et al. 2023, eq 5).

Repeats beyond what a model's size bears overfit: w = ln(N (epochs - 1) / U), and the loss rises with it, at most by a
typical loss.
Where compute is not 6ND, part of its excess counts as size: mixtures of experts, embeddings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.estimation.objective import Array

COORDINATES = (
    "share",
    "a",
    "b",
    "ln_alpha",
    "ln_beta",
    "ln_outer",
    "along",
    "across",
    "mixed",
    "excess",
    "ln_decay",
    "over",
    "ln_rise",
)
"""share: logit of E over the lowest loss; a, b: ln of the terms over the typical loss, at the centre."""
MOST_LOG_TERM = 50.0
NEVER = -50.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs stand: ln N and ln of unique tokens about the centre, ln(C/6ND) likewise, epochs less one, w over its
    largest; (n,) each.
    """

    x: Array
    y: Array
    excess: Array
    again: Array
    overfit: Array


@dataclass(frozen=True, slots=True)
class PlacedRuns:
    """Runs in logarithms, (n,) each: params, unique tokens, epochs less one, compute, compute over 6ND."""

    params: Array
    tokens: Array
    again: Array
    compute: Array
    excess: Array

    def at(self, params: float, tokens: float, excess: float, memory: float) -> Place:
        """These runs about the means of others, whose largest `memory` is given."""
        return Place(
            x=self.params - params,
            y=self.tokens - tokens,
            excess=self.excess - excess,
            again=self.again,
            overfit=np.where(self.again > 0, self.memory() - memory, NEVER),
        )

    def memory(self) -> Array:
        """ln of the passes over the data that the model's size multiplies; far below any without repeats."""
        return np.asarray(self.params + np.log(np.maximum(self.again, 1e-9)) - self.tokens)


def predict(theta: Array, place: Place, lowest: float) -> tuple[Array, Array]:
    """ln of the loss over the typical one, (r, n), and its derivatives, (r, n, p); `lowest` is the lowest loss over it."""
    share, a, b, la, lb, lk, along, across, mixed, part, ld, over, lh = theta.T[:, :, None]
    alpha, beta, k, decay = np.exp(la), np.exp(lb), np.exp(lk), np.exp(ld)
    # repeated tokens count for less: `seen` fresh ones for each, whose worth fades with the passes
    fade = np.exp(-place.again / decay)
    seen = 1 + decay * (1 - fade)
    x, y = place.x + part * place.excess, place.y + np.log(seen)
    u, v = (x + y) / 2, (y - x) / 2
    # ln of the term: of size and data by k, then bent along and across compute
    p, q = (a - alpha * x) / k, (b - beta * y) / k
    total = np.logaddexp(p, q)
    first = np.exp(p - total)
    term = np.exp(np.minimum(k * total + along * u * u + across * v * v + mixed * u * v, MOST_LOG_TERM))
    half = 1 / (1 + np.exp(-share))
    # what repeats cost beyond what the size bears: at most one typical loss
    rise = np.exp(lh)
    raw = np.exp(np.minimum(over + rise * place.overfit, MOST_LOG_TERM))
    memory, memory_slope = -np.expm1(-raw), raw * np.exp(-raw)
    loss = lowest * half + term + memory
    # derivatives of ln loss: through the term, by_x and by_y are those of ln term by ln N and ln D
    by = term / loss
    by_x = -first * alpha + along * u - across * v + mixed * (v - u) / 2
    by_y = -(1 - first) * beta + along * u + across * v + mixed * (u + v) / 2
    y_by_decay = ((1 - fade) * decay - place.again * fade) / seen
    parts = (
        lowest * half * (1 - half) / loss,
        by * first,
        by * (1 - first),
        -by * first * alpha * x,
        -by * (1 - first) * beta * y,
        by * k * (total - first * p - (1 - first) * q),
        by * u * u,
        by * v * v,
        by * u * v,
        by * by_x * place.excess,
        by * by_y * y_by_decay,
        memory_slope / loss,
        memory_slope / loss * rise * place.overfit,
    )
    return np.log(loss), np.stack(np.broadcast_arrays(*parts), axis=-1)
