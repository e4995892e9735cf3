"""From a table of runs to a fit: which form, which rows go together, what to warn of. The solver is in `fit`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.problems import Unanswerable
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

LEAST_ROWS = 5
VARIABLES = ("params", "tokens", "compute")
UNVARIED = "nothing varies: every run has the same params, tokens and compute"


class Unfittable(Unanswerable):
    """These runs determine no law of this form; the message says what would."""


class FitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a user wants the fit: the form's name, the objective, the asymptote, how many resamples."""

    form: str = "auto"
    objective: Objective | None = None
    asymptote: Asymptote = FREE
    resamples: int = 4000
    seed: int = 0
    by: str = "auto"


class DrawnFit(msgspec.Struct, frozen=True, kw_only=True):
    """A fit with its draws, (resamples, coefficients), and what a reader should know."""

    fit: Fit
    draws: Array
    notes: list[str]


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
        Unfittable: under five rows, columns missing, or nothing that varies.
    """
    if len(runs) < LEAST_ROWS:
        raise Unfittable(f"expected at least {LEAST_ROWS} usable rows, got {len(runs)} ({len(runs.excluded)} left out)")
    form = form_for(runs, chosen.form)
    rows = Rows(
        {name: runs.columns[name] for name in form.inputs},
        runs.columns["loss"],
        runs.columns.get("weight", np.zeros(0)),
    )
    fitted = fit(form, rows, chosen.objective, chosen.asymptote)
    clusters, together = clusters_of(runs, chosen.by)
    drawn = (
        draws(fitted, clusters, chosen.resamples, chosen.seed)
        if chosen.resamples
        else np.empty((0, len(form.coefficients)))
    )
    return DrawnFit(fit=fitted, draws=drawn, notes=[*together, *identifiability(runs, form, fitted), *runs.remarks])


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
        return numbers, [f"rows of one run are resampled together: {int(numbers.max()) + 1} runs"]
    if by == "size":
        numbers = cluster_numbers(runs.columns["params"])
        return numbers, [f"rows of one size are resampled together: {int(numbers.max()) + 1} sizes"]
    return None, []


def identifiability(runs: Runs, form: Form, fitted: Fit) -> list[str]:
    """Sentences on what these runs cannot tell."""
    notes = []
    for name in form.inputs:
        values = len(np.unique(runs.columns[name]))
        if values < 3 and name in VARIABLES:
            notes.append(
                f"{name} takes only {values} value{'s' if values > 1 else ''}: its exponent and the irreducible loss cannot be told apart"
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
