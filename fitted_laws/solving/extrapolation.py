"""How far beyond the fitted data an answer lies, in decades, and in which quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import QUANTITIES
from fitted_laws.solving.solution import Caution

UNITS = {
    "compute": " FLOP",
    "params": " parameters",
    "tokens": " tokens",
    "tokens_per_param": " tokens a parameter",
    "unique_tokens": " unique tokens",
    "epochs": " epochs",
    "experts": " experts",
    "granularity": " widths of an expert in that of the dense layer",
    "sparsity": " of the experts unused by a token",
    "bits": " bits",
    "training_loss": " nats a token",
    "position": " tokens",
    "context": " tokens",
}


def fitted_ranges(law: Law, sources: Sequence[Drawn]) -> dict[str, tuple[float, float]]:
    """Of each quantity that of the first relation used that has one, or else that of the law."""
    ranges = dict(law.first.ranges)
    for drawn in reversed(sources):
        ranges |= drawn.relation.ranges
    return ranges


def extrapolation(
    ranges: Mapping[str, tuple[float, float]], columns: Mapping[str, Any], size: int, warnings: list[Caution]
) -> dict[str, Any]:
    """`extrapolation`, the largest distance of any quantity beyond its fitted range (0 inside), and `extrapolation_in`, its name."""
    known = {q: v for q in QUANTITIES if q in ranges and (v := _values(columns, q)) is not None}
    if not known:
        return {"extrapolation": None, "extrapolation_in": None}
    logs = np.empty((len(known), size))
    for place, values in enumerate(known.values()):
        logs[place] = values
    np.log10(logs, out=logs)
    low, high = np.log10([ranges[q] for q in known]).T[:, :, None]
    decades = np.maximum(0.0, np.maximum(logs - high, low - logs))  # (quantities, rows)
    largest, where = decades.max(axis=0), decades.argmax(axis=0)
    if not largest.any():
        return {"extrapolation": largest, "extrapolation_in": [None] * size}
    names = list(known)
    for name, beyond in zip(names, decades > 0, strict=True):
        if beyond.any():
            least, most = ranges[name]
            warnings.append(
                Caution(f"{name} lies beyond the fitted range, {least:.3g} to {most:.3g}{UNITS[name]}", beyond)
            )
    furthest = [names[w] if d > 0 else None for w, d in zip(where.tolist(), largest.tolist(), strict=True)]
    return {"extrapolation": largest, "extrapolation_in": furthest}


def _values(columns: Mapping[str, Any], quantity: str) -> Any:
    if quantity == "tokens_per_param" and columns.get("tokens") is not None and columns.get("params") is not None:
        return np.asarray(columns["tokens"]) / np.asarray(columns["params"])
    return columns.get(quantity)
