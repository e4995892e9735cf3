"""Numbers as people read them."""

from __future__ import annotations

import re

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
