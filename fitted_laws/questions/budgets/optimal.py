"""`optimal` and `frontier`: the best size and number of tokens for one budget, and for a range of them."""

from __future__ import annotations

from typing import Any, ClassVar

from fitted_laws.asking.extra_inputs import FurtherInputs, extras_of
from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import Compute, Points
from fitted_laws.solving.column import column
from fitted_laws.solving.compute_kinds import compute_kinds, inconsistency, law_compute
from fitted_laws.solving.floor import floor_fields
from fitted_laws.solving.optimum import Extras, Optimum, geometric, optimum, require_plain
from fitted_laws.solving.solution import Caution, Falling, Solution

ANSWERS = (
    "params",
    "tokens",
    "tokens_per_param",
    "loss",
    "reducible_loss",
    "irreducible_loss",
    "irreducible_loss_known",
    "params_min",
    "params_max",
    "compute",
)


class Optimal(FurtherInputs, frozen=True, kw_only=True):
    """Which model size and how many tokens reach the lowest loss for a training budget?"""

    name: ClassVar[str] = "optimal"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = ANSWERS
    example: ClassVar[dict[str, Any]] = {"domain": "language", "compute": "5.76e23"}

    compute: Compute

    def solve(self, law: Law) -> Solution:
        return solve_optimal(self, law, column(self.compute), lambda form: extras_of(law, form, self.further))


class Frontier(Question, frozen=True, kw_only=True):
    """How do the best size, tokens and loss grow with the training budget?"""

    name: ClassVar[str] = "frontier"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = ANSWERS
    curve: ClassVar[bool] = True
    axes: ClassVar[tuple[str, str] | None] = ("compute", "loss")
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "compute_min": "1e20",
        "compute_max": "1e26",
        "points": 13,
    }

    compute_min: Compute
    compute_max: Compute
    points: Points = 25

    def in_columns(self, law: Law) -> Optimal:  # noqa: ARG002 - the same budgets for every law
        return Optimal(domain=self.domain, **{**self.options, "compute": self.budgets})

    @property
    def budgets(self) -> Values:
        """The budgets of the curve, both ends exact.

        Raises:
            NotUnderstood: the ends are not in order.
        """
        if self.compute_max <= self.compute_min:
            raise NotUnderstood.of(
                Fault("compute_max", f"more than compute_min, {self.compute_min:.6g}", f"{self.compute_max:.6g}")
            )
        return geometric(self.compute_min, self.compute_max, self.points)


def solve_optimal(question: Question, law: Law, compute: Values, extras: Extras | None = None) -> Solution:
    """The optimum of each budget in `compute`, shape (rows,), in FLOP."""
    if law.has("flops-allocation"):
        require_plain(law, question.irreducible_loss, extras)
        return by_flops(law, compute)
    best = optimum(law, question.irreducible_loss, extras)
    if question.part is not None:
        raise Unanswerable(f"{law.id} allocates for the combined loss only; ask without part")
    cautions: list[Caution] = []
    seen = law_compute(compute, best.sources[0], question.compute_kind)
    params = best.params(seen)
    tokens = compute / (6 * params)
    loss = best.loss(law_compute(compute, best.sources[-1], question.compute_kind))
    cautions += compute_kinds(law, best, question.compute_kind) + inconsistency(law, compute)
    if loss is None:
        cautions.append(Caution(f"{law.id} prints no loss for its optimum: loss and reducible_loss are null"))
    fields: dict[str, Any] = {
        "params": params,
        "tokens": tokens,
        "tokens_per_param": tokens / params,
        "loss": loss,
        **floor_fields(loss, best.floor, cautions),
        **basin_fields(best, params, cautions),
        "compute": compute,
    }
    definition = best.sources[-1].relation.loss_definition
    if definition:
        fields["loss_definition"] = definition
    return Solution(
        fields=fields,
        sources=best.sources,
        warnings=cautions,
        falling=following(compute),
        loss_per_sample=definition is None,
    )


def following(compute: Values) -> dict[str, Falling]:
    """Tokens, and tokens a parameter, of one budget fall as params grow, also as floats: each step is rounded, and rounding keeps order."""
    return {
        "tokens": Falling("params", lambda params: compute / (6 * params)),
        "tokens_per_param": Falling("params", lambda params: compute / (6 * params) / params),
    }


def by_flops(law: Law, compute: Values) -> Solution:
    """The optimum of a law that counts FLOP a token M in place of parameters, C = M·D: no parameters follow from it without a shape."""
    flops, tokens = law.drawn("flops-allocation"), law.drawn("token-allocation")
    cautions = [
        Caution(
            f"params, tokens_per_param and the basin are null: {law.id} allocates FLOP a token (attention included, embeddings not), C = M·D; "
            "how many parameters that is depends on the model's shape"
        ),
        Caution(f"{law.id} prints no loss for its optimum: loss and reducible_loss are null"),
    ]
    fields: dict[str, Any] = {
        "params": None,
        "tokens": tokens.form.value(compute / tokens.relation.scale),
        "tokens_per_param": None,
        "flops_per_token": flops.form.value(compute / flops.relation.scale),
        "loss": None,
        **floor_fields(None, None, cautions),
        "params_min": None,
        "params_max": None,
        "compute": compute,
    }
    return Solution(fields=fields, sources=[tokens, flops], warnings=cautions)


def basin_fields(best: Optimum, params: Values, cautions: list[Caution]) -> dict[str, Any]:
    """params_min and params_max: the sizes that reach the optimal loss for less than 1 % more compute."""
    basin = best.basin
    if basin is None:
        cautions.append(
            Caution("params_min and params_max are null: this law does not say what another size would cost")
        )
        return {"params_min": None, "params_max": None}
    low, high = basin
    return {"params_min": low * params, "params_max": high * params}
