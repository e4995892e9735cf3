"""What of a table is doubted aloud: numbers that two conventions would read differently, with the factor between."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.units import NATS

Values = NDArray[np.float64]

SMALL, LARGE = 1e3, 1e14
"""Sizes and tokens outside which a scale was most likely not said, or said twice."""
SMALL_COMPUTE = 1e9
LARGEST_VOCABULARY = 262_144
"""Of published tokenizers the largest; a loss above its logarithm is worse than chance by all of them."""
OFF = 1.25
"""Factor between a compute given and 6ND from which on it is said; attention and embeddings explain less."""
MEANT = {1 / 3: "2ND, the forward pass", 1 / 6: "ND", 4 / 3: "8ND, activations computed twice"}


def doubts(columns: dict[str, Values], loss_unit: str, names: dict[str, str]) -> Iterator[str]:
    """Sentences on the rows that are used, (n,) a column; `names` is what each quantity is called in the table."""
    if not len(columns["loss"]):
        return
    for quantity in ("params", "tokens"):
        yield from _small(columns, quantity, names)
    if "compute" in names and np.nanmedian(columns["compute"]) < SMALL_COMPUTE:
        shown = f"{np.nanmedian(columns['compute']):.3g}"
        yield (
            f"{names['compute']} has a median of {shown} FLOP, less than any run takes: in PF-days or EFLOP? "
            f"--as compute={names['compute']}:PF-days says so"
        )
    yield from _losses(columns, loss_unit, names)
    if {"params", "tokens", "compute"} <= {*names} & {*columns}:
        yield from _compute(columns, names)


def _small(columns: dict[str, Values], quantity: str, names: dict[str, str]) -> Iterator[str]:
    if quantity not in columns or quantity not in names:
        return
    name, middle = names[quantity], float(np.nanmedian(columns[quantity]))
    if middle < SMALL:
        least, most = float(np.nanmin(columns[quantity])), float(np.nanmax(columns[quantity]))
        scale = "M" if quantity == "params" else "B"
        yield (
            f"{name} lies between {least:.4g} and {most:.4g}, read as single {quantity}: in millions or billions? "
            f"--as {quantity}={name}:{scale} says so"
        )
    elif middle > LARGE and quantity == "params":
        yield f"{name} has a median of {middle:.3g} {quantity}, more than any model has: a scale said twice?"


def _losses(columns: dict[str, Values], unit: str, names: dict[str, str]) -> Iterator[str]:
    middle = float(np.median(columns["loss"]))
    name = names.get("loss", "loss")
    if unit == NATS:
        known = columns.get("vocabulary")
        size = float(np.nanmedian(known)) if known is not None else LARGEST_VOCABULARY
        if middle > math.log(size):
            yield (
                f"{name} has a median of {middle:.4g} nats/token, above ln {size:,.0f} = {math.log(size):.3g} of a model that "
                "knows nothing: a perplexity, or a sum? --loss-unit says the unit"
            )
    elif unit in {"bits/byte", "nats/byte"} and middle > 8:
        yield f"{name} has a median of {middle:.4g} {unit}, above the 8 bits that a byte holds: another unit?"


def _compute(columns: dict[str, Values], names: dict[str, str]) -> Iterator[str]:
    ratio = columns["compute"] / (6 * columns["params"] * columns["tokens"])
    middle = float(np.nanmedian(ratio))
    if max(middle, 1 / middle) <= OFF:
        return
    low, high = np.nanquantile(ratio, 0.05), np.nanquantile(ratio, 0.95)
    near = next(
        (f" ({what})" for factor, what in MEANT.items() if factor / OFF**0.25 < low <= high < factor * OFF**0.25), ""
    )
    yield (
        f"{names['compute']} is {middle:.3g} × 6 × params × tokens{near}, {low:.3g} to {high:.3g}: another count of parameters, "
        "or of FLOP? Budgets are taken as given"
    )
