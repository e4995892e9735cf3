"""What a budget buys and what runs cost, on the accelerators that a user names: by the bill of `plan`, one definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitted_laws.asking.bill import Bill, Fleet, bill, useful_flops
from fitted_laws.forms import Values
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.quantities.spelling import Unreadable, read
from fitted_laws.questions import registry
from fitted_laws.solving.column import drawn_beside

FLEET = tuple(name for name in Fleet.__dict__ if isinstance(Fleet.__dict__[name], property))
"""Inputs that say what accelerators there are and what they cost."""
UNASKED = {"domain": "runs", "compute": 1.0, "count": 1}
"""What a bill needs of a question of `plan`, though nothing here follows from it."""
PRICELESS = Fault("price_per_hour", "accelerator, mfu and price_per_hour, which money needs", "nothing")


@dataclass(frozen=True, slots=True)
class Rates:
    """Accelerators with their utilisation and prices; a range counts as its geometric mean."""

    asked: Any

    def bill(self, compute: Values) -> Bill:
        """Hours, money and energy of so many FLOP, (n,) each."""
        return bill(self.asked, compute / useful_flops(self.asked, self._read) / 3600, self._read)

    def bought(self, money: float) -> float:
        """FLOP that so much money buys.

        Raises:
            NotUnderstood: no price of an hour is given.
        """
        hourly = bill(self.asked, np.ones(1), self._read).cost
        if hourly is None:
            raise NotUnderstood.of(PRICELESS)
        return float((money / hourly * 3600 * useful_flops(self.asked, self._read))[0])

    def _read(self, name: str) -> Values:
        return drawn_beside(getattr(self.asked, name), name, 0)


def rates_of(given: Mapping[str, object]) -> Rates | None:
    """What is said of accelerators; None where nothing is.

    Raises:
        NotUnderstood: something needed is missing, malformed or out of range.
    """
    return Rates(registry.read("plan", {**UNASKED, **given})) if given else None


def budget_of(compute: str | None, cost: str | None, rates: Rates | None) -> float | None:
    """The budget in FLOP, given as such or in money; None where neither is.

    Raises:
        NotUnderstood: both are given, one is malformed or not above zero, or money without its prices.
    """
    if compute is not None and cost is not None:
        raise NotUnderstood.of(Fault("budget", "a budget in FLOP, or a cost in money", "both"))
    if compute is not None:
        return _positive("budget", compute, "compute")
    if cost is None:
        return None
    if rates is None:
        raise NotUnderstood.of(PRICELESS)
    return rates.bought(_positive("cost", cost, "money"))


def _positive(name: str, text: str, kind: Any) -> float:
    try:
        value = read(text, kind)
    except Unreadable as reason:
        raise NotUnderstood.of(Fault(name, reason.expected, reason.got)) from None
    if not value > 0:
        raise NotUnderstood.of(Fault(name, "a number above zero", text))
    return value
