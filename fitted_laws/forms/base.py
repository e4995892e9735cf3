"""What a law form is: coefficients as fields, the paper's equations as methods."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
"""Inputs of shape (rows,), coefficients of shape (draws, 1) or scalars; results broadcast to (draws, rows)."""


def power(base: Values, exponent: Values) -> Values:
    """base^exponent, whose bits do not depend on how many rows or draws there are.

    For a single exponent beside many bases numpy takes a root for ½, squares for 2 and divides for −1: its power differs from these in the last bit.
    So does it in a row of a table, where one exponent stands beside the bases of all columns: there it is written out for each.
    """
    if np.size(exponent) > 1:
        shape = np.broadcast_shapes(np.shape(base), np.shape(exponent))
        if shape != np.shape(exponent):
            exponent = np.ascontiguousarray(np.broadcast_to(exponent, shape))
        return np.asarray(base**exponent)
    both = np.empty((2, *np.shape(np.add(base, exponent))))
    both[0, ...], both[1, ...] = base, exponent
    return np.asarray(np.power(both[0, ...], both[1, ...]))


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A law form; its fields are the coefficients under the paper's letters, floats or columns of draws."""

    latex: ClassVar[str]
    """The equation, a line each where there are several; where the form serves several roles, of `y` in `x` (see `portraits.equations`)."""

    derived: ClassVar[tuple[str, ...]] = ()
    """Methods of one number whose printed values the draws of a paper must reproduce."""

    extras: ClassVar[tuple[str, ...]] = ()
    """Further inputs, beside N and D, that the form needs."""

    rises_in: ClassVar[tuple[str, ...]] = ()
    """Inputs in which a loss may rise, beyond what the form says: of others, more never hurts."""

    unpriced: ClassVar[str] = ""
    """Why compute is not known where `spent` is NaN."""

    def spent(self, **further: Values) -> Values:  # noqa: ARG002 - most forms count whole FLOP of all parameters
        """FLOP of training in 6ND, N as the form counts it: NaN where it does not say."""
        return np.ones(1)
