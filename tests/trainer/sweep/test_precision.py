"""The precision that a plan promises, beside what sweeps were measured to have."""

import msgspec
import pytest
from tiny import plan_of, tiny

from trainer.studies.study import RECORDS
from trainer.sweep.config import SweepConfig, read_sweep
from trainer.sweep.law.law import Unfitted, readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.law.precision import expected_precision
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import read_records


def grown(sweep: SweepConfig, times: int) -> SweepPlan:
    return plan_of(msgspec.structs.replace(sweep, tokens=times * sweep.tokens))


def test_it_is_what_the_sweep_that_ships_came_to() -> None:
    """Within a factor of two of the half-width that its records give, by the very plan that they are of."""
    records = read_records(RECORDS / "markov.jsonl")
    found = posterior(readings(records))
    runs = list({r.run: r.config for r in records}.values())
    plan = SweepPlan(sweep=read_sweep("markov"), budget=420.0, speeds={}, seconds=0.0, runs=runs)
    assert expected_precision(plan) == pytest.approx((found.quantile(0.95) - found.quantile(0.05)) / 2, rel=0.5)


def test_more_data_narrow_it_and_it_is_always_the_same() -> None:
    sweep = read_sweep("ising")
    little, much = expected_precision(grown(sweep, 1)), expected_precision(grown(sweep, 8))
    assert much < little
    assert expected_precision(grown(sweep, 1)) == little


def test_a_plan_that_cannot_be_fitted_is_refused() -> None:
    """Reads at D, D/3 and D/9: two of them lie within eight warm-ups of the start."""
    with pytest.raises(Unfitted, match="3 and 2 of the sweep's"):
        expected_precision(plan_of(msgspec.structs.replace(tiny(), factor=3.0)))
