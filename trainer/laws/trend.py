"""Whether there is a law at all: loss that falls with what was varied, and stays above the limit that the law gives it."""

import numpy as np

from trainer.estimation.fit import Fit
from trainer.estimation.objective import MAD_TO_SIGMA, Array, robust_sigma
from trainer.tables.runs import Runs

from .names import named
from .refusal import Unfittable

CHANCE = (6.6, 9.2, 11.3, 13.3, 15.1, 16.8, 18.5)
"""What 1, 2, ... useless coefficients gain in 99 of 100 tables without a trend: quantiles of chi squared."""
EXACT = 1e-9
"""Losses that differ by less than this part of them are one number."""
SURE = 4.0
"""Standard errors from which on a slope is one."""
TOGETHER = 1e6
"""Condition from which on inputs vary as one."""
UNDER, SHARE = 3.0, 0.1
"""Robust sigmas under the limit, and the part of the runs that may lie there: one or two are outliers."""
MOST_NAMED = 3


def require_trend(runs: Runs, fitted: Fit) -> None:
    """That the fit is a law of losses which fall.

    Raises:
        Unfittable: a constant fits as well, the loss rises with an input, or runs lie under the irreducible loss.
    """
    varied = [name for name in fitted.form.inputs if np.ptp(runs.columns[name]) > 0]
    log_loss = np.log(runs.columns["loss"])
    if _gain(fitted, log_loss) <= CHANCE[min(len(fitted.form.coefficients) - 2, len(CHANCE) - 1)]:
        rising = [name for name in varied if _slope(runs, varied, name, log_loss) > 0]
        raise Unfittable(_flat(varied, rising, runs.columns["loss"]))
    for name in varied:
        risen = _slope(runs, varied, name, fitted.residuals)
        if risen > 0 and risen > -_expected(fitted, runs, name):
            raise Unfittable(
                f"the loss rises with {name}, by {np.expm1(risen):.1%} from {_ends(runs.columns[name])}: "
                f"no law that falls is in these runs; are loss and {name} what their columns say?"
            )
    _require_fall(runs, fitted, varied)
    _require_limit_below(runs, fitted)


def without_effect(runs: Runs, fitted: Fit) -> list[str]:
    """A sentence for each varied input of several that the fitted loss hardly depends on: less than twice its noise."""
    varied = [name for name in fitted.form.inputs if np.ptp(runs.columns[name]) > 0]
    sigma = robust_sigma(fitted.residuals)
    return [
        f"the loss does not depend on {name} in these runs ({_ends(runs.columns[name])}): what it is worth, and an optimum, cannot be told"
        for name in varied
        if len(varied) > 1 and -_expected(fitted, runs, name) < 2 * sigma + EXACT
    ]


def _require_fall(runs: Runs, fitted: Fit, varied: list[str]) -> None:
    """Of a form that may bend upwards: its lowest loss is at its end."""
    if len(fitted.form.inputs) > 1:
        return
    name = varied[0]
    along = np.geomspace(runs.columns[name].min(), runs.columns[name].max(), 200)
    law = np.log(fitted.form.value(fitted.coefficients, {name: along}))
    if law[-1] - law.min() > robust_sigma(fitted.residuals) + EXACT:
        raise Unfittable(
            f"the loss rises with {name} from {along[int(np.argmin(law))]:.3g} on, by {np.expm1(law[-1] - law.min()):.1%}: "
            f"no law that falls is in these runs; are the last ones diverged, or overfitted?"
        )


def _flat(varied: list[str], rising: list[str], loss: Array) -> str:
    if rising:
        return f"the loss rises with {' and '.join(rising)}: no law that falls is in these runs; is it a loss, lower being better?"
    what = {"params": "size", "tokens": "data", "unique_tokens": "data"}
    on = " or ".join(dict.fromkeys(what.get(name, name) for name in varied))
    return (
        f"the loss does not depend on {on}: a constant of {np.median(loss):.4g} fits these {len(loss)} runs as well, "
        "so there is no law to fit, and no optimum"
    )


def _ends(column: Array) -> str:
    return f"{column.min():.3g} to {column.max():.3g}"


def _gain(fitted: Fit, log_loss: Array) -> float:
    """Twice the fall of the sum below the best constant's, over the noise: about chi squared where nothing depends."""
    if np.ptp(log_loss) <= EXACT:
        return 0.0
    objective, weights = fitted.objective, fitted.weights
    level = float(np.median(log_loss))
    for _ in range(50):
        level = float(np.average(log_loss, weights=weights * objective.majorizer(log_loss - level) + 1e-300))
    free = max(len(log_loss) - len(fitted.form.coefficients), 1) / len(log_loss)
    noise = objective.noise_scale(fitted.residuals, weights) / free
    return 2 * (objective.total(log_loss - level, weights) - fitted.value) / max(noise, EXACT**2)


def _slope(runs: Runs, varied: list[str], name: str, values: Array) -> float:
    """What `values` (n,) rise by over the range of ln `name`, all else held, cut at outliers; 0 where not sure."""
    logs = {other: np.log(runs.columns[other]) for other in varied}
    design = np.column_stack([np.ones_like(values), *(log - log.mean() for log in logs.values())])
    if len(values) <= design.shape[1] or np.linalg.cond(design) > TOGETHER:
        design, logs = np.column_stack([np.ones_like(values), logs[name] - logs[name].mean()]), {name: logs[name]}
    if len(values) <= design.shape[1]:
        return 0.0
    middle, sigma = float(np.median(values)), max(robust_sigma(values), 1e-12)
    cut = np.clip(values, middle - 3 * sigma * MAD_TO_SIGMA, middle + 3 * sigma * MAD_TO_SIGMA)
    solution, *_ = np.linalg.lstsq(design, cut)
    left = cut - design @ solution
    variance = float(left @ left) / (len(values) - design.shape[1]) * np.linalg.inv(design.T @ design)
    at = 1 + list(logs).index(name)
    slope, error = float(solution[at]), float(np.sqrt(variance[at, at]))
    return slope * float(np.ptp(logs[name])) if abs(slope) > SURE * error else 0.0


def _expected(fitted: Fit, runs: Runs, name: str) -> float:
    """ln of the fitted loss at the largest `name` over that at the smallest, all else at its median."""
    ends = runs.columns[name].min(), runs.columns[name].max()
    at = {other: np.full(2, np.median(runs.columns[other])) for other in fitted.form.inputs}
    low, high = np.log(fitted.form.value(fitted.coefficients, {**at, name: np.array(ends)}))
    return float(high - low)


def _require_limit_below(runs: Runs, fitted: Fit) -> None:
    index = fitted.problem.asymptote_index
    if index < 0:
        return
    limit = float(fitted.basins[0].theta[index] * np.exp(fitted.problem.log_unit))
    loss = runs.columns["loss"]
    under = np.flatnonzero(np.log(loss / max(limit, 1e-300)) < -UNDER * robust_sigma(fitted.residuals) - EXACT)
    if len(under) < max(2, SHARE * len(loss)) or limit <= 0:
        return
    named_runs = ", ".join(named(runs, int(row)) for row in under[np.argsort(loss[under], kind="stable")][:MOST_NAMED])
    raise Unfittable(
        f"{len(under)} of {len(loss)} runs lie under the irreducible loss of {limit:.4g} that the law would have "
        f"({named_runs}{', …' if len(under) > MOST_NAMED else ''}): they fall another way than the others, or are on another scale"
    )
