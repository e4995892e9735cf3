"""Units of a loss, by the names that people give them, and what makes nats a token of them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.units import NATS
from trainer.files import Refusal

UNITS: dict[str, str] = {
    NATS: "nats, nat, nats per token, nats per tok, npt",
    "bits/token": "bits, bit, bits per token, bpt",
    "perplexity": "ppl, perplexities",
    "nats/byte": "nats per byte, npb",
    "bits/byte": "bits per byte, bpb",
    "nats/character": "nats per character, nats per char, nats/char, npc",
    "bits/character": "bits per character, bits per char, bits/char, bpc",
}
"""What each is called besides."""
LOSS_UNITS: dict[str, str] = {
    name: unit for unit, names in UNITS.items() for name in (unit, *(each.strip() for each in names.split(",")))
}
"""By name in lower case the unit."""
PER_TOKEN = {NATS: 1.0, "bits/token": math.log(2)}
PER_BYTE = {"nats/byte": 1.0, "bits/byte": math.log(2)}


class InUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Losses, (n,), in a unit, and a sentence on what was converted; empty where nothing was."""

    values: NDArray[np.float64]
    unit: str
    said: str = ""


def unit_named(text: str) -> str:
    """The unit of that name.

    Raises:
        Refusal: none is called so.
    """
    unit = LOSS_UNITS.get(text.strip().lower().replace("_", " "))
    if unit is None:
        raise Refusal(f"--loss-unit: expected one of {', '.join(UNITS)}, got {text}")
    return unit


def converted(values: NDArray[np.float64], unit: str, bytes_per_token: NDArray[np.float64] | None) -> InUnit:
    """Losses in nats a token where that follows: from bits and perplexity always, from losses a byte where
    `bytes_per_token`, (n,) or (1,), is known; else in their own unit.
    """
    if unit == "perplexity":
        with np.errstate(invalid="ignore", divide="ignore"):
            return InUnit(values=np.log(values), unit=NATS, said="the loss is the logarithm of the perplexity given")
    if unit in PER_BYTE and bytes_per_token is not None:
        nats = values * PER_BYTE[unit] * bytes_per_token
        known = f"{float(np.nanmedian(bytes_per_token)):.4g} bytes a token"
        return InUnit(values=nats, unit=NATS, said=f"the loss was converted from {unit} to nats/token by {known}")
    if unit in PER_TOKEN:
        said = f"the loss was converted from {unit} to nats/token" if unit != NATS else ""
        return InUnit(values=values * PER_TOKEN[unit], unit=NATS, said=said)
    return InUnit(values=values, unit=unit)
