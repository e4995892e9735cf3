"""A logarithmic axis: where a value stands, and which values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec


class Scale(msgspec.Struct, frozen=True):
    """From values between `low` and `high`, both above zero, to places between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`, which is above zero."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float | None) -> bool:
        """Whether `value` stands on the axis."""
        return value is not None and self.low <= value <= self.high

    def nearest(self, value: float) -> float:
        """`value`, or the end of the axis beyond which it lies."""
        return min(max(value, self.low), self.high)

    def ticks(self, apart: float) -> list[float]:
        """The values written beside the axis, at most one every `apart`."""
        return ticks(self.low, self.high, max(2, int(abs(self.end - self.start) / apart)))


def spanning(values: Iterable[float | None], start: float, end: float, margin: float = 0.0) -> Scale:
    """The scale that holds `values`, of which one is above zero, with a `margin` at both ends as a share of its length."""
    positive = [value for value in values if value is not None and 0 < value < math.inf]
    low, high = min(positive), max(positive)
    if high < 1.0001 * low:
        low, high = low / 1.05, high * 1.05
    room = (high / low) ** margin
    return Scale(low / room, high * room, start, end)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between both ends: decades, 1–2–5 where those are few, even steps within less than one."""
    decades = math.log10(high / low)
    whole = _powers(low, high, (1,))
    if decades > 2 and len(whole) >= 3:
        every = math.ceil(len(whole) / most)
        return [tick for tick in whole if round(math.log10(tick)) % every == 0]
    fine = _powers(low, high, (1, 2, 5))
    return fine if decades > 0.8 and 3 <= len(fine) <= most + 1 else _even(low, high, most)


def _powers(low: float, high: float, digits: tuple[int, ...]) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
    return [tick for tick in every if low * 0.999 <= tick <= high * 1.001]


def _even(low: float, high: float, most: int) -> list[float]:
    """Multiples of one round step, as many as fit and three where they do."""
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    steps = [factor * size for factor in (1, 2, 2.5, 5, 10)]
    step = next(step for step in steps if step >= raw * (1 - 1e-9))
    digits = 2 - math.floor(math.log10(step))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(step * i, max(digits, 0)) for i in range(first, last + 1)]
