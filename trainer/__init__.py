"""Training sweeps and fits, offline: runs in, law files out. Serving is in `service`, the mathematics in `fitted_laws`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainer.library import FittedLaw as FittedLaw
    from trainer.library import backtest as backtest
    from trainer.library import fit as fit

__all__ = ["FittedLaw", "backtest", "fit"]


def __getattr__(name: str) -> Any:
    """Loaded when it is asked for: sweeps on a GPU need no fits."""
    if name not in __all__:
        raise AttributeError(f"module 'trainer' has no attribute {name!r}")
    return getattr(importlib.import_module("trainer.library"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
