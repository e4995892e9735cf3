"""The kinds of compute that laws count, and what follows when they differ."""

from __future__ import annotations

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.solving.optimum import Optimum
from fitted_laws.solving.solution import Caution


def law_compute(compute: Values, drawn: Drawn[object], kind: str | None) -> Values:
    """Compute as the relation reads it: C_min = C/2 where the user means actual compute at B = B_crit (K eq 5.5)."""
    return compute / 2 if kind == "actual" and drawn.relation.compute_kind == "minimal" else compute


def minimal_compute(kind: str | None) -> Caution:
    """What compute was taken to be, for a law in C_min."""
    if kind == "actual":
        return Caution("compute is read as spent at the critical batch size: C_min = compute/2 (K eq 5.5)")
    return Caution(
        "compute is read as C_min, the least that would do at small batches; compute_kind=actual reads it as spent at the critical batch size"
    )


def inconsistency(law: Law, compute: Values) -> list[Caution]:
    """A caution where the printed frontier runs below L(N_opt(C)), which no training can do."""
    if not (law.has("frontier") and law.has("allocation") and law.has("converged")):
        return []
    frontier, allocation, converged = law.drawn("frontier"), law.drawn("allocation"), law.drawn("converged")
    if frontier.relation.loss_definition or frontier.relation.compute_kind != allocation.relation.compute_kind:
        return []
    on_frontier = frontier.form.value(compute / frontier.relation.scale)[0]
    at_size = converged.form.value(allocation.form.value(compute / allocation.relation.scale)[0])[0]
    below = np.broadcast_to(on_frontier < at_size, compute.shape)
    text = f"{law.id}'s L(C) lies below its own L(N_opt(C)) for {law.domain.id} at this compute, which no run can do: one of the two fails here"
    return [Caution(text, below)] if below.any() else []


def compute_kinds(law: Law, best: Optimum, kind: str | None) -> list[Caution]:
    """What is meant by compute, where the law's papers do not mean the compute that is spent."""
    kinds = {drawn.relation.compute_kind for drawn in best.sources}
    if kinds == {"actual"}:
        return []
    if kinds == {"minimal"}:
        return [minimal_compute(kind)]
    return [
        Caution(
            f"{law.id}'s N_opt is in Kaplan's C_min and its L(C) in compute as spent: the two do not describe one run"
        )
    ]
