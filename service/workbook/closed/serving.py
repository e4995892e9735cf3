"""Training and serving together, in formulas: what a FLOP of each costs, their bills, and training alone beside both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from service.workbook.closed.expressions import NA, NOTHING, Expr, choose, every, given, of, tried
from service.workbook.closed.sums import FINE, SCIENTIFIC, SECONDS_AN_HOUR, AdditiveCells

Pair: TypeAlias = tuple[Expr, Expr]
"""Of training, and of serving."""


@dataclass(frozen=True)
class Sides:
    """Training and serving on their accelerators: what of each is given, FLOP and money of an hour of one."""

    rented: Expr
    priced: Expr
    flops: Pair
    prices: Pair
    weight: Expr
    """What a FLOP of serving costs, in FLOP of training: 1 where there are no prices."""

    def bill(self, training: Expr, serving: Expr) -> dict[str, Expr]:
        """Accelerator-hours and money of both; #N/A where no accelerators or no price is given."""
        hours = training / self.flops[0], serving / self.flops[1]
        costs = hours[0] * self.prices[0], hours[1] * self.prices[1]
        return {
            "training_accelerator_hours": choose(self.rented, hours[0], NA),
            "inference_accelerator_hours": choose(self.rented, hours[1], NA),
            "training_cost": choose(self.priced, costs[0], NA),
            "inference_cost": choose(self.priced, costs[1], NA),
            "cost": choose(self.priced, costs[0] + costs[1], NA),
        }


def sides_of(law: AdditiveCells, read: Mapping[str, Expr]) -> Sides:
    """What serving has no input of its own for is as in training."""

    def own(name: str) -> Expr:
        return choose(given(read[f"inference_{name}"]), read[f"inference_{name}"], read[name])

    rented = every(given(read["peak_flops"]), given(read["mfu"]))
    training = tried(read["peak_flops"] * read["mfu"] * SECONDS_AN_HOUR, NOTHING)
    serving = tried(own("peak_flops") * own("mfu") * SECONDS_AN_HOUR, NOTHING)
    flops = law.write("FLOP an hour, training", training, SCIENTIFIC), law.write("serving", serving, SCIENTIFIC)
    prices = read["price_per_hour"], own("price_per_hour")
    priced = every(rented, given(read["price_per_hour"]))
    weight = choose(priced, tried(prices[1] / flops[1] / (prices[0] / flops[0]), of(1.0)), 1)
    return Sides(rented, priced, flops, prices, law.write("a FLOP served costs, of training", weight, FINE))


def trained_alone(law: AdditiveCells, reducible: Expr, served: Pair, both: Expr) -> dict[str, Expr]:
    """The model that is cheapest to train to the same loss, its compute once it has served as much, and the share that `both`
    saves of it. `served` are tokens, and these as `both` weighs them.
    """
    compute = law.write("C for training alone", law.compute_for(reducible), SCIENTIFIC)
    params = law.write("N for training alone", law.best_params(compute), SCIENTIFIC)
    total = law.write("with serving, by price", compute + 2 * params * served[1], SCIENTIFIC)
    return {
        "alone_params": params,
        "alone_tokens": compute / 6 / params,
        "alone_compute": compute,
        "alone_total": compute + 2 * params * served[0],
        "saved": 1 - both / total,
    }
