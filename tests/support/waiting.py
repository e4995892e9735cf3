"""Waiting for what comes in its own time: late on a busy machine, never on a broken one."""

import time
from typing import Any

PATIENCE = 120
"""Seconds after which a thing is taken not to come: many times what anything here takes where eight others want each core."""


def eventually(holds, reason=lambda: "it did not come") -> Any:
    """The first true value of `holds()`; fails with a reason where none comes."""
    end = time.monotonic() + PATIENCE
    while not (value := holds()):
        assert time.monotonic() < end, reason()
        time.sleep(0.02)
    return value
