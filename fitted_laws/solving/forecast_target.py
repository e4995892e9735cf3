"""Where the forecast of a law gets to a loss: its inverse in compute, along the law's own allocation or with size or
data held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgspec
import numpy as np

from fitted_laws.forecast.forecast import CurveForecast, Forecast
from fitted_laws.forms import Values
from fitted_laws.forms.bisection import bisected
from fitted_laws.forms.protocols import LossCurve
from fitted_laws.laws.law import Drawn
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.solving.forecast_interval import Of, stands_on_forecast
from fitted_laws.solving.optimum import surface_of_source
from fitted_laws.solving.solution import Estimate, Solution

BELOW, BEYOND, STEPS = 1e-6, 1e12, 400
"""Where a loss is looked for: from a millionth of the effort by which the law gets there to 10^12 times it."""
HALVINGS = 60
Path: TypeAlias = Callable[[Values], Mapping[str, Values]]
"""Fields of an answer, among them the inputs of a forecast, by a measure of effort with which the loss falls: FLOP."""
OF_CHOICE = {"params", "tokens", "tokens_per_param", "inference_compute"}
"""Fields that follow from what is chosen, which the law says with an uncertainty of its own."""


class Way(msgspec.Struct, frozen=True):
    """How one row gets to the loss `goal`: its path, the effort by which the law itself gets there, and how surely it
    is to.
    """

    path: Path
    start: float
    goal: float
    share: float | None = None


def carried_along(
    solution: Solution, law: str, forecast: Forecast, ways: Sequence[Way], of: Of, level: float
) -> Solution:
    """What it takes to reach a loss by the forecast, from what it takes by the law: each field moves as it does along
    its row's path.

    Raises:
        Unanswerable: by the forecast no compute gets there.
    """
    moved: defaultdict[str, list[Values]] = defaultdict(list)
    for way in ways:
        effort = _efforts(forecast, way, of, level)
        if not np.isfinite(effort[0]):
            surely = "" if way.share is None else f" with probability {way.share:.4g}"
            raise Unanswerable(
                f"by its forecast no compute brings a run of {law} to a loss of {way.goal:.6g}{surely}: it flattens out above"
            )
        before, after = way.path(np.array([way.start])), way.path(effort)
        for name in after:
            moved[name].append(after[name] / before[name])
    fields = {
        name: _moved(solution.fields[name], np.array(ratios).T, of_choice=name in OF_CHOICE)
        for name, ratios in moved.items()
        if name in solution.fields
    }
    return msgspec.structs.replace(solution, fields={**solution.fields, **fields}, forecast=True)


def goals_of(loss: Any, kl: Any, solution: Solution, rows: int) -> Values:
    """The loss to be reached in each row: as given, or so far above the law's irreducible loss."""
    floor = cast("Drawn[LossCurve]", solution.sources[0]).form.floor[0, 0]
    return np.broadcast_to(np.atleast_1d(loss if kl is None else floor + kl), rows)


def along_optimum(solution: Solution, forecast: Forecast) -> Path:
    """The law's own allocation, by compute in FLOP; of a law of one variable, that alone."""
    if isinstance(forecast, CurveForecast):
        return lambda compute: {forecast.variable: compute}
    best = surface_of_source(solution.sources[0])

    def optimal(compute: Values) -> dict[str, Values]:
        size = best.central_params(compute)
        return {"compute": compute, "params": size, "tokens": compute / (6 * size)}

    return optimal


def _efforts(forecast: Forecast, way: Way, of: Of, level: float) -> Values:
    """Effort with its low and high end, (3,): the centre by the law where answers about the mean stand on it; (1,) of a
    probability.
    """
    if way.share is not None:
        return np.array([reached(forecast, way, of, _quantile(forecast, way.share))])
    reach = forecast.scales.reach(level)
    centre, low, high = (reached(forecast, way, of, shift) for shift in (0.0, -reach, reach))
    centre = centre if stands_on_forecast(forecast, of) else way.start
    return np.array([centre, min(low, centre), max(high, centre)])


def _quantile(forecast: Forecast, share: float) -> float:
    """The quantile of a new run's error, in scales."""
    return float(np.sign(share - 0.5)) * forecast.scales.reach(abs(2 * share - 1))


def reached(forecast: Forecast, way: Way, of: Of, shift: float) -> float:
    """The least effort along a path, near the law's own, at which ln loss plus `shift` scales falls to the goal;
    infinite where it never does.
    """
    start = way.start

    def over(log_effort: Values) -> Values:
        parts = forecast.parts(way.path(np.exp(log_effort)))
        scale = forecast.run_scale(parts) if of == "run" else forecast.mean_scale(parts)
        return np.asarray(parts.log_loss + shift * scale - np.log(way.goal))

    grid = np.log(start) + np.linspace(np.log(BELOW), np.log(BEYOND), STEPS)
    above = over(grid) > 0
    if not above.any():
        return float(start * BELOW)
    turns = np.flatnonzero(above[:-1] & ~above[1:])
    if not len(turns):
        return np.inf
    # laws that bend may rise again far from the runs: the crossing nearest to the law's own answer is meant
    nearest = turns[np.argmin(np.abs(grid[turns] - np.log(start)))]
    _, high = bisected(lambda x: over(x) > 0, grid[[nearest]], grid[[nearest + 1]], HALVINGS)
    return float(np.exp(high[0]))


def _moved(value: Any, ratios: Values, *, of_choice: bool) -> Any:
    """A field times the ratios of its value, low and high, (3, n) or (1, n); a choice keeps its own uncertainty beside
    the path's.
    """
    if value is None:
        return None
    if not isinstance(value, Estimate):
        return value * ratios[0]
    centre = value.ends[0] * ratios[0]
    own = value.ends[1:] / value.ends[0] if of_choice and len(value.ends) > 1 else np.ones((2, 1))
    far = np.hypot(np.log(ratios[1:] / ratios[0]), np.log(own))
    return Estimate(np.stack([centre, centre * np.exp(-far[0]), centre * np.exp(far[1])]))
