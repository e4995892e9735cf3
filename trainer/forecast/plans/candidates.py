"""Further runs that a budget buys: few large ones, many small ones, some of both, and the grid that they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer.estimation.objective import Array

Kind = Literal["few large", "many small", "large and small", "grid"]
SPREADS: tuple[tuple[Kind, tuple[float, ...], int, tuple[float, ...]], ...] = (
    ("few large", (0.6,), 2, (16.0, 64.0)),
    ("large and small", (0.6,), 4, (64.0,)),
    ("many small", (), 6, (64.0,)),
    ("many small", (), 12, (64.0,)),
)
"""What parts of the budget go into large runs at the question's own tokens a parameter, over how many equal runs the rest is spread,
and how far aside, to either side, the tokens a parameter of these go. A large run takes the distance; those aside tell size from data.
"""
FEWER: tuple[tuple[Kind, tuple[float, ...], int, tuple[float, ...]], ...] = (
    ("few large", (), 2, (16.0,)),
    ("few large", (1.0,), 0, (1.0,)),
)
"""The same of plans that are for those who can make fewer runs than any of the others takes."""
STEPS = (10.0, 4.0)
"""From one size, and amount of data, to the next of wide grids: the largest of their nine runs takes four fifths of the budget, or half of it."""
MOST_RUNS = max(len(large) + count for _, large, count, _ in SPREADS)
FEWEST = min(len(large) + count for _, large, count, _ in SPREADS)
BEYOND_RATIOS = 4.0
"""Tokens a parameter of a plan go at most so many times beyond those of the runs: no run says that the law holds there."""
GRID_STEP, GRID_SIDE = 2.0, 3
"""The same of the grid that plans are held against, and how many sizes and amounts of data a grid has."""
DIGITS = 4
"""Of params and tokens, so that they can be typed; tokens are rounded down, so that no plan costs more than its budget."""


@dataclass(frozen=True, slots=True, eq=False)
class RunPlan:
    """Further runs, (n,) each: their params, their tokens, and their compute in FLOP."""

    kind: Kind
    params: Array
    tokens: Array
    compute: Array

    def __len__(self) -> int:
        return len(self.params)

    @property
    def cost(self) -> float:
        """FLOP of all of them."""
        return float(self.compute.sum())


def candidate_plans(
    budget: float, ratio: float, seen: tuple[float, float], excess: float = 1.0, most: int = MOST_RUNS
) -> list[RunPlan]:
    """Plans of at most `most` runs that cost `budget` FLOP, about `ratio` tokens a parameter; a run costs 6ND times `excess`.

    Those that narrow most reliably come first: wide grids, whose small runs take the long levers and cost little.

    `seen` is the least and the largest ratio of the runs that there are.
    """
    low, high = min(seen[0] / BEYOND_RATIOS, ratio), max(seen[1] * BEYOND_RATIOS, ratio)
    plans: dict[tuple[float, ...], RunPlan] = {}
    for step in STEPS if most >= GRID_SIDE**2 else ():
        compute, apart = _grid(step, ratio)
        plans[step,] = _plan("large and small", compute, np.clip(apart, low, high), budget, excess)
    for kind, large, count, asides in SPREADS if most >= FEWEST else FEWER:
        for aside in asides:
            shares = [*large, *(count * ((1 - sum(large)) / count,) if count else ())]
            ratios = [*len(large) * (ratio,), *np.geomspace(max(ratio / aside, low), min(ratio * aside, high), count)]
            if len(shares) <= most:
                plans.setdefault((*shares, *ratios), _plan(kind, shares, ratios, budget, excess))
    return list(plans.values())


def geometric_grid(budget: float, ratio: float, excess: float = 1.0) -> RunPlan:
    """Three sizes by three amounts of data, each twice the one before, about `ratio` tokens a parameter."""
    return _plan("grid", *_grid(GRID_STEP, ratio), budget, excess)


def _grid(step: float, ratio: float) -> tuple[Array, Array]:
    """Compute of its runs over that of the smallest, and tokens a parameter, (9,) each."""
    side = step ** np.arange(GRID_SIDE)
    size, data = (column.ravel() for column in np.meshgrid(side, side, indexing="ij"))
    return size * data, ratio * data / size


def _plan(
    kind: Kind, shares: Sequence[float] | Array, ratios: Sequence[float] | Array, budget: float, excess: float
) -> RunPlan:
    compute = budget * np.asarray(shares) / np.sum(shares)
    params = _units(size := np.sqrt(compute / (6 * excess * np.asarray(ratios)))) * np.round(size / _units(size))
    data = compute / (6 * excess * params)
    tokens = _units(data) * np.floor(data / _units(data))
    return RunPlan(kind, params, tokens, 6 * excess * params * tokens)


def _units(values: Array) -> Array:
    """One in the last of the digits that are kept."""
    return np.asarray(10.0 ** np.maximum(np.floor(np.log10(values)) - DIGITS + 1, 0))
