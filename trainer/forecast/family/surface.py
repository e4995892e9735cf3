"""Forecasts from runs of varied size and data: the family of laws fitted to them, its disagreement and its errors'
parts.
"""

from itertools import product

import msgspec
import numpy as np

from trainer.estimation.objective import Array, robust_sigma
from trainer.tables.runs import Runs

from .equation import PlacedRuns, predict
from .posterior import SurfacePosterior
from .priors import CENTRE, HIGH, LAWS, LOW, precisions
from .scales import SURFACE, spread_of
from .solver import MapFits, Task, solve

WEIGHT = 0.5
"""Rows count as (C/Cmax)^(WEIGHT * likeness): the largest runs say most of what comes after, as far as the form errs.
"""
LEAST_SIGMA = 0.003
"""A fit is not believed to .3 %: smaller noise would let the priors go unheard."""
LIKENESS, LIKENESS_ROWS = 0.5, 10.0
"""Prior of how alike neighbours' residuals are, and how many rows it counts for."""
LARGEST = 0.75
"""Runs above this quantile of compute say what larger ones spend over 6ND."""
ROUNDS = 3
FIRST_SIGMA = 0.02
OUTLIER = 3.0
STEEPEST, FADE_ROWS = 0.25, 20.0
"""Noise falls with compute at most as C^-.25, and not at all until more rows than these say so."""
STARTS = tuple(product((-1.0, 1.5), (0.2, 0.5)))
"""Logits of E's share and exponents that searches start from."""


def table(runs: Runs) -> PlacedRuns:
    """The runs' logarithms; params, tokens and compute are in every row."""
    columns = runs.columns
    unique, epochs = (
        (columns.get("unique_tokens", columns["tokens"]), columns["epochs"])
        if "epochs" in columns
        else (columns["tokens"], np.ones(len(runs)))
    )
    excess = np.log(columns["compute"] / (6 * columns["params"] * columns["tokens"]))
    return PlacedRuns(np.log(columns["params"]), np.log(unique), epochs - 1, np.log(columns["compute"]), excess)


def fit_surface(runs: PlacedRuns, log_loss: Array, part: float = 1.0) -> tuple[SurfacePosterior, Array]:
    """Every law of the family at its posterior's mode, and the widest law's residuals, (n,).

    `part` is how large what the largest runs have above E is, over what is usual: errors of form are relative to that.

    Noise, how it falls with compute, and how alike neighbouring rows err follow from the residuals of the round before.
    """
    means = {name: float(getattr(runs, name).mean()) for name in ("params", "tokens", "excess")}
    memory = float(runs.memory().max())
    place, typical = runs.at(**means, memory=memory), float(np.median(log_loss))
    lowest = float(np.exp(log_loss.min() - typical))
    laws = list(LAWS)  # from the additive law to the widest
    precision = np.array([precisions(law, place) for law in laws])
    starts = np.tile(_starts(), (len(laws), 1))
    sigma, likeness = np.full((len(starts), 1), part * FIRST_SIGMA), LIKENESS
    each, relative = np.repeat(precision, len(STARTS), axis=0), np.ones(len(log_loss))
    # each law is searched from all starts at first, then goes on from the best of its own
    for turn in range(ROUNDS):
        weights = np.broadcast_to(row_weights(runs, likeness), (len(starts), len(log_loss)))
        task = Task(
            model=lambda theta: predict(theta, place, lowest),
            target=log_loss - typical,
            weights=weights,
            sigma=sigma * relative,
            centre=CENTRE,
            precision=each,
            low=LOW,
            high=HIGH,
        )
        fits = solve(task, starts)
        starts = fits.theta
        if turn == 0:
            best = fits.cost.reshape(len(laws), -1).argmin(axis=1) + len(STARTS) * np.arange(len(laws))
            starts, each = fits.theta[best], precision
        residuals = log_loss - typical - predict(starts, place, lowest)[0]
        likeness = neighbours_alike(runs, residuals[0])
        relative = relative_noise(runs, residuals[-1])
        sigma = np.full((len(laws), 1), max(part * LEAST_SIGMA, robust_sigma(residuals[-1] / relative)))
    slopes = predict(starts, place, lowest)[1][-1] / relative[:, None]
    # the effective number of coefficients: trace of (posterior covariance x information of the rows)
    used = np.einsum("np,pq,nq,n->", slopes, fits.covariance[-1], slopes, weights[-1]) / sigma[-1, 0] ** 2
    noise = spread_of(residuals[-1] / relative, float(used))
    fitted = SurfacePosterior(
        scales=msgspec.structs.replace(SURFACE, least=part * SURFACE.least, per_decade=part * SURFACE.per_decade),
        theta=starts,
        covariance=fits.covariance,
        belief=believed(fits, precision),
        params=means["params"],
        tokens=means["tokens"],
        excess=means["excess"],
        memory=memory,
        compute=float(runs.compute.max()),
        excess_ahead=float(np.median(runs.excess[runs.compute >= np.quantile(runs.compute, LARGEST)])),
        typical=typical,
        lowest=lowest,
        noise=noise,
    )
    return fitted, residuals[-1]


def believed(fits: MapFits, precision: Array) -> Array:
    """Posterior probability of each law (r,): Laplace's approximation, so that a freedom that the runs do not ask for
    costs.
    """
    evidence = -fits.cost + 0.5 * np.linalg.slogdet(fits.covariance)[1] + 0.5 * np.log(precision).sum(axis=1)
    odds = np.exp(evidence - evidence.max())
    return np.asarray(odds / odds.sum())


def _starts() -> Array:
    starts = np.tile(CENTRE, (len(STARTS), 1))
    for line, (share, exponent) in zip(starts, STARTS, strict=True):
        line[0], line[3:5] = share, np.log(exponent)
    return starts


def row_weights(runs: PlacedRuns, likeness: float) -> Array:
    """Rows of one size count as 1 + likeness (m - 1) of m, and larger runs for more; the sum is the effective number."""
    _, group, sizes = np.unique(np.round(runs.params, 2), return_inverse=True, return_counts=True)
    together = 1 / (1 + likeness * (sizes[group] - 1))
    weights = together * np.exp(WEIGHT * likeness * (runs.compute - runs.compute.max()))
    return np.asarray(weights * (together.sum() / weights.sum()))


def relative_noise(runs: PlacedRuns, residuals: Array) -> Array:
    """Noise of each row over the largest run's, (n,): C^-fade, with fade from a line through ln |residual|."""
    size = np.log(np.abs(residuals - np.median(residuals)) + 0.1 * robust_sigma(residuals) + 1e-6)
    off = runs.compute - runs.compute.mean()
    square = float((off**2).sum())
    fade = -float((off * size).sum()) / max(square, 1e-12) * len(off) / (len(off) + FADE_ROWS)
    return np.asarray(np.exp(-np.clip(fade, 0, STEEPEST) * (runs.compute - runs.compute.max())))


def neighbours_alike(runs: PlacedRuns, residuals: Array) -> float:
    """Correlation of each residual with its nearest neighbour's, 0 where the form is exact; shrunk where rows are few."""
    apart = (runs.params[:, None] - runs.params) ** 2 + (runs.tokens[:, None] - runs.tokens) ** 2
    np.fill_diagonal(apart, np.inf)
    off = residuals - np.median(residuals)
    limit = OUTLIER * max(robust_sigma(off), 1e-12)
    off = np.clip(off, -limit, limit)
    raw = float((off * off[apart.argmin(axis=1)]).mean() / max(float((off**2).mean()), 1e-24))
    return float(np.clip((len(off) * raw + LIKENESS_ROWS * LIKENESS) / (len(off) + LIKENESS_ROWS), 0, 1))
