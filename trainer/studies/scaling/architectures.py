"""Another architecture on the same data: whether it has the exponents of the transformer and is offset, and what it costs in compute.

Text by an LSTM, images of 8×8 by a causal convolution (`trainer/sweeps/language-lstm.toml`, `image-8x8-convolution.toml`, and their twins): the same
windows in the same order, batch, steps and test set, sizes that pair by their rank. Both laws of a pair have one irreducible loss, the
entropy of their data, and each its own powers; pairs of a size's rank and a seed are resampled together, so that what both share has no
part in a difference.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from matplotlib.axes import Axes
from scipy.optimize import least_squares

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, told
from trainer.sweep.law.law import left_out
from trainer.sweep.records import RunRecord

RESAMPLES, MOST_TRIES = 100, 80
LEAST, STEEPEST = 0.05, 2.0
"""Exponents lie between these."""


class Pair(NamedTuple):
    """The sweeps of a transformer and of another architecture on the same data."""

    transformer: str
    other: str
    kind: str


PAIRS = (
    Pair("language", "language-lstm", "LSTM"),
    Pair("image-8x8-transformer", "image-8x8-convolution", "convolution"),
)


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Losses of both architectures at the same tokens: (2, sizes, seeds, data), and their parameters, (2, sizes)."""

    params: Array
    tokens: Array
    loss: Array


def grid(ours: list[RunRecord], others: list[RunRecord]) -> Grid:
    """The readings that both laws may be fitted to, at tokens that both were read at, of sizes that are paired by rank.

    The larger ones of the longer ladder have no part.
    """
    sides = [[r for r, why in zip(side, left_out(side), strict=True) if not why] for side in (ours, others)]
    sizes = [sorted({r.params for r in side}) for side in sides]
    sizes = [own[: min(map(len, sizes))] for own in sizes]
    read = [{r.tokens for r in side if r.params == n} for side, own in zip(sides, sizes, strict=True) for n in own]
    tokens, seeds = sorted(set.intersection(*read)), sorted({r.config.seed for side in sides for r in side})
    losses = [{(r.params, r.config.seed, r.tokens): r.loss for r in side} for side in sides]
    table = [
        [[[by[n, seed, t] for t in tokens] for seed in seeds] for n in own]
        for by, own in zip(losses, sizes, strict=True)
    ]
    return Grid(params=np.array(sizes, float), tokens=np.array(tokens, float), loss=np.array(table, float))


def model(theta: Array, params: Array, tokens: Array) -> Array:
    """L of both, (2, sizes, data), by ln E and each one's ln A, ln B at the middle of the grid, ln alpha, ln beta."""
    alpha, beta = np.exp(theta[3::4]), np.exp(theta[4::4])
    n = np.log(params) - np.log(params).mean()
    d = np.log(tokens) - np.log(tokens).mean()
    of_size = np.exp(theta[1::4, None] - alpha[:, None] * n)
    of_data = np.exp(theta[2::4, None] - beta[:, None] * d)
    return np.asarray(np.exp(theta[0]) + of_size[:, :, None] + of_data[:, None, :])


def fitted(cells: Grid, weights: Array, start: Array) -> Array:
    """`model`'s coefficients by least squares in ln L; weights are of pairs of a size's rank and a seed, (sizes, seeds)."""
    root, log = np.sqrt(weights)[None, :, :, None], np.log(cells.loss)
    lowest = np.log(0.999 * cells.loss.min())
    low = np.array([np.log(1e-3), *([-12.0, -12.0, np.log(LEAST), np.log(LEAST)] * 2)])
    high = np.array([lowest, *([4.0, 4.0, np.log(STEEPEST), np.log(STEEPEST)] * 2)])

    def residuals(theta: Array) -> Array:
        return np.asarray(root * (np.log(model(theta, cells.params, cells.tokens))[:, :, None] - log)).ravel()

    return np.asarray(
        least_squares(residuals, np.clip(start, low + 1e-6, high - 1e-6), bounds=(low, high), max_nfev=MOST_TRIES).x
    )


def begun(cells: Grid) -> Array:
    """Where a fit begins: half the lowest loss is irreducible, the rest halved between size and data."""
    lowest = cells.loss.min()
    rest = np.log((cells.loss.mean() - lowest / 2) / 2)
    return np.array([np.log(lowest / 2), *([rest, rest, np.log(0.4), np.log(0.4)] * 2)])


def slopes(cells: Grid, weights: Array) -> Array:
    """Of each architecture d ln L / d ln N at the most tokens, by a line through the weighted losses: no floor has a part in it."""
    found = []
    for params, loss in zip(cells.params, cells.loss[..., -1], strict=True):
        x, y = np.broadcast_to(np.log(params)[:, None], loss.shape), np.log(loss)
        x0, y0 = np.average(x, weights=weights), np.average(y, weights=weights)
        found.append(np.average((x - x0) * (y - y0), weights=weights) / np.average((x - x0) ** 2, weights=weights))
    return np.array(found)


def multiplier(theta: Array, cells: Grid) -> float:
    """How many times the transformer's compute the other needs for the loss that it has at its optimum of the grid's middle budget.

    At C = 6ND each has K·C^−γ above E (H22 eq 10); infinite where the other's law never comes there within the floats.
    """
    k, gamma = [], []
    n, d = np.log(cells.params).mean(), np.log(cells.tokens).mean()
    for at in (0, 1):
        ln_a, ln_b, ln_alpha, ln_beta = theta[1 + 4 * at : 5 + 4 * at]
        alpha, beta = np.exp(ln_alpha), np.exp(ln_beta)
        ln_a, ln_b = ln_a + alpha * n, ln_b + beta * d
        ln_g = (np.log(alpha / beta) + ln_a - ln_b) / (alpha + beta)
        k.append(np.logaddexp(ln_a - alpha * ln_g, ln_b + beta * ln_g))
        gamma.append(alpha * beta / (alpha + beta))
    budget = n + d  # ln(C/6) at the middle of sizes and data
    excess = k[0] - gamma[0] * budget
    return float(np.exp((k[1] - excess) / gamma[1] - budget))


def compared(pair: Pair, records: Records) -> tuple[list[dict[str, float | str]], dict[str, float], str, Grid, Array]:
    """Rows, numbers, sentence, grid and central fit of a pair."""
    cells = grid(records[pair.transformer], records[pair.other])
    shape = cells.loss.shape[1:3]
    random = np.random.default_rng(0)
    pairs = int(np.prod(shape))
    counts = [np.bincount(random.integers(0, pairs, pairs), minlength=pairs) for _ in range(RESAMPLES)]
    drawn = [np.asarray(count.reshape(shape), float) for count in counts]
    central = fitted(cells, np.ones(shape), begun(cells))
    usable = [w for w in drawn if np.count_nonzero(w.sum(axis=1)) >= 3]
    thetas = np.array([central, *(fitted(cells, w, central) for w in usable)])
    lines = np.array([slopes(cells, w) for w in (np.ones(shape), *usable)])
    alpha, beta = np.exp(thetas[:, 3::4]), np.exp(thetas[:, 4::4])
    frontier = alpha * beta / (alpha + beta)
    name = pair.kind.lower()
    numbers: dict[str, float] = {}
    verdicts = []
    for what, values in (("N", alpha), ("D", beta), ("C", frontier), ("slope", lines)):
        found, verdict = told(f"{name}_less_transformer_{what}", values[:, 1] - values[:, 0])
        numbers |= {
            f"transformer_{what}_beside_{name}": float(values[0, 0]),
            f"{name}_{what}": float(values[0, 1]),
        } | found
        verdicts.append(verdict)
    numbers |= interval(f"{name}_compute_multiplier", np.array([multiplier(theta, cells) for theta in thetas]))
    numbers[f"{name}_shared_floor"] = float(np.exp(central[0]))
    off = np.log(model(central, cells.params, cells.tokens))[:, :, None] - np.log(cells.loss)
    numbers[f"{name}_rms"] = float(np.sqrt(np.mean(off**2)))
    rows: list[dict[str, float | str]] = [
        {
            "pair": f"transformer and {pair.kind}",
            "transformer_params": cells.params[0, at],
            "other_params": cells.params[1, at],
            "transformer_loss": float(cells.loss[0, at, :, -1].mean()),
            "other_loss": float(cells.loss[1, at, :, -1].mean()),
        }
        for at in range(shape[0])
    ]
    return rows, numbers, sentence(name, pair, numbers, verdicts), cells, central


def sentence(name: str, pair: Pair, numbers: dict[str, float], verdicts: list[str]) -> str:
    """What is said of a pair."""
    parts = [
        f"of {what} {numbers[f'{name}_less_transformer_{what}']:+.3f} (90 %: {numbers[f'{name}_less_transformer_{what}_low']:+.3f} to "
        f"{numbers[f'{name}_less_transformer_{what}_high']:+.3f}; {verdict})"
        for what, verdict in zip("NDC", verdicts, strict=False)
    ]
    times = [numbers[f"{name}_compute_multiplier{end}"] for end in ("", "_low", "_high")]
    return (
        f"On {pair.transformer} the {pair.kind} needs {times[0]:.2g} times the transformer's compute (90 %: {times[1]:.2g} to {times[2]:.2g}). "
        f"Its exponents less the transformer's are {', '.join(parts)}"
    )


def find(records: Records) -> Finding:
    found = [compared(pair, records) for pair in PAIRS]
    return Finding(
        rows=[row for rows, *_ in found for row in rows],
        numbers={key: value for _, numbers, *_ in found for key, value in numbers.items()},
        says=". ".join(says for _, _, says, *_ in found),
        draw=lambda axes: plotted(axes, [(cells, theta) for *_, cells, theta in found]),
    )


def plotted(axes: Axes, found: list[tuple[Grid, Array]]) -> None:
    """Losses at the most tokens by size, both architectures of both pairs, with their laws."""
    for number, (pair, (cells, theta)) in enumerate(zip(PAIRS, found, strict=True)):
        for side, (kind, marker) in enumerate((("transformer", "o"), (pair.kind, "s"))):
            colour = f"C{2 * number + side}"
            axes.loglog(
                cells.params[side],
                cells.loss[side, :, :, -1].mean(axis=1),
                marker,
                color=colour,
                label=f"{pair.transformer}, {kind}",
            )
            axes.loglog(cells.params[side], model(theta, cells.params, cells.tokens)[side, :, -1], color=colour)
    axes.set(xlabel="parameters without embedding and head", ylabel="loss, nats a token")


STUDY = Study(
    title="Another architecture on the same data",
    records=tuple(name for pair in PAIRS for name in pair[:2]),
    paper="Not tested: left open is whether the exponent would be the same and the law offset. Kaplan et al. 2020 (figure 7): LSTMs fall behind",
    find=find,
)
