"""`lifetime`: the size and tokens that make training and serving together cheapest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from fitted_laws.answers.showing import WorkbookSheet
from fitted_laws.asking.bill import Rented, bill, useful_flops
from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import AdditivePowerLaw, Values, WarpedPowerLaw
from fitted_laws.forms.bisection import bisected
from fitted_laws.laws.law import Law
from fitted_laws.quantities.hardware import AcceleratorName
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.quantities.spread import Spread
from fitted_laws.quantities.units import Compute, InferenceTokens, Kl, Loss, Mfu, Money, PricePerHour
from fitted_laws.solving.column import DRAWS, column, drawn_beside
from fitted_laws.solving.floor import floor_fields, floor_of, reducible_at
from fitted_laws.solving.optimum import SurfaceOptimum, surface_of
from fitted_laws.solving.solution import Caution, Solution

TOLERANCE = 8e-13
"""A step in ln D, which is at most some 80, that changes its last bits alone."""

Side: TypeAlias = Literal["training", "inference"]
SIDES = ("accelerator", "mfu", "price_per_hour", "inference_accelerator", "inference_mfu", "inference_price_per_hour")
"""Inputs about accelerators, of training and of serving."""
LEAST_LOG, MOST_LOG, HALVINGS = -5.0, 110.0, 70
"""Where ln D is looked for, and how often that is halved: to the last bits."""


class Lifetime(Question, frozen=True, kw_only=True):
    """Which size and tokens reach a loss at the least compute or money of training and serving together, or what within both?

    Against the two examples of its paper, Sardana et al. 2024, read in notes: for the loss of their 7B and 1e11 tokens served this
    gives 6.05B on 1.164 times the data, where they have 6B on 1.18 times; 16B have the loss of their 30B on 3.65e12 tokens by
    hoffmann-2022, where they have 3.35e12, priced by requests and hardware.
    """

    name: ClassVar[str] = "lifetime"
    headline: ClassVar[str] = "params"
    answers: ClassVar[tuple[str, ...]] = (
        "params",
        "tokens",
        "training_compute",
        "inference_compute",
        "compute",
        "tokens_per_param",
        "reducible_loss",
        "irreducible_loss",
        "irreducible_loss_known",
        "loss",
        "training_accelerator_hours",
        "inference_accelerator_hours",
        "training_cost",
        "inference_cost",
        "cost",
    )
    rank: ClassVar[int] = 7
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {"domain": "language", "loss": 2.0, "inference_tokens": "1T"}
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="train + serve",
        doc="A loss to reach and tokens to serve: the size that makes both together cheapest, in money where there are prices.",
        inputs={
            "loss": 2.3,
            "kl": None,
            "inference_tokens": "500B",
            "accelerator": "H100",
            "mfu": 0.4,
            "price_per_hour": 2.0,
            "inference_accelerator": "H100",
            "inference_mfu": 0.2,
            "inference_price_per_hour": 2.0,
        },
        answers=(
            "params",
            "tokens",
            "tokens_per_param",
            "training_compute",
            "inference_compute",
            "compute",
            "compute_pf_days",
            "training_accelerator_hours",
            "inference_accelerator_hours",
            "training_cost",
            "inference_cost",
            "cost",
        ),
    )

    loss: Loss | None = None
    kl: Kl | None = None
    compute: Compute | None = None
    cost: Money | None = None
    inference_tokens: InferenceTokens
    accelerator: AcceleratorName | None = None
    mfu: Mfu | None = None
    price_per_hour: PricePerHour | None = None
    inference_accelerator: Annotated[
        AcceleratorName | None, Meta(description="the accelerator of serving; without it that of training")
    ] = None
    inference_mfu: (
        Annotated[Mfu, Meta(description="share of the peak that serving uses; without it that of training")] | None
    ) = None
    inference_price_per_hour: (
        Annotated[PricePerHour, Meta(description="price of one accelerator of serving; without it that of training")]
        | None
    ) = None

    def require_inputs(self) -> None:
        exactly_one(self, "loss", "kl", "compute", "cost")
        sides = [name for name in SIDES if getattr(self, name) is not None]
        missing = [name for name in ("accelerator", "mfu") if getattr(self, name) is None]
        if sides and missing:
            raise NotUnderstood.of(*(Fault(name, f"given beside {sides[0]}", "nothing") for name in missing))
        if self.price_per_hour is None and (self.cost is not None or self.inference_price_per_hour is not None):
            raise NotUnderstood.of(
                Fault("price_per_hour", "accelerator, mfu and price_per_hour, which money needs", "nothing")
            )
        if self.cost is not None and missing:
            raise NotUnderstood.of(*(Fault(name, "given beside cost, which it needs", "nothing") for name in missing))

    def solve(self, law: Law) -> Solution:
        best = surface_of(law, self.irreducible_loss)
        surface, served = best.surface, column(self.inference_tokens)
        ranged = self.draws and any(isinstance(value, Spread) for value in self.inputs().values())
        draws = (len(surface.E) - 1 or DRAWS) if ranged else 0
        training, serving = self._price("training", draws), self._price("inference", draws)
        # compute of serving counts for so much of training's, where the two have prices and money is what is spent
        weight = (
            serving / training if training is not None and serving is not None and self.compute is None else column(1.0)
        )
        if self.compute is not None or self.cost is not None:
            whole = column(self.compute) if training is None or self.cost is None else column(self.cost) / training
            tokens = tokens_within(surface, whole, weight * served)
            params = whole / (6 * tokens + 2 * weight * served)
            loss = surface.value(params, tokens)
            left = {"loss": loss, **floor_fields(loss, surface.floor).fields}
        else:
            reducible = reducible_at(law, best, self.loss, self.kl)
            counted = weight * served
            tokens = (
                lifetime_tokens(best.surface, reducible, counted)
                if isinstance(best, SurfaceOptimum)
                else best.lifetime_tokens(reducible, counted)
            )
            params = surface.params_with(tokens, reducible)
            left = floor_of(best, reducible, self.kl)
        spent: dict[Side, Values] = {"training": 6 * params * tokens, "inference": 2 * params * served}
        fields = {
            "params": params,
            "tokens": tokens,
            "training_compute": spent["training"],
            "inference_compute": spent["inference"],
            "compute": spent["training"] + spent["inference"],
            "tokens_per_param": tokens / params,
            **left,
            **self._bill(spent, draws),
        }
        return Solution(fields=fields, sources=best.sources, warnings=self._notes(training))

    def _hardware(self, name: str, side: Side) -> str:
        """The name of the input that says `name` of one side: serving has training's where it has none of its own."""
        own = f"inference_{name}"
        return own if side == "inference" and getattr(self, own) is not None else name

    def _fleet(self, side: Side) -> Rented:
        """The accelerators of one side."""
        names = ("accelerator", "mfu", "price_per_hour")
        return Rented(**{name: getattr(self, self._hardware(name, side)) for name in names})

    def _reader(self, side: Side, draws: int) -> Callable[[str], Values]:
        """What gives an input of one side by its name, as an array: serving draws with training what it has of it."""

        def read(name: str) -> Values:
            if name not in SIDES:
                return column(getattr(self._fleet(side), name))
            own = self._hardware(name, side)
            return np.asarray(drawn_beside(getattr(self, own), own, draws))

        return read

    def _rate(self, side: Side, draws: int) -> Values:
        """Useful FLOP an hour of one accelerator."""
        return 3600 * useful_flops(self._fleet(side), self._reader(side, draws))

    def _price(self, side: Side, draws: int) -> Values | None:
        """Money for a FLOP of training or of serving; None where no price is given."""
        hour = bill(self._fleet(side), column(1.0), self._reader(side, draws)).cost if self.accelerator else None
        return None if hour is None else np.asarray(hour / self._rate(side, draws))

    def _bill(self, spent: dict[Side, Values], draws: int) -> dict[str, Any]:
        """Accelerator-hours and money of both sides, where their accelerators and prices are given."""
        if self.accelerator is None:
            return {}
        fields: dict[str, Any] = {}
        for side, compute in spent.items():
            paid = bill(self._fleet(side), compute / self._rate(side, draws), self._reader(side, draws))
            fields[f"{side}_accelerator_hours"] = paid.accelerator_hours
            if paid.cost is not None:
                fields[f"{side}_cost"] = paid.cost
        if self.cost is not None:
            fields["cost"] = column(self.cost)
        elif "training_cost" in fields:
            fields["cost"] = fields["training_cost"] + fields["inference_cost"]
        return fields

    def _notes(self, training: Any) -> list[Caution]:
        if training is None:
            return []
        least = "the loss" if self.compute is not None or self.cost is not None else "money, not FLOP,"
        what = f"{least} is what is made least (Sardana et al. 2024, eq 6)"
        own = [name for name in ("accelerator", "mfu", "price_per_hour") if getattr(self, f"inference_{name}") is None]
        same = (
            [Caution(f"serving has the {', '.join(own)} of training: give inference_{own[0]} for its own")]
            if own
            else []
        )
        return [Caution(what), Caution("prompts and answers cost alike, at one utilisation"), *same]


def tokens_within(surface: AdditivePowerLaw | WarpedPowerLaw, compute: Values, served: Values) -> Values:
    """D of the lowest loss where 6ND + 2N·`served` = `compute`, at the same first-order condition as `lifetime_tokens`.

    With N = compute/(6D + 2·served) its left side rises with D over its right: bisection in ln D finds where they meet, to the
    last bits.
    """

    def short(t: Values) -> NDArray[np.bool_]:
        tokens = np.exp(t)
        by_size, by_data = surface.sensitivities(compute / (6 * tokens + 2 * served), tokens)
        return np.asarray(by_size < by_data * (1 + served / (3 * tokens)))

    shape = np.broadcast_shapes(surface.E.shape, compute.shape, served.shape)
    low, _ = bisected(short, np.full(shape, LEAST_LOG), np.full(shape, MOST_LOG), HALVINGS)
    return np.exp(low)


def lifetime_tokens(surface: AdditivePowerLaw, reducible: Values, served: Values) -> Values:
    """D that minimises 6ND + 2N·`served` on the level curve, where (alpha·A/N^alpha)/(beta·B/D^beta) = 1 + served/(3D)
    (Sardana et al. 2024).

    In t = ln D the logarithms of both sides differ by an increasing function; Newton's steps, kept inside a shrinking
    bracket, find its root to the last bits. At served = 0 the lower end of the bracket is the root.
    Each value stops at its own last step, whatever is solved beside it.
    """
    share = surface.tokens_exponent  # of the reducible loss that B/D^beta takes at the training optimum
    low = np.log(surface.tokens_for(share * reducible))
    low = np.broadcast_to(low, np.broadcast_shapes(low.shape, served.shape))
    high = low + 60.0
    t = low
    moving = np.isfinite(t)
    for _ in range(200):
        u = np.exp(np.log(surface.B / reducible) - surface.beta * t)
        extra = served / (3 * np.exp(t))
        gap = np.log(surface.alpha * (1 - u) / (surface.beta * u)) - np.log1p(extra)
        slope = surface.beta / (1 - u) + extra / (1 + extra)
        low, high = np.where(gap < 0, t, low), np.where(gap < 0, high, t)
        step = t - gap / slope
        following = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        t, moving = np.where(moving, following, t), moving & (np.abs(following - t) >= TOLERANCE)
        if not moving.any():
            break
    return np.exp(t)
