"""What compute costs on the accelerators that a question names: their time, money and energy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.laws.intervals import central_interval
from fitted_laws.quantities.hardware import ACCELERATORS, Accelerator, AcceleratorName, TrainingPrecision
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.quantities.spread import Spread
from fitted_laws.solving.column import column, draws_of
from fitted_laws.solving.solution import Caution


class Fleet(Protocol):
    """What a question says of its accelerators."""

    @property
    def accelerator(self) -> AcceleratorName: ...
    @property
    def precision(self) -> TrainingPrecision | None: ...
    @property
    def mfu(self) -> Any: ...
    @property
    def price_per_hour(self) -> Any: ...
    @property
    def peak_flops(self) -> Any: ...
    @property
    def power_watts(self) -> Any: ...
    @property
    def overhead(self) -> Any: ...
    @property
    def pue(self) -> Any: ...
    @property
    def price_per_kwh(self) -> Any: ...


class Rented(msgspec.Struct, frozen=True, kw_only=True):
    """Accelerators by their hour alone, dense at bf16: no time beside the run, and energy that the hour covers."""

    accelerator: AcceleratorName
    mfu: Any
    price_per_hour: Any
    precision: TrainingPrecision | None = None
    peak_flops: None = None
    power_watts: None = None
    overhead: float = 0.0
    pue: float = 1.0
    price_per_kwh: None = None


class Bill(msgspec.Struct, frozen=True):
    """Accelerator-hours, and their cost, energy and its cost: null where no price or power is known."""

    accelerator_hours: Values
    cost: Values | None
    energy_kwh: Values | None
    energy_cost: Values | None


def peak(accelerator: AcceleratorName, precision: TrainingPrecision) -> float:
    """Dense peak FLOP/s of one accelerator.

    Raises:
        Unanswerable: its sheet prints none at that precision.
    """
    flops = ACCELERATORS[accelerator].peak(precision)
    if flops is None:
        printed = ", ".join(row.id for row in ACCELERATORS.values() if row.peak(precision) is not None)
        raise Unanswerable(
            f"no dense {precision} peak of {accelerator} is printed; give peak_flops, or take one of {printed}"
        )
    return flops


def useful_flops(asked: Fleet, read: Callable[[str], Values]) -> Values:
    """FLOP/s of one accelerator that go into the model: peak × MFU, over what the time beside the run takes."""
    of_one = peak(asked.accelerator, asked.precision or "bf16") if asked.peak_flops is None else read("peak_flops")
    return np.asarray(of_one * read("mfu") / (1 + read("overhead")))


def bill(asked: Fleet, hours: Values, read: Callable[[str], Values]) -> Bill:
    """What so many accelerator-hours cost; `read` gives an input by name, as an array."""
    watts = ACCELERATORS[asked.accelerator].power_watts if asked.power_watts is None else read("power_watts")
    energy = None if watts is None else hours * watts * read("pue") / 1000
    energy_cost = None if energy is None or asked.price_per_kwh is None else energy * read("price_per_kwh")
    cost = None if asked.price_per_hour is None else hours * read("price_per_hour")
    if cost is not None and energy_cost is not None:
        cost = cost + energy_cost
    return Bill(hours, cost, energy, energy_cost)


def cautions(asked: Fleet) -> list[Caution]:
    """What a bill rests on: whose peak, and what is left out where it is not given."""
    chip = ACCELERATORS[asked.accelerator]
    whose = "yours" if asked.peak_flops is not None else f"dense {asked.precision or 'bf16'}, {chip.source}"
    uncounted = "no time beside the run is counted (restarts, evaluation, failed runs): give overhead"
    notes = [Caution(f"peak FLOP/s: {whose}"), Caution(uncounted, _is(asked.overhead, 0))]
    notes += [*_of_energy(asked, chip), *_of_money(asked)]
    if asked.precision not in (None, "bf16"):
        text = (
            f"{asked.precision} raises the peak alone: the loss is that of training in 16 bits, which it may not reach"
        )
        notes.append(Caution(text))
    return notes


def _is(value: Any, number: float) -> NDArray[np.bool_]:
    """Rows where an input is `number`, which is what it is where it is not given."""
    return np.asarray((value.centre if isinstance(value, Spread) else column(value)) == number)


def _of_energy(asked: Fleet, chip: Accelerator) -> list[Caution]:
    if asked.power_watts is None and chip.power_watts is None:
        return [Caution(f"energy_kwh is null: no rated power is published for {asked.accelerator}; give power_watts")]
    bare = _is(asked.pue, 1)
    rated = "energy is of the accelerators at their rated power"
    return [Caution(f"{rated} alone: give pue for hosts and cooling", bare), Caution(f"{rated} times pue", ~bare)]


def _of_money(asked: Fleet) -> list[Caution]:
    if asked.price_per_hour is None:
        return [Caution("cost is null: no price is kept here, since prices go stale; give price_per_hour")]
    if asked.price_per_kwh is not None:
        return [Caution("cost is of accelerators and energy together")]
    return []


def share_of_law(whole: Any, by_law: Any, level: float) -> Values | None:
    """What part of the spread of `whole` is that of `by_law`, the same field with every range at its geometric mean, (rows,).

    Spread is the squared width of the interval on the log scale, which for independent causes of a product adds up.
    None where nothing is spread; NaN where an interval has no end.
    """
    if not draws_of(whole):
        return None
    if not draws_of(by_law):
        return np.zeros(np.shape(whole)[-1])
    width, own = (np.log(high / low) for low, high in (central_interval(v, level) for v in (whole, by_law)))
    return np.where(np.isfinite(width) & (width > 0), np.minimum((own / width) ** 2, 1.0), np.nan)
