"""Laws: relations read from law files, with their draws. What they answer is in `questions`; which are there, in `catalogue`."""

from __future__ import annotations

import functools
from typing import Any, Literal

import msgspec
import numpy as np

from fitted_laws import domains, uncertainty
from fitted_laws.forecast.kept import Forecast, kept_in
from fitted_laws.forms import FORMS, Form, Values
from fitted_laws.problems import Incapable
from fitted_laws.uncertainty import Constraint, Covariance, Draws, FrozenDraws, Percentiles, Undrawable
from fitted_laws.units import PF_DAY

Counts = Literal["total", "non-embedding", "linear", "unstated"]
ComputeKind = Literal["actual", "minimal", "fixed-batch"]
Checked = Literal["full-text", "authors-data", "secondary", "own-runs"]
COMPUTE_UNITS = {"FLOP": 1.0, "PF-days": PF_DAY}

ROLES = {
    "surface": "L(N, D)",
    "frontier": "L(C) on the efficient frontier",
    "frontier-fixed-batch": "L(C) at one batch size",
    "allocation": "N_opt(C)",
    "token-allocation": "D_opt(C)",
    "flops-allocation": "M_opt(C) in FLOP a token",
    "converged": "L(N) at convergence",
    "data": "L(D)",
    "path": "L(N, S)",
    "overfitting": "L(N, unique tokens), early stopped",
    "repeated": "L(N, unique tokens, epochs)",
    "batch-allocation": "B(C)",
    "step-allocation": "S_min(C)",
    "moe-surface": "L(N, D, sparsity)",
    "moe-converged": "L(N, experts)",
    "critical-batch": "B_crit(L)",
    "transfer": "D_T(D_F, N)",
    "shape": "layers and width by N",
    "learning-rate": "learning rate by N",
    "learning-rate-by-tokens": "learning rate by N and D",
    "learning-rate-by-compute": "learning rate by C",
    "batch-by-params": "optimal batch by N",
    "batch-by-tokens": "optimal batch by D",
    "batch-by-compute": "optimal batch by C",
    "information": "mutual information of image and caption by N",
    "position": "loss by position in the context and N",
    "beyond": "loss on problems harder than those trained on, by the loss on those",
    "downstream-error": "mean error on 17 tasks by L",
    "downstream-error-46": "mean error on 46 tasks by L",
}
"""What a relation relates, by the name that law files use."""


ROLE_OF_FORM = {
    "additive": "surface",
    "over-training": "surface",
    "moe": "surface",
    "precision": "surface",
    "repeated": "repeated",
    "kaplan": "overfitting",
    "learning-curve": "path",
    "log-information": "information",
    "ceiled-information": "information",
    "position": "position",
    "loss-beyond": "beyond",
}
"""The role of a relation whose file names none: what its form can only mean."""


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worked example of the source: asked as a question, it must give `expected` within `tolerance` where `enforce` is set."""

    question: str
    inputs: dict[str, float | str | bool]
    expected: dict[str, float]
    tolerance: float = 0.005
    enforce: bool
    source: str


class Relation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One relation of one law, as its file gives it: coefficients in the paper's units, with all that a reader needs to trust them.

    `out_unit` is the contract's unit in the paper's for what the relation gives (2048 where it counts sequences of 2048 tokens);
    `loss_scale` names what losses are measured on where `data` and `tokenizer` do not say it in so many words:
    losses of one scale are comparable. `caveats` is what to know, `contradictions` where the paper disagrees with itself.
    """

    id: str
    domain: str
    form: str
    coefficients: dict[str, float]
    role: str
    part: str | None = None
    printed: dict[str, str] = {}
    half_units: dict[str, float] = {}
    constraints: list[Constraint] = []
    covariance: Covariance | None = None
    percentiles: Percentiles | None = None
    draws: FrozenDraws | None = None
    compute_unit: Literal["FLOP", "PF-days"] = "FLOP"
    compute_kind: ComputeKind = "actual"
    out_unit: float = 1.0
    loss_definition: str | None = None
    loss_scale: str | None = None
    where: str = ""
    notes: list[str] = []
    examples: list[Example] = []
    # what the relations of one file share
    citation: str
    counts: Counts
    title: str = ""
    authors: str = ""
    year: int = 0
    url: str = ""
    source_checked: Checked = "own-runs"
    compute_convention: str = "C = 6ND"
    data: str = ""
    tokenizer: str = ""
    setup: str = ""
    ranges: dict[str, tuple[float, float]] = {}
    caveats: list[str] = []
    contradictions: list[str] = []
    preference: int = 0
    fit: dict[str, Any] = {}
    runs: dict[str, list[float]] = {}

    @property
    def name(self) -> str:
        return f"{self.id}/{self.domain}/{self.role}" + (f"/{self.part}" if self.part else "")

    @functools.cached_property
    def forecast(self) -> Forecast | None:
        """What further runs are expected to reach, where the law was fitted with that."""
        return kept_in(self.fit)

    @property
    def scale(self) -> float:
        """FLOP in the unit in which this relation prints compute."""
        return COMPUTE_UNITS[self.compute_unit]

    @property
    def one_variable_of(self) -> str | None:
        return {"frontier": "compute", "converged": "params", "data": "tokens"}.get(self.role)


class Drawn:
    """A relation's form with its draws: coefficients of shape (1 + draws, 1), row 0 as published; (1, 1) where there are none."""

    def __init__(self, relation: Relation, count: int) -> None:
        self.relation = relation
        self.optimum: Any = None
        self.pinned: Any = None
        self.source, self.reason, draws = draws_of(relation, count)
        central = relation.coefficients
        rows = {name: [central[name], *(draws[name] if name in draws else np.full(len_of(draws), central[name]))] for name in central}
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
        return "printed-percentiles", None, uncertainty.from_percentiles(relation.percentiles, relation.coefficients, count, relation.name)
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


def pin(drawn: Drawn, irreducible: float) -> Any:
    """The one-variable law with L∞ = `irreducible` that keeps its values at both ends of its fitted range: new x0 and alpha.

    Raises:
        Incapable: the relation is no one-variable law with a fitted range, or L∞ is not below its loss at the upper end.
    """
    relation = drawn.relation
    variable = relation.one_variable_of
    if variable is None or relation.form not in ("power", "power-constant") or variable not in relation.ranges:
        raise Incapable(
            f"irreducible_loss= cannot be pinned on {ROLES[relation.role]} of {relation.id}: an additive surface is solved again on its runs, "
            "and none are frozen with it; one-variable power laws with a fitted range can be pinned"
        )
    low, high = (end / relation.scale if variable == "compute" else end for end in relation.ranges[variable])
    at_low, at_high = drawn.form.value(np.array([low])), drawn.form.value(np.array([high]))
    if irreducible >= at_high[0, 0]:
        raise Incapable(
            f"irreducible_loss must be below {at_high[0, 0]:.6g}, the loss of {relation.id} at the end of its fitted range; got {irreducible}"
        )
    above = np.maximum(at_high - irreducible, 1e-12)
    alpha = np.log((at_low - irreducible) / above) / np.log(high / low)
    x0 = low * (at_low - irreducible) ** (1 / alpha)
    return build("power-constant", {"L_inf": np.full_like(alpha, irreducible), "x0": x0, "alpha": alpha})


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
            raise Incapable(f"{self.id} holds no {ROLES[role]} for {self.domain.id}" + (f" of part {part}" if part else ""))
        if (role, part) not in self._drawn:
            self._drawn[role, part] = Drawn(self.relations[role, part], self._draws)
        return self._drawn[role, part]

    @property
    def roles(self) -> list[str]:
        return [role for role, _ in self.relations]
