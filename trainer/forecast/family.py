"""The family of laws behind a forecast: the additive law with further freedoms, each held towards it by a weak prior.

    ln L = ln(E + T + 1 - e^-e^(o + h w)),  T = (e^((a - alpha x) / k) + e^((b - beta y) / k))^k e^(c u^2 + r v^2 + m u v)

x = ln N and y = ln D about the runs' means, u = (x + y)/2 along compute, v = (y - x)/2 across it. k = 1 and
c = r = m = 0 is Hoffmann et al. 2022, eq 2; k is the outer exponent of Kaplan et al. 2020, eq 1.5; c bends the
exponents with scale, r the valley, m joins N and D. Repeated tokens count for less (Muennighoff et al. 2023, eq 5).

Repeats beyond what a model's size bears overfit: w = ln(N (epochs - 1) / U), and the loss rises with it, at most by a typical loss.
Where compute is not 6ND, part of its excess counts as size: mixtures of experts, embeddings.
"""

from dataclasses import dataclass

import numpy as np

from trainer.fit.objective import Array

COORDINATES = ("share", "a", "b", "ln_alpha", "ln_beta", "ln_outer", "along", "across", "mixed", "excess", "ln_decay", "over", "ln_rise")
"""share: logit of E over the lowest loss; a, b: ln of the terms over the typical loss, at the centre."""
CENTRE = np.array([0.8, -1.5, -1.5, np.log(0.35), np.log(0.35), 0.0, 0.0, 0.0, 0.0, 0.0, np.log(15.0), -6.0, 0.0])
"""Centre of the priors: published laws have exponents about .35 and E of two thirds of the lowest loss; R* = 15 is
Muennighoff et al. 2023."""
SPREAD = np.array([1.5, 2.0, 2.0, 1.0, 1.0, 0.5, 0.03, 0.03, 0.03, 0.5, 0.7, 2.0, 0.3])
"""Standard deviations of the priors, weak: exponents within a factor of 2.7, k within 1.6; .03 changes a term by 10 %
at u = 1.8, runs a factor of 40 in compute from the centre. Their widths, the excess of compute and the overfitting term
were chosen by the errors of held-out runs of eleven sets of tables: those errors are no test of the choice."""
PINNED = 1e-6
LAWS = {"additive": (), "outer": ("ln_outer",), "bent": ("ln_outer", "along", "across", "mixed")}
"""Which freedoms each law has beyond the additive one; the last has them all."""
FURTHER = LAWS["bent"]
LOW = np.array([-6.0, -9.0, -9.0, np.log(0.02), np.log(0.02), np.log(0.25), -0.2, -0.2, -0.2, -2.0, 0.0, -20.0, np.log(0.5)])
HIGH = np.array([6.0, 3.0, 3.0, np.log(2.0), np.log(2.0), np.log(4.0), 0.2, 0.2, 0.2, 2.0, 6.0, 3.0, np.log(4.0)])
MOST_LOG_TERM = 50.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs stand: ln N and ln of unique tokens about the centre, ln(C/6ND) likewise, epochs less one, w over its largest; (n,) each."""

    x: Array
    y: Array
    excess: Array
    again: Array
    overfit: Array


def precisions(law: str, place: Place) -> Array:
    """Precisions of the priors of one law's coordinates; those that it or the runs do not have are pinned."""
    out = SPREAD.copy()
    out[[COORDINATES.index(name) for name in FURTHER if name not in LAWS[law]]] = PINNED
    if not (place.again > 0).any():
        out[COORDINATES.index("ln_decay") :] = PINNED
    return np.asarray(1 / out**2)


def predict(theta: Array, place: Place, lowest: float) -> tuple[Array, Array]:
    """ln of the loss over the typical one, (r, n), and its derivatives, (r, n, p); `lowest` is the lowest loss over it."""
    share, a, b, la, lb, lk, along, across, mixed, part, ld, over, lh = theta.T[:, :, None]
    alpha, beta, k, decay = np.exp(la), np.exp(lb), np.exp(lk), np.exp(ld)
    fade = np.exp(-place.again / decay)
    seen = 1 + decay * (1 - fade)
    x, y = place.x + part * place.excess, place.y + np.log(seen)
    u, v = (x + y) / 2, (y - x) / 2
    p, q = (a - alpha * x) / k, (b - beta * y) / k
    total = np.logaddexp(p, q)
    first = np.exp(p - total)
    term = np.exp(np.minimum(k * total + along * u * u + across * v * v + mixed * u * v, MOST_LOG_TERM))
    half = 1 / (1 + np.exp(-share))
    rise = np.exp(lh)
    raw = np.exp(np.minimum(over + rise * place.overfit, MOST_LOG_TERM))
    memory, kept = -np.expm1(-raw), raw * np.exp(-raw)
    loss = lowest * half + term + memory
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
        kept / loss,
        kept / loss * rise * place.overfit,
    )
    return np.log(loss), np.stack(np.broadcast_arrays(*parts), axis=-1)
