"""`target` by nats a sample, and what `target` says of larger models."""

import pytest

from fitted_laws import NotUnderstood, Unanswerable, ask


def test_one_nat_an_image_is_what_table_3_computes() -> None:
    """2.69e26 PF-days at 32×32: C0·T^(1/alpha) with the coefficients of Henighan et al. 2020, Table 1."""
    answer = ask("target", domain="image-32x32", kl_per_sample=1)
    assert answer.compute_pf_days == pytest.approx(2.69e26, rel=5e-3)
    by_token = ask("target", domain="image-32x32", kl=1 / 3072)
    assert answer.compute == by_token.compute
    assert answer.kl_per_sample == 1
    assert "kl" not in answer


def test_a_forecast_is_asked_per_sample_too() -> None:
    """A law with a forecast gives per image what it gives per token, in columns."""
    law = {"domain": "image-8x8", "law": "sweep-2026-image-8x8"}
    samples = ask("target", **law, kl_per_sample=[20.0, 40.0])
    tokens = ask("target", **law, kl=[20.0 / 192, 40.0 / 192])
    assert (samples.compute == tokens.compute).all()


def test_only_domains_with_a_sample_have_nats_a_sample() -> None:
    with pytest.raises(Unanswerable, match="ask by kl"):
        ask("target", domain="language", kl_per_sample=1)
    with pytest.raises(NotUnderstood, match="exactly one"):
        ask("target", domain="image-8x8", kl_per_sample=1, kl=0.1)


@pytest.mark.parametrize("loss", [2.0, 2.3])
def test_what_a_larger_model_saves_is_as_the_question_says(loss: float) -> None:
    """Twice the cheapest size: .57 times the tokens for 1.15 times the compute; four times: .40 and 1.59; at any loss."""
    cheapest = ask("target", domain="language", loss=loss)
    for times, tokens, compute in ((2, 0.57, 1.15), (4, 0.40, 1.59)):
        larger = ask("target", domain="language", loss=loss, params=times * cheapest.params)
        assert larger.tokens / cheapest.tokens == pytest.approx(tokens, abs=5e-3)
        assert larger.compute / cheapest.compute == pytest.approx(compute, abs=5e-3)
