"""`stop`: when training on limited data stops paying."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.quantities.units import BatchTokens, Params, UniqueTokens
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution

USUAL_BATCH = 524_288.0
"""Tokens in a batch where none are given: those of Kaplan et al. 2020."""


class Stop(Question, frozen=True, kw_only=True):
    """When does training a model of this size on limited data stop paying?"""

    name: ClassVar[str] = "stop"
    headline: ClassVar[str] = "steps"
    answers: ClassVar[tuple[str, ...]] = ("steps", "tokens", "epochs", "loss", "batch_tokens")
    rank: ClassVar[int] = 8
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "1B", "unique_tokens": "1B"}

    params: Params
    unique_tokens: UniqueTokens
    batch_tokens: BatchTokens | None = None

    def solve(self, law: Law) -> Solution:
        """steps ≥ S_c/[L(N, D) − L(N, ∞)]^(1/alpha_S), a lower bound (K eq 5.7); L(N, D) by K eq 1.5, S_c by eq 1.6."""
        if not (law.has("overfitting") and law.has("path")):
            raise Incapable(f"{law.id} does not hold both L(N, unique tokens) and L(N, S), which say when to stop")
        limited, path = law.drawn("overfitting"), law.drawn("path")
        sources = [dataclasses.replace(drawn, source="none", reason=None) for drawn in (limited, path)]
        params, unique = column(self.params), column(self.unique_tokens)
        batch = column(USUAL_BATCH if self.batch_tokens is None else self.batch_tokens)
        loss = limited.form.value(params, unique)[0]
        steps = stopping_steps(path.form, loss - unlimited(limited.form, params)[0])[0]
        if not np.isfinite(steps).all():
            raise Unanswerable(
                "with so many tokens for its size this model never stops learning from them: ask with fewer"
            )
        tokens = steps * batch
        bound = Caution(
            "steps is a lower bound and a rough estimate, by the paper, for batches far above the critical one; it has no interval"
        )
        fields = {
            "steps": steps,
            "tokens": tokens,
            "epochs": tokens / unique,
            "loss": loss,
            "params": params,
            "unique_tokens": unique,
            "batch_tokens": batch,
        }
        fitted = {"params": params, "unique_tokens": unique}
        return Solution(fields=fields, sources=sources, warnings=[bound], fitted=fitted)


def unlimited(form: Any, params: Values) -> Values:
    """L(N, ∞) of the law of early stopping: (Nc/N)^alpha_N."""
    return np.asarray((form.Nc / params) ** form.alpha_N)


def stopping_steps(form: Any, gap: Values) -> Values:
    """S_c/gap^(1/alpha_S): the steps after which the path to L(N, ∞) has come within `gap`; infinite where there is none."""
    with np.errstate(divide="ignore"):
        return np.asarray(form.Sc / np.maximum(gap, 0.0) ** (1 / form.alpha_S))
