"""How far beyond the fitted data an answer lies, in decades, and in which quantity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from fitted_laws.laws import Law

QUANTITIES = ("compute", "params", "tokens", "tokens_per_param", "unique_tokens")
UNITS = {
    "compute": " FLOP",
    "params": " parameters",
    "tokens": " tokens",
    "tokens_per_param": " tokens a parameter",
    "unique_tokens": " unique tokens",
}


class Caution(msgspec.Struct, frozen=True):
    """A sentence a user must read, and the rows it concerns (all where None)."""

    text: str
    rows: Any = None


def extrapolation(law: Law, columns: Mapping[str, Any], size: int, warnings: list[Caution]) -> dict[str, Any]:
    """`extrapolation`, the largest distance of any quantity beyond the fitted range of `law` (0 inside), and `extrapolation_in`, its name."""
    from_range = {q: _decades(law, q, _values(columns, q)) for q in QUANTITIES}
    known = {q: np.broadcast_to(d, (size,)) for q, d in from_range.items() if d is not None}
    if not known:
        return {"extrapolation": None, "extrapolation_in": None}
    table = np.stack(list(known.values()))
    largest, where = table.max(axis=0), table.argmax(axis=0)
    names = list(known)
    for name, decades in known.items():
        if (decades > 0).any():
            low, high = law.first.ranges[name]
            warnings.append(Caution(f"{name} lies beyond the fitted range, {low:.3g} to {high:.3g}{UNITS[name]}", decades > 0))
    return {
        "extrapolation": largest,
        "extrapolation_in": [names[w] if d > 0 else None for w, d in zip(where.tolist(), largest.tolist(), strict=True)],
    }


def _values(columns: Mapping[str, Any], quantity: str) -> Any:
    if quantity == "tokens_per_param" and columns.get("tokens") is not None and columns.get("params") is not None:
        return np.asarray(columns["tokens"]) / np.asarray(columns["params"])
    return columns.get(quantity)


def _decades(law: Law, quantity: str, values: Any) -> Any:
    if values is None or quantity not in law.first.ranges:
        return None
    low, high = law.first.ranges[quantity]
    logs = np.log10(np.asarray(values, dtype=float))
    return np.maximum(0.0, np.maximum(logs - np.log10(high), np.log10(low) - logs))
