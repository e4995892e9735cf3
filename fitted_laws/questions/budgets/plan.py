"""`plan`: hours, money and energy of a training run on given accelerators, or what a deadline buys."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from fitted_laws.asking.extra_inputs import extras_of
from fitted_laws.asking.question import Question
from fitted_laws.asking.showing import WorkbookSheet
from fitted_laws.laws.law import Law
from fitted_laws.quantities.hardware import ACCELERATORS, Accelerator, AcceleratorName, TrainingPrecision
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import (
    Compute,
    Count,
    DeadlineDays,
    Mfu,
    Params,
    PeakFlops,
    PowerWatts,
    PricePerHour,
    Tokens,
)
from fitted_laws.solving.budget import solve_budget
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution


class Plan(Question, frozen=True, kw_only=True):
    """How long, how dear and how hungry is a training run on these accelerators, or what does a deadline buy?"""

    name: ClassVar[str] = "plan"
    headline: ClassVar[str] = "hours"
    answers: ClassVar[tuple[str, ...]] = (
        "hours",
        "accelerator_hours",
        "cost",
        "energy_kwh",
        "compute",
        "params",
        "tokens",
        "loss",
    )
    rank: ClassVar[int] = 10
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "compute": "1e23",
        "accelerator": "H100",
        "count": 512,
        "mfu": 0.4,
        "price_per_hour": 2,
    }
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="fleet",
        doc="Accelerators and days: the compute they buy, what it costs, and the best model for it.",
        inputs={"accelerator": "H100", "count": 32, "mfu": 0.4, "price_per_hour": 2.0, "deadline_days": 7},
        answers=(
            "compute",
            "compute_pf_days",
            "accelerator_hours",
            "cost",
            "energy_kwh",
            "params",
            "tokens",
            "tokens_per_param",
            "loss",
            "perplexity",
        ),
    )

    compute: Compute | None = None
    params: Params | None = None
    tokens: Tokens | None = None
    deadline_days: DeadlineDays | None = None
    accelerator: Annotated[AcceleratorName, Meta(description="the accelerator, as /v1/accelerators lists it")]
    count: Count
    mfu: Mfu
    price_per_hour: PricePerHour | None = None
    precision: (
        Annotated[
            TrainingPrecision, Meta(description="precision of training, whose dense peak counts: bf16 unless given")
        ]
        | None
    ) = None
    peak_flops: PeakFlops | None = None
    power_watts: PowerWatts | None = None

    def require_inputs(self) -> None:
        run = self.params is not None or self.tokens is not None
        ways = [
            n
            for n, on in (
                ("compute", self.compute is not None),
                ("params+tokens", run),
                ("deadline_days", self.deadline_days is not None),
            )
            if on
        ]
        if len(ways) != 1 or (run and (self.params is None or self.tokens is None)):
            raise NotUnderstood.of(
                Fault("compute", "one of compute, params with tokens, deadline_days", ", ".join(ways) or "nothing")
            )
        if self.precision is not None and self.peak_flops is not None:
            raise NotUnderstood.of(
                Fault("precision", "precision, for the peak of the sheet, or peak_flops, for yours", "both")
            )

    def without_law(self) -> Solution | None:
        """The bill of a run whose compute is known; what a deadline buys takes a law."""
        if self.deadline_days is not None:
            return None
        compute = column(self.compute) if self.compute is not None else 6 * column(self.params) * column(self.tokens)
        return Solution(fields=self._bill(compute), sources=[], warnings=self._cautions())

    def solve(self, law: Law) -> Solution:
        """With a deadline: the compute it buys, and the optimum of that."""
        compute = column(self.deadline_days) * 86400 * self._rate()
        solution = solve_budget(
            law,
            compute,
            irreducible_loss=self.irreducible_loss,
            part=self.part,
            compute_kind=self.compute_kind,
            extras=lambda form: extras_of(law, form, {}),
        )
        of_run = (
            "params",
            "tokens",
            "tokens_per_param",
            "loss",
            "reducible_loss",
            "irreducible_loss",
            "irreducible_loss_known",
        )
        return msgspec.structs.replace(
            solution,
            fields={**self._bill(compute), **{name: solution.fields[name] for name in of_run}},
            warnings=[*solution.warnings, *self._cautions()],
        )

    @property
    def _chip(self) -> Accelerator:
        return ACCELERATORS[self.accelerator]

    def _rate(self) -> Any:
        """FLOP/s of all accelerators together, as used."""
        return column(self._peak()) * column(self.count) * column(self.mfu)

    def _peak(self) -> Any:
        """Dense FLOP/s of one accelerator.

        Raises:
            Unanswerable: its sheet prints none at that precision.
        """
        if self.peak_flops is not None:
            return self.peak_flops
        peak = self._chip.peak(self.precision or "bf16")
        if peak is None:
            printed = [row.id for row in ACCELERATORS.values() if row.peak(self.precision or "bf16") is not None]
            raise Unanswerable(
                f"no dense {self.precision} peak of {self.accelerator} is printed; give peak_flops, or take one of "
                f"{', '.join(printed)}"
            )
        return peak

    def _bill(self, compute: Any) -> dict[str, Any]:
        hours = compute / self._rate() / 3600
        each = hours * column(self.count)
        watts = self.power_watts if self.power_watts is not None else self._chip.power_watts
        return {
            "hours": hours,
            "accelerator_hours": each,
            "cost": None if self.price_per_hour is None else each * column(self.price_per_hour),
            "energy_kwh": None if watts is None else each * column(watts) / 1000,
            "compute": compute,
        }

    def _cautions(self) -> list[Caution]:
        peak = "yours" if self.peak_flops is not None else f"dense {self.precision or 'bf16'}, {self._chip.source}"
        out = [
            Caution(f"peak FLOP/s: {peak}"),
            Caution("energy is of the accelerators at their rated power alone: no hosts, no network, no cooling"),
        ]
        if self.price_per_hour is None:
            out.append(Caution("cost is null: no price is kept here, since prices go stale; give price_per_hour"))
        if self.power_watts is None and self._chip.power_watts is None:
            out.append(
                Caution(f"energy_kwh is null: no rated power is published for {self.accelerator}; give power_watts")
            )
        return out
