"""`batch`: the critical batch size, and what another batch costs in steps and compute."""

from __future__ import annotations

from typing import Any, ClassVar

from fitted_laws.answers.showing import LawCurve
from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import BatchTokens, Compute, Loss
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution
from fitted_laws.solving.spent import law_compute


class Batch(Question, frozen=True, kw_only=True):
    """How large may a batch be before it wastes compute, and how many steps does it take?"""

    name: ClassVar[str] = "batch"
    headline: ClassVar[str] = "critical_batch_tokens"
    answers: ClassVar[tuple[str, ...]] = (
        "critical_batch_tokens",
        "min_steps",
        "steps",
        "compute_overhead",
        "batch_tokens",
        "batch_kind",
    )
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="loss", low=1.5, high=4.0, up=("critical_batch_tokens",), place=7),
    )
    example: ClassVar[dict[str, Any]] = {"domain": "language", "law": "kaplan-2020", "loss": 2.5}

    loss: Loss | None = None
    compute: Compute | None = None
    batch_tokens: BatchTokens | None = None

    def solve(self, law: Law) -> Solution:
        """S = S_min·(1 + B_crit/B), E = E_min·(1 + B/B_crit) (K eqs 5.1–5.3; McCandlish et al. 2018)."""
        exactly_one(self, "loss", "compute")
        critical = law.drawn("critical-batch")
        sources = [critical]
        if self.loss is not None:
            loss = column(self.loss)
            cheapest = law.drawn("frontier").form.inverse(loss)
        else:
            frontier = law.drawn("frontier")
            cheapest = law_compute(column(self.compute), frontier, self.compute_kind) / frontier.relation.scale
            loss = frontier.form.value(cheapest)
            sources.append(frontier)
        batch = critical.form.value(loss)
        least = law.drawn("step-allocation").form.value(cheapest)
        # at the critical batch both are twice their least by definition, whatever the coefficients
        batch_tokens, more_steps, overhead = batch, column(2.0), column(2.0)
        if self.batch_tokens is not None:
            batch_tokens = column(self.batch_tokens)
            more_steps, overhead = 1 + batch / batch_tokens, 1 + batch_tokens / batch
        note = "the batch at which steps and compute are each twice their least; it is no batch that was found best (shape gives those)"
        fields = {
            "critical_batch_tokens": batch,
            "min_steps": least,
            "steps": least * more_steps,
            "compute_overhead": overhead,
            "batch_tokens": batch_tokens,
            "batch_kind": "critical",
        }
        return Solution(fields=fields, sources=[*sources, law.drawn("step-allocation")], warnings=[Caution(note)])
