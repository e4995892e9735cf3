"""`plan`: what a run costs and what it reaches, by any of its inputs, with ranges drawn beside the law."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from fitted_laws import Answer, NotUnderstood, Unanswerable, ask

FLEET = {"domain": "language", "accelerator": "H100", "count": 2000, "mfu": "40%", "price_per_hour": "$2.10"}
RATE = 2000 * 0.4 * 989.4e12
"""FLOP/s of the fleet."""


def plan(**inputs) -> Answer:
    """The answer to a plan of that fleet, with some inputs of its own."""
    return ask("plan", **{**FLEET, **inputs})


@pytest.mark.parametrize("goal", [{"loss": 1.95}, {"kl": 0.1}])
def test_a_target_costs_its_cheapest_way(goal) -> None:
    """Days and money of the compute that `target` gives, with the law's interval."""
    way, answer = ask("target", domain="language", **goal), plan(**goal)
    for end in ("", "_low", "_high"):
        assert answer[f"compute{end}"] == way[f"compute{end}"]
        assert answer[f"days{end}"] == pytest.approx(way[f"compute{end}"] / RATE / 86400)
        assert answer[f"cost{end}"] == pytest.approx(way[f"compute{end}"] / RATE / 3600 * 2000 * 2.1)
    assert (answer.params, answer.tokens) == (way.params, way.tokens)


def test_a_run_has_its_loss_with_the_interval_of_the_law() -> None:
    reached, answer = ask("loss", domain="language", params="7B", tokens="1T"), plan(params="7B", tokens="1T")
    assert all(answer[f"loss{end}"] == reached[f"loss{end}"] for end in ("", "_low", "_high"))
    assert answer.hours == pytest.approx(6 * 7e9 * 1e12 / RATE / 3600)


def test_a_budget_has_the_loss_of_its_optimum() -> None:
    best, answer = ask("optimal", domain="language", compute=1e23), plan(compute=1e23)
    assert all(answer[name] == best[name] for name in ("params", "tokens", "loss", "loss_low", "loss_high"))


def test_a_deadline_buys_an_optimum() -> None:
    answer = plan(deadline_days="30 days")
    assert answer.compute == pytest.approx(RATE * 30 * 86400)
    assert answer.loss == ask("optimal", domain="language", compute=answer.compute).loss


@pytest.mark.parametrize("asked", [{"compute": 1e23}, {"params": "7B", "tokens": "1T"}, {"deadline_days": 30}])
def test_a_law_that_knows_no_real_flop_leaves_the_bill_and_says_why(asked) -> None:
    answer = plan(**asked, law="kaplan-2020")
    assert answer.hours == plan(**asked).hours
    assert answer.loss is None
    assert any(warning.startswith("loss is null: kaplan-2020") for warning in answer.warnings)


def test_actual_compute_is_real_flop() -> None:
    asked = {"compute": 1e21, "law": "kaplan-2020", "compute_kind": "actual"}
    assert plan(**asked).loss == ask("optimal", domain="language", **asked).loss


def test_a_bill_is_given_where_no_law_answers() -> None:
    """Of a domain whose one law is of models too small to be asked unasked."""
    answer = ask("plan", **{**FLEET, "domain": "code", "compute": 1e23})
    assert (answer.law, answer.loss) == (None, None)
    assert answer.hours == plan(compute=1e23).hours


def test_options_that_the_law_cannot_honour_are_refused() -> None:
    with pytest.raises(Unanswerable, match="no interval for one new run"):
        plan(compute=1e23, interval="run")


def test_overheads_multiply() -> None:
    bare = plan(compute=1e23)
    full = plan(compute=1e23, overhead="10%", pue=1.25, price_per_kwh=0.1)
    assert full.hours == pytest.approx(1.1 * bare.hours)
    assert full.energy_kwh == pytest.approx(1.1 * 1.25 * bare.energy_kwh)
    assert full.energy_cost == pytest.approx(0.1 * full.energy_kwh)
    assert full.cost == pytest.approx(1.1 * bare.cost + full.energy_cost)
    said = " ".join(bare.warnings)
    assert "give overhead" in said
    assert "give pue" in said


def test_overhead_shortens_what_a_deadline_buys() -> None:
    bought = plan(deadline_days=30, overhead="25%")
    assert bought.compute == pytest.approx(RATE * 30 * 86400 / 1.25)
    assert plan(compute=bought.compute, overhead="25%").days == pytest.approx(30)


def test_a_factor_is_no_overhead() -> None:
    """1.1 is 110 per cent, which nobody means."""
    with pytest.raises(NotUnderstood, match="overhead: expected 0 to"):
        plan(compute=1e23, overhead=1.1)


def test_precision_chooses_the_peak() -> None:
    """Twice as fast on an H100 in fp8; an A100 has none."""
    assert plan(compute=1e23, precision="fp8").hours == pytest.approx(plan(compute=1e23).hours * 989.4 / 1978.9)
    with pytest.raises(Unanswerable, match="no dense fp8 peak of A100"):
        plan(compute=1e23, precision="fp8", accelerator="A100")
    assert plan(compute=1e23, peak_flops="1979 TFLOP/s").hours < plan(compute=1e23).hours


def test_a_range_gives_its_geometric_mean_and_its_ends() -> None:
    """Of a log-normal of which it is the central nine tenths: hours of a budget lie the other way round."""
    answer = plan(compute=1e23, mfu="35..45%")
    assert answer.mfu == pytest.approx(math.sqrt(0.35 * 0.45))
    assert (answer.mfu_low, answer.mfu_high) == (0.35, 0.45)
    assert answer.hours == plan(compute=1e23, mfu=math.sqrt(0.35 * 0.45)).hours
    assert answer.hours_low == pytest.approx(plan(compute=1e23, mfu=0.45).hours, rel=1e-3)
    assert answer.hours_high == pytest.approx(plan(compute=1e23, mfu=0.35).hours, rel=1e-3)
    assert "given-ranges" in answer.interval_source


def test_independent_ranges_add_as_variances() -> None:
    """Of the logarithm of the cost, whose causes are a product."""
    answer = plan(compute=1e23, mfu="35..45%", price_per_hour="1.8..2.4", overhead="5..15%")
    width = math.log(answer.cost_high / answer.cost_low)
    z = ndtri(0.95)
    overhead = np.exp(math.log(math.sqrt(0.05 * 0.15)) + math.log(3) / (2 * z) * ndtri((np.arange(4000) + 0.5) / 4000))
    third = 2 * z * np.std(np.log1p(overhead))
    assert width == pytest.approx(math.hypot(math.log(45 / 35), math.log(2.4 / 1.8), third), rel=0.02)


def test_the_law_has_its_share_of_the_spread() -> None:
    """Beside a wide range; the interval is as wide as both together."""
    alone = plan(loss=2.0)
    assert alone.cost_law_share is None
    beside = plan(loss=2.0, mfu="10..90%")
    own, whole = (math.log(answer.cost_high / answer.cost_low) for answer in (alone, beside))
    assert beside.cost_law_share == pytest.approx((own / whole) ** 2, rel=1e-9)
    assert whole == pytest.approx(math.hypot(own, math.log(9)), rel=0.03)
    assert plan(compute=1e23, mfu="35..45%").cost_law_share == 0
    assert plan(loss=2.0, price_per_hour="2..2.0001").cost_law_share == pytest.approx(1, abs=1e-3)


def test_a_range_widens_what_a_deadline_reaches() -> None:
    sure, unsure = plan(deadline_days=30), plan(deadline_days=30, mfu="20..80%")
    assert unsure.mfu == pytest.approx(sure.mfu)
    assert unsure.loss == pytest.approx(sure.loss)
    assert unsure.loss_high - unsure.loss_low > 1.2 * (sure.loss_high - sure.loss_low)
    assert 0.2 < unsure.loss_law_share < 0.8


def test_a_range_has_no_answer_without_draws() -> None:
    with pytest.raises(NotUnderstood, match="beside mfu"):
        plan(compute=1e23, mfu="35..45%", interval="none")
    assert plan(compute=1e23, mfu="35..45%", fields="hours").hours == plan(compute=1e23, mfu="35..45%").hours


def test_a_column_may_hold_ranges() -> None:
    columns = plan(compute=1e23, mfu=["35..45%", "40%"])
    assert columns.column("hours_high") == [plan(compute=1e23, mfu="35..45%").hours_high, plan(compute=1e23).hours]


@pytest.mark.parametrize("name", ["count", "compute", "power_watts"])
def test_other_inputs_are_no_ranges(name) -> None:
    with pytest.raises(NotUnderstood, match="a range is read in mfu, prices and overheads alone"):
        plan(**{"compute": 1e23, name: "10..20"})


def test_one_way_is_asked() -> None:
    with pytest.raises(NotUnderstood, match="got compute, loss"):
        plan(compute=1e23, loss=2.0)
    with pytest.raises(NotUnderstood, match="got params"):
        plan(params="7B")


def test_a_target_below_a_size_speaks_of_what_was_asked_and_names_the_size_that_does() -> None:
    """The smallest model that reaches a KL divergence is what its refusal names."""
    with pytest.raises(
        Unanswerable, match=r"target KL divergence 0\.1 is not above 0\.\d+, the floor of params"
    ) as refusal:
        ask("target", domain="language", kl=0.1, params="7B")
    least = float(refusal.value.detail.partition("more than ")[2].split()[0])
    assert ask("target", domain="language", kl=0.1, params=1.01 * least).tokens > 1e13
    with pytest.raises(Unanswerable, match="the floor of params"):
        ask("target", domain="language", kl=0.1, params=0.99 * least)
    with pytest.raises(Unanswerable, match=r"target loss 1\.95 is not above 1\.9987"):
        ask("target", domain="language", loss=1.95, params="7B")
