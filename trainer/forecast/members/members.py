"""The set of laws that a posterior becomes, with what it says of further runs and how a law file keeps it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitted_laws.forms import FORMS
from trainer.estimation.objective import Array
from trainer.forecast.family.equation import PlacedRuns
from trainer.forecast.family.errors import FREEDOM
from trainer.forecast.family.posterior import CurvePosterior, SurfacePosterior

from .bent import OF_AXIS, OUTER, SHARE, exponents
from .projection import BentSet, projected
from .targets import MEMBERS, curve_targets, effective, surface_targets

USUAL_SHARE = 0.69
"""E over the lowest loss, in the centre of the priors."""
FLATTEST = 0.02
"""Least exponent that a curve's laws are looked for about, also where the curve does not fall."""
AXES = (("a", "alpha", "x"), ("b", "beta", "y"))
"""Letters of each axis."""


@dataclass(frozen=True, slots=True)
class Members:
    """Coefficients of a form, (1 + m, 1) each, the central law's first, those alike in all (1, 1).

    `noise` is the scale of one run's Student's t, in ln loss.
    """

    form: str
    coefficients: dict[str, Array]
    noise: float

    @classmethod
    def of(cls, form: str, coefficients: Mapping[str, Array], noise: float) -> Members:
        """The members in single precision, as they are kept, so that what is said of them is said of what is kept."""
        alike = {name: np.vstack([column[:1], column[1:].astype("<f4")]) for name, column in coefficients.items()}
        return cls(form, alike, noise)

    def log_losses(self, *inputs: Array) -> Array:
        """ln of the loss by every law, the central one first, (1 + m, n)."""
        law: Any = FORMS[self.form](**self.coefficients)
        return np.asarray(np.log(law.value(*inputs)))

    def kept(self) -> dict[str, Any]:
        """What a law file holds."""
        count = max(len(column) for column in self.coefficients.values())
        order = [name for name, column in self.coefficients.items() if len(column) == count]
        table = np.ascontiguousarray(
            np.concatenate([self.coefficients[name][1:] for name in order], axis=1), dtype="<f4"
        )
        return {
            "form": self.form,
            "central": {name: float(column[0, 0]) for name, column in self.coefficients.items()},
            "order": order,
            "shape": list(table.shape),
            "data": base64.b64encode(table.tobytes()).decode(),
            "noise": self.noise,
            "freedom": FREEDOM,
        }


def surface_members(
    fitted: SurfacePosterior,
    runs: PlacedRuns,
    floors: Callable[[float], float] | None = None,
    seed: int = 0,
    count: int = MEMBERS,
) -> Members:
    """Laws of size and data, and of repeats where runs have them; `floors` gives quantiles of E, where more is known of it."""
    targets, repeats = surface_targets(fitted, runs, seed, count)
    if floors is not None:
        targets = targets.with_floors(floors)
    about = tuple(float(np.exp(fitted.belief @ fitted.theta[:, 3 + axis])) for axis in (0, 1))
    laws, kept = projected(targets, about)
    coefficients = named(laws, targets.lowest, targets.typical)
    if repeats is None:
        return Members.of("warped", coefficients, noise_of(fitted))
    central = repeats.middle
    further = {
        "R_D": np.concatenate([central.decay, repeats.decay[kept]])[:, None],
        "o": np.concatenate([central.over, repeats.over[kept]])[:, None],
        "h": np.concatenate([central.rise, repeats.rise[kept]])[:, None],
        "m": np.array([[fitted.memory]]),
        "most": np.array([[np.exp(fitted.typical)]]),
    }
    return Members.of("warped-repeated", coefficients | further, noise_of(fitted))


def curve_members(fitted: CurvePosterior, x: Array, seed: int = 0, count: int = MEMBERS) -> Members:
    """Laws of one variable."""
    targets = curve_targets(fitted, x, seed, count)
    ends = np.array([fitted.smallest, fitted.largest])
    left = np.exp(fitted.values(ends).mean(axis=0) - targets.typical) - USUAL_SHARE * targets.lowest
    falls = float(-np.diff(np.log(left))[0] / np.diff(np.log(ends))[0])
    laws, _ = projected(targets, (max(falls, FLATTEST),))
    coefficients = named(laws, targets.lowest, targets.typical)
    del coefficients["k"]
    return Members.of("warped-curve", coefficients, noise_of(fitted))


def noise_of(fitted: SurfacePosterior | CurvePosterior) -> float:
    """The scale of one run's error about the mean of such runs."""
    return float(fitted.widening * fitted.scales.noise * fitted.noise * fitted.scales.unit)


def named(laws: BentSet, lowest: float, typical: float) -> dict[str, Array]:
    """The coordinates as coefficients of the form, (1 + m, 1) or (1, 1) each; `lowest` over a loss of ln `typical` is what shares are of."""
    theta = np.vstack([laws.central, laws.members])
    out = {"E": np.exp(typical) * lowest / (1 + np.exp(-theta[:, [SHARE]])), "k": np.exp(theta[:, [OUTER]])}
    for axis, (bend, (level, exponent, place)) in enumerate(zip(laws.bends, AXES, strict=False)):
        out[level] = theta[:, [2 + OF_AXIS * axis]] + typical
        out |= {f"{exponent}_{number}": column[:, None] for number, column in enumerate(exponents(theta, axis).T)}
        ends = (bend.first, bend.second, bend.width)
        out |= {
            name: np.array([[end]]) for name, end in zip((f"{place}_1", f"{place}_2", f"w_{place}"), ends, strict=True)
        }
    return out


def surface_inputs(fitted: SurfacePosterior, runs: PlacedRuns) -> tuple[Array, ...]:
    """What the form of these laws is asked at: size, with its part of compute beyond 6ND, and (unique) data, and epochs."""
    size, _ = effective(fitted, runs, None)
    return np.exp(size[0]), np.exp(runs.tokens), runs.again + 1
