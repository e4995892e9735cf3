"""`lifetime` within a budget of compute or money, and its money, against searches that know only the loss and the bill."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fitted_laws import Answer, NotUnderstood, ask
from fitted_laws.catalogue import shipped

SURFACE = next(law for law in shipped().of("language") if law.id == "besiroglu-2024").drawn("surface").form.central()
TRAINING = {"accelerator": "H100", "mfu": "40%", "price_per_hour": 2.0}
SERVING = {"inference_accelerator": "A100", "inference_mfu": "10%", "inference_price_per_hour": 1.2}
OF_TRAINING, OF_SERVING = 2.0 / (989.4e12 * 3600 * 0.4), 1.2 / (312e12 * 3600 * 0.1)
"""Money for one FLOP."""


def lifetime(**inputs) -> Answer:
    """The answer in language."""
    return ask("lifetime", domain="language", **inputs)


def loss(params: float, tokens: float) -> float:
    """By the central law."""
    return float(SURFACE.value(np.array([params]), np.array([tokens])).item())


@pytest.mark.parametrize("compute", [1e22, 1e24, 1e26])
@pytest.mark.parametrize("served", [1e9, 1e12, 5e12])
def test_within_compute_no_other_size_and_data_reach_a_lower_loss(compute, served) -> None:
    answer = lifetime(compute=compute, inference_tokens=served)

    def reached(log: float) -> float:
        tokens = np.exp(log)
        return loss(compute / (6 * tokens + 2 * served), tokens)

    found = minimize_scalar(reached, bracket=(np.log(answer.tokens / 3), np.log(answer.tokens * 3)))
    assert answer.loss == pytest.approx(found.fun, rel=1e-12)
    assert answer.tokens == pytest.approx(np.exp(found.x), rel=1e-5)
    assert answer.training_compute + answer.inference_compute == pytest.approx(compute)


@pytest.mark.parametrize("served", [1e10, 1e12, 1e13])
def test_within_compute_is_the_inverse_of_reaching_a_loss(served) -> None:
    least = lifetime(loss=2.0, inference_tokens=served)
    back = lifetime(compute=least.compute, inference_tokens=served)
    assert (back.loss, back.params, back.tokens) == (
        pytest.approx(2.0),
        pytest.approx(least.params),
        pytest.approx(least.tokens),
    )


def test_without_serving_it_is_the_optimum_of_training() -> None:
    alone, best = lifetime(compute=1e23, inference_tokens=0), ask("optimal", domain="language", compute=1e23)
    assert all(
        alone[name] == pytest.approx(best[name]) for name in ("params", "tokens", "loss", "loss_low", "loss_high")
    )


def test_money_is_made_least_where_both_sides_have_prices() -> None:
    """Of all sizes that reach the loss, none costs less to train on one kind of accelerator and serve on another."""
    answer = lifetime(loss=2.0, inference_tokens="5T", **TRAINING, **SERVING)

    def paid(log: float) -> float:
        tokens = np.exp(log)
        left = 2.0 - SURFACE.E.item() - SURFACE.tokens_term(np.array([tokens])).item()
        if left <= 0:
            return np.inf
        params = SURFACE.params_for(np.array([left])).item()
        return 6 * params * tokens * OF_TRAINING + 2 * params * 5e12 * OF_SERVING

    found = minimize_scalar(paid, bracket=(np.log(answer.tokens / 1.5), np.log(answer.tokens * 1.5)))
    assert answer.cost == pytest.approx(found.fun, rel=1e-12)
    assert answer.tokens == pytest.approx(np.exp(found.x), rel=1e-5)
    assert answer.cost == pytest.approx(answer.training_cost + answer.inference_cost)
    assert answer.training_cost == pytest.approx(answer.training_compute * OF_TRAINING)
    assert answer.inference_cost == pytest.approx(answer.inference_compute * OF_SERVING)
    assert answer.params < lifetime(loss=2.0, inference_tokens="5T").params


def test_training_costs_what_plan_bills() -> None:
    """Hours and money of a FLOP are defined once."""
    answer = lifetime(loss=2.1, inference_tokens=1e12, **TRAINING)
    bill = ask("plan", domain="language", params=answer.params, tokens=answer.tokens, count=8, **TRAINING)
    assert answer.training_accelerator_hours == pytest.approx(bill.accelerator_hours, rel=1e-12)
    assert answer.training_cost == pytest.approx(bill.cost, rel=1e-12)


def test_a_budget_in_money_is_the_inverse_of_the_least_cost() -> None:
    least = lifetime(loss=2.0, inference_tokens="5T", **TRAINING, **SERVING)
    back = lifetime(cost=least.cost, inference_tokens="5T", **TRAINING, **SERVING)
    assert back.loss == pytest.approx(2.0)
    assert back.params == pytest.approx(least.params)
    assert back.training_cost + back.inference_cost == pytest.approx(back.cost) == pytest.approx(least.cost)
    assert lifetime(cost="$10M", inference_tokens="5T", **TRAINING, **SERVING).loss < 2.2


def test_alike_sides_spend_the_least_flop() -> None:
    """Then money and compute are one; serving takes what training has where it has none of its own."""
    priced, bare = lifetime(loss=2.0, inference_tokens="5T", **TRAINING), lifetime(loss=2.0, inference_tokens="5T")
    assert priced.params == pytest.approx(bare.params)
    assert priced.cost == pytest.approx(bare.compute * OF_TRAINING)
    assert any("serving has the accelerator, mfu, price_per_hour of training" in text for text in priced.warnings)


def test_ranges_widen_the_money() -> None:
    sure = lifetime(loss=2.0, inference_tokens="5T", **TRAINING)
    unsure = lifetime(loss=2.0, inference_tokens="5T", **{**TRAINING, "mfu": "20..80%"})
    assert unsure.cost == pytest.approx(sure.cost)
    assert np.log(unsure.cost_high / unsure.cost_low) > np.log(sure.cost_high / sure.cost_low)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"loss": 2.0, "compute": 1e24}, "exactly one of loss, kl, compute, cost"),
        ({}, "exactly one of loss, kl, compute, cost"),
        ({"cost": 1e7}, "price_per_hour"),
        ({"loss": 2.0, "price_per_hour": 2}, "accelerator: expected given beside price_per_hour"),
        ({"loss": 2.0, "inference_price_per_hour": 2, "accelerator": "H100", "mfu": 0.4}, "price_per_hour: expected"),
    ],
)
def test_what_money_needs_is_named(inputs, says) -> None:
    with pytest.raises(NotUnderstood, match=says):
        lifetime(inference_tokens="5T", **inputs)
