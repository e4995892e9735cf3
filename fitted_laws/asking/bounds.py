"""What laws of one variable say of a run that has two: a bound of its loss from below."""

from __future__ import annotations

from typing import Any

import numpy as np

from fitted_laws.laws.law import Law
from fitted_laws.solving.column import column

TWO_INPUTS = {"overfitting": "params and unique_tokens", "path": "params and steps"}
"""What else than tokens and compute enters a relation of size and one more."""


def why_no_surface(law: Law, params: Any, tokens: Any, compute: Any) -> str:
    """Why a law without a surface cannot answer for two inputs, with the bound that its relations give."""
    bounds = []
    if params is not None and law.has("converged"):
        bounds.append(law.drawn("converged").form.value(column(params))[0])
    if compute is not None and law.has("frontier"):
        frontier = law.drawn("frontier")
        bounds.append(frontier.form.value(column(compute) / frontier.relation.scale)[0])
    if tokens is not None and law.has("data"):
        bounds.append(law.drawn("data").form.value(column(tokens))[0])
    least = (
        f"; what it holds bounds the loss from below: loss ≥ {float(np.max(np.maximum.reduce(np.broadcast_arrays(*bounds)))):.5g}"
        if bounds
        else ""
    )
    other = next((f", or by {inputs}" for role, inputs in TWO_INPUTS.items() if law.has(role)), "")
    return f"{law.id} holds no surface L(N, D) for {law.domain.id}, only laws of one variable; ask by one input{other}{least}"
