"""`optimal` and `frontier`: the best size and number of tokens for one budget, and for a range of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from fitted_laws.answers.showing import LawCurve, ReportExample, WorkbookSheet
from fitted_laws.asking.extra_inputs import FurtherInputs, extras_of
from fitted_laws.asking.question import Question
from fitted_laws.forms import RepeatedData, Values
from fitted_laws.forms.bisection import BASIN_OVERHEAD, basin_of
from fitted_laws.forms.surfaces import WORTHLESS
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood
from fitted_laws.quantities.units import Compute, Points, UniqueTokens
from fitted_laws.solving.budget import solve_budget
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_fields
from fitted_laws.solving.optimum import geometric, rows_at_once
from fitted_laws.solving.solution import Caution, Solution

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
    "flops_per_token",
    "critical_tokens",
)
OF_LIMITED = ("epochs", "effective_tokens", "unique_tokens")
"""Fields besides where unique tokens are given."""
SIZE_FIELDS = ("params", "params_min", "params_max")


class Optimal(FurtherInputs, frozen=True, kw_only=True):
    """Which model size and how many tokens reach the lowest loss for a training budget?"""

    name: ClassVar[str] = "optimal"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = (*ANSWERS, *OF_LIMITED)
    rank: ClassVar[int] = 2
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = SIZE_FIELDS
    example: ClassVar[dict[str, Any]] = {"domain": "language", "compute": "5.76e23"}
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(
            across="compute",
            low=1e10,
            high=1e32,
            up=("loss", "tokens", "params"),
            place=1,
            replaces=("params", "tokens"),
        ),
    )
    report_examples: ClassVar[Mapping[str, ReportExample]] = {
        "surface": ReportExample(("compute",), 1),
        "repeated": ReportExample(("compute",), 2),
    }
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="budget → model",
        doc="A training budget: which size, how many tokens, and what loss to expect.",
        inputs={"compute": 1e21},
        answers=(
            "params",
            "tokens",
            "tokens_per_param",
            "loss",
            "loss_bits",
            "perplexity",
            "reducible_loss",
            "irreducible_loss",
            "params_min",
            "params_max",
            "compute_pf_days",
        ),
    )

    compute: Compute
    unique_tokens: UniqueTokens | None = None

    def rows_at_once(self, law: Law) -> int:
        return rows_at_once(law) if self.monotone_in(law) else 1

    def monotone_in(self, law: Law) -> tuple[str, ...]:
        """Of a bigger budget model and data are bigger and the loss is lower; tokens a parameter are in order where params are."""
        plain = self.unique_tokens is None and self.irreducible_loss is None and not self.further
        known = law.has("surface") or law.has("repeated") or law.has("allocation") or law.has("token-allocation")
        own = self.counts is None or self.counts == law.first.counts
        return ("compute",) if plain and known and own and not law.has("exact-token-allocation") else ()

    def solve(self, law: Law) -> Solution:
        if self.unique_tokens is not None:
            return self._limited(law, column(self.compute), column(self.unique_tokens))
        return solve_budget(
            law,
            column(self.compute),
            irreducible_loss=self.irreducible_loss,
            part=self.part,
            compute_kind=self.compute_kind,
            extras=functools.partial(extras_of, law, further=self.further),
        )

    def _limited(self, law: Law, compute: Values, unique: Values) -> Solution:
        """The optimum of so many unique tokens, which may be passed over again, by a law of repeated data."""
        drawn = law.drawn("repeated")
        form = drawn.form
        extras_of(law, form, self.further)
        if self.irreducible_loss is not None:
            raise Incapable(f"{law.id} is not refitted to a pinned irreducible loss where data repeat; ask without")
        params = form.best_params(compute, unique)
        tokens = compute / (6 * params)
        loss = form.at_budget(params, compute, unique)
        low, high = limited_basin(form, params, compute, unique)
        fields = {
            "params": params,
            "tokens": tokens,
            "epochs": tokens / unique,
            "tokens_per_param": tokens / params,
            "loss": loss,
            **floor_fields(loss, form.floor).fields,
            "params_min": low,
            "params_max": high,
            "effective_tokens": form.effective_tokens(np.minimum(unique, tokens), np.maximum(tokens / unique, 1.0)),
            "unique_tokens": unique,
            "compute": compute,
        }
        plenty = Caution("the unique tokens are more than the optimum takes: they do not limit it", tokens[0] <= unique)
        spent = Caution(
            "the last pass is worth less than a tenth of fresh tokens: more compute hardly helps, more data would",
            form.marginal_value(fields["epochs"])[0] < WORTHLESS,
        )
        return Solution(fields=fields, sources=[drawn], warnings=[plenty, spent])


def limited_basin(form: RepeatedData, params: Values, compute: Values, unique: Values) -> tuple[Values, Values]:
    """The least and the largest size that reach the loss of `params` for less than 1 % more compute."""
    goal = form.at_budget(params, compute, unique)

    def overhead(ratio: Values) -> Values:
        reached = form.at_budget(ratio * params, BASIN_OVERHEAD * compute, unique) <= goal
        return np.where(reached, 1.0, np.inf)

    low, high = basin_of(overhead, params.shape)
    return low * params, high * params


class Frontier(Question, frozen=True, kw_only=True):
    """How do the best size, tokens and loss grow with the training budget?"""

    name: ClassVar[str] = "frontier"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = ANSWERS
    curve: ClassVar[bool] = True
    axes: ClassVar[tuple[str, str] | None] = ("compute", "loss")
    rank: ClassVar[int] = 4
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = SIZE_FIELDS
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "compute_min": "1e20",
        "compute_max": "1e26",
        "points": 13,
    }
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="frontier",
        doc="The best loss, size and tokens from one budget to another, with their intervals, inside the fitted range and beyond.",
        inputs={"compute_min": 1e18, "compute_max": 1e22},
        answers=(
            "loss",
            "loss_low",
            "loss_high",
            "reducible_loss",
            "reducible_loss_low",
            "reducible_loss_high",
            "params",
            "params_low",
            "params_high",
            "tokens",
            "extrapolation",
            "reach",
        ),
    )

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
