"""A forecast as its law file keeps it: a set of laws, each possible, about a central one; every answer and every interval comes from it."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from fitted_laws.forms import FORMS, Form, Values
from fitted_laws.laws.draws import Draws, FrozenDraws

FREEDOM = 4.0
"""Degrees of freedom of one run's error (Student's t): heavier tails than normal."""
OUTDATED = (
    "the forecast in this law file is an earlier version's, which this one does not read: answers are those of its coefficients; "
    "fitted again, the runs give a set of laws, which also has intervals of new runs"
)
RUNS = 2
"""Runs that stand for those of one law, where one new run is asked about."""


class LawSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Laws of one form: `central`, whose answers are the headline, and members, each as likely, whose answers are the interval.

    `order`, `shape` and `data` are as in frozen draws; coefficients that all members share stand in `central` alone.
    `noise` is the scale, in ln loss, of what one run adds: Student's t.
    `tests` says how many back-tests inside its runs scaled the members' distances.
    """

    form: str
    central: dict[str, float]
    order: list[str]
    shape: tuple[int, int]
    data: str
    noise: float
    freedom: float = FREEDOM
    tests: int = 0
    warnings: list[str] = []

    @functools.cached_property
    def members(self) -> Draws:
        """Coefficients that differ, (members,) each."""
        return FrozenDraws(order=self.order, shape=self.shape, data=self.data).columns()

    def laws(self, count: int, *, of_one_run: bool = False) -> Form:
        """The form with the central law first and at most `count` members after it, (1 + members, 1).

        For one new run each member stands several times, each with its luck.
        """
        own = {name: values[:count] for name, values in self.members.items()}
        size = min(count, self.shape[0])
        if of_one_run and size:
            own = {name: np.tile(values, RUNS) for name, values in own.items()}
            own["scatter"] = lucks(size * RUNS, self.noise, self.freedom)
        rows: Mapping[str, Any] = {
            name: np.array([[value]]) for name, value in self.central.items() if name not in own
        } | {name: np.concatenate([[self.central.get(name, 0.0)], values])[:, None] for name, values in own.items()}
        return FORMS[self.form](**rows)


def lucks(count: int, noise: float, freedom: float = FREEDOM) -> Values:
    """ln of the factors by which so many runs are off, (count,): the quantiles of Student's t, those of the second half the first's negatives.

    Their order has nothing to do with the laws'.
    """
    half = count // 2
    student = importlib.import_module("scipy.special").stdtrit  # loaded here: it takes twice as long as numpy
    upper = noise * student(freedom, 0.5 + (np.arange(half) + 0.5) / count)
    random = np.random.Generator(np.random.PCG64(count))
    first = random.permutation(upper) * random.choice([-1.0, 1.0], half)
    return np.asarray(np.concatenate([first, -first]), np.float64)


def one_run(log_losses: Values, noise: float) -> Values:
    """ln of what runs of each law reach, (RUNS · members, n), from ln of the laws' losses, (members, n)."""
    return np.tile(log_losses, (RUNS, 1)) + lucks(RUNS * len(log_losses), noise)[:, None]
