"""Draws of coefficients, and intervals from draws. One seed per relation; no clock and no global randomness."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

NORMAL_QUANTILE = np.vectorize(NormalDist().inv_cdf, otypes=[float])
"""Of shares below; scipy.special's is as exact, but twice as long to import as numpy, and a law is drawn from once."""
Draws = dict[str, NDArray[np.float64]]
"""Coefficient name → array of shape (draws,)."""

MANY_DIGITS = 4
"""Significant digits from which on rounding tells nothing of how well a number is known."""
PILOT = 16
"""Draws that hold, from which on their extent tells where in the box the others lie."""

_DIGITS = re.compile(r"[+-]?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")


class Undrawable(ValueError):
    """Draws would mean nothing here; the message is the reason a user reads."""


class Constraint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another number that the paper prints for the law, which draws from its printed digits must reproduce."""

    quantity: str
    at: float | None = None
    printed: str
    where: str


class Covariance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published mean and covariance of coefficients; those in `log` are drawn as logarithms."""

    order: list[str]
    log: list[str]
    mean: list[float]
    matrix: list[list[float]]


class Percentiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Published quantiles of one exponent as pairs (share below, value), one on each side of the published value, its
    median.

    The prefactor moves with it, so that every draw keeps the law's value at `pivot`, the middle of what it was fitted
    to.
    """

    exponent: str
    prefactor: str
    quantiles: list[tuple[float, float]]
    pivot: float


class FrozenDraws(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Draws frozen with a law: little-endian float32 in base64, `shape` (draws, coefficients), columns in `order`."""

    order: list[str]
    shape: tuple[int, int]
    data: str

    def columns(self) -> Draws:
        table = np.frombuffer(base64.b64decode(self.data), dtype="<f4").reshape(self.shape).astype(np.float64)
        return {name: table[:, i] for i, name in enumerate(self.order)}


def rounding(printed: str) -> tuple[int, float]:
    """Significant digits of a printed number, and half a unit of its last digit.

    >>> rounding("3.6e-9")
    (2, 5e-11)
    """
    match = _DIGITS.fullmatch(printed)
    whole, decimals, power = match.groups("") if match else ("", "", "")
    if not whole + decimals:
        raise ValueError(f"expected a printed number such as 3.6e-9, got {printed!r}")
    exponent = int(power or 0) - len(decimals)
    significant = len((whole + decimals).lstrip("0"))
    return significant, float(f"5e{exponent - 1}")


def uniforms(seed: str, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Reproducible uniforms in (0, 1): PCG64 seeded by the SHA-256 of `seed`."""
    state = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.PCG64(state)).random(shape) * (1 - 2**-52) + 2**-53


def from_covariance(covariance: Covariance, count: int, seed: str) -> Draws:
    """Normal draws with the published covariance, in log space where it was published so."""
    factor = np.linalg.cholesky(np.asarray(covariance.matrix))
    normal = NORMAL_QUANTILE(uniforms(seed, (count, len(covariance.order))))
    table = np.asarray(covariance.mean) + normal @ factor.T
    return {
        name: np.exp(table[:, i]) if name in covariance.log else table[:, i] for i, name in enumerate(covariance.order)
    }


def from_percentiles(percentiles: Percentiles, central: Mapping[str, float], count: int, seed: str) -> Draws:
    """Draws of the exponent with the published quantiles, half a normal to either side of its median, and of the
    prefactor beside it.
    """
    median = central[percentiles.exponent]
    normal = NORMAL_QUANTILE(uniforms(seed, (count, 1)))[:, 0]
    (low, below), (high, above) = sorted(percentiles.quantiles)
    width = np.where(normal < 0, (below - median) / NORMAL_QUANTILE(low), (above - median) / NORMAL_QUANTILE(high))
    exponent = median + width * normal
    prefactor = central[percentiles.prefactor] * percentiles.pivot ** (median - exponent)
    return {percentiles.exponent: exponent, percentiles.prefactor: prefactor}


def from_printed(
    printed: Mapping[str, str],
    half_units: Mapping[str, float],
    holds: Callable[[Draws], NDArray[np.bool_]],
    count: int,
    seed: str,
) -> Draws:
    """Uniform draws over the coefficients that print the same digits, and for which `holds`: a reconstruction, no
    statistical error.

    Raises:
        Undrawable: a coefficient has a single digit, all have so many that rounding is not what limits them, or hardly
            any hold.
    """
    digits = {name: rounding(text)[0] for name, text in printed.items()}
    for name, text in printed.items():
        if name not in half_units and digits[name] < 2:
            raise Undrawable(f"{name} is printed with a single digit ({text})")
    if min(digits.values()) >= MANY_DIGITS:
        raise Undrawable(
            f"its coefficients are given to {min(digits.values())} digits or more, so their rounding says nothing of how well they are known"
        )
    names = list(printed)
    centre = np.array([float(printed[name]) for name in names])
    half = np.array([half_units.get(name, rounding(printed[name])[1]) for name in names])
    low, high = centre - half, centre + half
    accepted = np.empty((0, len(names)))
    for batch in range(64):
        table = low + (high - low) * uniforms(f"{seed}/{batch}", (8 * count, len(names)))
        ok = holds({name: table[:, i] for i, name in enumerate(names)})
        accepted = np.concatenate([accepted, table[ok]])
        if len(accepted) >= count:
            return {name: accepted[:count, i] for i, name in enumerate(names)}
        if batch == 0 and len(accepted) >= PILOT:
            low, high = _around(accepted, low, high)
            accepted = accepted[:0]
    raise Undrawable(
        f"only {len(accepted)} of {64 * 8 * count} coefficient sets that print these digits reproduce the paper's other numbers"
    )


def _around(
    accepted: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Thrice the extent of `accepted`, within the box: other numbers of a paper can leave a thousandth of it, all in
    one corner.
    """
    extent = np.ptp(accepted, axis=0)
    return np.maximum(low, accepted.min(axis=0) - extent), np.minimum(high, accepted.max(axis=0) + extent)


def within(value: NDArray[np.float64], printed: str) -> NDArray[np.bool_]:
    """Where `value` would print as `printed`."""
    _, half = rounding(printed)
    return np.abs(value - float(printed)) <= half * (1 + 1e-9)
