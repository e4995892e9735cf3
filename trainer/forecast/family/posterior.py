"""Where the laws of the family lie, and what the error of their mean is made of: what a set of laws is drawn to reproduce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from trainer.estimation.objective import Array

from .equation import PlacedRuns, predict
from .errors import Parts, Scales

Variable = Literal["params", "tokens", "compute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What every posterior keeps: the scales of its errors, what back-tests inside the runs made of them, and what they said."""

    scales: Scales
    noise: float
    widening: float = 1.0
    tests: int = 0
    warnings: list[str] = field(default_factory=list)

    def mean_scale(self, parts: Parts) -> Array:
        return self.widening * self.scales.mean(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfacePosterior(Calibrated):
    """Laws of the family by coordinates (r, p), covariances (r, p, p) and beliefs (r,).

    `params`, `tokens` and `excess` are the means of the runs' logarithms, `memory` and `compute` their largest;
    `typical` is the middle of ln loss, `lowest` the lowest loss over it. `excess_ahead` is ln(C/6ND) of the largest
    runs, which larger ones share.
    """

    theta: Array
    covariance: Array
    belief: Array
    params: float
    tokens: float
    excess: float
    memory: float
    compute: float
    excess_ahead: float
    typical: float
    lowest: float

    def values(self, runs: PlacedRuns) -> tuple[Array, Array]:
        """ln of each law's loss over the typical one, (r, n), and its derivatives, (r, n, p)."""
        return predict(self.theta, runs.at(self.params, self.tokens, self.excess, self.memory), self.lowest)

    def of(self, runs: PlacedRuns) -> Parts:
        """The laws' mean by belief, and how far they are from it."""
        value, slopes = self.values(runs)
        centre = self.belief @ value
        between = self.belief @ (value - centre) ** 2
        within = self.belief @ np.einsum("rnp,rpq,rnq->rn", slopes, self.covariance, slopes)
        return Parts(
            log_loss=centre + self.typical,
            noise=self.noise,
            coefficient=np.sqrt(within),
            disagreement=np.sqrt(between),
            beyond=np.maximum(runs.compute - self.compute, 0) / np.log(10),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePosterior(Calibrated):
    """Laws of one variable, each counted alike, and the least and largest value of it among the runs."""

    variable: Variable
    laws: list[Any]
    smallest: float
    largest: float

    def values(self, x: Array) -> Array:
        """ln of each law's loss, (laws, n)."""
        return np.asarray(np.log(np.array([law.value(x) for law in self.laws])))

    def parts(self, inputs: Mapping[str, Array]) -> Parts:
        """The geometric mean of the laws, and how far they are from it."""
        x = np.asarray(inputs[self.variable])
        values = self.values(x)
        return Parts(
            log_loss=values.mean(axis=0),
            noise=self.noise,
            coefficient=np.zeros(len(x)),
            disagreement=np.ptp(values, axis=0),
            beyond=np.maximum(np.log10(x / self.largest), 0),
        )


Posterior: TypeAlias = SurfacePosterior | CurvePosterior
