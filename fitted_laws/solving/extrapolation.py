"""How far beyond the fitted data an answer lies, in decades, and in which quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import QUANTITIES
from fitted_laws.solving.solution import Caution, Fields

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


def fitted_ranges(law: Law, sources: Sequence[Drawn[object]]) -> dict[str, tuple[float, float]]:
    """Of each quantity that of the first relation used that has one, or else that of the law."""
    ranges = dict(law.first.ranges)
    for drawn in reversed(sources):
        ranges |= drawn.relation.ranges
    return ranges


def extrapolation(ranges: Mapping[str, tuple[float, float]], columns: Mapping[str, Any], size: int) -> Fields:
    """`extrapolation`, the largest distance of any quantity beyond its fitted range (0 inside), and `extrapolation_in`,
    its name.
    """
    known = {q: v for q in QUANTITIES if q in ranges and (v := _values(columns, q)) is not None}
    if not known:
        return Fields(fields={"extrapolation": None, "extrapolation_in": None})
    logs = np.empty((len(known), size))
    for place, values in enumerate(known.values()):
        logs[place] = values
    np.log10(logs, out=logs)
    known_ranges = {name: ranges[name] for name in known}
    lowest, highest = np.log10(list(known_ranges.values())).T[:, :, None]
    decades = np.maximum(0.0, np.maximum(logs - highest, lowest - logs))  # (quantities, rows)
    largest, where = decades.max(axis=0), decades.argmax(axis=0)
    if not largest.any():
        return Fields(fields={"extrapolation": largest, "extrapolation_in": [None] * size})
    names = list(known)
    warnings = [
        Caution(f"{name} lies beyond the fitted range, {low:.3g} to {high:.3g}{UNITS[name]}", beyond)
        for (name, (low, high)), beyond in zip(known_ranges.items(), decades > 0, strict=True)
        if beyond.any()
    ]
    furthest = [names[w] if d > 0 else None for w, d in zip(where.tolist(), largest.tolist(), strict=True)]
    return Fields(fields={"extrapolation": largest, "extrapolation_in": furthest}, warnings=warnings)


def _values(columns: Mapping[str, Any], quantity: str) -> Any:
    if quantity == "tokens_per_param" and columns.get("tokens") is not None and columns.get("params") is not None:
        return np.asarray(columns["tokens"]) / np.asarray(columns["params"])
    return columns.get(quantity)
