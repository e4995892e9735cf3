"""The compute-optimal frontier of a surface whose axes bend: no closed form, so each budget is looked up in a table and settled by Newton's steps."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.forms.axes import expected, joined
from fitted_laws.forms.warped import WarpedPowerLaw
from fitted_laws.laws.law import Drawn, rows_of

LEAST, MOST, STEP = -5.0, 105.0, 1.0
"""ln(C/6) where the table begins and ends, and how dense it is: cubic pieces err by some hundred-thousandths, which one Newton step squares."""
SIZES = 300
"""Sizes from which the table is made."""
LOG_OVERHEAD = float(np.log(1.01))
"""The basin: sizes that reach the optimal loss for less than 1 % more compute."""
TABLE_TURNS, BASIN_TURNS, TARGET_TURNS, LIFETIME_TURNS = 3, 3, 60, 200
SETTLED = 1e-8
FARTHEST = 60.0
"""e-folds of data beyond the training optimum within which the optimum of a lifetime is looked for."""


class OptimaTable(msgspec.Struct, frozen=True):
    """By law and ln(C/6), (laws, budgets): ln N of the optimum and its slope, ln of what is left there, and ln of the basin's ends over N."""

    size: Values
    growth: Values
    left: Values
    smaller: Values
    larger: Values


class WarpedOptimum:
    """The optimum of a bent surface at C = 6ND: each law's own size, data and compute; its loss where the central law would train."""

    def __init__(
        self, surface: WarpedPowerLaw, sources: Sequence[Drawn[Any]], table: OptimaTable | None = None
    ) -> None:
        self.surface = surface
        self._given_table = table
        self.sources = sources
        self._laws = np.arange(len(surface.E))[:, None]
        self._last: tuple[float, Values] = (np.nan, np.empty(0))

    def params(self, compute: Values) -> Values:
        if compute.size != 1:
            return self._params(compute)
        # the rows of an isoFLOP curve, and several fields of a row, ask for one budget
        kept, found = self._last
        if kept != compute.item() or compute.shape != (1,):
            found = self._params(compute)
            self._last = (compute.item(), found) if compute.shape == (1,) else self._last
        return found

    def _params(self, compute: Values) -> Values:
        return np.exp(self._size(self.surface, self._table, self._laws, np.log(compute / 6)))

    def central_params(self, compute: Values) -> Values:
        """N_opt of each budget by the central law alone, shape (rows,)."""
        return np.asarray(np.exp(self._size(self._central, self._table, self._laws[:1], np.log(compute / 6)))[0])

    @functools.cached_property
    def _central(self) -> WarpedPowerLaw:
        return central_of(self.surface)

    def loss(self, compute: Values) -> Values:
        """Of every law at the size and data that are best by the central one: what a run of this budget is expected to reach."""
        params = self.central_params(compute)
        return self.surface.value(params, compute / (6 * params))

    def exponents(self, compute: Values) -> tuple[Values, Values]:
        """How N_opt grows, and what is left falls, as powers of compute there, (1 + members, rows)."""
        x = np.log(self.params(compute))
        y = np.log(compute / 6) - x
        falls, alpha, _ = self.surface.size.local(x)
        k = self.surface.k
        share = 1 / (1 + np.exp((falls - self.surface.data.falls(y)) / k))
        return balance(self.surface, x, y)[1], np.asarray(share * alpha)

    @property
    def floor(self) -> Values:
        return self.surface.floor

    @functools.cached_property
    def _table(self) -> OptimaTable:
        return tabulated(self.surface) if self._given_table is None else self._given_table

    def among(self, rows: NDArray[np.intp], sources: Sequence[Drawn[Any]]) -> WarpedOptimum:
        """Of these rows of its coefficients alone."""
        table = OptimaTable(*(column[rows] for column in msgspec.structs.astuple(self._table)))
        return WarpedOptimum(rows_of(self.surface, rows), sources, table)

    def _size(self, surface: WarpedPowerLaw, table: OptimaTable, laws: Any, budget: Values) -> Values:
        """ln N at the optimum of ln(C/6): as the table has it, then one of Newton's steps."""
        x = looked_up(table, laws, budget)
        return np.asarray(x + balance(surface, x, budget - x)[0])

    def basin_about(self, params: Values, compute: Values) -> tuple[Values, Values]:
        """The least and the largest size that reach the loss of `params`, the optimum of `compute`, for less than 1 % more compute.

        By the central law to the last bits; by members as their tables have it, to a thousandth of the basin.
        """
        spot, part = located(np.log(compute / 6))
        best, budget = np.log(params[:1]), np.log(compute / 6)
        central, goal = self._central, self._scaled(best, budget - best)
        t = np.clip(part, 0.0, 1.0)
        ends = []
        for table in (self._table.smaller, self._table.larger):
            laws = self._laws[: len(params)]
            away = (1 - t) * table[laws, spot] + t * table[laws, spot + 1]
            exact = edge(central, best + away[:1], budget + LOG_OVERHEAD, goal, BASIN_TURNS)
            ends.append(np.concatenate([np.exp(exact), params[1:] * np.exp(away[1:])]))
        return ends[0], ends[1]

    def _scaled(self, x: Values, y: Values) -> Values:
        """ln of what is left there by the central law, over k."""
        central = self._central
        return np.asarray(joined(-central.size.falls(x) / central.k, -central.data.falls(y) / central.k))

    def compute_for(self, reducible: Values) -> Values:
        """C at which each law's own optimum has `reducible` above E; NaN where none has.

        ln of what is left falls with ln(C/6) by the exponent of size times its share, so that Newton's steps in it converge at once.
        """
        goal = np.log(expected(reducible, self.surface.E, self.surface.scatter))
        goal = np.broadcast_to(goal, np.broadcast_shapes(goal.shape, (len(self.surface.E), 1)))
        budget = begun(self._table, goal)
        moving = np.isfinite(budget)
        for _ in range(TARGET_TURNS):
            # about an optimum the loss hardly depends on the size: as the table has it will do
            x = looked_up(self._table, self._laws, np.where(moving, budget, 0.0))
            falls, alpha, _ = self.surface.size.local(x)
            first, second = -falls / self.surface.k, -self.surface.data.falls(budget - x) / self.surface.k
            total = joined(first, second)
            slope = np.exp(first - total) * alpha
            step = (self.surface.k * total - goal) / slope
            budget = np.where(moving, budget + step, budget)
            moving = moving & (np.abs(step) > SETTLED * np.maximum(np.abs(budget), 1.0))
            if not moving.any():
                break
        return 6 * np.exp(budget)

    def lifetime_tokens(self, reducible: Values, served: Values) -> Values:
        """D that minimises 6ND + 2N·`served` among runs that have `reducible` above E: N·∂L/∂N over D·∂L/∂D is 1 + served/(3D) there.

        In ln D the logarithms of both sides differ by an increasing function, 0 at the training optimum where nothing is served;
        Newton's steps, kept inside a shrinking bracket, find its root to the last bits.
        """
        surface, k = self.surface, self.surface.k
        compute = self.compute_for(reducible)
        low = np.log(compute / 6) - np.log(self.params(compute))
        low = np.broadcast_to(low, np.broadcast_shapes(low.shape, served.shape))
        high, y, moving = low + FARTHEST, low, np.isfinite(low)
        rest = np.log(expected(reducible, surface.E, surface.scatter)) / k
        for _ in range(LIFETIME_TURNS):
            falls, beta, bend_y = surface.data.local(y)
            q = np.exp(-falls / k - rest)  # of (L − E)^(1/k)
            p = 1 - np.minimum(q, 1 - 1e-16)
            _, alpha, bend_x = surface.size.local(surface.size.place(-k * (np.log(p) + rest)))
            extra = served / (3 * np.exp(y))
            gap = np.log(alpha * p / (beta * q)) - np.log1p(extra)
            grown = q * beta / k / p  # of ln p in ln D
            slope = grown - bend_x / alpha * k * grown / alpha + beta / k - bend_y / beta + extra / (1 + extra)
            low, high = np.where(gap < 0, y, low), np.where(gap < 0, high, y)
            step = y - gap / slope
            following = np.where((step >= low) & (step <= high), step, (low + high) / 2)
            y, moving = np.where(moving, following, y), moving & (np.abs(following - y) >= SETTLED * np.abs(y))
            if not moving.any():
                break
        return np.asarray(np.exp(y))


def central_of(surface: WarpedPowerLaw) -> WarpedPowerLaw:
    """The law without its members: row 0 of its coefficients."""
    names = surface.__struct_fields__
    return WarpedPowerLaw(**{name: head(getattr(surface, name)) for name in names})


def head(coefficient: Any) -> Any:
    return coefficient[:1] if isinstance(coefficient, np.ndarray) else coefficient


def balance(surface: WarpedPowerLaw, x: Values, y: Values) -> tuple[Values, Values]:
    """Newton's step in ln N towards where size and data are worth alike at one budget, and how ln N_opt grows with ln C."""
    k = surface.k
    falls_x, alpha, bend_x = surface.size.local(x)
    falls_y, beta, bend_y = surface.data.local(y)
    gap = np.log(alpha / beta) + (falls_y - falls_x) / k
    of_size, of_data = alpha / k - bend_x / alpha, beta / k - bend_y / beta
    return np.asarray(gap / (of_size + of_data)), np.asarray(of_data / (of_size + of_data))


def edge(surface: WarpedPowerLaw, x: Values, budget: Values, goal: Values, turns: int) -> Values:
    """ln N, near `x`, at which `budget` has exp(k·`goal`) above E: Newton's steps on a sum that is convex in ln N."""
    k = surface.k
    for _ in range(turns):
        falls_x, alpha, _ = surface.size.local(x)
        falls_y, beta, _ = surface.data.local(budget - x)
        p, q = np.exp(-falls_x / k - goal), np.exp(-falls_y / k - goal)
        slope = (q * beta - p * alpha) / k
        x = x - (p + q - 1) / slope
    return np.asarray(x)


def looked_up(table: OptimaTable, laws: Any, budget: Values) -> Values:
    """ln N at the optimum of ln(C/6) by a cubic between the table's budgets, and straight beyond them."""
    spot, part = located(budget)
    before, after = table.size[laws, spot], table.size[laws, spot + 1]
    begins, ends = STEP * table.growth[laws, spot], STEP * table.growth[laws, spot + 1]
    t = np.clip(part, 0.0, 1.0)
    bump = t * (1 - t)
    cubic = before + (after - before) * t * t * (3 - 2 * t) + bump * ((1 - t) * begins - t * ends)
    return np.asarray(cubic + (part - t) * np.where(part > 1, ends, begins))


def located(budget: Values) -> tuple[Any, Values]:
    """Which piece of the table a budget is in, and where in it: below 0 and above 1 outside the table."""
    place = (budget - LEAST) / STEP
    spot = np.clip(np.floor(np.nan_to_num(place)), 0, round((MOST - LEAST) / STEP) - 1).astype(int)
    return spot, place - spot


def begun(table: OptimaTable, goal: Values) -> Values:
    """ln(C/6) about which what is left falls to `goal`, (laws, rows), by the table; NaN where that is."""
    laws = np.arange(len(table.left))[:, None]
    least, most = np.zeros(goal.shape, dtype=int), np.full(goal.shape, table.left.shape[1] - 1)
    while (most - least > 1).any():  # what is left falls along a row of the table
        middle = (least + most) // 2
        above = table.left[laws, middle] > goal
        least, most = np.where(above, middle, least), np.where(above, most, middle)
    spot = np.clip(least, 0, table.left.shape[1] - 2)
    before, after = table.left[laws, spot], table.left[laws, spot + 1]
    return np.asarray(LEAST + STEP * (spot + (goal - before) / (after - before)))


def tabulated(surface: WarpedPowerLaw) -> OptimaTable:
    """The frontier of each law over all budgets that anybody asks about."""
    budgets = np.arange(LEAST, MOST + STEP / 2, STEP)
    x = _first_sizes(surface, budgets)
    for _ in range(TABLE_TURNS):
        step, growth = balance(surface, x, budgets - x)
        x = x + step
    growth = balance(surface, x, budgets - x)[1]
    k = surface.k
    left = joined(-surface.size.falls(x) / k, -surface.data.falls(budgets - x) / k)
    # of p + q, convex in ln N, to second order: half its curvature times the square of the distance is what 1 % of compute buys
    (falls_x, alpha, bend_x), (falls_y, beta, bend_y) = surface.size.local(x), surface.data.local(budgets - x)
    p, q = np.exp(-falls_x / k - left), np.exp(-falls_y / k - left)
    curved = p * ((alpha / k) ** 2 - bend_x / k) + q * ((beta / k) ** 2 - bend_y / k)
    apart = 1.2 * np.sqrt(2 * LOG_OVERHEAD * p * alpha / k / curved)
    smaller, larger = (
        edge(surface, x + sign * apart, budgets + LOG_OVERHEAD, left, BASIN_TURNS) - x for sign in (-1, 1)
    )
    return OptimaTable(size=x, growth=growth, left=k * left, smaller=smaller, larger=larger)


def _first_sizes(surface: WarpedPowerLaw, budgets: Values) -> Values:
    """ln N about the optimum of each budget, (laws, budgets): for each of many sizes the data that are worth as much."""
    grid = np.linspace(LEAST - 20, MOST + 20, SIZES)
    k = surface.k
    worth_x = np.broadcast_to(
        np.log(surface.size.exponent(grid)) - surface.size.falls(grid) / k, (len(surface.E), SIZES)
    )
    worth_y = np.broadcast_to(
        np.log(surface.data.exponent(grid)) - surface.data.falls(grid) / k, (len(surface.E), SIZES)
    )
    data = [np.interp(-x, -y, grid) for x, y in zip(worth_x, worth_y, strict=True)]
    return np.array([np.interp(budgets, grid + y, grid) for y in data])
