"""Numbers as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


WIDE = 30
"""How many times an end of an interval may differ from its middle on one scale."""


def number(value: float, digits: int = 12) -> str:
    """A number as people read it: 0.076, 2100 or 8.8 × 10¹³."""
    if value < 0:
        return f"−{number(-value, digits)}"
    text = f"{value:.{digits}g}"
    if value and not 1e-3 <= value < 1e6:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
        return power if mantissa == "1" else f"{mantissa} × {power}"
    if "e" in text:
        text = f"{float(text):.0f}"
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if len(whole) > 4 else text


def number_of(count: int, noun: str) -> str:
    """So many of something, whose plural ends in s: `1 run`, `2 runs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def measured(value: float, low: float | None, high: float | None, unit: str) -> str:
    """A number in its unit with its interval, on one scale and in as many digits as the interval bears: `139 B (95–201 B)`,
    `1.960 nats/token (1.939–1.985)`. Without an interval it has five digits; where the ends lie far apart each has its own scale.
    """
    factor, suffix = scale(value)
    said = f"{suffix} {unit}".rstrip() if unit else suffix
    if low is None or high is None or not low < high:
        middle = number(value / factor, 5)
        return f"{middle}{said}".removeprefix("1 × ")
    if max(high, -low) > WIDE * abs(value) or abs(value) > WIDE * min(abs(low), abs(high)):
        return f"{number(value / factor, 3)}{said} ({apart(low)} to {apart(high)})"
    least = min(math.log10((high - low) / factor), math.log10(abs(value) / factor))
    places = min(max(1 - math.floor(least), 0), 9)
    middle, *ends = (fixed(each / factor, places) for each in (value, low, high))
    return f"{middle}{said} ({(' to ' if low < 0 else '–').join(ends)}{suffix})"


def scale(value: float) -> tuple[float, str]:
    """What a number is divided by and followed by: M, B, T, a power of ten, or nothing."""
    if not value or 1e-3 <= abs(value) < 1e6:
        return 1.0, ""
    for size, suffix in ((1e6, " M"), (1e9, " B"), (1e12, " T")):
        if size <= abs(value) < 1e3 * size:
            return size, suffix
    power = math.floor(math.log10(abs(value)))
    return 10.0**power, f" × 10{str(power).translate(SUPERSCRIPTS)}"


def apart(value: float) -> str:
    """A number in three digits on a scale of its own."""
    factor, suffix = scale(value)
    return f"{number(value / factor, 3)}{suffix}".removeprefix("1 × ")


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, its thousands parted from five digits on."""
    text = f"{abs(value):,.{places}f}" if abs(value) >= 1e4 else f"{abs(value):.{places}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def brief(value: float) -> str:
    """A count in two or three digits with its suffix: 98.3 k, 16.2 B; beyond trillions a power of ten."""
    for size, suffix in ((1e12, " T"), (1e9, " B"), (1e6, " M"), (1e3, " k")):
        if size <= value < 1e3 * size:
            return f"{value / size:.3g}{suffix}"
    return number(value, 3)


def plain(value: float) -> str:
    """A number as people type it: 1e9, 0.076."""
    short = f"{value:g}"
    return re.sub(r"e\+?(-?)0*", r"e\1", short if float(short) == value else repr(value))


def between(low: float, high: float) -> str:
    """Both ends of an interval, in as many digits as tell them apart."""
    digits = next((d for d in range(3, 12) if len({f"{low:.{d}g}", f"{high:.{d}g}"}) == 2), 12)
    return f"{number(low, digits)} to {number(high, digits)}"


def percent(share: float) -> str:
    """A deviation in per cent, with its sign."""
    rounded = f"{100 * share:+.2g}" if abs(share) < 1 else f"{100 * share:+.0f}"
    return "0 %" if abs(share) < 5e-6 else f"{rounded} %".replace("-", "−")


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
