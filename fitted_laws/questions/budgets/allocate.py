"""`allocate` and `isoflop`: what another size than the optimal one costs at a budget."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import numpy as np

from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import Compute, Params, Points, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_fields
from fitted_laws.solving.optimum import OfSurface, geometric, rows_at_once, surface_of
from fitted_laws.solving.solution import Solution

FLOOR = ("reducible_loss", "irreducible_loss", "irreducible_loss_known")


class Allocate(Question, frozen=True, kw_only=True):
    """How much more compute does this size spend than the optimal one would for the same loss?"""

    name: ClassVar[str] = "allocate"
    headline: ClassVar[str] = "compute_overhead"
    answers: ClassVar[tuple[str, ...]] = (
        "compute_overhead",
        "loss",
        *FLOOR,
        "optimal_loss",
        "optimal_params",
        "tokens",
        "compute",
    )
    losses: ClassVar[tuple[str, ...]] = ("loss", "optimal_loss")
    rank: ClassVar[int] = 6
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = ("params", "optimal_params")
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "280B", "compute": "5.04e23"}

    params: Params
    compute: Compute | None = None
    tokens: Tokens | None = None

    def rows_at_once(self, law: Law) -> int:
        return rows_at_once(law) if self.irreducible_loss is None else 1

    def solve(self, law: Law) -> Solution:
        exactly_one(self, "compute", "tokens")
        params = column(self.params)
        tokens = column(self.tokens) if self.tokens is not None else column(self.compute) / (6 * params)
        compute = column(self.compute) if self.compute is not None else 6 * params * tokens
        best = surface_of(law, self.irreducible_loss)
        return solve_allocation(best, params, tokens, compute)


class Isoflop(Question, frozen=True, kw_only=True):
    """How does the loss change with the size at a fixed budget, a decade to either side of the optimum?"""

    name: ClassVar[str] = "isoflop"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = ("params", "tokens", "loss", *FLOOR, "compute_overhead", "compute")
    curve: ClassVar[bool] = True
    axes: ClassVar[tuple[str, str] | None] = ("params", "loss")
    rank: ClassVar[int] = 5
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {"domain": "language", "compute": "1e21", "points": 21}

    compute: Compute
    points: Points = 41

    def in_columns(self, law: Law) -> Allocate:
        centre = float(surface_of(law, self.irreducible_loss).central_params(column(self.compute))[0])
        sizes = geometric(centre / 10, centre * 10, self.points)
        return Allocate(domain=self.domain, **{**self.options, "params": sizes, "compute": self.compute})

    def arranged(self, solution: Solution) -> Solution:
        return msgspec.structs.replace(solution, fields={name: solution.fields[name] for name in self.answers})


def solve_allocation(best: OfSurface, params: Values, tokens: Values, compute: Values) -> Solution:
    """Loss and overhead of each (params, tokens): C over the C at which the optimum reaches the same loss."""
    surface = best.surface
    reducible = surface.reducible(params, tokens)
    overhead = np.maximum(compute / best.compute_for(reducible), 1.0)
    loss = surface.E + reducible
    return Solution(
        fields={
            "compute_overhead": overhead,
            "loss": loss,
            **floor_fields(loss, surface.floor).fields,
            "optimal_loss": best.loss(compute),
            "optimal_params": best.params(compute),
            "params": params,
            "tokens": tokens,
            "compute": compute,
        },
        sources=best.sources,
    )
