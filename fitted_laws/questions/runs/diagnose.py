"""`diagnose`: what holds a run back, and whether it is on trend."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.observed import assumed, withheld
from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.laws.intervals import central_interval
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import ObservedLoss, Params, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.optimum import surface_of
from fitted_laws.solving.solution import Caution, Solution

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
        by_params, by_tokens = surface.sensitivities(params, tokens)
        low, high = (end[0] for end in best.basin_about(best.central_params(compute)[None], compute))
        larger = np.where(by_params[0] > by_tokens[0], "params", "tokens")
        bottleneck = np.where((params >= low) & (params <= high), "balanced", larger)
        why = withheld(self, law)
        if why is not None:
            notes = [Caution(f"excess_loss, z_score and on_trend are null: {why}")]
        elif best.sources[0].relation.forecast is None or self.irreducible_loss is not None:
            text = f"z_score and on_trend are null: {law.id} holds no residuals, so it does not say how far runs scatter about it"
            notes = [Caution(text), *assumed(law)]
        else:
            notes = assumed(law)
        of_run = self._of_run(law, observed) if why is None and law.forecasts and self.irreducible_loss is None else {}
        fields = {
            "expected_loss": expected,
            "excess_loss": None if why is not None else observed - expected,
            "z_score": of_run.get("z_score"),
            "on_trend": of_run.get("on_trend"),
            "bottleneck": np.broadcast_to(
                bottleneck, np.broadcast_shapes(params.shape, tokens.shape, observed.shape)
            ).tolist(),
            "params_sensitivity": by_params,
            "tokens_sensitivity": by_tokens,
            "compute": compute,
        }
        return Solution(fields=fields, sources=best.sources, warnings=notes)

    def _of_run(self, law: Law, observed: Values) -> dict[str, Any]:
        """How many standard deviations of one new run the observed loss is off by, and whether it is inside such a run's interval."""
        reached = surface_of(law.of_one_run, None).surface.value(column(self.params), column(self.tokens))
        if len(reached) < 2:
            return {}
        least, most = central_interval(reached, self.level)
        end = np.where(observed < reached[0], *central_interval(reached, NINE_IN_TEN))
        off = np.log(observed / reached[0]) / np.abs(np.log(end / reached[0]))
        return {"z_score": NORMAL_END * off, "on_trend": ((least <= observed) & (observed <= most)).tolist()}
