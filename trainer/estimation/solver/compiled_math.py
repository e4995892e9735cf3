"""exp and log that the compiler writes for several rows at once, which it cannot do with those of the C library.

Both take the power of two out of their number, by its bits, and sum a series of what is left, which is small: to within 4e-16 of the truth.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., object])

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts: the first has so few bits that its product with an exponent is exact."""
ROUNDING = 6755399441055744.0
"""1.5 · 2^52: a number added to it is rounded to a whole one, which then stands in its last bits."""
COUNT = 4503599627370496.0
"""2^52: a whole number put into its last bits is a float once 2^52 is taken off."""
COUNT_BITS = 0x4330000000000000
LEAST = -700.0
"""Below it exp is taken as there: 1e-304, which beside 1 is nothing."""
MANTISSA, ONE_BITS, BIAS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 1023
"""Of a float's bits those after the point; the bits of 1.0; what is added to its exponent."""
ROOT_OF_TWO = 0x0006A09E667F3BCD
"""The bits after the point of the root of 2."""


def in_order(function: F) -> F:
    """Compiled for callers to take in; its sums stand as they are written, which is what makes them exact."""
    return cast(F, numba.njit(nogil=True, fastmath={"contract"}, error_model="numpy")(function))


@in_order
def exp(x: float) -> float:
    """e^x of x up to 700: 2^k e^r, with |r| at most ln 2 / 2."""
    x = max(x, LEAST)
    shifted = x * LOG2_E + ROUNDING
    k = shifted - ROUNDING
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    # Taylor's series to r^13/13!
    p = 1 / 479001600 + r * (1 / 6227020800)
    p = 1 / 3628800 + r * (1 / 39916800 + r * p)
    p = 1 / 40320 + r * (1 / 362880 + r * p)
    p = 1 / 720 + r * (1 / 5040 + r * p)
    p = 1 / 24 + r * (1 / 120 + r * p)
    p = 1 / 2 + r * (1 / 6 + r * p)
    power = np.int64((np.float64(shifted).view(np.int64) + BIAS) << 52).view(np.float64)
    return (1.0 + (r + r * r * p)) * power


@in_order
def log(x: float) -> float:
    """ln x of a positive number that is not denormal: k ln 2 + 2 artanh(f/(2 + f)), with 1 + f between the roots of a half and of 2."""
    bits = np.float64(x).view(np.int64)
    larger = np.int64(1) if (bits & MANTISSA) > ROOT_OF_TWO else np.int64(0)
    k = np.int64(((bits >> 52) + larger) | COUNT_BITS).view(np.float64) - (COUNT + BIAS)
    f = np.int64((bits & MANTISSA) | (ONE_BITS - (larger << 52))).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    # artanh's series to z^10/21
    p = 1 / 19 + z * (1 / 21)
    p = 1 / 15 + z * (1 / 17 + z * p)
    p = 1 / 11 + z * (1 / 13 + z * p)
    p = 1 / 7 + z * (1 / 9 + z * p)
    p = 1 / 3 + z * (1 / 5 + z * p)
    # 2s = f - s f: f is exact, the rest is small beside it
    return k * LN2_HIGH + (f + (k * LN2_LOW + s * (2.0 * z * p - f)))
