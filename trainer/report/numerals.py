"""How a report writes numbers: counts with suffixes, powers of ten, intervals."""

from __future__ import annotations

import numpy as np

from fitted_laws.forms import Values

LEVEL = 0.9
"""Of every interval of a report."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def short(value: float) -> str:
    """A count as people say it: 350M, 1.4T; a power of ten beyond."""
    if not 1e3 <= value < 1e15:
        return f"{value:g}" if 1e-3 <= value < 1e3 else power_of_ten(value)
    scale, suffix = next((s, name) for s, name in SUFFIXES if value >= s * 0.9995)
    return f"{value / scale:.3g}{suffix}"


def power_of_ten(value: float) -> str:
    """`3.2·10²¹`; nothing for zero, where an axis may ask for a tick."""
    if value <= 0:
        return ""
    exponent = int(np.floor(np.log10(value) + 1e-9))
    lead = f"{value / 10.0**exponent:.2g}"
    return ("" if lead == "1" else f"{lead}·") + "10" + str(exponent).translate(SUPERSCRIPTS)


def one_digit(value: float) -> str:
    """As it is typed: 4e9."""
    lead, _, exponent = f"{value:.0e}".partition("e")
    return f"{lead}e{int(exponent)}"


def quantity(value: object) -> str:
    """A number of an answer as people say it."""
    number = float(np.ravel(np.asarray(value, dtype=float))[0])
    return f"{number:.4g}" if 1e-2 <= abs(number) < 1e4 else short(number)


def interval(ends: Values) -> str:
    """A number, alone or with the low and the high end of its 90 %, (1,) or (3,)."""
    if len(ends) == 1 or not np.isfinite(ends[1:]).all():
        return quantity(ends[0])
    return f"{quantity(ends[0])} ({quantity(ends[1])} – {quantity(ends[2])})"
