"""Which machine a run was on, and how fast it was there. Needs torch."""

from __future__ import annotations

import platform

import numpy as np
import torch

from trainer.sweep.records import Machine


def this_machine(seconds: float, tokens: int, device: str) -> Machine:
    """After `tokens` in `seconds`."""
    return Machine(
        seconds=round(seconds, 3),
        tokens_per_second=round(tokens / max(seconds, 1e-9), 1),
        device=torch.cuda.get_device_name() if device.startswith("cuda") else platform.machine(),
        host=platform.node(),
        versions={"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__},
    )
