"""What a fit to an additive law rests on: which runs move its optimum, what pinned asymptotes answer, which runs would
help.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from trainer.estimation.envelope import isoflop_parabolas, vertex_bias
from trainer.estimation.fit import NO_PRIOR, Fit, Rows, fit, refit
from trainer.estimation.forms.power import Additive, PowerGrowth, surface
from trainer.estimation.objective import Array, robust_sigma
from trainer.estimation.problem import pinned
from trainer.laws.fitting import LEAST_ROWS
from trainer.laws.names import named
from trainer.laws.refusal import Unfittable
from trainer.laws.trend import require_trend
from trainer.tables.runs import Runs

SHARES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)
"""Asymptotes of the dial, as parts of the lowest loss."""
RATIOS, BUDGETS = (2.0, 7.0, 20.0, 60.0, 200.0), (0.1, 0.3, 1.0, 3.0)
"""Candidates: tokens a parameter, and budgets over the largest run's."""
LEAST_SIGMA = 0.003
STEP = 1e-5
RIDGE = 1e-6
"""Precision of a vague prior on E, ln A, ln B, alpha, beta: what the runs do not determine at all stays finite."""


FEWEST_BUDGETS = 3
"""Vertices of parabolas that a power law is laid through."""
MOST_ROWS = 1000
"""Beyond so many rows no one of them is looked at."""
FAR = 5.0
AHEAD = 10.0
"""How far beyond the largest run notes look."""
MOVES, AS_GOOD, APART = 0.2, 1.1, 1.5
"""What is told: a run that moves ln N_opt by so much, asymptotes that fit so nearly as well and put N_opt so far apart.
"""


class Turn(msgspec.Struct, frozen=True):
    """An irreducible loss pinned: the optimal size that follows, and the rms of log loss it leaves."""

    level: float
    params: float
    rms: float


class Approach2(msgspec.Struct, frozen=True):
    """N_opt at a budget by isoFLOP parabolas, its exponent of compute, and from where to where their vertices err on
    the fitted surface, in ln N.
    """

    budgets: int
    params: float
    exponent: float
    bias: tuple[float, float]


class Suggestion(msgspec.Struct, frozen=True):
    """A further run, its price in FLOP, and what it and those before it make of the standard deviation of ln N_opt."""

    params: float
    tokens: float
    compute: float
    deviation: float


def additive(runs: Runs) -> Fit:
    """The additive law of the runs.

    Raises:
        Unfittable: too few, without params and tokens, or of a loss that does not fall.
    """
    if len(runs) < LEAST_ROWS or not runs.has("params", "tokens"):
        raise Unfittable(f"expected at least {LEAST_ROWS} runs with params and tokens, got {len(runs)}")
    form = Additive()
    fitted = fit(form, Rows({name: runs.columns[name] for name in form.inputs}, runs.columns["loss"]))
    require_trend(runs, fitted)
    return fitted


def optimal_params(coefficients: Array, compute: float) -> Array:
    """N_opt of (..., 5) coefficients at C = 6ND; inf or 0 where a term has all but vanished."""
    with np.errstate(all="ignore"):
        return np.asarray(surface(coefficients).params_at(compute))


def by_parabolas(runs: Runs, fitted: Fit, compute: float) -> Approach2 | None:
    """What the runs say of N_opt(compute) without a surface (Hoffmann et al. 2022, approach 2); None without budgets
    shared by several sizes.
    """
    params, loss = runs.columns["params"], runs.columns["loss"]
    spent = 6 * params * runs.columns["tokens"]
    parabolas = [parabola for parabola in isoflop_parabolas(params, spent, loss, np.ones_like(loss)) if parabola.inside]
    if len(parabolas) < FEWEST_BUDGETS:
        return None
    growth = fit(
        PowerGrowth(),
        Rows({"compute": np.array([p.compute for p in parabolas])}, np.array([p.params for p in parabolas])),
    )
    reached = float(growth.form.value(growth.coefficients, {"compute": np.array([compute])})[0])
    bias = vertex_bias(fitted.form, fitted.coefficients, params, spent)
    return Approach2(len(parabolas), reached, float(growth.coefficients[1]), (float(bias.min()), float(bias.max())))


def influence(fitted: Fit, compute: float) -> Array:
    """ln N_opt with each run left out, less ln N_opt with all, (n,)."""
    without = 1.0 - np.eye(len(fitted.residuals))
    moved = fitted.problem.coefficients(refit(fitted, without, NO_PRIOR))
    return np.asarray(np.log(optimal_params(moved, compute)) - np.log(optimal_params(fitted.coefficients, compute)))


def dial(runs: Runs, compute: float, shares: Sequence[float] = SHARES) -> list[Turn]:
    """N_opt and misfit by pinned irreducible loss: what an asymptote that the runs do not fix would change."""
    lowest = float(runs.columns["loss"].min())
    rows = Rows({name: runs.columns[name] for name in Additive().inputs}, runs.columns["loss"])
    levels = [share * lowest for share in shares]
    fits = [(level, fit(Additive(), rows, asymptote=pinned(level))) for level in levels]
    return [Turn(level, float(optimal_params(f.coefficients, compute)), _rms(f.residuals)) for level, f in fits]


def rests_on(runs: Runs, fitted: Fit) -> list[str]:
    """A sentence where an irreducible loss that the runs do not fix moves the optimum a decade beyond them."""
    if not isinstance(fitted.form, Additive) or len(runs) > MOST_ROWS:
        return []
    compute = AHEAD * float(runs.columns["compute"].max())
    as_good = [turn for turn in dial(runs, compute) if turn.rms <= AS_GOOD * _rms(fitted.residuals)]
    sizes = [turn.params for turn in as_good]
    if not sizes or max(sizes) <= APART * min(sizes):
        return []
    sentence = (
        f"irreducible losses pinned from {as_good[0].level:.3g} to {as_good[-1].level:.3g} fit within a tenth as well, "
        f"and put the optimal size at {compute:.2g} FLOP anywhere from {min(sizes):.2g} to {max(sizes):.2g}"
    )
    return [sentence]


def moved_most(runs: Runs, fitted: Fit) -> list[str]:
    """A sentence where one run alone moves the optimum a decade beyond the runs."""
    if not isinstance(fitted.form, Additive) or len(runs) > MOST_ROWS:
        return []
    compute = AHEAD * float(runs.columns["compute"].max())
    moves = influence(fitted, compute)
    most = int(np.argmax(np.abs(moves)))
    if not np.abs(moves[most]) > MOVES:
        return []
    return [
        f"{named(runs, most)} alone moves the optimal size at {compute:.2g} FLOP: without it, by {np.expm1(moves[most]):+.0%}"
    ]


def _rms(residuals: Array) -> float:
    """The root mean square of residuals that count at most as FAR robust sigmas: one diverged run says nothing of a law."""
    limit = FAR * robust_sigma(residuals)
    return float(np.sqrt(np.mean(np.clip(residuals, -limit, limit) ** 2)))


def suggest(runs: Runs, compute: float, count: int = 3) -> list[Suggestion]:
    """The runs, one after another, that lower the variance of ln N_opt(compute) most for each FLOP (D-optimal in one
    direction).
    """
    fitted = additive(runs)
    natural = np.array([fitted.coefficients[0], *np.log(fitted.coefficients[1:3]), *fitted.coefficients[3:]])
    sigma = max(LEAST_SIGMA, robust_sigma(fitted.residuals))
    slopes = _slopes(natural, runs.columns["params"], runs.columns["tokens"]) / sigma
    target = np.array(
        [
            float(
                np.log(
                    optimal_params(_paper(natural + step), compute) / optimal_params(_paper(natural - step), compute)
                )
            )
            for step in STEP * np.eye(5)
        ]
    )
    target /= 2 * STEP
    information = slopes.T @ slopes + RIDGE * np.eye(5)
    budget, ratio = (part.ravel() for part in np.meshgrid(np.array(BUDGETS) * runs.columns["compute"].max(), RATIOS))
    params = np.sqrt(budget / 6 / ratio)
    further = _slopes(natural, params, params * ratio) / sigma
    out = []
    for _ in range(count):
        covariance = np.linalg.inv(information)
        along = covariance @ target
        gains = (further @ along) ** 2 / (1 + np.einsum("np,pq,nq->n", further, covariance, further))
        best = int(np.argmax(gains / budget))
        information += np.outer(further[best], further[best])
        deviation = float(np.sqrt(target @ np.linalg.solve(information, target)))
        further[best] = 0.0  # a run is suggested once
        out.append(Suggestion(float(params[best]), float(params[best] * ratio[best]), float(budget[best]), deviation))
    return out


def _paper(natural: Array) -> Array:
    return np.array([natural[0], *np.exp(natural[1:3]), *natural[3:]])


def _slopes(natural: Array, params: Array, tokens: Array) -> Array:
    """Derivatives of ln L by E, ln A, ln B, alpha, beta, (n, 5)."""
    first, second = (np.exp(natural[i] - natural[i + 2] * np.log(x)) for i, x in ((1, params), (2, tokens)))
    parts = np.column_stack([np.ones_like(first), first, second, -first * np.log(params), -second * np.log(tokens)])
    return np.asarray(parts / (natural[0] + first + second)[:, None])
