"""Laws: relations read from law files, with their draws. What they answer is in `questions`; which are there, in
`catalogue`.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Form, LearningCurve, OverfittingLaw, RepeatedData
from fitted_laws.forms.conditional import RoutedExperts, SharedExperts, SparseExperts
from fitted_laws.forms.precision import PostTraining
from fitted_laws.forms.protocols import LossCurve, MixedSurface, OfOne, OfSeveral, Surface
from fitted_laws.forms.recipes import ShapeFamily, Transfer
from fitted_laws.forms.shapes import VisionShape, WidthDepth
from fitted_laws.forms.studies import FinetunedClassifier, LossBeyond, PositionLaw
from fitted_laws.laws.families import FAMILIES, OWN, LawFamily
from fitted_laws.laws.relation import ROLES, Relation
from fitted_laws.laws.sampling import build, len_of, sample_of
from fitted_laws.quantities import domains
from fitted_laws.quantities.display import brief
from fitted_laws.quantities.problems import Incapable

CurveRole: TypeAlias = Literal["frontier", "frontier-fixed-batch", "converged", "data"]
GrowthRole: TypeAlias = Literal[
    "allocation",
    "token-allocation",
    "exact-token-allocation",
    "flops-allocation",
    "batch-allocation",
    "step-allocation",
    "critical-batch",
    "information",
    "vocabulary",
    "downstream-error",
    "downstream-error-46",
]
RecipeRole: TypeAlias = Literal[
    "learning-rate",
    "learning-rate-by-tokens",
    "learning-rate-by-compute",
    "batch-by-params",
    "batch-by-tokens",
    "batch-by-compute",
]
F_co = TypeVar("F_co", covariant=True)
F = TypeVar("F", bound=Form)


@dataclass(frozen=True, eq=False)
class Drawn(Generic[F_co]):
    """A relation's form with its draws: coefficients of shape (1 + draws, 1), row 0 as published; (1, 1) where there
    are none.

    `source` says what the draws were made from, `reason` why there is no interval, or what else there is to know of it.
    """

    relation: Relation
    source: str
    reason: str | None
    form: F_co
    part_of: Drawn[F_co] | None = None
    rows: Any = None
    """Where these are some of a relation's draws: that with all of them, and which rows of its coefficients they are."""
    derived: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)
    """What follows from it alone, kept by those who derive it."""


def drawn_of(relation: Relation, count: int | None, *, of_one_run: bool = False) -> Drawn[Form]:
    """The relation with at most `count` draws, with None where no interval is asked for.

    Draws are the laws of its forecast, where it keeps one, else of its coefficients.
    """
    if relation.forecast is not None:
        members = len_of(relation.forecast.members)
        reason = "draws are switched off" if members and count == 0 else None
        source = "forecast" if members and count else "none"
        return Drawn(relation, source, reason, relation.forecast.laws(count or 0, of_one_run=of_one_run))
    sample = sample_of(relation, count)
    rows = {
        name: np.array([value, *sample.draws.get(name, np.full(len_of(sample.draws), value))], dtype=float)[:, None]
        for name, value in relation.coefficients.items()
    }
    return Drawn(relation, sample.source, sample.reason, build(relation.form, rows))


def rows_of(form: F, rows: NDArray[np.intp]) -> F:
    """The form with these rows of each coefficient; one that all rows share stays."""
    coefficients = {name: getattr(form, name) for name in form.__struct_fields__}
    taken = {n: c[rows] if isinstance(c, np.ndarray) and len(c) > 1 else c for n, c in coefficients.items()}
    return type(form)(**taken)


class Law:
    """All relations of one law id in one domain; its draws are made when first needed."""

    def __init__(
        self, relations: list[Relation], draws: int | None, *, shipped: bool = False, is_of_one_run: bool = False
    ) -> None:
        self.shipped = shipped
        self._is_of_one_run = is_of_one_run
        self.relations = {(r.role, r.part): r for r in relations}
        self.first = relations[0]
        self.id = self.first.id
        self.domain = domains.domain(self.first.domain)
        self._draws = draws
        self._drawn: dict[tuple[str, str | None], Drawn[Form]] = {}
        self.derived: dict[Hashable, Any] = {}
        """What follows from the law and its relations alone, kept by those who derive it."""
        self.part_of: Law | None = None
        self.rows: Any = None

    @functools.cached_property
    def of_one_run(self) -> Law:
        """The same law, whose draws are runs: each member of its forecast with what one run's luck adds."""
        return Law(list(self.relations.values()), self._draws, shipped=self.shipped, is_of_one_run=True)

    def among(self, rows: NDArray[np.intp]) -> Law:
        """The same law with some of its draws alone: these rows of its coefficients, 0 being the central one."""
        part = Law(list(self.relations.values()), self._draws, shipped=self.shipped, is_of_one_run=self._is_of_one_run)
        part.part_of, part.rows = self, rows
        return part

    @property
    def forecasts(self) -> bool:
        """Whether it keeps a set of laws, and so says what one new run may reach."""
        return any(relation.forecast is not None for relation in self.relations.values())

    @functools.cached_property
    def central(self) -> Law:
        """The law by its published coefficients alone, for who asks no interval: nothing is drawn."""
        return self if self._draws is None else Law([*self.relations.values()], None, shipped=self.shipped)

    @property
    def of_small_models(self) -> bool:
        """Whether it ships with the package from runs of our own: by models a million times smaller than a laboratory's."""
        return self.shipped and self.first.source_checked == "own-runs"

    @property
    def only_by_name(self) -> bool:
        """Whether it answers only where it is asked by its id: a study of ours, say, beside the law of the same domain."""
        return self.first.only_by_name

    @property
    def loss_unit(self) -> str:
        """What its losses are in."""
        return self.first.loss_unit

    @property
    def family(self) -> LawFamily:
        """The laws that this one is a twin of; itself alone where there are none."""
        id = self.first.family or (OWN if self.of_small_models else self.id)
        return FAMILIES.get(id) or LawFamily(id, self.first.title or id)

    @property
    def scale(self) -> str:
        """What sizes, or else budgets, it was fitted on, in words."""
        ranges = [relation.ranges for relation in self.relations.values()]
        for name, unit in (("params", "parameters"), ("compute", "FLOP")):
            ends = next((found[name] for found in ranges if name in found), None)
            if ends is not None:
                return f"{brief(ends[0])} to {brief(ends[1])} {unit}"
        return "no range stated"

    def has(self, role: str, part: str | None = None) -> bool:
        return (role, part) in self.relations

    @overload
    def drawn(self, role: CurveRole, part: str | None = None) -> Drawn[LossCurve]: ...
    @overload
    def drawn(self, role: GrowthRole, part: str | None = None) -> Drawn[OfOne]: ...
    @overload
    def drawn(self, role: RecipeRole, part: str | None = None) -> Drawn[OfSeveral]: ...
    @overload
    def drawn(self, role: Literal["surface"], part: str | None = None) -> Drawn[Surface]: ...
    @overload
    def drawn(self, role: Literal["repeated"], part: str | None = None) -> Drawn[RepeatedData]: ...
    @overload
    def drawn(self, role: Literal["mixed-surface"], part: str | None = None) -> Drawn[MixedSurface]: ...
    @overload
    def drawn(self, role: Literal["shape-surface"], part: str | None = None) -> Drawn[WidthDepth]: ...
    @overload
    def drawn(self, role: Literal["vision-shape"], part: str | None = None) -> Drawn[VisionShape]: ...
    @overload
    def drawn(self, role: Literal["post-training"], part: str | None = None) -> Drawn[PostTraining]: ...
    @overload
    def drawn(self, role: Literal["moe-surface"], part: str | None = None) -> Drawn[SparseExperts | SharedExperts]: ...
    @overload
    def drawn(self, role: Literal["moe-converged"], part: str | None = None) -> Drawn[RoutedExperts]: ...
    @overload
    def drawn(self, role: Literal["path"], part: str | None = None) -> Drawn[LearningCurve]: ...
    @overload
    def drawn(self, role: Literal["overfitting"], part: str | None = None) -> Drawn[OverfittingLaw]: ...
    @overload
    def drawn(self, role: Literal["transfer"], part: str | None = None) -> Drawn[Transfer]: ...
    @overload
    def drawn(
        self, role: Literal["finetuned-loss", "finetuned-error"], part: str | None = None
    ) -> Drawn[FinetunedClassifier]: ...
    @overload
    def drawn(self, role: Literal["shape"], part: str | None = None) -> Drawn[ShapeFamily]: ...
    @overload
    def drawn(self, role: Literal["position"], part: str | None = None) -> Drawn[PositionLaw]: ...
    @overload
    def drawn(self, role: Literal["beyond"], part: str | None = None) -> Drawn[LossBeyond]: ...
    @overload
    def drawn(self, role: str, part: str | None = None) -> Drawn[object]: ...
    def drawn(self, role: str, part: str | None = None) -> Drawn[object]:
        """The relation of that role with its draws; which equation it has follows from its role.

        Raises:
            Incapable: the law holds no such relation.
        """
        if (role, part) not in self.relations:
            raise Incapable(
                f"{self.id} holds no {ROLES[role]} for {self.domain.id}" + (f" of part {part}" if part else "")
            )
        if (role, part) not in self._drawn:
            self._drawn[role, part] = self._draw(role, part)
        return self._drawn[role, part]

    def _draw(self, role: str, part: str | None) -> Drawn[Form]:
        if self.part_of is None:
            return drawn_of(self.relations[role, part], self._draws, of_one_run=self._is_of_one_run)
        whole: Drawn[Any] = self.part_of.drawn(role, part)
        form = rows_of(whole.form, self.rows)
        return Drawn(whole.relation, whole.source, whole.reason, form, part_of=whole, rows=self.rows)

    @property
    def tokens_are_unique(self) -> bool:
        """Whether D in its L(D) is the size of a data set, trained on with early stopping, as in the L(N, unique
        tokens) that it also holds.
        """
        return self.has("overfitting")

    @property
    def steps_are_least(self) -> bool:
        """Whether S in its L(N, S) is S_min, as its compute is C_min: the least that would do, at very large or very
        small batches.
        """
        return any(relation.compute_kind == "minimal" for relation in self.relations.values())

    @property
    def roles(self) -> list[str]:
        return [role for role, _ in self.relations]
