"""What the members of a set are drawn to: the loss at places inside the runs and beyond, as a posterior's errors let it vary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri, ndtri
from scipy.stats import qmc

from trainer.estimation.objective import Array
from trainer.forecast.family.curve import ENOUGH
from trainer.forecast.family.equation import COORDINATES, PlacedRuns
from trainer.forecast.family.errors import FREEDOM, Scales
from trainer.forecast.family.posterior import CurvePosterior, SurfacePosterior
from trainer.forecast.family.priors import HIGH, LOW

MEMBERS = 400
AHEAD = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Decades of compute beyond the largest run at which members are drawn to a loss."""
PLACES = 48
"""Most places inside the runs."""
LARGEST = 0.75
"""Runs above this quantile of compute say at what ratios of size and data larger ones lie, and e-folds to either side that are looked at."""
TO_A_SIDE = 1.5
WIDER = 1.2
"""Scales of errors over those of the error bar that they were calibrated for: a law can go only so far up, and not below its E."""
WIDER_OF_CURVES, WIDER_OF_SHORT_CURVES = 2.5, 1.5
"""Likewise of curves, of enough rows for laws with a bend and of fewer, which lie further apart by themselves.
Of 1, 1.5, 2 and 2.5 the least that hold 88 % at every half decade, on the mean over families of cut curves; of other people's
there are few, so that 160 generated ones (powers, two powers, breaks and bends) had to hold as often.
"""
MOST_SCALES = 3.0
"""Coordinates that no loss of fresh data determines stray at most so many deviations."""
FARTHEST = 3
"""Places that are farthest out: those of the last of `AHEAD`."""
LEAST_SHARE = 2e-4
LEFT = 0.1
"""At least so much of what a member gains from the largest run to the farthest place is still to be gained there."""
NORMALS = len(COORDINATES) + 10
SHARE, DECAY, OVER, RISE = (COORDINATES.index(name) for name in ("share", "ln_decay", "over", "ln_rise"))


@dataclass(frozen=True, slots=True)
class Repeats:
    """What members say of repeated data, (m,) each: the decay of a repeat's worth, and ln of the level and exponent of what it overfits."""

    decay: Array
    over: Array
    rise: Array

    @property
    def middle(self) -> Repeats:
        """What the central law says, (1,) each."""
        return Repeats(*(np.median(each, keepdims=True) for each in (self.decay, self.over, self.rise)))


@dataclass(frozen=True, slots=True)
class Targets:
    """For m members at n places: ln of the loss less `typical`, (m, n), and the scale of its error, (n,).

    `logs` are ln of size and of effective data there, or of the one variable, (1 or m, n) each.
    The first `inside` places are the runs' own; `counts` is how much each of them counts, (inside,), 1 on the mean.
    `spans` are mean and largest of each among the runs.
    `overfit` is what repeats add, in typical losses, (m, n) or (1, 1); the central law's is (1, n).
    `share` is where each member's logit of E over the lowest loss is looked for, (m,), `normals` are (m, q) numbers for what is left to priors.
    """

    log_loss: Array
    scale: Array
    logs: tuple[Array, ...]
    spans: tuple[tuple[float, float], ...]
    inside: int
    counts: Array
    overfit: Array
    share: Array
    typical: float
    lowest: float
    normals: Array
    central_logs: tuple[Array, ...]
    central_overfit: Array
    central_share: float | None = None
    """The central law's, and members' are held at their own, where more is known of E than losses tell."""

    def with_floors(self, quantile: Callable[[float], float]) -> Targets:
        """The members with quantiles of E, (0, 1) → nats: the lower, the lower a member's losses are farthest out.

        Where those go below its E a member has a lower one, by a part of what that takes: all of it at the lowest quantile, none at the
        highest. Of forty sweeps of known entropy 40 then hold it in the 90 % interval: 38 with the quantiles as they are, which
        leave forecasts less room, 31 with all that forecasts ask for.
        """
        lowest, typical = self.lowest * np.exp(self.typical), self.typical
        far = np.exp(self.log_loss[:, -FARTHEST:].mean(axis=1) + typical)
        ranks = np.argsort(np.argsort(far, kind="stable"), kind="stable")
        shares = (ranks + 0.5) / len(far)
        floors = np.array([quantile(share) for share in shares])
        floors -= (1 - shares) * np.maximum(floors - far + LEFT * np.maximum(lowest - far, 0), 0)
        parts = np.clip(np.array([*floors, np.median(floors)]) / lowest, LEAST_SHARE, 1 - LEAST_SHARE)
        logits = np.log(parts / (1 - parts))
        return replace(self, share=logits[:-1], central_share=float(logits[-1]))


def strata(seed: int, count: int = MEMBERS) -> tuple[Array, Array]:
    """Normal deviates (m, NORMALS) and uniforms (m, 2), evenly spread; every member's deviates stand beside their negatives.

    `count` is even.
    """
    spread = qmc.LatinHypercube(NORMALS + 2, seed=seed).random(count // 2)
    normals = ndtri(spread[:, :NORMALS])
    return (
        np.stack([normals, -normals], axis=1).reshape(count, NORMALS),
        np.repeat(spread[:, NORMALS:], 2, axis=0),
    )


def factors(uniform: Array, scales: Scales, wider: float) -> Array:
    """What makes normal errors Student's, with the quantile at 90 % that is calibrated, (m,), so much wider."""
    heavy = np.sqrt(FREEDOM / chdtri(FREEDOM, uniform))
    return np.asarray(wider * heavy * scales.unit)


def surface_targets(
    fitted: SurfacePosterior, runs: PlacedRuns, seed: int = 0, count: int = MEMBERS
) -> tuple[Targets, Repeats | None]:
    """Fields about the family's mean: a law by belief, its coordinates by their covariance, an error that grows with distance, and a least one."""
    places, inside = places_of(fitted, runs)
    normals, uniforms = strata(seed, count)
    tau = factors(uniforms[:, 0], fitted.scales, WIDER * fitted.widening)
    value, slopes = fitted.values(places)
    centre = fitted.belief @ value
    chosen = np.minimum(np.searchsorted(fitted.belief.cumsum(), uniforms[:, 1]), len(fitted.belief) - 1)
    size = len(COORDINATES)
    root = np.linalg.cholesky(fitted.covariance + 1e-14 * np.eye(size))[chosen]
    strays = (root @ normals[:, :size, None])[..., 0]
    parts, scales = fitted.of(places), fitted.scales
    off = (
        scales.coefficient * np.einsum("mnp,mp->mn", slopes[chosen], strays)
        + scales.disagreement * (value[chosen] - centre)
        + scales.per_decade * parts.growth * normals[:, [size]]
        + scales.least * normals[:, [size + 1]]
    )
    theta = np.clip(
        fitted.theta[chosen] + scales.coefficient * np.minimum(tau, MOST_SCALES)[:, None] * strays, LOW, HIGH
    )
    repeated = bool((runs.again > 0).any())
    repeats = Repeats(np.exp(theta[:, DECAY]), theta[:, OVER], np.exp(theta[:, RISE])) if repeated else None
    fresh = (np.zeros((1, 1)), np.zeros((1, 1)))
    own, every, central = (
        effective(fitted, *each) for each in ((runs, repeats), (places, repeats), (places, repeats and repeats.middle))
    )
    overfit, central_overfit = (
        (overfitting(places, each, fitted.memory) for each in (repeats, repeats.middle)) if repeats else fresh
    )
    targets = Targets(
        log_loss=centre + tau[:, None] * off,
        scale=fitted.mean_scale(parts),
        logs=every,
        spans=tuple((float(each.mean()), float(each.max())) for each in own),
        inside=inside,
        counts=np.ones(inside),
        overfit=overfit,
        share=fitted.theta[chosen, SHARE] + strays[:, SHARE],
        typical=fitted.typical,
        lowest=fitted.lowest,
        normals=normals[:, size + 2 :],
        central_logs=central,
        central_overfit=central_overfit,
    )
    return targets, repeats


def effective(fitted: SurfacePosterior, runs: PlacedRuns, repeats: Repeats | None) -> tuple[Array, Array]:
    """ln of what counts as size and as data, (1, n) and (1 or m, n): some compute beyond 6ND as size, repeats as fewer fresh tokens."""
    size = runs.params + part_of_excess(fitted) * (runs.excess - fitted.excess_ahead)
    data = runs.tokens if repeats is None else runs.tokens + np.log(seen(runs.again, repeats.decay))
    return np.atleast_2d(size), np.atleast_2d(data)


def part_of_excess(fitted: SurfacePosterior) -> float:
    """How much of compute beyond 6ND counts as size, on the mean of the laws."""
    return float(fitted.belief @ fitted.theta[:, COORDINATES.index("excess")])


def seen(again: Array, decay: Array) -> Array:
    """Passes over the data in fresh ones, (m, n)."""
    return np.asarray(1 + decay[:, None] * -np.expm1(-again / decay[:, None]))


def overfitting(places: PlacedRuns, repeats: Repeats, memory: float) -> Array:
    """What repeats cost beyond what a size bears, in typical losses, (m, n)."""
    place = places.at(0.0, 0.0, 0.0, memory).overfit
    return np.asarray(-np.expm1(-np.exp(np.minimum(repeats.over[:, None] + repeats.rise[:, None] * place, 50.0))))


def places_of(fitted: SurfacePosterior, runs: PlacedRuns) -> tuple[PlacedRuns, int]:
    """Runs from the smallest to the largest, and places to three decades beyond at ratios of size to data that runs have; how many are runs."""
    order = np.argsort(runs.compute, kind="stable")
    own = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), PLACES)).round().astype(int))]
    across = (runs.tokens - runs.params) / 2
    middle = float(np.median(across[runs.compute >= np.quantile(runs.compute, LARGEST)]))
    ratios = np.clip([across.min(), middle, across.max()], middle - TO_A_SIDE, middle + TO_A_SIDE)
    start = (fitted.compute - fitted.excess_ahead - np.log(6)) / 2
    along, aside = (
        grid.ravel() for grid in np.meshgrid(start + np.log(10) / 2 * np.array(AHEAD), ratios, indexing="ij")
    )
    once, usual = np.zeros(len(along)), np.full(len(along), fitted.excess_ahead)
    further = PlacedRuns(along - aside, along + aside, once, np.log(6) + 2 * along + usual, usual)
    joined = (np.concatenate([getattr(runs, name)[own], getattr(further, name)]) for name in PlacedRuns.__slots__)
    return PlacedRuns(*joined), len(own)


def curve_targets(fitted: CurvePosterior, x: Array, seed: int = 0, count: int = MEMBERS) -> Targets:
    """Fields about the mean of the laws of one variable: a law of one family, further off by how far the families lie apart, and by distance."""
    order = np.sort(x)
    own = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), PLACES)).round().astype(int))]
    places = np.concatenate([own, fitted.largest * 10.0 ** np.array(AHEAD)])
    normals, uniforms = strata(seed, count)
    wider = WIDER_OF_CURVES if len(x) >= ENOUGH else WIDER_OF_SHORT_CURVES
    tau = factors(uniforms[:, 0], fitted.scales, wider * fitted.widening)
    value, parts, scales = fitted.values(places), fitted.parts({fitted.variable: places}), fitted.scales
    chosen = np.minimum((uniforms[:, 1] * len(value)).astype(int), len(value) - 1)
    typical = float(value[:, : len(own)].mean())
    off = (
        2 * scales.disagreement * (value[chosen] - value.mean(axis=0))
        + scales.per_decade * parts.growth * normals[:, [0]]
        + scales.least * normals[:, [1]]
    )
    lowest = float(np.exp(value[:, : len(own)].min() - typical))
    return Targets(
        log_loss=value.mean(axis=0) - typical + tau[:, None] * off,
        scale=fitted.mean_scale(parts),
        logs=(np.log(places)[None],),
        spans=((float(np.log(x).mean()), float(np.log(x).max())),),
        inside=len(own),
        counts=own / own.mean(),  # what a curve did last says most of what it does next
        overfit=np.zeros((1, 1)),
        share=np.full(count, 0.8) + 1.5 * normals[:, 2],
        typical=typical,
        lowest=lowest,
        normals=normals[:, 3:],
        central_logs=(np.log(places)[None],),
        central_overfit=np.zeros((1, 1)),
    )
