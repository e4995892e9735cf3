"""Residuals with structure: a run, a size or a budget off the trend of the others, and errors that neighbours share."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.display import number_of
from trainer.estimation.fit import NO_PRIOR, Fit, refit
from trainer.estimation.objective import Array, robust_sigma
from trainer.tables.runs import Runs

from .names import named

FAR = 6.0
"""Robust deviations from which on a single run is pointed at."""
GROUP_FAR, GROUP_ROWS, GROUPS = 5.0, 3, 5
"""Deviations of a group's mean, fewest rows of one, and fewest groups that tell how far means scatter."""
LEAST = 0.002
"""Residuals of .2 % are nothing to look into."""
MOST_TOLD = 3
ALIKE, ALIKE_ROWS = 0.5, 20
"""Correlation of neighbours' residuals, and fewest rows that show one."""
REASONS = {
    "params": "a wrong count of this size, or a setting of its own",
    "tokens": "another schedule, or tokens counted otherwise",
}
"""What puts all runs of one value off the trend."""
TOGETHER = 0.15
"""Spread of ln D about a line in ln N, or of ln N about one in ln D, that is too little to tell their exponents apart.
"""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Sentences on a fit: `notes` concern every answer of its law, `remarks` single rows of its table; `far` are the
    numbers of rows far from the law, the farthest first.
    """

    notes: list[str]
    remarks: list[str]
    far: list[int]


def residual_diagnostics(runs: Runs, fitted: Fit) -> Noticed:
    """What the residuals of a fit to losses show beside noise."""
    off = fitted.residuals - np.median(fitted.residuals)
    sigma = max(robust_sigma(off), LEAST)
    names = [name for name in fitted.form.inputs if np.ptp(runs.columns[name]) > 0]
    notes: list[str] = []
    known = np.zeros(len(off), bool)
    for name, what in REASONS.items():
        if name in names:
            for group in _groups(runs.columns[name], off, sigma):
                side, count = "above" if group.median > 0 else "below", int(group.rows.sum())
                notes.append(
                    f"{number_of(count, 'run')} at {group.value:.3g} {name} {'lies' if count == 1 else 'lie'} "
                    f"{percent(np.expm1(group.median))} {side} the trend of the others: {what}?"
                )
                known |= group.rows
    single = np.where(known, 0.0, off)
    worst = [i for i in np.argsort(-np.abs(single), kind="stable").tolist() if abs(single[i]) > FAR * sigma]
    remarks = list(_single(runs, _off_the_others(fitted, worst), sigma, worst))
    return Noticed([*notes, *_shared(runs, names, off, sigma)], remarks, worst)


def percent(part: float) -> str:
    """The size of a part as per cent: 3.1 %, 177.7 %."""
    return f"{abs(100 * part):.1f} %" if abs(part) >= 1 else f"{abs(100 * part):.2g} %"


def grown_together(runs: Runs) -> list[str]:
    """A sentence where data grow with size along one line, so that no fit tells what each is worth."""
    if not runs.has("params", "tokens") or len(runs) < 2:
        return []
    x, y = (np.log(runs.columns[name]) - np.log(runs.columns[name]).mean() for name in ("params", "tokens"))
    if not (np.ptp(x) and np.ptp(y)):
        same = "tokens" if np.ptp(x) else "params"
        return [f"every run has the same {same}: what more of them would bring is not seen, and rests on priors"]
    share = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    left = float(np.sqrt((1 - min(share**2, 1)) * max(x.var(), y.var())))
    if left > TOGETHER:
        return []
    return [
        "size and data grow together along one line: the runs do not tell what each is worth, and answers away from that line rest on priors"
    ]


def _off_the_others(fitted: Fit, far: list[int]) -> Array:
    """Residuals (n,) by the law of the rows that are not far: those that are have moved the law towards themselves."""
    weights = fitted.weights.copy()
    weights[far] = 0.0
    if not far or (weights > 0).sum() <= len(fitted.form.coefficients):
        return fitted.residuals
    return np.asarray(fitted.problem.residuals(refit(fitted, weights[None, :], NO_PRIOR))[0])


def _single(runs: Runs, off: Array, sigma: float, worst: list[int]) -> Iterator[str]:
    for i in worst[:MOST_TOLD]:
        side, why = (
            ("above", "a bad learning rate, or a run that is not finished")
            if off[i] > 0
            else ("below", "a wrong count, or another data set")
        )
        yield (
            f"{named(runs, i)} lies {percent(np.expm1(off[i]))} {side} the law, {abs(off[i]) / sigma:.0f} times the scatter: {why}?"
        )
    if len(worst) > MOST_TOLD:
        yield f"{len(worst) - MOST_TOLD} further rows lie more than {FAR:.0f} times the scatter from the law"


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one size or number of tokens, and the median of their residuals less the other groups'."""

    value: float
    rows: NDArray[np.bool_]
    median: float


def _groups(column: Array, off: Array, sigma: float) -> list[Group]:
    """Groups whose median leaves the others' by more than these scatter."""
    _, group, rows = np.unique(np.round(np.log(column), 2), return_inverse=True, return_counts=True)
    enough = np.flatnonzero(rows >= GROUP_ROWS)
    if len(enough) < GROUPS:
        return []
    medians = np.array([np.median(off[group == i]) for i in enough])
    medians -= np.median(medians)
    limits = GROUP_FAR * np.maximum(robust_sigma(medians), np.maximum(sigma / np.sqrt(rows[enough]), LEAST / 2))
    far = [k for k in np.argsort(-np.abs(medians), kind="stable").tolist() if abs(medians[k]) > limits[k]]
    return [
        Group(float(np.median(column[group == enough[k]])), group == enough[k], float(medians[k]))
        for k in far[:MOST_TOLD]
    ]


def _shared(runs: Runs, names: list[str], off: Array, sigma: float) -> Iterator[str]:
    """Errors that nearest neighbours share: the form's, not noise."""
    if len(off) < ALIKE_ROWS or robust_sigma(off) < LEAST:
        return
    logs = np.column_stack([np.log(runs.columns[name]) for name in names])
    apart = ((logs[:, None] - logs) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    cut = np.clip(off, -3 * sigma, 3 * sigma)
    alike = float((cut * cut[apart.argmin(axis=1)]).mean() / (cut**2).mean())
    if alike > ALIKE:
        shared = percent(np.expm1(sigma))
        yield f"neighbouring runs err alike (correlation {alike:.1f}) by about {shared}: the form's error, which more such runs do not lower"
