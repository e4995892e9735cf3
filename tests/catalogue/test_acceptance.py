"""The numbers that an outsider computed for the questions of the catalogue: one row each, half a per cent unless it says otherwise."""

from typing import Any

import pytest

from fitted_laws import Unanswerable, ask

LANGUAGE = {"domain": "language"}
BESIROGLU = {**LANGUAGE, "law": "besiroglu-2024"}
HOFFMANN = {**LANGUAGE, "law": "hoffmann-2022"}
KAPLAN = {**LANGUAGE, "law": "kaplan-2020"}
MUENNIGHOFF = {**LANGUAGE, "law": "muennighoff-2023"}
SIZES = {"params": "70B", "tokens": "1.4T"}

ROWS: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    ("loss", {**BESIROGLU, **SIZES}, {"loss": 1.97388}),
    ("loss", {**BESIROGLU, "params": "70B"}, {"loss": 1.89869}),
    ("loss", {**BESIROGLU, "tokens": "1.4T"}, {"loss": 1.89239}),
    ("loss", {**BESIROGLU, **SIZES, "level": 0.9}, {"loss_low": 1.9555, "loss_high": 1.9979}),
    ("optimal", {**BESIROGLU, "compute": 5.76e23}, {"params": 7.225e10, "tokens": 1.3287e12}),
    ("optimal", {"domain": "language", "law": "henighan-2020", "compute": "1 PF-days"}, {"tokens": 1.114e10}),
    ("optimal", {**KAPLAN, "compute": 1e21}, {"params": 7.768e9}),
    ("optimal", {**KAPLAN, "compute": 1e21, "compute_kind": "actual"}, {"params": 4.683e9}),
    ("optimal", {**LANGUAGE, "law": "llama3-2024", "compute": 3.8e25}, {"params": 3.887e11, "tokens": 1.629e13}),
    (
        "optimal",
        {**LANGUAGE, "law": "deepseek-2024", "compute": 1e21},
        {"flops_per_token": 1.7562e10, "tokens": 5.695e10},
    ),
    ("target", {**BESIROGLU, "kl": 0.1}, {"compute": 7.2938e24, "params": 2.6546e11, "tokens": 4.5793e12}),
    ("target", {**BESIROGLU, "loss": 2.0}, {"compute": 2.4748e23, "params": 4.6856e10, "tokens": 8.8029e11}),
    ("target", {**BESIROGLU, "loss": 2.0, "tokens": 1e12}, {"params": 4.1476e10}),
    ("target", {**BESIROGLU, "loss": 2.1, "params": 7e9}, {"tokens": 6.2010e11}),
    ("allocate", {**BESIROGLU, "params": "280B", "compute": 5.04e23}, {"compute_overhead": 2.012}),
    ("allocate", {**BESIROGLU, "params": "8B", "compute": 7.2e23}, {"compute_overhead": 5.513}),
    ("lifetime", {**BESIROGLU, "loss": 2.0, "inference_tokens": 1e11}, {"params": 4.4609e10, "tokens": 9.2544e11}),
    ("lifetime", {**BESIROGLU, "loss": 2.0, "inference_tokens": 1e12}, {"params": 3.4320e10, "tokens": 1.2496e12}),
    ("lifetime", {**BESIROGLU, "loss": 2.0, "inference_tokens": 1e13}, {"params": 2.0011e10, "tokens": 3.0094e12}),
    ("lifetime", {**HOFFMANN, "loss": 2.101053, "inference_tokens": 1e11}, {"params": 6.055e9, "tokens": 3.440e11}),
    ("repeat", {**MUENNIGHOFF, "params": "1B", "unique_tokens": "25B", "epochs": 4}, {"loss": 2.41953}),
    ("repeat", {**MUENNIGHOFF, "params": "8.7B", "unique_tokens": "44B", "epochs": 1}, {"loss": 2.30528}),
    ("repeat", {**MUENNIGHOFF, "params": "1B", "unique_tokens": "10B", "epochs": 40}, {"loss": 2.39300}),
    ("compare", {**BESIROGLU, "other": "hoffmann-2022", "compute": 5.76e23}, {"compute_multiplier": 11.84}),
    ("compare", {**BESIROGLU, **SIZES, "observed_loss": 1.95}, {"compute_multiplier": 2.527}),
    ("batch", {**KAPLAN, "loss": 2.5}, {"critical_batch_tokens": 2.6746e6}),
    ("batch", {**KAPLAN, "loss": 2.0}, {"critical_batch_tokens": 7.740e6}),
    (
        "shape",
        {"domain": "image-32x32", "params": "50.3M"},
        {"layers": 64, "width": 512, "heads": 8, "learning_rate": 3.36e-4},
    ),
    (
        "position",
        {**LANGUAGE, "power": 0.5, "context": 1024, "unigram_entropy": 7, "loss": 2.4, "position": 100},
        {"mutual_information": 115.358, "infogain": 0.087725, "loss": 2.86},
    ),
    (
        "transfer",
        {"domain": "code", "params": "40M", "finetune_characters": 3e5},
        {"effective_characters_transferred": 1.4237e8},
    ),
    ("crossover", KAPLAN, {"compute_pf_days": 1.119e4, "params": 1.17e12, "loss": 1.668}),
    ("optimal", {**BESIROGLU, "compute": "3000 H100-days@40%"}, {"compute": 1.0258e23}),
]


@pytest.mark.parametrize(("question", "inputs", "expected"), ROWS)
def test_row(question: str, inputs: dict[str, Any], expected: dict[str, float]) -> None:
    answer = ask(question, **inputs)
    for field, number in expected.items():
        assert answer[field] == pytest.approx(number, rel=0.005), field


def test_tokens_at_the_crossover() -> None:
    """2.5e11 is given to two digits: 2.479e11 is that."""
    assert f"{ask('crossover', **KAPLAN).tokens:.1e}" == "2.5e+11"


def test_interval_of_the_optimal_size() -> None:
    """51.2 to 101.5e9 parameters hold 90 % at 5.76e23 FLOP, within 3 %."""
    best = ask("optimal", **BESIROGLU, compute=5.76e23)
    assert (best.params_low, best.params_high) == pytest.approx((51.2e9, 101.5e9), rel=0.03)


def test_compute_for_a_probability() -> None:
    """Loss 2.0 with probability 0.9: 4.48e23 FLOP, within 2 %."""
    assert ask("target", **BESIROGLU, loss=2.0, probability=0.9).compute == pytest.approx(4.48e23, rel=0.02)


@pytest.mark.parametrize(
    ("question", "inputs", "said"),
    [
        ("loss", {"domain": "image-32x32", "law": "henighan-2020", "params": 1e6, "compute": "1 PF-days"}, "2.4844"),
        ("target", {**BESIROGLU, "loss": 1.95, "params": 7e9}, "1.99872"),
    ],
)
def test_refusals_give_their_bound(question: str, inputs: dict[str, Any], said: str) -> None:
    """What two inputs leave open is bounded, and a target below the floor names the floor."""
    with pytest.raises(Unanswerable) as refused:
        ask(question, **inputs)
    assert any(
        float(word.strip(",;.")) == pytest.approx(float(said), rel=1e-4)
        for word in refused.value.detail.split()
        if _number(word)
    )


def _number(word: str) -> bool:
    return word.strip(",;.").replace(".", "", 1).isdigit()


@pytest.mark.parametrize(("law", "low", "high"), [("besiroglu-2024", 0.8504, 1.1878), ("kaplan-2020", 0.8625, 1.1742)])
@pytest.mark.parametrize("compute", [1e19, 1e21, 1e25])
def test_basin(law: str, low: float, high: float, compute: float) -> None:
    """Sizes that cost less than 1 % more, as shares of the optimum: the same at every budget."""
    best = ask("optimal", domain="language", law=law, compute=compute)
    assert (best.params_min / best.params, best.params_max / best.params) == pytest.approx((low, high), rel=0.005)


@pytest.mark.parametrize(
    ("params", "tokens", "ratio", "bottleneck"),
    [("70B", "1.4T", 1.031, "balanced"), ("280B", "300B", 0.362, "tokens"), ("8B", "15T", 5.22, "params")],
)
def test_diagnose(params: str, tokens: str, ratio: float, bottleneck: str) -> None:
    """What an e-fold of size gains over one of data."""
    found = ask("diagnose", **BESIROGLU, params=params, tokens=tokens, observed_loss=2.0)
    assert found.params_sensitivity / found.tokens_sensitivity == pytest.approx(ratio, rel=0.005)
    assert found.bottleneck == bottleneck
