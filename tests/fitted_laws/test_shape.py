"""Shapes: the paper's table, FLOP with and without attention, and what is null where nothing is printed."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import ask, load


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


def test_a_law_of_ones_own_says_its_heads_and_its_interval(tmp_path: Path) -> None:
    """N = 12·layers·width² at the aspect ratio of each draw, heads of the width that the runs had."""
    aspects = np.array([[8.0], [16.0], [32.0]], "<f4")
    draws = {"order": ["aspect"], "shape": aspects.shape, "data": base64.b64encode(aspects.tobytes()).decode()}
    content = {
        "id": "mine",
        "domain": "mine",
        "role": "shape",
        "form": "shape",
        "counts": "total",
        "citation": "me",
        "ranges": {"params": [9e4, 1e5]},
    }
    (tmp_path / "law.json").write_text(
        json.dumps({**content, "coefficients": {"k": 12, "aspect": 16, "head_width": 4}, "draws": draws})
    )
    laws = load([tmp_path / "law.json"], shipped=False)
    shape = ask("shape", laws, domain="mine", params=12 * 4 * 64**2, level=0.98).plain()
    assert (shape["layers"], shape["width"], shape["heads"], shape["aspect_ratio"]) == (4, 64, 16, 16)
    assert shape["layers_low"] < 4 < shape["layers_high"]
    assert shape["extrapolation_in"] == "params"
    assert any("decades beyond the fit" in sentence for sentence in shape["warnings"])
