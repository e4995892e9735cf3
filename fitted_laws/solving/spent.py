"""What a run spends: 6ND, or a share of it where a token passes few of the experts of a mixture, or in few bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.solving.column import column
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
