"""`loss`: what loss a size, a number of tokens, a budget, or two of the three lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import numpy as np

from fitted_laws.answers.showing import LawCurve, ReportExample, WorkbookSheet
from fitted_laws.asking.bounds import why_no_surface
from fitted_laws.asking.extra_inputs import FurtherInputsOfLoss, extras_of
from fitted_laws.forms import Form, Values
from fitted_laws.forms.protocols import LossCurve
from fitted_laws.laws.law import CurveRole, Drawn, Law
from fitted_laws.quantities.domains import parted
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import Compute, Params, Steps, Tokens, UniqueTokens
from fitted_laws.solving.column import column
from fitted_laws.solving.optima.pinning import pin
from fitted_laws.solving.optimum import mixed_optimum, rows_at_once, surface_of
from fitted_laws.solving.other_losses import (
    OTHER_SURFACES,
    at_limit,
    loss_solution,
    on_mixed_surface,
    on_other_surface,
    require_a_run,
    with_dense_params,
    with_downstream_error,
)
from fitted_laws.solving.solution import Caution, Solution
from fitted_laws.solving.spent import (
    flops_share,
    inconsistency,
    law_compute,
    minimal_compute,
    require_priced,
    run_of,
    unpriced,
)

ROLE_OF_INPUT: dict[str, CurveRole] = {"params": "converged", "tokens": "data", "compute": "frontier"}
"""The law of one variable by its input."""
REFITTED = "x0 and alpha are refitted to the pinned irreducible loss, keeping the law at both ends of its range"
UNIQUE = "tokens is read as unique_tokens: Kaplan's D is the size of a data set, trained on with early stopping"


class Loss(FurtherInputsOfLoss, frozen=True, kw_only=True):
    """What loss should a model of this size, trained on this many tokens or with this compute, reach?"""

    name: ClassVar[str] = "loss"
    headline: ClassVar[str] = "loss"
    answers: ClassVar[tuple[str, ...]] = (
        "loss",
        "reducible_loss",
        "irreducible_loss",
        "irreducible_loss_known",
        "params",
        "tokens",
        "compute",
        "limit",
        "critical_tokens",
        "dense_params",
        "downstream_error",
        "downstream_error_46",
        "loss_on",
    )
    rank: ClassVar[int] = 1
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = ("params",)
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="compute", low=1e10, high=1e32, up=("loss",), place=2, replaces=("params", "tokens")),
        LawCurve(across="params", low=1e3, high=1e13, up=("loss",), place=3, replaces=("tokens", "compute")),
        LawCurve(across="tokens", low=1e6, high=1e15, up=("loss",), place=4, replaces=("params", "compute")),
    )
    report_examples: ClassVar[Mapping[str, ReportExample]] = {
        "surface": ReportExample(("params", "tokens"), 2),
        "overfitting": ReportExample(("params", "unique_tokens"), 1),
        "path": ReportExample(("params", "steps"), 1),
        "converged": ReportExample(("params",), 1),
        "data": ReportExample(("tokens",), 1),
        "frontier": ReportExample(("compute",), 1),
    }
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "70B", "tokens": "1.4T"}
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="size + tokens → loss",
        doc="Two of size, tokens and compute: the loss to expect, and what the best size would do with the same compute.",
        inputs={"params": "1B", "tokens": "30B", "compute": None},
        answers=(
            "loss",
            "loss_bits",
            "perplexity",
            "reducible_loss",
            "irreducible_loss",
            "params",
            "tokens",
            "compute",
            "compute_pf_days",
        ),
    )

    params: Params | None = None
    tokens: Tokens | None = None
    compute: Compute | None = None
    unique_tokens: UniqueTokens | None = None
    steps: Steps | None = None

    def rows_at_once(self, law: Law) -> int:
        return rows_at_once(law) if self.monotone_in(law) else 1

    def monotone_in(self, law: Law) -> tuple[str, ...]:
        """The loss falls in size and in data, and in compute at the optimum."""
        names = tuple(name for name in ("params", "tokens", "compute") if getattr(self, name) is not None)
        plain = self.unique_tokens is None and self.steps is None and self.irreducible_loss is None and not self.further
        known = law.has("surface") or law.has("repeated")
        own = self.counts is None or self.counts == law.first.counts
        return names if plain and known and own and (len(names) == 1 or names == ("params", "tokens")) else ()

    def solve(self, law: Law) -> Solution:
        if self.steps is not None:
            return self._after_steps(law)
        if self.unique_tokens is not None:
            return self._on_unique_tokens(law)
        names = [name for name in ("params", "tokens", "compute") if getattr(self, name) is not None]
        if not names:
            raise NotUnderstood.of(Fault("params", "params, tokens or compute, or two of them", "nothing"))
        if law.has("surface") or law.has("repeated"):
            return with_downstream_error(law, self._on_surface(law, names))
        if (found := self._on_other_surface(law, names)) is not None:
            return found
        extras_of(law, Form(), self.further)
        if len(names) > 1:
            kind = Unanswerable if law.shipped else Incapable  # what a user's law cannot answer, the catalogue may
            raise kind(why_no_surface(law, self.params, self.tokens, self.compute))
        return self._on_relation(law, names[0])

    def _after_steps(self, law: Law) -> Solution:
        """The loss after so many steps, by Kaplan's L(N, S)."""
        if self.params is None or any(
            getattr(self, name) is not None for name in ("tokens", "compute", "unique_tokens")
        ):
            raise Unanswerable("steps goes with params alone: tokens and compute do not enter a law of size and steps")
        drawn = law.drawn("path")
        params, steps = column(self.params), column(self.steps)
        cautions = (
            [Caution("steps is read as S_min, the least that do, at very large batches")] if law.steps_are_least else []
        )
        return loss_solution(
            [drawn], drawn.form.value(params, steps), np.zeros((1, 1)), cautions, params=params, steps=steps
        )

    def _on_unique_tokens(self, law: Law) -> Solution:
        """The loss by Kaplan's L(D) or L(N, D), whose D is the size of a data set trained on until it stops helping."""
        unique = column(self.unique_tokens)
        if self.tokens is not None or self.compute is not None:
            raise Unanswerable(
                "unique_tokens goes alone or with params: tokens processed and compute do not enter a law of early stopping (repeat takes epochs)"
            )
        if self.params is None:
            data = law.drawn("data")
            return loss_solution([data], data.form.value(unique), data.form.floor, unique_tokens=unique)
        both = law.drawn("overfitting")
        params = column(self.params)
        return loss_solution(
            [both], both.form.value(params, unique), both.form.floor, params=params, unique_tokens=unique
        )

    def _on_surface(self, law: Law, names: list[str]) -> Solution:
        best = surface_of(law, self.irreducible_loss, lambda form: extras_of(law, form, self.further))
        drawn: Drawn[Any] = best.sources[0]
        surface, share = best.surface, self._share(law, drawn)
        if names == ["compute"]:
            compute, whole = column(self.compute), column(self.compute) / share
            params = best.central_params(whole)
            place = {"params": params, "tokens": whole / (6 * params), "compute": compute}
            found = loss_solution(best.sources, best.loss(whole), surface.floor, compute=compute)
            return msgspec.structs.replace(found, fitted=place)
        require_a_run(law, self.interval, names)
        if names == ["params"]:
            params = column(self.params)
            limit = Caution("the loss of this size in the limit of unlimited data, which no run reaches")
            loss = surface.E + surface.params_term(params)
            return loss_solution(best.sources, loss, surface.floor, [limit], params=params, limit="tokens → ∞")
        if names == ["tokens"]:
            tokens = column(self.tokens)
            limit = Caution("the loss of this many tokens in the limit of unlimited size, which no run reaches")
            loss = surface.E + surface.tokens_term(tokens)
            return loss_solution(best.sources, loss, surface.floor, [limit], tokens=tokens, limit="params → ∞")
        run = self._run(share)
        loss = surface.value(run["params"], run["tokens"])
        found = loss_solution(best.sources, loss, surface.floor, unpriced(drawn, share), **run)
        return with_dense_params(drawn, self.further, found)

    def _on_other_surface(self, law: Law, names: list[str]) -> Solution | None:
        """The loss by a surface that is not additive, or by L(N, experts) at one number of tokens; None where the law holds none."""
        if law.has("mixed-surface"):
            return self._on_mixed(law, names)
        if role := next(filter(law.has, OTHER_SURFACES), None):
            drawn: Drawn[Any] = law.drawn(role)
            extras, share = extras_of(law, drawn.form, self.further), self._share(law, drawn)
            run = self._run(share) if len(names) > 1 else {}
            return on_other_surface(law, drawn, extras, share, run)
        if not law.has("moe-converged"):
            return None
        converged = law.drawn("moe-converged")
        extras = extras_of(law, converged.form, self.further)
        if names != ["params"]:
            raise Incapable(f"{law.id} holds L(N, experts) at one number of tokens; ask by params alone")
        params = column(self.params)
        return loss_solution([converged], converged.form.value(params, **extras), np.zeros((1, 1)), params=params)

    def _on_mixed(self, law: Law, names: list[str]) -> Solution:
        best = mixed_optimum(law, self.irreducible_loss, lambda form: extras_of(law, form, self.further))
        if len(names) > 1:
            run = self._run(np.ones(1))
            return on_mixed_surface(law, best, run["params"], run["tokens"], run["compute"])
        if names == ["compute"]:
            compute = column(self.compute)
            params = best.params(compute)[0]
            place = {"params": params, "tokens": compute / (6 * params), "compute": compute}
            found = loss_solution(best.sources, best.loss(compute), best.floor, compute=compute)
            return msgspec.structs.replace(found, fitted=place)
        return at_limit(law, best, names[0], column(getattr(self, names[0])))

    def _share(self, law: Law, drawn: Drawn[Any]) -> Values:
        """What part of 6ND is spent, (rows,); NaN where that is not known, and no budget is given."""
        share = flops_share(drawn, extras_of(law, drawn.form, self.further))
        if self.compute is not None:
            require_priced(law, drawn, share)
        return share

    def _run(self, share: Values) -> dict[str, Values]:
        """Params, tokens and compute from the two or three given, (rows,), at C = 6ND·share."""
        return run_of(self.params, self.tokens, self.compute, share)

    def _on_relation(self, law: Law, name: str) -> Solution:
        x = column(getattr(self, name))
        drawn = self._relation(law, name)
        cautions = []
        form: LossCurve = drawn.form
        if self.irreducible_loss is not None:
            form = pin(drawn, self.irreducible_loss)
            cautions.append(Caution(REFITTED))
        scaled = self._in_law_units(drawn, x) if name == "compute" else x
        if name == "tokens" and law.tokens_are_unique:
            cautions.append(Caution(UNIQUE))
        solution = loss_solution([drawn], form.value(scaled), form.floor, cautions, **{name: x})
        definition = drawn.relation.loss_definition
        if definition:
            fields = {**solution.fields, "loss_definition": definition}
            solution = msgspec.structs.replace(solution, fields=fields, loss_per_sample=False)
        if name == "compute":
            minimal = [minimal_compute(self.compute_kind)] if drawn.relation.compute_kind == "minimal" else []
            solution = solution.warned(*minimal, *inconsistency(law, x))
        return solution

    def _relation(self, law: Law, name: str) -> Drawn[LossCurve]:
        role = ROLE_OF_INPUT[name]
        if self.compute_kind == "fixed-batch" and name == "compute":
            return law.drawn("frontier-fixed-batch")
        parts = {part for (r, part) in law.relations if r == role}
        if (
            self.part is not None
            and self.part not in parts
            and not (self.part == "image" and None in parts and "text" in parts)
        ):
            if role == "frontier" and law.has("converged", "text"):
                raise Unanswerable(
                    f"by compute {law.domain.id} has only the combined loss, of no part; ask without part, or by params"
                )
            raise Unanswerable(f"{law.domain.id} has no parts; part= is for {' and '.join(parted())}")
        return law.drawn(role, self.part if self.part in parts else None)

    def _in_law_units(self, drawn: Drawn[object], compute: Values) -> Values:
        return law_compute(compute, drawn, self.compute_kind) / drawn.relation.scale
