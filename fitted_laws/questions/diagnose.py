"""`diagnose`: what holds a run back, and whether it is on trend."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fitted_laws.extrapolation import Caution
from fitted_laws.laws import Law
from fitted_laws.questions.allocate import surface_of
from fitted_laws.questions.base import Question, column
from fitted_laws.solutions import Solution
from fitted_laws.units import ObservedLoss, Params, Tokens


class Diagnose(Question, frozen=True, kw_only=True):
    """Is a run on trend, and is it size or data that holds it back?"""

    name: ClassVar[str] = "diagnose"
    headline: ClassVar[str] = "expected_loss"
    answers: ClassVar[tuple[str, ...]] = (
        "expected_loss",
        "excess_loss",
        "z_score",
        "on_trend",
        "bottleneck",
        "params_sensitivity",
        "tokens_sensitivity",
        "compute",
    )
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "70B", "tokens": "1.4T", "observed_loss": 1.97}

    params: Params
    tokens: Tokens
    observed_loss: ObservedLoss

    def solve(self, law: Law) -> Solution:
        best = surface_of(law, self)
        surface = best.surface
        params, tokens, observed = column(self.params), column(self.tokens), column(self.observed_loss)
        compute = 6 * params * tokens
        expected = surface.value(params, tokens)
        by_params = surface.alpha * surface.params_term(params)
        by_tokens = surface.beta * surface.tokens_term(tokens)
        low, high = (end[0] * best.central_params(compute) for end in best.basin)
        larger = np.where(by_params[0] > by_tokens[0], "params", "tokens")
        bottleneck = np.where((params >= low) & (params <= high), "balanced", larger)
        note = Caution(f"z_score and on_trend are null: {law.id} holds no residuals, so it does not say how far runs scatter about it")
        fields = {
            "expected_loss": expected,
            "excess_loss": observed - expected,
            "z_score": None,
            "on_trend": None,
            "bottleneck": np.broadcast_to(bottleneck, np.broadcast_shapes(params.shape, tokens.shape, observed.shape)).tolist(),
            "params_sensitivity": by_params,
            "tokens_sensitivity": by_tokens,
            "compute": compute,
        }
        return Solution(fields=fields, sources=best.sources, warnings=[note])
