"""Where losses end: simulated sweeps whose irreducible loss is known, of the additive law and of laws about it."""

from functools import cache

import msgspec
import numpy as np
import pytest
from tiny import record_of, tiny

from fitted_laws.laws.intervals import interval
from trainer.sweep.law.calibration import limits_of
from trainer.sweep.law.law import Unfitted, left_out, readings, unfit
from trainer.sweep.law.posterior import Posterior, Readings, posterior
from trainer.sweep.records import Reading, RunRecord, record

SWEEPS = 8


def simulated(number: int, outer: float) -> tuple[Readings, float]:
    """3 sizes × 5 data × 2 seeds; exponents of .4 to 1, terms of 1 to 4 % of the irreducible loss, noise of 4 % of the excess."""
    random = np.random.default_rng(number)
    params, tokens, seed = (
        a.ravel() for a in np.meshgrid([1728, 4800, 12288], 2e5 / 2 ** (np.arange(5) / 2), [0, 1], indexing="ij")
    )
    alpha, beta = random.uniform(0.4, 1.0, 2)
    a, b = np.log(random.uniform(0.01, 0.04, 2))
    x, y = np.log(params / 12288), np.log(tokens / 2e5)
    excess = np.exp(outer * np.logaddexp((a - alpha * x) / outer, (b - beta * y) / outer))
    shared = random.standard_normal((2, 5)).repeat(1, axis=0)[
        seed.astype(int), np.unique(tokens, return_inverse=True)[1]
    ]
    noisy = excess * np.exp(0.03 * shared + 0.02 * random.standard_normal(len(x)))
    run = np.unique(params * 10 + seed, return_inverse=True)[1]
    return Readings(params=params, tokens=tokens, loss=1 + noisy, run=run, seed=seed.astype(np.int64)), float(
        noisy.min()
    )


@cache
def found(number: int, outer: float) -> tuple[Posterior, float]:
    made, lowest = simulated(number, outer)
    return posterior(made), lowest


@pytest.mark.parametrize("outer", [1.0, 0.7, 1.4])
def test_the_interval_holds_the_truth(outer: float) -> None:
    """In seven of eight or more, whether or not the law is additive; and is no wider than ten times the least excess."""
    inside = 0
    for number in range(SWEEPS):
        made, lowest = found(number, outer)
        low, high = made.quantile(0.05), made.quantile(0.95)
        inside += low <= 1 <= high
        assert high < 1 + lowest
        assert high - low < 10 * lowest
    assert inside >= SWEEPS - 1


def test_the_set_of_laws_holds_the_truth_as_well() -> None:
    """What answers of a sweep: its limits end no higher than the posterior's, since forecasts only ask for lower ones."""
    for number in range(3):
        made, lowest = found(number, 1.0)
        limits = limits_of(simulated(number, 1.0)[0])
        low, high = interval(limits, 0.9)
        assert low <= 1 <= high
        assert high <= made.quantile(0.95) + 1e-3 * lowest
        assert low <= limits[0] <= made.quantile(0.5) + 1e-3 * lowest


def test_draws_say_what_the_posterior_says() -> None:
    """Quantiles of E to a fiftieth of the interval; the law at the median fits the losses to a twentieth of their excess."""
    made, _ = found(0, 1.0)
    drawn = made.draws(20_000, 1)
    width = made.quantile(0.95) - made.quantile(0.05)
    for p in (0.05, 0.5, 0.95):
        assert np.quantile(drawn[:, 0], p) == pytest.approx(made.quantile(p), abs=width / 50)
    runs, _ = simulated(0, 1.0)
    level, a, b, alpha, beta = made.central
    law = level + a / runs.params**alpha + b / runs.tokens**beta
    assert np.median(np.abs(law - runs.loss) / (runs.loss - 1)) < 0.05


def test_nothing_depends_on_units_or_order() -> None:
    """Tokens counted in thousands, rows reversed: the same posterior of E."""
    runs, _ = simulated(1, 1.0)
    other = Readings(
        params=runs.params[::-1],
        tokens=runs.tokens[::-1] / 1000,
        loss=runs.loss[::-1],
        run=runs.run[::-1],
        seed=runs.seed[::-1],
    )
    again = posterior(other)
    for p in (0.05, 0.5, 0.95):
        assert again.quantile(p) == pytest.approx(found(1, 1.0)[0].quantile(p), rel=1e-6)


def sweep_records(*, plateau: bool) -> list[RunRecord]:
    """Of a small sweep with invented losses; one run ends where it began, if asked."""
    made = record_of(tiny().run(16, 0, 100)).machine
    out = []
    for width in (12, 16, 24):
        for seed in (0, 1):
            config = tiny().run(width, seed, 200)
            for step in (20, 50, 100, 200):
                loss = 3.0 if plateau and (width, seed) == (16, 1) else 2 + 10 / step + 0.001 * seed + 1 / width
                told = Reading(step=step, loss=loss, loss_error=0.0, test_loss=loss, oracle_loss=2.0)
                out.append(record(config, step, told, [], made, ("ok", "")))
    return out


def test_what_is_left_out() -> None:
    """Readings before eight warm-ups (24 % of the steps), and runs stuck far above those of another seed; with too little left, a sentence."""
    whys = left_out(sweep_records(plateau=False))
    assert [why == "" for why in whys[:4]] == [False, True, True, True]
    stuck = left_out(sweep_records(plateau=True))
    assert {number // 4 for number, why in enumerate(stuck) if "plateau" in why} == {3}
    assert len(readings(sweep_records(plateau=True)).loss) == 15
    with pytest.raises(Unfitted, match="3 sizes at 3 amounts of data"):
        readings(sweep_records(plateau=False)[:8])


@pytest.mark.parametrize(
    ("steps", "read", "fitted"), [(20_000, 600, False), (20_000, 1200, True), (200, 20, False), (200, 25, True)]
)
def test_the_first_steps_are_not_fitted(steps: int, read: int, fitted: bool) -> None:
    """A thousand of a long run, 12 % of a short one, however short the warm-up."""
    config = msgspec.structs.replace(tiny(), warmup=0.001).run(16, 0, steps)
    told = Reading(step=read, loss=3.0, loss_error=0.0, test_loss=3.0, oracle_loss=2.0)
    why = unfit(record(config, read, told, [], record_of(config).machine, ("ok", "")))
    assert (why == "") == fitted
