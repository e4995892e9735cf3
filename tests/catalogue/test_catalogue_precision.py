"""Laws of precision, sparsity and shape of 2023 to 2025, each against its paper's own words or an independent minimisation."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fitted_laws import NotUnderstood, Unanswerable, ask

N, ALPHA, D, BETA, EPS, GAMMA, DELTA, NU = 69.2343, 0.2368, 68973.0621, 0.5162, 1.9061, 11334.5197, 3.1926, 2.9543
FP4 = {"exponent_bits": 2, "mantissa_bits": 1, "block": 128}
"""E2M1."""


def language(question: str, law: str, **inputs: Any) -> Any:
    return ask(question, domain="language", law=law, **inputs)


def sun(params: float, tokens: float, exponent_bits: float, mantissa_bits: float, block: float) -> float:
    """Table 2 of Sun et al. 2025, typed anew."""
    noise = math.log2(block) / (GAMMA * (exponent_bits + 0.5) ** DELTA * (mantissa_bits + 0.5) ** NU)
    return N / params**ALPHA + D / tokens**BETA + EPS + tokens**BETA / params**ALPHA * noise


@pytest.mark.parametrize(
    ("exponent", "mantissa", "printed"), [(8, 7, "1730 T"), (4, 3, "27 T"), (2, 1, "0.4 T")], ids=["BF16", "FP8", "FP4"]
)
def test_sun_critical_data_are_as_printed(exponent: int, mantissa: int, printed: str) -> None:
    """For 1B parameters in blocks of 128; warnings give it, and say whether it is passed."""
    answer = language(
        "loss", "sun-2025", params=1e9, tokens=1e14, exponent_bits=exponent, mantissa_bits=mantissa, block=128
    )
    digits = 3 if exponent == 8 else 2 if exponent == 4 else 1
    assert float(f"{answer.critical_tokens:.{digits}g}") == float(printed.removesuffix(" T")) * 1e12
    (said,) = [text for text in answer.warnings if "D_crit" in text]
    assert ("not reached" in said) == (answer.critical_tokens > 1e14)


@pytest.mark.parametrize("compute", [1e20, 1e23])
def test_sun_optimum_is_the_least_loss_of_the_budget(compute: float) -> None:
    """Against a minimisation along 6ND = C; fewer bits favour larger models on fewer tokens."""
    least = minimize_scalar(
        lambda log_params: sun(np.exp(log_params), compute / (6 * np.exp(log_params)), **FP4),
        bounds=(math.log(1e7), math.log(1e12)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    best = language("optimal", "sun-2025", compute=compute, **FP4)
    assert best.loss == pytest.approx(least.fun, rel=1e-12)
    assert best.params == pytest.approx(math.exp(least.x), rel=1e-5)
    assert best.params > language("optimal", "sun-2025", compute=compute).params
    assert best.params_min < best.params < best.params_max
    there = language("loss", "sun-2025", params=best.params, tokens=best.tokens, **FP4)
    assert best.tokens < best.critical_tokens == pytest.approx(there.critical_tokens, rel=1e-12)
    assert any("D_crit" in text for text in best.warnings)
    loss = sun(best.params_max, 1.01 * compute / (6 * best.params_max), **FP4)
    assert loss == pytest.approx(best.loss, rel=1e-9)


def test_sun_without_quantising_is_additive_and_unlimited_data_have_no_loss_with_it() -> None:
    assert language("loss", "sun-2025", params=1e9, block=1).loss == pytest.approx(EPS + N / 1e9**ALPHA, rel=1e-12)
    with pytest.raises(Unanswerable, match="D_crit"):
        language("loss", "sun-2025", params=1e9, **FP4)
    assert ask("loss", domain="language", params=1e9, tokens=1e11, mantissa_bits=3).law == "sun-2025"


def test_a_column_of_formats_has_a_critical_amount_a_row() -> None:
    answer = language("loss", "sun-2025", params=1e9, tokens=[1e11, 1e12], exponent_bits=2, mantissa_bits=1)
    assert "not reached" in answer.warnings[0][0]
    assert "passed" in answer.warnings[1][0]


def test_sparse_weights_are_worth_twice_as_many_dense_ones_at_three_quarters() -> None:
    """2.16 times by the paper for T5, 2.17 for vision Transformers; the dense model of that size has the same loss."""
    for domain, times in (("language", 2.16), ("image-classification", 2.17)):
        sparse = ask("loss", domain=domain, law="frantar-2023", params=1e8, tokens=1e10, sparsity=0.75)
        assert sparse.dense_params / 1e8 == pytest.approx(times, rel=2e-3)
        dense = ask("loss", domain=domain, law="frantar-2023", params=sparse.dense_params, tokens=1e10, sparsity=0)
        assert dense.loss == pytest.approx(sparse.loss, rel=1e-12)
    assert ask("optimal", domain="language", compute=1e21, sparsity=0.75).law == "frantar-2023"


def test_quantising_is_told_in_ratios_and_never_as_a_level() -> None:
    """Kumar et al. 2024, eq 2: twice the data cost 2^.5068, a bit less e^(1/.5907); a level needs one measurement."""
    asked = {"params": 1e8, "tokens": 2e10, "quantised_bits": 4}
    twice = language("quantise", "kumar-2024-post", **asked, known_tokens=1e10)
    assert twice.added_loss_ratio == pytest.approx(2**0.5068, rel=1e-12)
    assert twice.added_loss is None
    fewer = language("quantise", "kumar-2024-post", **asked, known_bits=5, known_added_loss=0.01)
    assert fewer.added_loss == pytest.approx(0.01 * math.exp(1 / 0.5907), rel=1e-12)
    with pytest.raises(NotUnderstood, match="known_tokens"):
        language("quantise", "kumar-2024-post", **asked)


def test_muon_needs_52_percent_of_the_compute_only_beyond_its_runs() -> None:
    """The paper's .519 is reached at 18 PF-days; inside the runs (.25 to 4) it is .44 to .49."""
    found = [
        language("compare", "moonlight-2025-muon", other="moonlight-2025-adamw", compute=days * 8.64e19)
        for days in (0.25, 4, 18.1)
    ]
    assert [round(each.compute_multiplier, 3) for each in found] == [0.44, 0.49, 0.519]
    assert [each.reach for each in found] == ["inside", "inside", "near"]
    assert any("PF-days are inferred" in text for text in found[0].warnings)


def test_architectures_are_compared_on_one_data_set() -> None:
    """xLSTM against a Transformer: its optimum is larger, and one loss costs it less at 1e20 FLOP."""
    multiplier = language("compare", "xlstm-2025-mlstm", other="xlstm-2025-llama", compute=1e20)
    ours, theirs = (language("optimal", f"xlstm-2025-{each}", compute=1e20) for each in ("mlstm", "llama"))
    assert multiplier.matched_loss == pytest.approx(theirs.loss, rel=1e-12)
    again = language("optimal", "xlstm-2025-mlstm", compute=multiplier.compute_needed)
    assert again.loss == pytest.approx(theirs.loss, rel=1e-12)
    assert 0.7 < multiplier.compute_multiplier < 0.9
    assert ours.params > theirs.params


def test_budgets_of_exact_flops_give_the_tokens_as_printed() -> None:
    """6ND is not the budget: at a context of 16,384 the Transformer spends almost half on attention."""
    best = language("optimal", "xlstm-2025-llama-16384", compute=1e20)
    assert best.tokens == pytest.approx(34.477426 * 1e20**0.432544, rel=1e-12)
    assert 6 * best.params * best.tokens / 1e20 == pytest.approx(0.564, abs=1e-3)


def test_the_best_shape_adds_least_to_the_loss_at_its_size() -> None:
    """Gemstones: shapes of other widths with the same parameters lose more."""
    best = ask("shape", domain="language", params=1e9)
    assert (best.law, best.width, best.layers, best.heads) == ("gemstones-2025", 1152, 44, 9)

    def added(width: float) -> float:
        layers = (1e9 - (2 * 50304 + 1) * width) / (15 * width**2 + 2 * width)
        return float(np.exp(1.6375654653) / width**0.30146699 + np.exp(-0.0254911443) / layers**0.3655461733)

    assert added(1152) < min(added(1024), added(1280))
    run = {"params": 1e9, "tokens": 2e10}
    losses = [
        language("loss", "gemstones-2025", **run, width=width, layers=layers).loss
        for width, layers in ((1152, 44), (2560, 8))
    ]
    assert losses[0] < losses[1]
    with pytest.raises(Unanswerable, match="needs width and layers"):
        language("loss", "gemstones-2025", **run)


def test_a_vocabulary_follows_from_size_and_width() -> None:
    answer = language("shape", "tao-2024", params=7e9, width=4096)
    assert answer.vocabulary == pytest.approx(276276206 / 4096, rel=1e-6)
    assert language("shape", "tao-2024", params=7e9).vocabulary is None
    with pytest.raises(Unanswerable, match="width"):
        language("shape", "gemstones-2025", params=7e9, width=4096)


def test_vision_transformers_grow_from_the_printed_one() -> None:
    """At the parameters of SoViT-150m each dimension comes within 10 % of the printed one."""
    answer = ask("shape", domain="image-classification", params=18 * (4 * 880**2 + 2 * 880 * 2320))
    assert (answer.width, answer.layers, answer.feed_forward) == pytest.approx((880, 18, 2320), rel=0.1)


def test_experts_of_the_least_loss_are_the_papers() -> None:
    """Zhao et al. 2025: about 7 active experts, .31 of them shared."""

    def loss(experts: float, shared: float) -> float:
        inputs = {"params": 1e10, "tokens": 1e11, "active_params": 1e9}
        return float(language("loss", "zhao-2025", **inputs, active_experts=experts, shared_share=shared).loss)

    assert min(range(1, 20), key=lambda experts: loss(experts, 0.31)) == 7
    assert min(np.arange(0, 1, 0.01), key=lambda shared: loss(7, shared)) == pytest.approx(0.31, abs=0.011)
