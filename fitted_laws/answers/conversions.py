"""The same quantity in the units that users also read."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from fitted_laws.quantities.spelling import PF_DAY
from fitted_laws.quantities.units import nats_to_bits

EQUIVALENTS = {"loss": ("loss_bits", "perplexity", "loss_per_sample")}
"""The same quantity in the units that users also read, by field."""


def equivalents(field: str) -> tuple[str, ...]:
    """The names under which a field is also given in other units."""
    return EQUIVALENTS.get(field, ()) + ((f"{field}_pf_days",) if field.endswith("compute") else ())


Conversion: TypeAlias = Callable[[Any], Any]


class Units(NamedTuple):
    """Which units the losses of an answer can be given in: of a text, of a sample of so many tokens, or in nats a token at all."""

    text: bool
    tokens_per_sample: int | None
    in_nats: bool


@functools.cache
def conversions(name: str, units: Units) -> tuple[tuple[str, Conversion], ...]:
    """The same quantity in the units that users also read: bits, perplexity, nats a sample, PF-days. Losses that are not
    a token's have no equivalents.
    """
    if name == "loss" and not units.in_nats:
        return ()
    tokens = units.tokens_per_sample
    known: dict[str, Conversion | None] = {
        "loss_bits": nats_to_bits,
        "perplexity": perplexity if units.text else None,
        "loss_per_sample": None if tokens is None else functools.partial(operator.mul, tokens),
        f"{name}_pf_days": lambda compute: compute / PF_DAY,
    }
    return tuple((other, function) for other in equivalents(name) if (function := known[other]) is not None)


def perplexity(loss: Any) -> Any:
    """e^L; null (NaN) where it is too large to be a number."""
    if type(loss) is float:
        return np.exp(loss).item() if loss <= MOST_LOG else math.nan
    return np.where(loss > MOST_LOG, np.nan, np.exp(np.minimum(loss, MOST_LOG)))


MOST_LOG = 709.0
"""ln of the largest perplexity that is a number."""
