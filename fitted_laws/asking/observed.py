"""Whether a loss that a user observed may be held against a law's."""

from __future__ import annotations

from typing import Protocol

from fitted_laws.asking.options import several
from fitted_laws.laws.law import Law
from fitted_laws.solving.solution import Caution

SAID = "same_loss=true holds the observed loss against them all the same"


class Asked(Protocol):
    """The options of a question that bear on it."""

    @property
    def law(self) -> str | None: ...
    @property
    def same_loss(self) -> bool: ...


def withheld(question: Asked, law: Law) -> str | None:
    """Why the observed loss is not held against this law's; None where it may be.

    It may where the user says so, by a law of the user's own, and by the one published law that answers (`assumed` then
    says so).
    It is not beside other laws, nor by the laws of small models that ship: their texts and tokens are nobody else's.
    """
    if question.same_loss or not law.shipped:
        return None
    if several(question.law):
        return f"several laws are asked, whose losses are on different data or tokenizers; name one law, or {SAID}"
    return f"losses of {law.id} are on its own data and tokens; {SAID}" if law.of_small_models else None


def assumed(law: Law) -> list[Caution]:
    """What is taken for granted of an observed loss: nothing of one by a law of the user's own."""
    text = f"the observed loss is taken to be on the data and tokenizer of {law.id}"
    return [Caution(text)] if law.shipped else []
