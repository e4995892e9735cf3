"""Shapes: the paper's table, FLOP with and without attention, and what is null where nothing is printed."""

import pytest

from fitted_laws import ask


def test_attention_over_the_context_beside_6nd() -> None:
    """64 layers of width 512 with a quarter of it in attention, over 3,072 tokens: 6·64·3072·128 FLOP a token more (K eq 2.2)."""
    shape = ask("shape", domain="image-32x32", params=50.3e6)
    assert (shape.layers, shape.width, shape.heads) == (64, 512, 8)
    assert shape.training_flops_per_token == 6 * 50.3e6
    assert shape.exact_flops_per_token == 6 * 50.3e6 + 6 * 64 * 3072 * 128


def test_the_context_can_be_given() -> None:
    """A shorter context spends less in attention."""
    short = ask("shape", domain="image-32x32", params=50.3e6, context=768)
    assert short.exact_flops_per_token - short.training_flops_per_token == pytest.approx(6 * 64 * 768 * 128)


def test_without_a_shape_the_rate_comes_first() -> None:
    """Kaplan prints a learning rate and no shape: the headline is a number all the same."""
    rate = ask("shape", domain="language", law="kaplan-2020", params=1e9)
    assert rate.headline == "learning_rate"
    assert rate.learning_rate == pytest.approx(0.003239 - 0.0001395 * 20.7233, rel=1e-4)
    assert rate.layers is None
