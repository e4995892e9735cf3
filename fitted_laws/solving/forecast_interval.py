"""What a law's forecast makes of an answer: where the loss lies and how far it may, for such runs on the mean or for
one new run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np

from fitted_laws.forecast.forecast import CurveForecast, Forecast
from fitted_laws.forms import Values
from fitted_laws.solving.optimum import surface_of_source
from fitted_laws.solving.solution import Caution, Estimate, Solution

Of = Literal["mean", "run", "none"]
"""What an interval is of; of nothing, a centre is that of the mean."""


class Band(msgspec.Struct, frozen=True):
    """ln of the forecast loss and half the width of its interval, (n,) each."""

    log_loss: Values
    half: Values

    @classmethod
    def at(cls, forecast: Forecast, inputs: Mapping[str, Values], of: Of, level: float) -> Band:
        parts = forecast.parts(inputs)
        scale = forecast.run_scale(parts) if of == "run" else forecast.mean_scale(parts)
        return cls(parts.log_loss, forecast.scales.reach(level) * scale)

    @property
    def ends(self) -> Values:
        """Loss, low and high, (3, n)."""
        return np.exp(np.stack([self.log_loss, self.log_loss - self.half, self.log_loss + self.half]))


def stands_on_forecast(forecast: Forecast, of: Of) -> bool:
    """Whether the headline is the forecast's: of one new run always, of the mean where it did better in back-tests."""
    return of == "run" or forecast.centre == "forecast"


def row_by_row(forecast: Forecast, inputs: Mapping[str, Values], of: Of, level: float) -> Values:
    """Loss, low and high of each row, (3, n), whose bits do not depend on the rows beside it."""
    columns = dict(zip(inputs, np.broadcast_arrays(*inputs.values()), strict=True))
    size = len(next(iter(columns.values())))
    rows = [
        Band.at(forecast, {name: column[i : i + 1] for name, column in columns.items()}, of, level).ends
        for i in range(size)
    ]
    return np.concatenate(rows, axis=1)


def with_forecast_interval(
    solution: Solution, name: str, forecast: Forecast, inputs: Mapping[str, Values], of: Of, level: float
) -> Solution:
    """The solution with the forecast's interval of the loss `name`, and of what is left of it above the irreducible
    loss.
    """
    ends = row_by_row(forecast, inputs, of, level)
    law = solution.fields[name].ends[0]
    if not stands_on_forecast(forecast, of):
        ends = np.stack([law, np.minimum(ends[1], law), np.maximum(ends[2], law)])
    fields = {name: Estimate(ends)}
    floor, left = solution.fields.get("irreducible_loss"), solution.fields.get("reducible_loss")
    if isinstance(floor, Estimate) and isinstance(left, Estimate):
        centre = np.maximum(ends[0] - floor.ends[0], 0)
        below, above = (
            np.hypot(ends[0] - end, offset) for end, offset in zip(ends[1:], _offsets(left.ends), strict=True)
        )
        fields["reducible_loss"] = Estimate(np.stack([centre, np.maximum(centre - below, 0), centre + above]))
    return msgspec.structs.replace(solution, fields={**solution.fields, **fields}, forecast=True)


def _offsets(ends: Values) -> tuple[Values, Values]:
    """How far low and high are from the value; 0 without an interval."""
    if len(ends) < 3:
        return np.zeros_like(ends[0]), np.zeros_like(ends[0])
    return ends[0] - ends[1], ends[2] - ends[0]


def forecast_notes(forecast: Forecast, law: str, of: Of) -> list[Caution]:
    """What the reader of an answer by the forecast must know: what its interval is of, and why it is centred where it
    is.
    """
    if of == "run":
        return [
            Caution(f"the interval is of one new run; its centre is the forecast of the family of laws about {law}")
        ]
    if forecast.centre == "forecast" and forecast.forecast_error is not None and forecast.law_error is not None:
        text = (
            f"the loss is the forecast of a family of laws about {law}, whose own coefficients missed by {forecast.law_error:.2%} "
            f"in {forecast.tests} back-tests inside its runs, the forecast by {forecast.forecast_error:.2%}"
        )
        return [Caution(text)]
    return []


def places(solution: Solution, forecast: Forecast) -> dict[str, Values] | None:
    """Params and tokens of the runs of a solution, or a curve's one variable, in the law's own count; None where no run
    is meant.
    """
    known = {
        name: values
        for name, value in {**solution.fields, **(solution.fitted or {})}.items()
        if (values := plain(value)) is not None
    }
    if isinstance(forecast, CurveForecast):
        return {forecast.variable: known[forecast.variable]} if forecast.variable in known else None
    source = solution.sources[0]
    if source.relation.role not in ("surface", "repeated"):  # a curve at one size or one number of tokens
        known = {"params": np.exp(np.array([forecast.params])), "tokens": np.exp(np.array([forecast.tokens])), **known}
    elif known.keys() & {"params", "tokens", "compute"} == {"compute"}:
        size = surface_of_source(source).central_params(known["compute"])
        known = {"params": size, "tokens": known["compute"] / (6 * size)}
    return {name: known[name] for name in ("params", "tokens")} if known.keys() >= {"params", "tokens"} else None


def centres(value: Any) -> Any:
    """A field without its interval."""
    return value.ends[0] if isinstance(value, Estimate) else value


def plain(value: Any) -> Values | None:
    """A field's values without their interval, None where there is none."""
    values = centres(value)
    return values if isinstance(values, np.ndarray) and values.dtype.kind == "f" else None
