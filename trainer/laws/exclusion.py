"""Runs proposed for exclusion: those far from the law, by name, and what the law would be without them."""

import shlex

import numpy as np

from trainer.estimation.fit import Fit, fit
from trainer.estimation.forms.power import Additive, surface
from trainer.estimation.objective import Array
from trainer.tables.runs import Runs

from .cells import best_of, swept
from .fitting import LEAST_ROWS, FitOptions, rows_of
from .names import handle, run_of

MOST = 12
"""More runs than that are another setting, not runs that went wrong."""
AHEAD = 10.0
"""An exclusion is judged by what it changes at so many times the largest run."""


def proposed(runs: Runs, fitted: Fit, far: list[int], chosen: FitOptions) -> list[str]:
    """A sentence with the option that leaves out the runs whose rows (by number) are far from the law, most of each."""
    rows = np.zeros(len(runs), bool)
    rows[far] = True
    handles = list(dict.fromkeys(handle(runs, row) for row in far if _mostly(runs, rows, row)))
    others = runs.where(np.array([handle(runs, row) not in handles for row in range(len(runs))]))
    if not handles or len(handles) > MOST or len(others) < len(fitted.form.coefficients):
        return []
    what = "it" if len(handles) == 1 else f"these {len(handles)} runs"
    option = f"--without {shlex.quote(','.join(handles))}"
    return [f"proposed: leave {what} out ({option}); {_would_be(runs, others, fitted, chosen)}"]


def untuned(runs: Runs, fitted: Fit, chosen: FitOptions) -> list[str]:
    """A sentence where settings were swept and all values are fitted, with the law of the best."""
    settings = swept(runs)
    if not settings:
        return []
    best = best_of(runs, settings)
    if len(best) < max(LEAST_ROWS, len(fitted.form.coefficients)):
        return []
    names = ",".join(settings)
    sentence = (
        f"runs of one size and data differ in {' and '.join(settings)}, and all are fitted, also those not tuned: "
        f"--best-of {names} takes the best {len(best)} of {len(runs)}; {_would_be(runs, best, fitted, chosen)}"
    )
    return [sentence]


def _would_be(runs: Runs, others: Runs, fitted: Fit, chosen: FitOptions) -> str:
    """The law of `others`, and what that changes."""
    law = fit(fitted.form, rows_of(others, fitted.form), chosen.objective, chosen.asymptote).coefficients
    shown = ", ".join(f"{name} {value:.4g}" for name, value in zip(fitted.form.coefficients, law, strict=True))
    return f"the law would be {shown}, and {_change(runs, fitted, law)}"


def _mostly(runs: Runs, far: Array, row: int) -> bool:
    """Whether at least half of the rows of this row's run are far: a spike within a run is no reason to lose the run."""
    run = run_of(runs, row)
    own = np.array([label == run for label in runs.labels["run"]]) if run else np.array([row])
    return bool(far[own].mean() >= 0.5)


def _change(runs: Runs, fitted: Fit, law: Array) -> str:
    """What an exclusion changes, by the law without and with: the optimal size of a surface, else the loss."""
    laws = (law, fitted.coefficients)
    if isinstance(fitted.form, Additive):
        compute = AHEAD * float(runs.columns["compute"].max())
        what = f"the optimal size at {compute:.2g} FLOP"
        then, now = (float(surface(each).params_at(compute)) for each in laws)
    else:
        at = {name: AHEAD * runs.columns[name].max(keepdims=True) for name in fitted.form.inputs}
        what = f"the loss at ten times the largest {' and '.join(at)}"
        then, now = (float(fitted.form.value(each, at)[0]) for each in laws)
    return f"{what} {then:.4g} instead of {now:.4g}"
