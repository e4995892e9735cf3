"""A number or a list as a column."""

from __future__ import annotations

from typing import Any

import numpy as np


def column(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An input as an array of shape (rows,): always through arrays, since numpy's scalar and array powers differ in the
    last bit.
    """
    return np.atleast_1d(np.asarray(value, dtype=np.float64))
