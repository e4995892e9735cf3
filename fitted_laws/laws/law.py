"""Laws: relations read from law files, with their draws. What they answer is in `questions`; which are there, in `catalogue`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fitted_laws.forms import FORMS, Form, Values
from fitted_laws.laws import draws as uncertainty
from fitted_laws.laws.draws import Constraint, Draws, Undrawable
from fitted_laws.laws.relation import ROLES, Relation
from fitted_laws.quantities import domains
from fitted_laws.quantities.problems import Incapable


class Drawn:
    """A relation's form with its draws: coefficients of shape (1 + draws, 1), row 0 as published; (1, 1) where there are none."""

    def __init__(self, relation: Relation, count: int) -> None:
        self.relation = relation
        self.optimum: Any = None
        self.pinned: Any = None
        self.source, self.reason, draws = draws_of(relation, count)
        central = relation.coefficients
        rows = {
            name: [central[name], *(draws[name] if name in draws else np.full(len_of(draws), central[name]))]
            for name in central
        }
        self.form: Any = build(relation.form, {name: np.array(row, dtype=float)[:, None] for name, row in rows.items()})


def len_of(draws: Draws) -> int:
    return len(next(iter(draws.values()))) if draws else 0


def build(form: str, coefficients: dict[str, Any]) -> Form:
    return FORMS[form](**coefficients)


def draws_of(relation: Relation, count: int) -> tuple[str, str | None, Draws]:
    """(interval_source, why there is no interval, draws) of `relation`: frozen draws, else a covariance, percentiles, or printed digits."""
    if count == 0:
        return "none", "draws are switched off", {}
    if relation.draws is not None:
        kept = {name: values[:count] for name, values in relation.draws.columns().items()}
        why = "every resample gives the same" if relation.draws.shape[0] else "it was fitted without resamples"
        none = f"no interval for {ROLES[relation.role]}: {why}"
        return ("frozen-draws", None, kept) if len_of(kept) else ("none", none, {})
    if relation.covariance is not None:
        return "covariance", None, uncertainty.from_covariance(relation.covariance, count, relation.name)
    if relation.percentiles is not None:
        return (
            "printed-percentiles",
            None,
            uncertainty.from_percentiles(relation.percentiles, relation.coefficients, count, relation.name),
        )
    try:
        return "printed-digits", None, _reconstructed(relation, count)
    except Undrawable as reason:
        return "none", f"no interval for {ROLES[relation.role]}: {reason}", {}


def _reconstructed(relation: Relation, count: int) -> Draws:
    if not relation.printed:
        raise Undrawable("nothing is printed to reconstruct one from")
    fixed = {name: np.asarray(value) for name, value in relation.coefficients.items() if name not in relation.printed}

    def holds(draws: Draws) -> Any:
        form = build(relation.form, {**fixed, **draws})
        ok = np.ones(len_of(draws), dtype=bool)
        for constraint in relation.constraints:
            ok &= uncertainty.within(derived(form, constraint), constraint.printed)
        return ok

    return uncertainty.from_printed(relation.printed, relation.half_units, holds, count, relation.name)


def derived(form: Form, constraint: Constraint) -> Values:
    """The number that `constraint` speaks of, by `form`."""
    method = getattr(form, constraint.quantity)
    return np.asarray(method(constraint.at) if constraint.at is not None else method)


class Law:
    """All relations of one law id in one domain; its draws are made when first needed."""

    def __init__(self, relations: list[Relation], draws: int) -> None:
        self.relations = {(r.role, r.part): r for r in relations}
        self.first = relations[0]
        self.id, self.domain = self.first.id, domains.domain(self.first.domain)
        self._draws = draws
        self._drawn: dict[tuple[str, str | None], Drawn] = {}

    def has(self, role: str, part: str | None = None) -> bool:
        return (role, part) in self.relations

    def drawn(self, role: str, part: str | None = None) -> Drawn:
        """The relation of that role with its draws.

        Raises:
            Incapable: the law holds no such relation.
        """
        if (role, part) not in self.relations:
            raise Incapable(
                f"{self.id} holds no {ROLES[role]} for {self.domain.id}" + (f" of part {part}" if part else "")
            )
        if (role, part) not in self._drawn:
            self._drawn[role, part] = Drawn(self.relations[role, part], self._draws)
        return self._drawn[role, part]

    @property
    def tokens_are_unique(self) -> bool:
        """Whether D in its L(D) is the size of a data set, trained on with early stopping, as in the L(N, unique tokens) that it also holds."""
        return self.has("overfitting")

    @property
    def steps_are_least(self) -> bool:
        """Whether S in its L(N, S) is S_min, as its compute is C_min: the least that would do, at very large or very small batches."""
        return any(relation.compute_kind == "minimal" for relation in self.relations.values())

    @property
    def roles(self) -> list[str]:
        return [role for role, _ in self.relations]
