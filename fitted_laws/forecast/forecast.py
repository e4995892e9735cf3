"""A forecast as its law file keeps it, and what it says of further runs: one definition for the trainer and for every
answer.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forecast.errors import Parts, Scales
from fitted_laws.forecast.family import COORDINATES, Table, predict
from fitted_laws.forms import FORMS, Values

Centre = Literal["law", "forecast"]
Variable = Literal["params", "tokens", "compute"]
Inputs: TypeAlias = Mapping[str, Values]


class CalibratedForecast(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What every forecast keeps: the scales of its errors, what back-tests inside the runs made of them, and what they
    said.

    `centre` is what answers about the mean stand on: the law, or the forecast where it erred clearly less in those
    back-tests.
    `law_error` and `forecast_error` are the mean |ln loss| missed by in them.
    """

    scales: Scales
    widening: float
    tests: int
    centre: Centre = "law"
    law_error: float | None = None
    forecast_error: float | None = None
    warnings: list[str] = []

    def mean_scale(self, parts: Parts) -> Values:
        return self.widening * self.scales.mean(parts)

    def run_scale(self, parts: Parts) -> Values:
        return self.widening * self.scales.run(parts)


class SurfaceForecast(CalibratedForecast, frozen=True, kw_only=True, tag_field="kind", tag="surface"):
    """Laws of the family, a line each in `theta`, with the lower triangles of their covariances, and how far each is
    believed.

    `params`, `tokens` and `excess` are the means of the runs' logarithms, `memory` and `compute` their largest;
    `typical` is the middle of ln loss, `lowest` the lowest loss over it. `excess_ahead` is ln(C/6ND) of the largest
    runs, which larger ones share.
    """

    theta: list[list[float]]
    covariance: list[list[float]]
    belief: list[float]
    params: float
    tokens: float
    excess: float
    memory: float
    compute: float
    excess_ahead: float
    typical: float
    lowest: float
    noise: float

    @functools.cached_property
    def laws(self) -> tuple[Values, Values, Values]:
        """Coordinates (r, p), covariances (r, p, p) and beliefs (r,)."""
        size = len(COORDINATES)
        whole = np.zeros((len(self.theta), size, size))
        rows, columns = np.tril_indices(size)
        whole[:, rows, columns] = whole[:, columns, rows] = np.array(self.covariance)
        return np.array(self.theta), whole, np.array(self.belief)

    def parts(self, inputs: Inputs) -> Parts:
        """Runs of `params` and `tokens`, or `unique_tokens` and `epochs`; they spend as much over 6ND as the largest
        did.
        """
        params, unique = (
            np.log(inputs["params"]),
            np.log(inputs["unique_tokens" if "unique_tokens" in inputs else "tokens"]),
        )
        again = np.asarray(inputs.get("epochs", np.ones_like(params))) - 1
        excess = np.full_like(params, self.excess_ahead)
        return self.of(Table(params, unique, again, np.log(6) + params + unique + np.log1p(again) + excess, excess))

    def of(self, runs: Table) -> Parts:
        """The laws' mean by belief, and how far they are from it."""
        theta, covariance, belief = self.laws
        value, slopes = predict(theta, runs.at(self.params, self.tokens, self.excess, self.memory), self.lowest)
        centre = belief @ value
        between = belief @ (value - centre) ** 2
        within = belief @ np.einsum("rnp,rpq,rnq->rn", slopes, covariance, slopes)
        return Parts(
            log_loss=centre + self.typical,
            noise=self.noise,
            coefficient=np.sqrt(within),
            disagreement=np.sqrt(between),
            beyond=np.maximum(runs.compute - self.compute, 0) / np.log(10),
        )


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One law of one variable."""

    form: str
    coefficients: dict[str, float]


class CurveForecast(CalibratedForecast, frozen=True, kw_only=True, tag_field="kind", tag="curve"):
    """Laws of one variable, each counted alike, and the largest value of it among the runs."""

    variable: Variable
    members: list[Member]
    largest: float
    noise: float

    @functools.cached_property
    def laws(self) -> list[Any]:
        return [FORMS[member.form](**member.coefficients) for member in self.members]

    def parts(self, inputs: Inputs) -> Parts:
        """The geometric mean of the laws, and how far they are from it."""
        x = np.asarray(inputs[self.variable])
        values = np.log(np.array([law.value(x) for law in self.laws]))
        return Parts(
            log_loss=values.mean(axis=0),
            noise=self.noise,
            coefficient=np.zeros(len(x)),
            disagreement=np.ptp(values, axis=0),
            beyond=np.maximum(np.log10(x / self.largest), 0),
        )


Forecast: TypeAlias = SurfaceForecast | CurveForecast


def forecast_in(fit: Mapping[str, Any]) -> Forecast | None:
    """The forecast that a relation's `fit` holds.

    Raises:
        msgspec.ValidationError: it is none that this version reads.
    """
    record = fit.get("forecast")
    return None if record is None else msgspec.convert(record, Forecast)
