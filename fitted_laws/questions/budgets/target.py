"""`target`: the cheapest way to a loss, or the one with a size or a number of tokens held fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.answers.showing import ReportExample, WorkbookSheet
from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import Values
from fitted_laws.forms.bisection import bisected, falling_root
from fitted_laws.laws.intervals import in_order, quantile, share_quantile
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ALLOCATES
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import Kl, KlPerSample, Loss, Params, Probability, Tokens
from fitted_laws.solving.budget import solve_target
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_of, nats_per_token, reducible_at
from fitted_laws.solving.optimum import FrontierAlone, OfSurface, Optimum, optimum
from fitted_laws.solving.solution import Caution, Solution

MOST_LOG_COMPUTE, HALVINGS = float(np.log(1e100)), 70


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

    def _surface(self, law: Law, best: Optimum) -> OfSurface:
        if not isinstance(best, OfSurface):
            raise Incapable(
                f"{law.id} holds no surface L(N, D) for {law.domain.id}, which params, tokens and probability need"
            )
        return best

    def _held(self, law: Law, best: Optimum) -> Solution:
        found = self._surface(law, best)
        surface, reducible = found.surface, reducible_at(law, best, self.loss, self.kl)
        if self.params is not None:
            params = column(self.params)
            self._require_reached(found, reducible, surface.params_term(params), "params", params)
            tokens = surface.tokens_with(params, reducible)
        else:
            tokens = column(self.tokens)
            self._require_reached(found, reducible, surface.tokens_term(tokens), "tokens", tokens)
            params = surface.params_with(tokens, reducible)
        fields = {"compute": 6 * params * tokens, "params": params, "tokens": tokens}
        return Solution(fields={**fields, **floor_of(best, reducible, self.kl)}, sources=best.sources)

    def _require_reached(self, best: OfSurface, reducible: Values, term: Values, name: str, fixed: Values) -> None:
        """That the law, though not every draw of it, gets there with as much of the other as there may be."""
        surface, left = best.surface, (reducible - term)[0]
        if (left > 0).all():
            return
        row = int(np.argmin(left))
        floor, value, target, goal = (
            float(np.broadcast_to(each[0] if each.ndim > 1 else each, left.shape)[row])
            for each in (surface.E + term, fixed, surface.E + reducible, reducible)
        )
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

    def _with_probability(self, law: Law, best: Optimum) -> Solution:
        best = self._surface(law, best)
        surface = best.surface
        if self.params is not None or self.tokens is not None:
            raise Unanswerable("probability holds for the optimal allocation; ask it without params and tokens")
        if best.sources[0].source not in ("covariance", "frozen-draws", "forecast"):
            raise Incapable(
                f"{law.id} holds no statistical draws, so it gives no probability: its interval is reconstructed from printed digits, or absent"
            )
        reducible_at(law, best, self.loss, self.kl)
        goals, shares = np.broadcast_arrays(
            column(self.loss if self.loss is not None else self.kl), column(self.probability)
        )
        left = [goal - (surface.E[1:, 0] if self.loss is not None else 0.0) for goal in goals]
        left = [np.broadcast_to(each, surface.E[1:, 0].shape) for each in left]
        ceiling = np.array([1 - short_of(best, each)(MOST_LOG_COMPUTE).mean() for each in left])
        beyond = np.flatnonzero(shares > ceiling)
        if len(beyond):
            raise Unanswerable(
                f"probability {shares[beyond[0]]:.4g} is above {ceiling[beyond[0]]:.4g}, the share of draws whose irreducible loss "
                "lies below the target: no compute reaches it more surely"
            )
        sure = surely if law.forecasts else in_share
        compute = np.array([sure(best, each, share) for each, share in zip(left, shares, strict=True)])
        params = best.central_params(compute)
        whose = f"members of the set of {law.id}" if law.forecasts else "resampled laws"
        who, noise = (f"runs by {whose}", "") if self.interval == "run" else (whose, "; no single run's noise is in it")
        note = Caution(f"probability is the share of {who} that reach the target, allocated by the central law{noise}")
        fields = {
            "compute": compute,
            "params": params,
            "tokens": compute / (6 * params),
            "probability_ceiling": ceiling,
        }
        return Solution(fields=fields, sources=best.sources, warnings=[note])


def short_of(best: OfSurface, reducible: Values) -> Callable[[Any], NDArray[np.bool_]]:
    """Whether each draw, at its log of compute and allocated by the central law, is still above `reducible`, (draws,)."""
    surface = best.surface
    fields = {name: getattr(surface, name) for name in surface.__struct_fields__}
    draws = type(surface)(**{name: drawn_alone(value) for name, value in fields.items()})

    def short(log_compute: Any) -> NDArray[np.bool_]:
        compute = np.exp(np.atleast_1d(log_compute))
        params = best.central_params(compute)
        return np.asarray(~(draws.reducible(params, compute / (6 * params)) <= reducible))

    return short


def in_share(best: OfSurface, reducible: Values, share: float) -> float:
    """The C from which on that share of the draws reaches `reducible` above E, allocation by the central law.

    Each draw's loss falls along the central allocation, so its C is found by bisection in log C, to the last bits.
    """
    short = short_of(best, reducible)
    _, high = bisected(short, np.zeros(reducible.shape), np.full(reducible.shape, MOST_LOG_COMPUTE), HALVINGS)
    return share_quantile(np.where(short(MOST_LOG_COMPUTE), np.inf, np.exp(high)), share)


def surely(best: OfSurface, reducible: Values, share: float) -> float:
    """The C from which on the quantile of the members' losses, as intervals have it, is no higher than the goal."""

    def over(log_compute: float) -> float:
        compute = np.exp(np.array([log_compute]))
        params = best.central_params(compute)
        return quantile(in_order(best.surface.reducible(params, compute / (6 * params))[1:, 0] - reducible), share)

    return float(np.exp(np.array([falling_root(over, 0.0, MOST_LOG_COMPUTE)]))[0])


def drawn_alone(coefficient: Any) -> Any:
    """A coefficient's draws, (draws,), without the central one; of one that all share, that."""
    return (
        coefficient
        if isinstance(coefficient, float)
        else coefficient[1:, 0]
        if len(coefficient) > 1
        else coefficient[0]
    )
