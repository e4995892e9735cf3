"""Where the forecast of a law gets to a loss: its inverse in compute, along the law's own allocation or with size or
data held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import msgspec
import numpy as np

from fitted_laws.forecast.forecast import CurveForecast, Forecast
from fitted_laws.forms import Values
from fitted_laws.forms.bisection import bisected
from fitted_laws.forms.protocols import LossCurve
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.solving.forecast_interval import Of, plain, stands_on_forecast
from fitted_laws.solving.optimum import surface_of_source
from fitted_laws.solving.solution import Caution, Estimate, Solution

BELOW, BEYOND, STEPS = 1e-6, 1e12, 400
"""Where a loss is looked for: from a millionth of the compute by which the law gets there to 10^12 times it."""
HALVINGS = 60
Path: TypeAlias = Callable[[Values], Mapping[str, Values]]
"""The inputs of a forecast by compute in FLOP."""


def target_with_forecast(question: Any, law: Law, solution: Solution, forecast: Forecast) -> Solution:
    """The target's compute, params and tokens by the forecast, from those by the law: each moves as compute does along
    its path.

    Raises:
        Unanswerable: by the forecast no compute gets there.
    """
    known = {
        name: values
        for name, value in {**solution.fields, **(solution.fitted or {})}.items()
        if (values := plain(value)) is not None
    }
    floor = cast("Drawn[LossCurve]", solution.sources[0]).form.floor[0, 0]
    goals = np.broadcast_to(
        np.atleast_1d(question.loss if question.kl is None else floor + question.kl), known["compute"].shape
    )
    shares = np.broadcast_to(
        np.atleast_1d(np.nan if question.probability is None else question.probability), known["compute"].shape
    )
    moved: dict[str, list[Values]] = {"compute": [], "params": [], "tokens": []}
    for row, (goal, share) in enumerate(zip(goals, shares, strict=True)):
        path = _path(
            question, solution, forecast, {name: values[row] for name, values in known.items() if name in moved}
        )
        start = float(known["compute"][row])
        if question.probability is None:
            compute = _ends(forecast, path, float(goal), start, question)
        else:
            compute = np.array([reached(forecast, path, float(goal), start, "run", _quantile(forecast, float(share)))])
        if not np.isfinite(compute[0]):
            raise Unanswerable(
                f"by its forecast no compute brings a run of {law.id} to a loss of {goal:.6g}: it flattens out above"
            )
        before, after = path(np.array([start])), path(compute)
        moved["compute"].append(compute / start)
        for name in ("params", "tokens"):
            moved[name].append(after[name] / before[name] if name in after else np.ones_like(compute))
    fields = {
        name: _moved(solution.fields[name], np.array(ratios).T, of_choice=name != "compute")
        for name, ratios in moved.items()
    }
    warnings = solution.warnings
    if question.probability is not None:
        fields["probability_ceiling"] = None
        warnings = [Caution("probability is that of one new run's loss being no higher, by the forecast")]
    return msgspec.structs.replace(solution, fields={**solution.fields, **fields}, warnings=warnings, forecast=True)


def _path(question: Any, solution: Solution, forecast: Forecast, at: Mapping[str, float]) -> Path:
    """Inputs by compute: at the optimum by the law, or with what was held."""
    if isinstance(forecast, CurveForecast):
        return lambda compute: {forecast.variable: compute}
    if question.params is not None:
        return lambda compute: {"params": np.full_like(compute, at["params"]), "tokens": compute / (6 * at["params"])}
    if question.tokens is not None:
        return lambda compute: {"params": compute / (6 * at["tokens"]), "tokens": np.full_like(compute, at["tokens"])}
    best = surface_of_source(solution.sources[0])

    def optimal(compute: Values) -> dict[str, Values]:
        size = best.central_params(compute)
        return {"params": size, "tokens": compute / (6 * size)}

    return optimal


def _ends(forecast: Forecast, path: Path, goal: float, start: float, question: Any) -> Values:
    """Compute with its low and high end, (3,): the centre by the law where answers about the mean stand on it."""
    reach = forecast.scales.reach(question.level)
    centre, low, high = (
        reached(forecast, path, goal, start, question.interval, shift) for shift in (0.0, -reach, reach)
    )
    centre = centre if stands_on_forecast(forecast, question.interval) else start
    return np.array([centre, min(low, centre), max(high, centre)])


def _quantile(forecast: Forecast, share: float) -> float:
    """The quantile of a new run's error, in scales."""
    return float(np.sign(share - 0.5)) * forecast.scales.reach(abs(2 * share - 1))


def reached(forecast: Forecast, path: Path, loss: float, start: float, of: Of, shift: float) -> float:
    """The least compute along `path`, near `start`, at which ln loss plus `shift` scales falls to `loss`; infinite
    where it never does.
    """

    def over(log_compute: Values) -> Values:
        parts = forecast.parts(path(np.exp(log_compute)))
        scale = forecast.run_scale(parts) if of == "run" else forecast.mean_scale(parts)
        return np.asarray(parts.log_loss + shift * scale - np.log(loss))

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
