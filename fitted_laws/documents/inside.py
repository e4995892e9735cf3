"""Examples that lie inside what laws were fitted on, and which domains are known from small models alone."""

from __future__ import annotations

import functools
import math

from fitted_laws.asking import answering
from fitted_laws.asking.question import Catalogue
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions import registry
from fitted_laws.solving.extrapolation import INSIDE

USUAL = 1e21
"""The budget of examples, in FLOP, where a domain's law was fitted there."""
BUDGETS = [
    float(f"{digits}e{exponent}")
    for digits in (1, 2, 5)
    for exponent in sorted(range(7, 28), key=lambda exponent: abs(exponent - 21))
]
"""What is tried, powers of ten first, those near `USUAL` before others."""


@functools.lru_cache(1024)
def budget_inside(laws: Catalogue, domain_id: str, law: str | None = None) -> float | None:
    """The first of `BUDGETS`, in FLOP, whose optimum lies inside the fit of `law`, or of the law that answers unasked.

    Where none does, that which lies nearest to a fit; None where no law answers.
    """
    named = {"interval": "none", **({"law": law} if law else {})}  # how far it lies from the fit is no matter of draws
    distances: dict[float, float] = {}
    for budget in BUDGETS:
        try:
            found = answering.answer(registry.read("optimal", {"domain": domain_id, "compute": budget, **named}), laws)
        except Problem:
            continue
        if found["reach"] == INSIDE:
            return budget
        distances[budget] = math.inf if found["extrapolation"] is None else found["extrapolation"]
    return min(distances, key=lambda budget: distances[budget], default=None)


def small_models(laws: Laws, domain_id: str) -> str | None:
    """The sizes of the models that a domain's laws of loss were fitted on, where all are small ones of our own; else None."""
    of_losses = [law for law in laws.of(domain_id) if set(law.roles) != {"transfer"}]
    if of_losses and all(law.of_small_models for law in of_losses):
        return of_losses[0].scale
    return None


def known_from(laws: Laws, domain_id: str) -> str | None:
    """The same as a sentence has it."""
    scale = small_models(laws, domain_id)
    return f"our own small sweeps alone: models of {scale}" if scale else None
