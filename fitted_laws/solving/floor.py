"""The irreducible loss that a law knows, or that a question pins."""

from __future__ import annotations

from typing import Any

import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, Incapable, Unanswerable
from fitted_laws.solving.column import column
from fitted_laws.solving.optimum import FrontierAlone, Optimum
from fitted_laws.solving.solution import Caution, Fields

UNKNOWN_FLOOR = (
    "no irreducible loss could be fitted here, so the reducible loss is unknown; irreducible_loss is given as 0"
)


def floor_fields(loss: Values | None, floor: Values | None) -> Fields:
    """reducible_loss, irreducible_loss and whether the latter is known: where it is not, the reducible loss is null,
    never the loss.
    """
    if loss is None or floor is None:
        return Fields(fields={"reducible_loss": None, "irreducible_loss": None, "irreducible_loss_known": False})
    if not floor.any():
        unknown = {"reducible_loss": None, "irreducible_loss": 0.0, "irreducible_loss_known": False}
        return Fields(fields=unknown, warnings=[Caution(UNKNOWN_FLOOR)])
    return Fields(fields={"reducible_loss": loss - floor, "irreducible_loss": floor, "irreducible_loss_known": True})


def require_floor(law: Law, floor: Values | None) -> Values:
    """The irreducible loss of a law that knows one.

    Raises:
        Incapable: it knows none, so a reducible loss (`kl`) means nothing.
    """
    if floor is None or not np.any(floor):
        raise Incapable(
            f"{law.id} fitted no irreducible loss for {law.domain.id}, so kl has no meaning there; ask by loss"
        )
    return floor


def reducible_at(law: Law, best: Optimum | FrontierAlone, loss: Any, kl: Any) -> Values:
    """What is left above L∞ at the target `loss` or `kl`, by each draw; NaN for draws whose L∞ is not below it.

    Raises:
        Incapable: the law knows no loss, or for `kl` no L∞.
        Unanswerable: the law's own L∞ is not below the target.
    """
    if kl is not None:
        return np.broadcast_to(column(kl), np.broadcast_shapes(require_floor(law, best.floor).shape, column(kl).shape))
    if best.floor is None:
        raise Incapable(f"{law.id} prints no loss for {law.domain.id}")
    target = column(loss)
    left = target - best.floor
    if (left[0] <= 0).any():
        low = target[np.argmin(left[0])]
        floor = f"{best.floor[0, 0]:.6g}"
        detail = f"target loss {low:.6g} is not above the irreducible loss {floor} of {law.id}: no compute reaches it"
        raise Unanswerable(detail, [Fault("loss", f"more than {floor}, the irreducible loss", f"{low:.6g}")])
    return np.where(left > 0, left, np.nan)


def nats_per_token(kl_per_sample: Any, law: Law) -> Values:
    """A reducible loss in nats a sample as one in nats a token, (rows,).

    Raises:
        Unanswerable: the domain has no sample of so many tokens.
    """
    if law.domain.tokens_per_sample is None:
        raise Unanswerable(
            f"kl_per_sample is for domains with a sample, such as image-32x32; {law.domain.id} has none: ask by kl"
        )
    return column(kl_per_sample) / law.domain.tokens_per_sample


def floor_of(best: Optimum | FrontierAlone, reducible: Values, kl: Any) -> dict[str, Any]:
    """reducible_loss and irreducible_loss at a target; the former null where the latter is unknown, without an interval
    where it is given.
    """
    known = best.floor is not None and bool(np.any(best.floor))
    left = reducible if kl is None else column(kl)
    return {
        "reducible_loss": left if known else None,
        "irreducible_loss": best.floor if known else 0.0,
        "irreducible_loss_known": known,
    }
