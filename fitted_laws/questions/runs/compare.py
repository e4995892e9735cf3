"""`compare`: how much compute one law needs to match another, or a run."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from fitted_laws.asking.observed import assumed, withheld
from fitted_laws.asking.options import Name
from fitted_laws.asking.question import Catalogue, Question, Solve, exactly_one
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ALLOCATES
from fitted_laws.quantities.problems import Fault, Incapable, NotFound, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import Compute, ObservedLoss, Params, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import reducible_at
from fitted_laws.solving.optimum import FrontierAlone, Optimum, optimum
from fitted_laws.solving.solution import Caution, Solution


class Compare(Question, frozen=True, kw_only=True):
    """How many times the compute does a law need to match another law's loss, or a run's?"""

    name: ClassVar[str] = "compare"
    headline: ClassVar[str] = "compute_multiplier"
    answers: ClassVar[tuple[str, ...]] = ("compute_multiplier", "matched_loss", "compute_needed", "compute")
    rank: ClassVar[int] = 9
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "70B", "tokens": "1.4T", "observed_loss": 1.95}

    other: Annotated[Name, Meta(description="the law to match, at `compute`")] | None = None
    compute: Compute | None = None
    params: Params | None = None
    tokens: Tokens | None = None
    observed_loss: ObservedLoss | None = None

    def require_inputs(self) -> None:
        if exactly_one(self, "other", "observed_loss") == "other":
            if self.compute is None:
                raise NotUnderstood.of(
                    Fault("compute", "the budget at which the other law's loss is to be matched", "nothing")
                )
        elif self.params is None or self.tokens is None:
            raise NotUnderstood.of(
                Fault("params", "params and tokens of the run, beside observed_loss", "one of them missing")
            )

    def solve_by(self, laws: Catalogue) -> Solve:
        if self.other is None:
            return Question.solve_by(self, laws)
        rival = self._rival(laws)
        return lambda question, law: question.against(law, rival)

    def _rival(self, laws: Catalogue) -> Law:
        rivals = [law for law in laws.of(self.domain) if law.id == self.other]
        if not rivals:
            raise NotFound.named("law", str(self.other), (law.id for law in laws.of(self.domain)))
        return rivals[0]

    def solve(self, law: Law) -> Solution:
        """The run's side: compute is 6 × params × tokens."""
        why = withheld(self, law)
        if why is not None:
            raise Unanswerable(f"no multiplier: {why}")
        compute = 6 * column(self.params) * column(self.tokens)
        return matched(law, curve_of(law), column(self.observed_loss), compute, assumed(law))

    def against(self, law: Law, rival: Law) -> Solution:
        """The other law's side: its loss at the optimum of `compute`."""
        rival = rival.central if law is law.central else rival
        if law.id == rival.id:
            raise Incapable(f"{law.id} is the law to match; another one can be compared with it")
        best, best_of_rival = curve_of(law), curve_of(rival)
        ours, theirs = (each.sources[-1].relation.loss_on for each in (best, best_of_rival))
        if ours != theirs and not self.same_loss:
            raise Incapable(
                f"losses of {law.id} ({ours}) and {rival.id} ({theirs}) are not on one scale, so no compute makes them equal; "
                "same_loss=true compares them all the same"
            )
        compute = column(self.compute)
        loss = loss_at_optimum(best_of_rival, compute)
        if loss is None:
            raise Unanswerable(f"{rival.id} prints no loss for {rival.domain.id} to be matched")
        notes = [Caution(f"the interval is that of {law.id} alone; {rival.id}'s loss is taken as published")]
        if ours != theirs:
            notes.append(
                Caution(f"losses on different data or tokenizers are compared as if they were one: {ours} and {theirs}")
            )
        solution = matched(law, best, loss, compute, notes)
        return msgspec.structs.replace(solution, sources=[*solution.sources, *best_of_rival.sources])


def curve_of(law: Law) -> Optimum | FrontierAlone:
    """What says which loss a budget reaches: the law's optimum, or its L(C) where it says nothing of sizes.

    Raises:
        Incapable: it holds neither.
    """
    return FrontierAlone(law) if law.has("frontier") and not ALLOCATES & set(law.roles) else optimum(law)


def loss_at_optimum(best: Optimum | FrontierAlone, compute: Values) -> Values | None:
    """Each budget's loss at its optimum as `optimal` gives it, (rows,); None where none is printed."""
    loss = best.loss(compute)
    return None if loss is None else np.asarray(loss[0])


def matched(law: Law, best: Optimum | FrontierAlone, loss: Values, compute: Values, notes: list[Caution]) -> Solution:
    """How many times `compute` the law needs to reach `loss` at its optimum."""
    needed = best.compute_for(reducible_at(law, best, loss, None))
    fields = {
        "compute_multiplier": needed / compute,
        "compute_needed": needed,
        "matched_loss": loss,
        "compute": compute,
    }
    return Solution(fields=fields, sources=best.sources, warnings=notes)
