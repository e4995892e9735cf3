"""From what losses may be to laws: each member is the bent law nearest to its targets, and the central one that nearest to their middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.estimation.objective import Array
from trainer.forecast.family.solver import Task, solve

from .bent import OF_AXIS, OUTER, SHARE, Bends, exponents, gentler, log_losses
from .targets import Targets

WEIGHT = 100.0
"""What all places inside the runs, and all beyond, weigh together: so much that priors speak where places do not."""
SHARE_SPREAD, OUTER_SPREAD, LEVEL_SPREAD, EXPONENT_SPREAD, BEND_SPREAD = 0.7, 0.5, 3.0, 1.0, 0.5
"""Standard deviations of the priors of a member's coordinates."""
BEND_SPREAD_OF_CURVES = 2.0
"""A curve may flatten out, or fall on, within a decade."""
HELD = 1e4
"""Precision that holds a coordinate."""
ROUNDS = 4
TURNS, LONG = 30, 200
"""Most steps of the fits of all members, from where one fit in as many as it takes has led."""
LOW_AXIS, HIGH_AXIS = (-12.0, np.log(0.02), -4.0, -4.0), (6.0, np.log(2.5), 2.0, 2.0)
LOW, HIGH = (-9.0, np.log(0.2)), (9.0, np.log(6.0))


@dataclass(frozen=True, slots=True)
class BentSet:
    """Coordinates of the central law, (p,), and of the members, (m, p), with where their axes bend."""

    central: Array
    members: Array
    bends: tuple[Bends, ...]


@dataclass(frozen=True, slots=True)
class Axes:
    """Where axes bend, what their exponents multiply at each place, (1 or m, 3, n) each, and what repeats add there."""

    bends: tuple[Bends, ...]
    bases: tuple[Array, ...]
    overfit: Array


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where each law's coordinates are expected, (m, p), where the search for them begins, and how far they may stray, (p,)."""

    centre: Array
    begun: Array
    spreads: Array


def projected(targets: Targets, about: tuple[float, ...]) -> tuple[BentSet, NDArray[np.bool_]]:
    """The members nearest to their targets with exponents about those given, and the central law nearest to the members' median.

    Of one variable it is the law nearest to the targets' own median: members of so few freedoms stray from it together.
    Also which members are left, (m,): one that has two optima of a budget, however gently it bends, is none.
    """
    bends = tuple(Bends.of(*span, exponent) for span, exponent in zip(targets.spans, about, strict=True))
    bases = tuple(bend.basis(x) for bend, x in zip(bends, targets.logs, strict=True))
    start = np.concatenate([[0.8, 0.0], *([-1.5, np.log(exponent), 0.0, 0.0] for exponent in about)])
    bending = BEND_SPREAD if len(about) > 1 else BEND_SPREAD_OF_CURVES
    spreads = np.array([SHARE_SPREAD, OUTER_SPREAD, *len(bends) * (LEVEL_SPREAD, EXPONENT_SPREAD, *2 * (bending,))])
    centre = np.tile(start, (len(targets.log_loss), 1))
    centre[:, SHARE] = targets.share
    if targets.central_share is not None:
        spreads[SHARE] = HELD**-0.5
    # what targets leave open is drawn from the priors: their centres stray by their own spreads
    free = [OUTER, *(2 + OF_AXIS * axis + change for axis in range(len(bends)) for change in (2, 3))]
    centre[:, free] += spreads[free] * targets.normals[:, : len(free)]
    central_axes = Axes(
        bends,
        tuple(bend.basis(x) for bend, x in zip(bends, targets.central_logs, strict=True)),
        targets.central_overfit,
    )
    drawn = np.median(targets.log_loss, axis=0)
    first = nearest(targets, drawn, central_axes, Expectation(start[None], start[None], spreads), LONG)
    begun = np.broadcast_to(first, centre.shape)
    members = nearest(
        targets, targets.log_loss, Axes(bends, bases, targets.overfit), Expectation(centre, begun, spreads)
    )
    kept = one_optimum(members, bends)
    if len(bends) == 1:
        return BentSet(first[0], members[kept], bends), kept
    middle = np.median(log_losses(members, bases, targets.lowest, targets.overfit)[0][kept], axis=0)
    middle_of = np.median(members[kept], axis=0)[None]
    if targets.central_share is not None:
        middle_of[0, SHARE] = targets.central_share
    central = nearest(targets, middle, central_axes, Expectation(middle_of, middle_of, spreads), LONG)
    return BentSet(central[0], members[kept], bends), kept


def nearest(
    targets: Targets,
    log_loss: Array,
    axes: Axes,
    prior: Expectation,
    turns: int = TURNS,
) -> Array:
    """The coordinates, (m, p), of the bent laws nearest to `log_loss`, each with one optimum a budget as far as that can be had."""
    outside = len(targets.scale) - targets.inside
    weights = WEIGHT * np.concatenate([targets.counts / targets.inside, np.full(outside, 1 / outside)])
    low, high = (np.array([*ends, *len(axes.bends) * axis]) for ends, axis in ((LOW, LOW_AXIS), (HIGH, HIGH_AXIS)))
    centre, theta = prior.centre, prior.begun
    precision = np.broadcast_to(prior.spreads**-2.0, centre.shape)
    for _ in range(ROUNDS):
        task = Task(
            model=lambda at: log_losses(at, axes.bases, targets.lowest, axes.overfit),
            target=log_loss,
            weights=np.broadcast_to(weights, (len(centre), len(weights))),
            sigma=targets.scale,
            centre=centre,
            precision=precision,
            low=low,
            high=high,
        )
        theta = solve(task, theta, turns).theta
        gentle = gentler(theta, axes.bends)
        sharp = gentle < theta - 1e-9
        if not sharp.any():
            return theta
        # a bend that is too sharp is held where it is not, and the others move
        precision, centre, theta = np.where(sharp, HELD, precision), np.where(sharp, gentle, centre), gentle
    return theta


def one_optimum(theta: Array, bends: tuple[Bends, ...]) -> NDArray[np.bool_]:
    """Which laws have one optimum a budget, (m,)."""
    outer = np.exp(theta[:, OUTER])
    if len(bends) == 1:
        return np.ones(len(theta), bool)
    return np.asarray(
        np.all([bend.sharpness(exponents(theta, axis), outer) < 1 for axis, bend in enumerate(bends)], axis=0)
    )
