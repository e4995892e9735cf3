"""`target`: the cheapest way to a loss, or the one with a size or a number of tokens held fixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.asking.showing import ReportExample, WorkbookSheet
from fitted_laws.forecast.forecast import Forecast
from fitted_laws.forms import AdditivePowerLaw, Values
from fitted_laws.forms.bisection import bisected
from fitted_laws.laws.intervals import share_quantile
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ALLOCATES
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import Kl, KlPerSample, Loss, Params, Probability, Tokens
from fitted_laws.solving.budget import solve_target
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_of, nats_per_token, reducible_at
from fitted_laws.solving.forecast_interval import centres
from fitted_laws.solving.forecast_target import Path, Way, along_optimum, carried_along, goals_of
from fitted_laws.solving.optimum import FrontierAlone, Optimum, SurfaceOptimum, optimum
from fitted_laws.solving.solution import Caution, Solution

MOST_LOG_COMPUTE, HALVINGS = np.log(1e100), 70


class Target(Question, frozen=True, kw_only=True):
    """What is the cheapest compute, size and number of tokens that reach a loss, or a KL divergence from the truth?

    With params held, the tokens say what a larger model saves: by besiroglu-2024 one of twice the cheapest size reaches any loss
    on .57 times the tokens, for 1.15 times the compute; one of four times on .40 times, for 1.59.
    """

    name: ClassVar[str] = "target"
    headline: ClassVar[str] = "compute"
    answers: ClassVar[tuple[str, ...]] = (
        "compute",
        "params",
        "tokens",
        "reducible_loss",
        "irreducible_loss",
        "irreducible_loss_known",
        "probability_ceiling",
    )
    rank: ClassVar[int] = 3
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = ("params",)
    report_examples: ClassVar[Mapping[str, ReportExample]] = {
        "surface": ReportExample(("loss",), 3),
        "frontier": ReportExample(("loss",), 2),
    }
    example: ClassVar[dict[str, Any]] = {"domain": "language", "kl": 0.1}
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="target → budget",
        doc="A loss to reach, or a KL divergence from the truth: the cheapest way there, or the one that gets there with a probability.",
        inputs={"loss": 2.3, "kl": None, "params": None, "tokens": None, "probability": None},
        answers=("compute", "compute_pf_days", "params", "tokens", "reducible_loss", "irreducible_loss"),
    )

    loss: Loss | None = None
    kl: Kl | None = None
    kl_per_sample: KlPerSample | None = None
    params: Params | None = None
    tokens: Tokens | None = None
    probability: Probability | None = None
    optional: ClassVar[tuple[str, ...]] = ("probability",)

    @property
    def of_interval(self) -> str | None:
        return super().of_interval if self.probability is None else "probability"

    @property
    def draws(self) -> bool:
        return self.probability is not None or super().draws

    def solve(self, law: Law) -> Solution:
        exactly_one(self, "loss", "kl", "kl_per_sample")
        if self.kl_per_sample is not None:
            return self._per_token(law).solve(law)
        if self.params is not None and self.tokens is not None:
            raise NotUnderstood(
                "hold params or tokens fixed, not both: the loss then follows (ask loss)",
                [Fault("tokens", "nothing beside params", "given")],
            )
        if (
            law.has("frontier")
            and not ALLOCATES & set(law.roles)
            and not any((self.params, self.tokens, self.probability))
        ):
            return self._on_frontier(law)
        if self.probability is None and self.params is None and self.tokens is None:
            pinned, kind = self.irreducible_loss, self.compute_kind
            return solve_target(law, self.loss, self.kl, irreducible_loss=pinned, compute_kind=kind)
        best = optimum(law, self.irreducible_loss)
        return self._held(law, best) if self.probability is None else self._with_probability(law, best)

    def _per_token(self, law: Law) -> Target:
        """The same target in nats a token."""
        return msgspec.structs.replace(self, kl=nats_per_token(self.kl_per_sample, law), kl_per_sample=None)

    def _on_frontier(self, law: Law) -> Solution:
        """Compute by a law that holds L(C) alone; params and tokens are null."""
        best = FrontierAlone(law, self.irreducible_loss)
        reducible = reducible_at(law, best, self.loss, self.kl)
        note = Caution(f"params and tokens are null: {law.id} holds only L(C), which says nothing of sizes")
        fields = {
            "compute": best.compute_for(reducible),
            "params": None,
            "tokens": None,
            **floor_of(best, reducible, self.kl),
        }
        return Solution(fields=fields, sources=best.sources, warnings=[note])

    def _surface(self, law: Law, best: Optimum) -> SurfaceOptimum:
        if not isinstance(best, SurfaceOptimum):
            raise Incapable(
                f"{law.id} holds no surface L(N, D) for {law.domain.id}, which params, tokens and probability need"
            )
        return best

    def _held(self, law: Law, best: Optimum) -> Solution:
        surface = self._surface(law, best).surface
        reducible = reducible_at(law, best, self.loss, self.kl)
        if self.params is not None:
            params = column(self.params)
            tokens = surface.tokens_for(self._left(surface, reducible, surface.params_term(params), "params", params))
            fields: dict[str, Any] = {"compute": 6 * params * tokens, "params": params, "tokens": tokens}
        else:
            tokens = column(self.tokens)
            params = surface.params_for(self._left(surface, reducible, surface.tokens_term(tokens), "tokens", tokens))
            fields = {"compute": 6 * params * tokens, "params": params, "tokens": tokens}
        return Solution(fields={**fields, **floor_of(best, reducible, self.kl)}, sources=best.sources)

    def _left(self, surface: AdditivePowerLaw, reducible: Values, term: Values, name: str, fixed: Values) -> Values:
        left = reducible - term
        if (left[0] <= 0).any():
            row = int(np.argmin(left[0]))
            floor = float(np.broadcast_to((surface.E + term)[0], left[0].shape)[row])
            value = float(np.broadcast_to(fixed, left[0].shape)[row])
            target = float(np.broadcast_to((surface.E + reducible)[0], left[0].shape)[row])
            goal = float(np.broadcast_to(reducible[0], left[0].shape)[row])
            enough = (surface.params_for if name == "params" else surface.tokens_for)(np.array([goal]))[0, 0]
            asked, what = ("loss", "loss") if self.kl is None else ("kl", "KL divergence")
            if self.kl is not None:
                target, floor = goal, floor - float(surface.E[0, 0])
            other = "tokens" if name == "params" else "params"
            detail = (
                f"target {what} {target:.6g} is not above {floor:.6g}, the floor of {name} = {value:.6g} with unlimited "
                f"{other}: nothing reaches it; more than {enough:.4g} {name} do, with enough {other}"
            )
            raise Unanswerable(detail, [Fault(asked, f"a target above the floor {floor:.6g}", f"{target:.6g}")])
        return np.where(left > 0, left, np.nan)

    def _with_probability(self, law: Law, best: Optimum) -> Solution:
        best = self._surface(law, best)
        surface = best.surface
        if self.params is not None or self.tokens is not None:
            raise Unanswerable("probability holds for the optimal allocation; ask it without params and tokens")
        if best.sources[0].relation.forecast is not None and self.irreducible_loss is None:
            return self._before_forecast(law, best)
        if best.sources[0].source not in ("covariance", "frozen-draws"):
            raise Incapable(
                f"{law.id} holds no statistical draws, so it gives no probability: its interval is reconstructed from printed digits, or absent"
            )
        reducible_at(law, best, self.loss, self.kl)
        goals, shares = np.broadcast_arrays(
            column(self.loss if self.loss is not None else self.kl), column(self.probability)
        )
        left = [goal - (surface.E[1:, 0] if self.loss is not None else 0.0) for goal in goals]
        needed = [compute_needed(surface, best, np.broadcast_to(each, surface.E[1:, 0].shape)) for each in left]
        ceiling = np.array([float(np.isfinite(each).mean()) for each in needed])
        beyond = np.flatnonzero(shares > ceiling)
        if len(beyond):
            raise Unanswerable(
                f"probability {shares[beyond[0]]:.4g} is above {ceiling[beyond[0]]:.4g}, the share of draws whose irreducible loss "
                "lies below the target: no compute reaches it more surely"
            )
        compute = np.array([share_quantile(each, share) for each, share in zip(needed, shares, strict=True)])
        params = best.central_params(compute)
        note = Caution(
            "probability is the share of resampled laws that reach the target, allocated by the central law; no single run's noise is in it"
        )
        fields = {
            "compute": compute,
            "params": params,
            "tokens": compute / (6 * params),
            "probability_ceiling": ceiling,
        }
        return Solution(fields=fields, sources=best.sources, warnings=[note])

    def _before_forecast(self, law: Law, best: SurfaceOptimum) -> Solution:
        """The law's own way there, without its draws: the forecast says how surely a budget gets there."""
        cheapest = best.compute_for(reducible_at(law, best, self.loss, self.kl))[0]
        compute = np.broadcast_arrays(cheapest, column(self.probability))[0]
        params = best.central_params(compute)
        fields = {"compute": compute, "params": params, "tokens": compute / (6 * params), "probability_ceiling": None}
        return Solution(fields=fields, sources=best.sources)

    def with_forecast(self, law: Law, solution: Solution, forecast: Forecast) -> Solution:
        """What the forecast takes to get there; its interval is where the ends of the loss's interval do.

        `probability` is that of the loss being no higher than the target: of the mean of such runs, or of one new run.
        """
        if self.kl_per_sample is not None:
            return self._per_token(law).with_forecast(law, solution, forecast)
        known = {**solution.fields, **(solution.fitted or {})}
        start = centres(known["compute"])
        optimal = along_optimum(solution, forecast)
        goals = goals_of(self.loss, self.kl, solution, len(start))
        given = self.probability
        shares = [None] * len(start) if given is None else np.broadcast_to(column(given), len(start)).tolist()
        ways = [
            Way(self._path(optimal, known, row), float(start[row]), float(goals[row]), share)
            for row, share in enumerate(shares)
        ]
        found = carried_along(solution, law.id, forecast, ways, self.interval, self.level)
        if self.probability is None:
            return found
        whose = "one new run's loss" if self.interval == "run" else "the mean loss of such runs"
        note = Caution(f"probability is that of {whose} being no higher, by the forecast")
        return found.with_fields({"probability_ceiling": None}).warned(note)

    def _path(self, optimal: Path, known: Mapping[str, Any], row: int) -> Path:
        """Inputs by compute: at the optimum by the law, or with what was held."""
        held = next((name for name in ("params", "tokens") if getattr(self, name) is not None), None)
        if held is None:
            return optimal
        other = "tokens" if held == "params" else "params"
        value = float(centres(known[held])[row])
        return lambda compute: {
            "compute": compute,
            held: np.full_like(compute, value),
            other: compute / (6 * value),
        }


def compute_needed(surface: AdditivePowerLaw, best: SurfaceOptimum, reducible: Values) -> Values:
    """For each draw the C at which its L(N_opt(C), D_opt(C)) − E falls to `reducible`, allocation by the central law; ∞
    where it never does.

    Each draw's loss falls along the central allocation, so C is found by bisection in log C, to the last bits.
    """
    draws = AdditivePowerLaw(**{name: getattr(surface, name)[1:, 0] for name in AdditivePowerLaw.__struct_fields__})

    def short(log_compute: Values) -> NDArray[np.bool_]:
        compute = np.exp(log_compute)
        params = best.central_params(compute)
        return np.asarray(~(draws.params_term(params) + draws.tokens_term(compute / (6 * params)) <= reducible))

    ends = np.zeros(reducible.shape), np.full(reducible.shape, MOST_LOG_COMPUTE)
    _, high = bisected(short, *ends, HALVINGS)
    return np.where(reducible > 0, np.exp(high), np.inf)
