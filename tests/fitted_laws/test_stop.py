"""`stop`: equation 5.7 of Kaplan et al. 2020, with its own constants."""

import pytest

from fitted_laws import Unanswerable, ask


def test_a_billion_parameters_on_a_billion_tokens() -> None:
    """5,585 steps of 524,288 tokens: 2.93e9 tokens, 2.93 epochs; a lower bound without an interval."""
    answer = ask("stop", domain="language", params="1B", unique_tokens="1B")
    gap = ((6.4e13 / 1e9) ** (0.076 / 0.103) + 1.8e13 / 1e9) ** 0.103 - (6.4e13 / 1e9) ** 0.076
    assert answer.steps == pytest.approx(2100 / gap ** (1 / 0.76), rel=1e-12)
    assert round(answer.steps) == 5585
    assert answer.tokens == pytest.approx(2.93e9, rel=1e-3)
    assert answer.epochs == pytest.approx(2.93, rel=1e-3)
    assert answer.interval_source is None
    assert "steps_low" not in answer
    assert any("lower bound" in text for text in answer.warnings)
    assert answer.law == "kaplan-2020"


def test_the_loss_is_that_of_early_stopping_and_the_batch_scales_tokens_alone() -> None:
    stop = ask("stop", domain="language", params=[1e8, 1e9], unique_tokens=1e9, batch_tokens=1e6)
    loss = ask("loss", domain="language", params=[1e8, 1e9], unique_tokens=1e9)
    assert stop.loss == pytest.approx(loss.loss, rel=1e-12)
    usual = ask("stop", domain="language", params=[1e8, 1e9], unique_tokens=1e9)
    assert stop.steps == pytest.approx(usual.steps, rel=1e-15)
    assert stop.tokens == pytest.approx(usual.steps * 1e6, rel=1e-15)
    assert stop.steps[0] > stop.steps[1]


def test_laws_without_early_stopping_cannot_say() -> None:
    with pytest.raises(Unanswerable, match="kaplan-2020"):
        ask("stop", domain="language", law="besiroglu-2024", params=1e9, unique_tokens=1e9)
