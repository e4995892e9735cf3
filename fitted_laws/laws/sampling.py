"""Draws of a relation's coefficients, by what its paper or its fit says of their errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import FORMS, Form, Values
from fitted_laws.laws import draws as uncertainty
from fitted_laws.laws.draws import Constraint, Draws, FrozenDraws, Undrawable
from fitted_laws.laws.members import OUTDATED
from fitted_laws.laws.relation import ROLES, Relation


class Sample(msgspec.Struct, frozen=True):
    """Draws of a relation's coefficients, what they were made from, and why there are none."""

    source: str
    reason: str | None
    draws: Draws


def len_of(draws: Draws) -> int:
    return len(next(iter(draws.values()))) if draws else 0


def build(form: str, coefficients: Mapping[str, Any]) -> Form:
    return FORMS[form](**coefficients)


def sample_of(relation: Relation, count: int | None) -> Sample:
    """Draws of `relation`: frozen ones, else by a covariance, percentiles, or printed digits."""
    if not count or relation.no_interval:
        why = f"no interval for {ROLES[relation.role]}: {relation.no_interval}" if count else "draws are switched off"
        return Sample("none", None if count is None else why, {})
    if relation.draws is not None:
        return _frozen(relation, relation.draws, count)
    if relation.covariance is not None:
        return Sample("covariance", None, uncertainty.from_covariance(relation.covariance, count, relation.name))
    if relation.percentiles is not None:
        draws = uncertainty.from_percentiles(relation.percentiles, relation.coefficients, count, relation.name)
        return Sample("printed-percentiles", None, draws)
    try:
        return Sample("printed-digits", None, _reconstructed(relation, count))
    except Undrawable as reason:
        return Sample("none", f"no interval for {ROLES[relation.role]}: {reason}", {})


def _frozen(relation: Relation, draws: FrozenDraws, count: int) -> Sample:
    columns = {name: values[:count] for name, values in draws.columns().items()}
    if len_of(columns):
        return Sample("frozen-draws", OUTDATED if "forecast" in relation.fit else None, columns)
    why = "every resample gives the same" if draws.shape[0] else "it was fitted without resamples"
    return Sample("none", f"no interval for {ROLES[relation.role]}: {why}", {})


def _reconstructed(relation: Relation, count: int) -> Draws:
    if not relation.printed:
        raise Undrawable("nothing is printed to reconstruct one from")
    fixed = {name: np.asarray(value) for name, value in relation.coefficients.items() if name not in relation.printed}

    def holds(draws: Draws) -> NDArray[np.bool_]:
        form = build(relation.form, {**fixed, **draws})
        ok = np.ones(len_of(draws), dtype=bool)
        for constraint in relation.constraints:
            ok &= uncertainty.within(derived(form, constraint), constraint.printed)
        return ok

    return uncertainty.from_printed(relation.printed, relation.half_units, holds, count, relation.name)


def derived(form: object, constraint: Constraint) -> Values:
    """The number that `constraint` speaks of, by `form`."""
    method = getattr(form, constraint.quantity)
    return np.asarray(method(constraint.at) if constraint.at is not None else method)
