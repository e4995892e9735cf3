"""`lifetime`: the size and tokens that make training and serving together cheapest."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.asking.showing import WorkbookSheet
from fitted_laws.forms import AdditivePowerLaw, Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import InferenceTokens, Kl, Loss
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_of, reducible_at
from fitted_laws.solving.optimum import SurfaceOptimum, surface_of
from fitted_laws.solving.solution import Solution

TOLERANCE = 8e-13
"""A step in ln D, which is at most some 80, that changes its last bits alone."""


class Lifetime(Question, frozen=True, kw_only=True):
    """Which size and tokens reach a loss at the least compute of training and serving together?

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
    )
    rank: ClassVar[int] = 7
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {"domain": "language", "loss": 2.0, "inference_tokens": "1T"}
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="train + serve",
        doc="A loss to reach and tokens to serve: the size that makes training and serving together cheapest.",
        inputs={"loss": 2.3, "kl": None, "inference_tokens": "1T"},
        answers=(
            "params",
            "tokens",
            "tokens_per_param",
            "training_compute",
            "inference_compute",
            "compute",
            "compute_pf_days",
        ),
    )

    loss: Loss | None = None
    kl: Kl | None = None
    inference_tokens: InferenceTokens

    def solve(self, law: Law) -> Solution:
        exactly_one(self, "loss", "kl")
        best = surface_of(law, self.irreducible_loss)
        reducible = reducible_at(law, best, self.loss, self.kl)
        served = column(self.inference_tokens)
        tokens = (
            lifetime_tokens(best.surface, reducible, served)
            if isinstance(best, SurfaceOptimum)
            else best.lifetime_tokens(reducible, served)
        )
        params = best.surface.params_with(tokens, reducible)
        training, inference = 6 * params * tokens, 2 * params * served
        fields = {
            "params": params,
            "tokens": tokens,
            "training_compute": training,
            "inference_compute": inference,
            "compute": training + inference,
            "tokens_per_param": tokens / params,
            **floor_of(best, reducible, self.kl),
        }
        return Solution(fields=fields, sources=best.sources)


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
