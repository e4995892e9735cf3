"""An axis that bends: the exponent of size, or of data, goes from one value to another about two places, by smooth steps.

    F(x) = u₀·s + (u₁ − u₀)·S((x − x₁)/w) + (u₂ − u₁)·S((x − x₂)/w) − a

in x = ln N or ln D, s = x − x₁, S being w times the softplus. F' lies between the exponents u > 0 everywhere: a term e^(−F) never rises.
"""

from __future__ import annotations

import functools

import msgspec
import numpy as np

from fitted_laws.forms.base import Form, Values

TURNS, SETTLED = 60, 1e-8
"""Most of Newton's steps to the place of a value, and the relative step in ln N or ln D that is the last: the error left is its square."""


class Axis(msgspec.Struct, frozen=True, dict=True):
    """F of one axis in x = ln N or ln D: a power of exponents `low`, `middle` and `high` that passes `level` at `first`."""

    level: Values
    low: Values
    middle: Values
    high: Values
    first: Values
    second: Values
    width: Values

    def falls(self, x: Values) -> Values:
        """F(x): ln of the term is −F."""
        early, late = (x - self.first) / self.width, (x - self.second) / self.width
        bends = (self.middle - self.low) * softplus(early) + (self.high - self.middle) * softplus(late)
        return np.asarray(self.low * (x - self.first) + self.width * bends - self._passed)

    @functools.cached_property
    def _passed(self) -> Values:
        """F at `first`, without `level`."""
        apart = softplus((self.first - self.second) / self.width)
        return np.asarray(
            self.width * ((self.middle - self.low) * np.log(2.0) + (self.high - self.middle) * apart) + self.level
        )

    def basis(self, x: Values) -> Values:
        """What each exponent multiplies in F + level, (3, places); where all laws bend alike."""
        early = self.width * (softplus((x - self.first) / self.width) - np.log(2.0))
        apart = softplus((self.first - self.second) / self.width)
        late = self.width * (softplus((x - self.second) / self.width) - apart)
        return np.concatenate([x - self.first - early, early - late, late])

    def exponent(self, x: Values) -> Values:
        """F'(x): the exponent of the power law there."""
        return self.local(x)[1]

    def local(self, x: Values) -> tuple[Values, Values, Values]:
        """F, F' and F'' at x."""
        early, late = (x - self.first) / self.width, (x - self.second) / self.width
        (soft_early, step_early), (soft_late, step_late) = softly(early), softly(late)
        turn, later = self.middle - self.low, self.high - self.middle
        falls = self.low * (x - self.first) + self.width * (turn * soft_early + later * soft_late) - self._passed
        slope = self.low + turn * step_early + later * step_late
        bend = (turn * step_early * (1 - step_early) + later * step_late * (1 - step_late)) / self.width
        return falls, slope, bend

    def place(self, fall: Values) -> Values:
        """x at which F is `fall`, NaN where that is: Newton's steps from where F without its rounding has it.

        Each value stops at its own last step, whatever is solved beside it.
        """
        x = self._unrounded(fall)
        moving = np.isfinite(x)
        for _ in range(TURNS):
            falls, slope, _ = self.local(x)
            step = (fall - falls) / slope
            x, moving = np.where(moving, x + step, x), moving & (np.abs(step) > SETTLED * np.maximum(np.abs(x), 1.0))
            if not moving.any():
                break
        return x

    def _unrounded(self, fall: Values) -> Values:
        at_second = (self.second - self.first) * self.middle
        left = fall + self.level
        before, between = self.first + left / self.low, self.first + left / self.middle
        after = self.second + (left - at_second) / self.high
        return np.asarray(np.where(left < 0, before, np.where(left < at_second, between, after)))


def softplus(z: Values) -> Values:
    """ln(1 + e^z), three times as fast as numpy's logaddexp."""
    return np.asarray(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


def softly(z: Values) -> tuple[Values, Values]:
    """ln(1 + e^z) and its slope, the logistic function."""
    small = np.exp(-np.abs(z))
    of_small = 1 / (1 + small)
    return np.maximum(z, 0) + np.log1p(small), np.where(z < 0, small * of_small, of_small)


def joined(first: Values, second: Values) -> Values:
    """ln(e^first + e^second)."""
    return second + softplus(first - second)


class Bent(Form, frozen=True, kw_only=True, dict=True):
    """What laws of size and data whose axes bend have in common: T(N, D) = (e^(−F(ln N)/k) + e^(−G(ln D)/k))^k above E.

    `alpha_0` to `alpha_2` are the exponents of size below, between and beyond ln N = `x_1` and `x_2`, over steps `w_x` wide.
    `a` is −F(x_1). `beta_0` and so on are of data.
    Where the exponents are one and k is 1 this is Hoffmann et al. 2022, eq 2; with another k, Kaplan et al. 2020, eq 1.5, above a floor.
    `scatter` is ln of the factor by which one run's loss is off, 0 for such runs on the mean.
    """

    E: Values
    k: Values
    a: Values
    alpha_0: Values
    alpha_1: Values
    alpha_2: Values
    b: Values
    beta_0: Values
    beta_1: Values
    beta_2: Values
    x_1: Values
    x_2: Values
    w_x: Values
    y_1: Values
    y_2: Values
    w_y: Values
    scatter: Values | float = 0.0

    @functools.cached_property
    def size(self) -> Axis:
        return Axis(self.a, self.alpha_0, self.alpha_1, self.alpha_2, self.x_1, self.x_2, self.w_x)

    @functools.cached_property
    def data(self) -> Axis:
        return Axis(self.b, self.beta_0, self.beta_1, self.beta_2, self.y_1, self.y_2, self.w_y)

    @property
    def floor(self) -> Values:
        return self.E

    def term(self, x: Values, y: Values) -> Values:
        """T at ln N and ln D."""
        return np.exp(self.k * joined(-self.size.falls(x) / self.k, -self.data.falls(y) / self.k))


def expected(reducible: Values, floor: Values, scatter: Values | float) -> Values:
    """What a law has above E where a run has `reducible` above it, NaN where that is nothing; a run without luck, that itself."""
    if isinstance(scatter, float) and scatter == 0:
        return reducible
    left = (reducible + floor) * np.exp(-scatter) - floor
    return np.where(scatter == 0, reducible, np.where(left > 0, left, np.nan))


def observed(term: Values, floor: Values, scatter: Values | float) -> Values:
    """What a run has above E where the law has `term` above it: less than nothing where its luck outweighs that."""
    if isinstance(scatter, float) and scatter == 0:
        return term
    return np.asarray(term * np.exp(scatter) + floor * np.expm1(scatter))
