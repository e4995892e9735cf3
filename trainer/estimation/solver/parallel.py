"""Slices of many independent searches, spread over the cores that this process may use."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def cores() -> int:
    """The cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def in_slices(work: Callable[[slice], T], count: int, size: int) -> list[T]:
    """work on 0..count in slices of `size`, in order; threads, so work must leave the interpreter's lock to gain."""
    slices = [slice(first, min(first + size, count)) for first in range(0, count, size)]
    if len(slices) < 2 or cores() == 1:
        return [work(one) for one in slices]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(work, slices))
