"""From a table of runs to a fit: which form, which rows go together, what to warn of. The solver is in `fit`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.display import number_of
from trainer.estimation.bootstrap import cluster_numbers
from trainer.estimation.fit import Fit, Rows, draws, fit
from trainer.estimation.forms import power
from trainer.estimation.forms.base import Form
from trainer.estimation.forms.curves import M4, Broken, LogInformation
from trainer.estimation.forms.surfaces import Kaplan, Repeated
from trainer.estimation.objective import Array, Objective
from trainer.estimation.problem import FREE, Asymptote
from trainer.forecast.rolling import best_curve
from trainer.tables.runs import Runs

from .names import named
from .refusal import Unfittable
from .trend import require_trend, without_effect

LEAST_ROWS = 5
VARIABLES = ("params", "tokens", "compute")
UNVARIED = "nothing varies: every run has the same params, tokens and compute"


class FitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a user wants the fit: the form's name, the objective, the asymptote, how many resamples."""

    form: str = "auto"
    objective: Objective | None = None
    asymptote: Asymptote = FREE
    resamples: int = 4000
    seed: int = 0
    by: str = "auto"


class DrawnFit(msgspec.Struct, frozen=True, kw_only=True):
    """A fit with its draws, (resamples, coefficients), and what a reader should know of the law; `remarks` are about
    single rows, and no concern of its answers.
    """

    fit: Fit
    draws: Array
    notes: list[str]
    remarks: list[str]


ONE_VARIABLE: dict[str, Callable[[str], Form]] = {
    "power": power.Power,
    "power-constant": power.PowerConstant,
    "m4": M4,
    "broken": Broken,
    "log-information": LogInformation,
}
SEVERAL: dict[str, Callable[[], Form]] = {
    "additive": power.Additive,
    "kaplan": Kaplan,
    "learning-curve": power.LearningCurve,
    "repeated": Repeated,
    "over-training": power.OverTraining,
}
FORM_NAMES = ("auto", *ONE_VARIABLE, *SEVERAL)


def fit_runs(runs: Runs, chosen: FitOptions) -> DrawnFit:
    """The law of these runs.

    Raises:
        Unfittable: under five rows, columns missing, nothing that varies, or a loss that does not fall.
    """
    require_rows(runs)
    _require_lower(runs, chosen.asymptote)
    form = form_for(runs, chosen.form)
    fitted = fit(form, rows_of(runs, form), chosen.objective, chosen.asymptote)
    if form.name != LogInformation.name:
        require_trend(runs, fitted)
    clusters, together = clusters_of(runs, chosen.by)
    drawn = (
        draws(fitted, clusters, chosen.resamples, chosen.seed)
        if chosen.resamples
        else np.empty((0, len(form.coefficients)))
    )
    notes = [*together, *identifiability(runs, form, fitted), *without_effect(runs, fitted)]
    return DrawnFit(fit=fitted, draws=drawn, notes=notes, remarks=runs.remarks)


def rows_of(runs: Runs, form: Form) -> Rows:
    """What a fit of this form reads of the runs."""
    inputs = {name: runs.columns[name] for name in form.inputs}
    return Rows(inputs, runs.columns["loss"], runs.columns.get("weight", np.zeros(0)))


def require_rows(runs: Runs) -> None:
    """That there are rows enough to fit.

    Raises:
        Unfittable: there are under five; the first that was left out says why.
    """
    if len(runs) < LEAST_ROWS:
        why = f", {runs.excluded[0].name} since {runs.excluded[0].reason}" if runs.excluded else ""
        raise Unfittable(
            f"expected at least {LEAST_ROWS} usable rows, got {len(runs)} ({len(runs.excluded)} left out{why})"
        )


def require_law(runs: Runs) -> None:
    """That the plain law of these runs, the surface or one of one variable, is one of losses that fall.

    Raises:
        Unfittable: as `fit_runs`.
    """
    require_rows(runs)
    varying = [name for name in VARIABLES if runs.has(name) and np.ptp(runs.columns[name]) > 0]
    if not varying:
        raise Unfittable(UNVARIED)
    form = power.Additive() if {"params", "tokens"} <= {*varying} else power.PowerConstant(varying[0])
    require_trend(runs, fit(form, rows_of(runs, form)))


def _require_lower(runs: Runs, asymptote: Asymptote) -> None:
    lowest = int(np.argmin(runs.columns["loss"]))
    loss = float(runs.columns["loss"][lowest])
    if asymptote.low >= loss:
        raise Unfittable(
            f"the irreducible loss is held at {asymptote.low:.4g}, and {named(runs, lowest)} reached {loss:.4g}: "
            f"expected a limit below every loss"
        )


def as_data_sets(runs: Runs) -> Runs:
    """The runs with unique tokens, where they are said, in place of tokens: Kaplan's D is the size of a data set, early
    stopped.
    """
    if not runs.has("unique_tokens"):
        return runs
    return msgspec.structs.replace(runs, columns={**runs.columns, "tokens": runs.columns["unique_tokens"]})


def form_for(runs: Runs, name: str) -> Form:
    """The form of that name on the columns there are; `auto` is the surface where size and data vary, else a law of one
    variable.

    Raises:
        Unfittable: the form needs a column that is missing, or nothing varies.
    """
    varying = [v for v in VARIABLES if runs.has(v) and np.ptp(runs.columns[v]) > 0]
    if name == "auto":
        return _automatic(runs, varying)
    if name in SEVERAL:
        form = SEVERAL[name]()
    else:
        if not varying:
            raise Unfittable(UNVARIED)
        form = ONE_VARIABLE[name]("params" if name == "log-information" else varying[0])
    missing = [column for column in form.inputs if not runs.has(column)]
    if missing:
        raise Unfittable(f"{name} needs {', '.join(form.inputs)} in every row; {', '.join(missing)} is missing")
    return form


def _automatic(runs: Runs, varying: list[str]) -> Form:
    """The surface; along one variable a power law plus constant, unless a law that bends forecast the larger runs
    clearly better.

    Raises:
        Unfittable: nothing varies.
    """
    if {"params", "tokens"} <= set(varying):
        repeated = runs.has("unique_tokens", "epochs") and (runs.columns["epochs"] > 1).sum() >= LEAST_ROWS
        return Repeated() if repeated else power.Additive()
    if not varying:
        raise Unfittable(UNVARIED)
    variable = varying[0]
    return best_curve(
        (power.PowerConstant(variable), M4(variable), Broken(variable)), runs.columns, runs.columns["loss"], variable
    )


def clusters_of(runs: Runs, by: str) -> tuple[NDArray[np.int64] | None, list[str]]:
    """Which rows are resampled together: those of one run, else, where runs are checkpoints, those of one size."""
    if by == "rows":
        return None, []
    if "run" in runs.labels and len(set(runs.labels["run"])) < len(runs):
        numbers = cluster_numbers(np.array(runs.labels["run"]))
        return numbers, [f"rows of one run are resampled together: {number_of(int(numbers.max()) + 1, 'run')}"]
    if by == "size":
        numbers = cluster_numbers(runs.columns["params"])
        return numbers, [f"rows of one size are resampled together: {number_of(int(numbers.max()) + 1, 'size')}"]
    return None, []


def identifiability(runs: Runs, form: Form, fitted: Fit) -> list[str]:
    """Sentences on what these runs cannot tell."""
    notes = []
    for name in form.inputs:
        values = len(np.unique(runs.columns[name]))
        if values < 3 and name in VARIABLES:
            notes.append(
                f"{name} takes only {number_of(values, 'value')}: its exponent and the irreducible loss cannot be told apart"
            )
    free = len(form.coefficients)
    if len(runs) < 2 * free:
        notes.append(f"{len(runs)} runs for {free} coefficients: the interval is as good as its few degrees of freedom")
    if fitted.bounded:
        notes.append("the optimum stands at a bound: the runs do not determine every coefficient")
    if len(fitted.basins) > 1:
        gap = fitted.basins[1].value / fitted.basins[0].value - 1
        notes.append(f"{len(fitted.basins)} separate optima were found; the second is {100 * gap:.2g} % higher")
    return notes
