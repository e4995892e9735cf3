"""`diagnose`: what holds a run back, and whether it is on trend."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.observed import assumed, withheld
from fitted_laws.asking.question import Question
from fitted_laws.forecast.forecast import Forecast
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import ObservedLoss, Params, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.forecast_interval import centres, row_by_row
from fitted_laws.solving.optimum import surface_of
from fitted_laws.solving.solution import Caution, Estimate, Solution

NINE_IN_TEN, NORMAL_END = 0.9, 1.6448536269514722
"""A run at the end of its 90 % interval is so many standard deviations off."""


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
    losses: ClassVar[tuple[str, ...]] = ("expected_loss",)
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = ("params",)
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "70B", "tokens": "1.4T", "observed_loss": 1.97}

    params: Params
    tokens: Tokens
    observed_loss: ObservedLoss

    def solve(self, law: Law) -> Solution:
        best = surface_of(law, self.irreducible_loss)
        surface = best.surface
        params, tokens, observed = column(self.params), column(self.tokens), column(self.observed_loss)
        compute = 6 * params * tokens
        expected = surface.value(params, tokens)
        by_params = surface.alpha * surface.params_term(params)
        by_tokens = surface.beta * surface.tokens_term(tokens)
        low, high = (end[0] * best.central_params(compute) for end in best.basin)
        larger = np.where(by_params[0] > by_tokens[0], "params", "tokens")
        bottleneck = np.where((params >= low) & (params <= high), "balanced", larger)
        why = withheld(self, law)
        if why is not None:
            notes = [Caution(f"excess_loss, z_score and on_trend are null: {why}")]
        elif best.sources[0].relation.forecast is None:
            text = f"z_score and on_trend are null: {law.id} holds no residuals, so it does not say how far runs scatter about it"
            notes = [Caution(text), *assumed(law)]
        else:
            notes = assumed(law)
        fields = {
            "expected_loss": expected,
            "excess_loss": None if why is not None else observed - expected,
            "z_score": None,
            "on_trend": None,
            "bottleneck": np.broadcast_to(
                bottleneck, np.broadcast_shapes(params.shape, tokens.shape, observed.shape)
            ).tolist(),
            "params_sensitivity": by_params,
            "tokens_sensitivity": by_tokens,
            "compute": compute,
        }
        return Solution(fields=fields, sources=best.sources, warnings=notes)

    def forecast_inputs(self, solution: Solution, forecast: Forecast) -> dict[str, Any] | None:  # noqa: ARG002 - size and data are what was asked
        return self._place(solution)

    def _place(self, solution: Solution) -> dict[str, Any]:
        compute, tokens = centres((solution.fitted or solution.fields)["compute"]), column(self.tokens)
        return {"params": compute / (6 * tokens), "tokens": tokens}

    def with_forecast(self, law: Law, solution: Solution, forecast: Forecast) -> Solution:
        """How many standard deviations of one new run the observed loss is off by, and whether it is inside such a run's interval."""
        with_loss, observed = super().with_forecast(law, solution, forecast), column(self.observed_loss)
        if withheld(self, law) is not None:
            return with_loss
        inputs = self._place(solution)
        expected = with_loss.fields["expected_loss"].ends
        centre, _, high = row_by_row(forecast, inputs, "run", NINE_IN_TEN)
        least, most = row_by_row(forecast, inputs, "run", self.level)[1:]
        return with_loss.with_fields(
            {
                "excess_loss": Estimate(observed - expected[[0, 2, 1]]),
                "z_score": NORMAL_END * np.log(observed / centre) / np.log(high / centre),
                "on_trend": ((least <= observed) & (observed <= most)).tolist(),
            }
        )
