"""What a run spends: 6ND, or a share of it where a token passes few of the experts of a mixture, or in few bits; and the kinds
of compute that laws count.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.solving.column import column
from fitted_laws.solving.optimum import Optimum
from fitted_laws.solving.solution import Caution

AGREEMENT = 0.01
"""How closely params, tokens and compute must agree where all three are given."""


def flops_share(drawn: Drawn[Any], further: dict[str, Values]) -> Values:
    """FLOP in 6ND, (rows,), N as the law counts it: by the parameters that a token passes, in 16-bit equivalents; NaN
    where it is not known.
    """
    return np.asarray(drawn.relation.active_share * drawn.form.spent(**further))


def require_priced(law: Law, drawn: Drawn[Any], share: Values) -> None:
    """That it is known what a budget buys.

    Raises:
        Unanswerable: in some row it is not.
    """
    if np.isnan(share).any():
        raise Unanswerable(f"{law.id} does not say what compute buys: {drawn.form.unpriced}")


def unpriced(drawn: Drawn[Any], share: Values) -> list[Caution]:
    """Why compute is null, in rows where it is."""
    unknown = np.isnan(share)
    return [Caution(f"compute is null: {drawn.form.unpriced}", unknown)] if unknown.any() else []


def run_of(params: Any, tokens: Any, compute: Any, share: Values) -> dict[str, Values]:
    """Params, tokens and compute, (rows,), from the two or three given, at C = 6ND·share.

    Raises:
        NotUnderstood: all are given and do not agree.
    """
    size, data = (column(1.0 if given is None else given) for given in (params, tokens))
    product = 6 * size * data * share
    if compute is None:
        return {"params": size, "tokens": data, "compute": product}
    spent = column(compute)
    if params is None:
        return {"params": spent / product, "tokens": data, "compute": spent}
    if tokens is None:
        return {"params": size, "tokens": spent / product, "compute": spent}
    require_agreement(spent, product)
    return {"params": size, "tokens": data, "compute": spent}


def require_agreement(compute: Values, product: Values) -> None:
    """Params, tokens and compute, where all are given, agree to 1 %.

    Raises:
        NotUnderstood: some row does not.
    """
    given, right = np.broadcast_arrays(compute, product)
    worst = int(np.argmax(np.abs(given / right - 1)))
    if abs(given[worst] / right[worst] - 1) > AGREEMENT:
        expected = f"6 × params × tokens = {right[worst]:.6g} FLOP within 1 %; leave one of the three out"
        raise NotUnderstood.of(Fault("compute", expected, f"{given[worst]:.6g}"))


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
    below = np.broadcast_to(on_frontier < at_size, compute.shape[-1:])
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
