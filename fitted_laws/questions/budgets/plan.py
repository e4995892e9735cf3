"""`plan`: hours, money and energy of a training run on given accelerators, or what a deadline buys."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from fitted_laws.answers.showing import WorkbookSheet
from fitted_laws.asking.bill import bill, cautions, share_of_law, useful_flops
from fitted_laws.asking.extra_inputs import extras_of
from fitted_laws.asking.question import Question
from fitted_laws.forms.protocols import Conditional
from fitted_laws.laws.law import Law
from fitted_laws.quantities.hardware import AcceleratorName, TrainingPrecision
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood
from fitted_laws.quantities.spread import Spread
from fitted_laws.quantities.units import (
    Compute,
    Count,
    DeadlineDays,
    Kl,
    Loss,
    Mfu,
    Overhead,
    Params,
    PeakFlops,
    PowerWatts,
    PricePerHour,
    PricePerKwh,
    Pue,
    Tokens,
)
from fitted_laws.solving.budget import NO_BASIN, solve_budget, solve_run, solve_target
from fitted_laws.solving.column import DRAWS, column, drawn_beside, draws_of
from fitted_laws.solving.solution import Caution, Solution

OF_LAW = (
    "params",
    "tokens",
    "tokens_per_param",
    "loss",
    "reducible_loss",
    "irreducible_loss",
    "irreducible_loss_known",
)
"""What the law says of the run."""
SHARED = ("hours", "cost", "loss")
"""Fields of which is said, where ranges are given, what part of their spread is the law's."""


class Plan(Question, frozen=True, kw_only=True):
    """How long, how dear and how hungry is a training run on these accelerators, or what does a deadline buy?"""

    name: ClassVar[str] = "plan"
    headline: ClassVar[str] = "hours"
    answers: ClassVar[tuple[str, ...]] = (
        "hours",
        "days",
        "accelerator_hours",
        "cost",
        "energy_kwh",
        "energy_cost",
        "compute",
        *OF_LAW,
        *(f"{name}_law_share" for name in SHARED),
    )
    of_draws: ClassVar[tuple[str, ...]] = tuple(f"{name}_law_share" for name in SHARED)
    rank: ClassVar[int] = 10
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "compute": "1e23",
        "accelerator": "H100",
        "count": 512,
        "mfu": "40%",
        "price_per_hour": 2,
    }
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="fleet",
        doc="Accelerators and days: the compute they buy, what it costs, and the best model for it.",
        inputs={
            "accelerator": "H100",
            "count": 32,
            "mfu": 0.4,
            "price_per_hour": 2.0,
            "deadline_days": 7,
            "overhead": 0.0,
            "pue": 1.0,
            "price_per_kwh": 0.0,
        },
        answers=(
            "compute",
            "compute_pf_days",
            "accelerator_hours",
            "cost",
            "energy_kwh",
            "energy_cost",
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
    loss: Loss | None = None
    kl: Kl | None = None
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
    overhead: Overhead = 0.0
    pue: Pue = 1.0
    price_per_kwh: PricePerKwh | None = None
    peak_flops: PeakFlops | None = None
    power_watts: PowerWatts | None = None

    def require_inputs(self) -> None:
        run = self.params is not None or self.tokens is not None
        alone = ("compute", "loss", "kl", "deadline_days")
        ways = [*(name for name in alone if getattr(self, name) is not None), *(["params+tokens"] if run else [])]
        if len(ways) != 1 or (run and (self.params is None or self.tokens is None)):
            expected = "one of compute, params with tokens, loss, kl, deadline_days"
            raise NotUnderstood.of(Fault("compute", expected, ", ".join(ways) or "nothing"))
        if self.precision is not None and self.peak_flops is not None:
            expected = "precision, for the peak of the sheet, or peak_flops, for yours"
            raise NotUnderstood.of(Fault("precision", expected, "both"))

    def solve(self, law: Law) -> Solution:
        """The run by the law, and its bill; ranges are drawn beside the draws of the law."""
        run = self._run(law, self._bought(0))
        if not self._ranged:
            return self._billed(run, run, 0)
        draws = draws_of(*run.fields.values()) or DRAWS
        spread = self._run(law, self._bought(draws)) if self.deadline_days is not None else run
        return self._billed(spread, run, draws)

    @property
    def _ranged(self) -> bool:
        """Whether a range is to be drawn."""
        return self.draws and any(isinstance(value, Spread) for value in self.inputs().values())

    def remainder(self, why: str) -> Solution | None:
        """The bill alone, where no law says what the run reaches; None where it takes a law to know what is paid."""
        if self.loss is not None or self.kl is not None:
            return None
        draws = DRAWS if self._ranged else 0
        fields = {**dict.fromkeys(OF_LAW), "compute": self._bought(draws)}
        fields |= {name: column(value) for name in ("params", "tokens") if (value := getattr(self, name)) is not None}
        if self.params is not None and self.tokens is not None:
            fields["tokens_per_param"] = fields["tokens"] / fields["params"]
        run = Solution(fields=fields, sources=[], warnings=[Caution(f"loss is null: {why}")])
        return self._billed(run, msgspec.structs.replace(run, fields={**fields, "compute": self._bought(0)}), draws)

    def _bought(self, draws: int) -> Any:
        """Compute of the run where no law need be asked: as given, as 6ND, or as the deadline allows; None of a target."""
        if self.deadline_days is not None:
            flops = useful_flops(self, self._reader(draws))
            return column(self.deadline_days) * 86400 * flops * column(self.count)
        if self.params is not None:
            return 6 * column(self.params) * column(self.tokens)
        return None if self.compute is None else column(self.compute)

    def _run(self, law: Law, compute: Any) -> Solution:
        """Compute, size, data and loss of the run by the law.

        Raises:
            Incapable: the law does not say what is asked, or not in FLOP as they are paid.
        """
        pinned = self.irreducible_loss

        def extras(form: Conditional) -> dict[str, Any]:
            return extras_of(law, form, {})

        if compute is None:
            run = solve_target(law, self.loss, self.kl, irreducible_loss=pinned, compute_kind=self.compute_kind)
        elif self.params is not None:
            run = solve_run(law, column(self.params), column(self.tokens), irreducible_loss=pinned, extras=extras)
        else:
            kind = self.compute_kind
            run = solve_budget(law, compute, irreducible_loss=pinned, part=self.part, compute_kind=kind, extras=extras)
        if self.compute_kind != "actual" and run.sources[-1].relation.compute_kind == "minimal":
            raise Incapable(
                f"{law.id} counts compute in C_min, the least that would do, not in FLOP that are paid; compute_kind=actual converts"
            )
        fields = {**run.fields, "compute": run.fields["compute"] if compute is None else compute}
        if self.loss is not None:
            fields["loss"] = column(self.loss)
        elif self.kl is not None:
            fields["loss"] = run.fields["irreducible_loss"] + column(self.kl)
        if fields.get("params") is not None:
            fields["tokens_per_param"] = fields["tokens"] / fields["params"]
        return msgspec.structs.replace(run, fields={**dict.fromkeys(OF_LAW), **fields}, falling={})

    def _billed(self, run: Solution, by_law: Solution, draws: int) -> Solution:
        """The run with its bill; `by_law` is the run with every range at its geometric mean."""
        whole = {**run.fields, **self._bill(run.fields["compute"], draws)}
        shares: dict[str, Any] = dict.fromkeys(self.of_draws)
        if draws:
            own = {**by_law.fields, **self._bill(by_law.fields["compute"], 0)}
            shares = {f"{name}_law_share": share_of_law(whole[name], own[name], self.level) for name in SHARED}
        fields = {name: whole[name] for name in self.answers if name in whole}
        warnings = [*(caution for caution in run.warnings if caution is not NO_BASIN), *cautions(self)]
        return msgspec.structs.replace(run, fields={**fields, **shares}, warnings=warnings)

    def _bill(self, compute: Any, draws: int) -> dict[str, Any]:
        read = self._reader(draws)
        if self.deadline_days is not None:  # that time is given, whatever is bought in it
            hours = column(self.deadline_days) * 24
            spent = hours * column(self.count)
        else:
            spent = compute / useful_flops(self, read) / 3600
            hours = spent / column(self.count)
        return {"hours": hours, "days": hours / 24, **msgspec.structs.asdict(bill(self, spent, read))}

    def _reader(self, draws: int) -> Any:
        """What gives an input by its name, as an array."""
        return lambda name: drawn_beside(getattr(self, name), name, draws)
