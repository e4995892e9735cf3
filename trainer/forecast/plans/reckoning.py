"""What further runs are expected to make of an interval: truths drawn from the set of laws, runs of them simulated, the set fitted anew.

A preposterior analysis (Raiffa & Schlaifer 1961, part 2), whose posterior is the very fit that an answer rests on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from fitted_laws.questions import registry
from trainer.estimation.objective import Array
from trainer.forecast.family.posterior import SurfacePosterior
from trainer.forecast.forecaster import FittedFamily, Forecaster, fitted_to, forecaster, lack
from trainer.forecast.members.members import Members
from trainer.tables.runs import Runs

from .asked import DOMAIN, AskedField, Known, asked_of
from .candidates import MOST_RUNS, RunPlan, candidate_plans, geometric_grid

FIRST, SECOND, GOING_ON = 2, 3, 2
"""Possible truths that every candidate is tried on, those that the best of them are tried on again, and how many these are."""
TRIED_MEMBERS, TRIED_LEVEL = 24, 0.8
"""Laws of each set that is fitted anew to choose by, and the level of the interval that is compared."""
OUTCOMES, MEMBERS = 8, 100
"""The same of plans that are listed, whose intervals are stated."""
ALIKE = 0.5
"""Plans whose mean widths are at most so far above the narrowest count as alike, and the first of them is chosen.

Trials of one plan scatter by a fifth, and the narrowest of several is partly the luckiest: wide grids narrowed more often than what won by less.
"""

Fit = Callable[[Runs], FittedFamily]
"""From runs to the laws that a set is made of."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A plan, and how wide each simulated outcome would leave the field that is asked for: ln of high over low, (outcomes,)."""

    plan: RunPlan
    widths: Array

    @property
    def endless(self) -> int:
        """Outcomes that leave it without an end."""
        return int((~np.isfinite(self.widths)).sum())

    @property
    def width(self) -> float:
        """The mean over the outcomes that leave it ends; infinite where none does."""
        ends = self.widths[np.isfinite(self.widths)]
        return float(ends.mean()) if len(ends) else np.inf


@dataclass(frozen=True)
class Planner:
    """The question, what the runs say of it now, and what it takes to say what further runs would."""

    asked: AskedField
    family: Forecaster
    set: Members
    whole: Mapping[str, Any]
    seed: int = 0

    @functools.cached_property
    def now(self) -> Known:
        return self.asked.of(self.set)

    @functools.cached_property
    def place(self) -> tuple[float, float]:
        """Params and tokens of the run that the question is about: as asked, or the best by the central law."""
        params, tokens = (self.whole.get(name) for name in ("params", "tokens"))
        if params is not None and tokens is not None:
            return float(params), float(tokens)
        runs = self.asked.runs.columns
        largest = int(np.argmax(runs["compute"]))
        return float(runs["params"][largest]), float(runs["tokens"][largest])

    @functools.cached_property
    def steering(self) -> AskedField:
        """What plans are chosen by: the field itself, but of a target the loss where it is reached, which has both ends always."""
        if self.asked.question.name != "target":
            return self.asked
        params, tokens = self.place
        inputs = {"domain": DOMAIN, "params": params, "tokens": tokens, "level": self.asked.question.level}
        return AskedField(registry.read("loss", inputs), "loss", self.asked.runs)

    @property
    def noise(self) -> float:
        """Standard deviation of ln loss of one run."""
        return max(self.family.laws.noise, self.asked.runs.seed_noise)

    @property
    def excess(self) -> float:
        """Compute of the largest runs over 6ND."""
        laws = self.family.laws
        return float(np.exp(laws.excess_ahead)) if isinstance(laws, SurfacePosterior) else 1.0

    def truths(self, count: int) -> list[int]:
        """So many members, evenly spread by their loss at the place that the question is about; row numbers of the set."""
        losses = self.set.log_losses(*self._inputs(*(np.array([value]) for value in self.place)))[1:, 0]
        order = np.argsort(losses, kind="stable")
        return [int(order[int((i + 0.5) * len(order) / count)]) + 1 for i in range(count)]

    def chosen(self, budget: float, most: int = MOST_RUNS) -> list[RunPlan]:
        """The plan of each kind that narrows most for that many FLOP, the best of them first."""
        params, tokens = self.place
        runs = self.asked.runs.columns
        ratios = runs["tokens"] / runs["params"]
        seen = float(ratios.min()), float(ratios.max())
        plans = candidate_plans(budget, tokens / params, seen, self.excess, most)
        if len(plans) == 1:
            return plans
        first = self._ranked(plans, FIRST, self._untested)
        best = best_of_kinds(first)
        going_on = {*first[:GOING_ON], *best}
        second = self._ranked([plan for plan in plans if plan in going_on], SECOND, forecaster)
        return best_of_kinds(second)

    def _ranked(self, plans: Sequence[RunPlan], truths: int, fit: Fit) -> list[RunPlan]:
        """The plans, tried on the same truths: those that narrow most first, those alike in their order."""
        asked = self.steering.at_level(TRIED_LEVEL, TRIED_MEMBERS)
        tried = [self._tried(plan, asked, self.truths(truths), fit, TRIED_MEMBERS) for plan in plans]
        alike = (1 + ALIKE) * min(each.width for each in tried)
        return [each.plan for each in sorted(tried, key=lambda each: max(each.width, alike))]

    def grid(self, budget: float) -> RunPlan:
        """The geometric grid of that many FLOP, to hold plans against."""
        params, tokens = self.place
        return geometric_grid(budget, tokens / params, self.excess)

    def reckoned(self, plan: RunPlan, outcomes: int = OUTCOMES) -> Reckoned:
        """What the plan would make of the field that is asked for, on so many possible truths."""
        asked = self.asked.at_level(self.asked.question.level, MEMBERS)
        return self._tried(plan, asked, self.truths(outcomes), forecaster, MEMBERS)

    def _tried(self, plan: RunPlan, asked: AskedField, truths: Sequence[int], fit: Fit, members: int) -> Reckoned:
        sets = (fit(self._simulated(plan, truth)).members(seed=self.seed, count=members) for truth in truths)
        return Reckoned(plan, np.array([asked.of(laws).width for laws in sets]))

    def _simulated(self, plan: RunPlan, truth: int) -> Runs:
        """The runs and those of the plan, were that member true."""
        random = np.random.default_rng([self.seed, truth])
        log_loss = self.set.log_losses(*self._inputs(plan.params, plan.tokens))[truth]
        loss = np.exp(log_loss + self.noise * random.standard_normal(len(plan)))
        return with_further(self.asked.runs, plan, loss)

    def _untested(self, runs: Runs) -> FittedFamily:
        """The laws of these runs, as wide as back-tests make them now: a fifth of the work of other ones."""
        return fitted_to(runs, "").widened(self.family.widening * lack(len(runs)) / lack(len(self.asked.runs)))

    def _inputs(self, params: Array, tokens: Array) -> tuple[Array, ...]:
        return (params, tokens, np.ones(len(params)))[: 3 if self.set.form == "warped-repeated" else 2]


def best_of_kinds(ranked: Sequence[RunPlan]) -> list[RunPlan]:
    """The first plan of each kind, in their order."""
    return list({plan.kind: plan for plan in reversed(ranked)}.values())[::-1]


def with_further(runs: Runs, plan: RunPlan, loss: Array) -> Runs:
    """The runs and those of a plan, with what they reach: each sees its data once."""
    size = len(plan)
    own = {"params": plan.params, "tokens": plan.tokens, "compute": plan.compute, "loss": loss}
    own |= {"unique_tokens": plan.tokens, "epochs": np.ones(size), "weight": np.ones(size)}
    columns = {
        name: np.concatenate([column, own.get(name, np.full(size, np.nan))]) for name, column in runs.columns.items()
    }
    return msgspec.structs.replace(runs, columns=columns, labels={}, others={}, lines=[*runs.lines, *size * [0]])


def planner(runs: Runs, name: str, inputs: Mapping[str, object], field: str = "", seed: int = 0) -> Planner:
    """The question `name` put to the set of laws of `runs`.

    Raises:
        NotUnderstood: inputs are missing, malformed or not of the question, or the field has no interval.
        Unanswerable: the set has no answer, or the runs do not vary in size and data.
    """
    asked = asked_of(runs, name, inputs, field)
    family = forecaster(runs)
    laws = family.members(seed=seed)
    return Planner(asked, family, laws, asked.whole(laws), seed)
