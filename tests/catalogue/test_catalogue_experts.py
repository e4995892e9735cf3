"""Published laws of mixtures of experts and of precision; one test for each caveat of a file."""

import math
from typing import Any

import numpy as np
import pytest

from fitted_laws import Unanswerable, ask
from fitted_laws.catalogue import shipped
from fitted_laws.forms import FORMS
from fitted_laws.laws.law import Law

CLARK = {
    "clark-2022": (-0.082, -0.108, 0.009, 1.104, 1.847, 314.478, 937e9, 1.00e12),
    "clark-2022-rl-r": (-0.083, -0.126, 0.012, 1.111, 1.88, 469.982, 85e9, 3.2e10),
    "clark-2022-hash": (-0.087, -0.136, 0.012, 1.157, 4.175, 477.741, 83e9, 2.15e11),
}


def law(id: str) -> Law:
    return next(law for law in shipped() if law.id == id)


def loss(id: str, **inputs: Any) -> Any:
    return ask("loss", domain="language", law=id, **inputs)


def optimal(id: str, compute: float, **inputs: Any) -> Any:
    return ask("optimal", domain="language", law=id, compute=compute, **inputs)


@pytest.mark.parametrize("id", CLARK)
def test_clark_losses(id: str) -> None:
    """Equations 1 and 2 with logarithms to base 10, at 1e9 parameters and 64 experts; the tokens are fixed, which every answer says."""
    a, b, c, d, start, most, *_ = CLARK[id]
    experts = 1 / (1 / (64 - 1 + 1 / (1 / start - 1 / most)) + 1 / most)
    answer = loss(id, params=1e9, experts=64)
    assert math.log10(answer.loss) == pytest.approx(
        a * 9 + b * math.log10(experts) + c * 9 * math.log10(experts) + d, rel=1e-12
    )
    assert not answer.irreducible_loss_known
    assert any("130e9 tokens" in text for text in answer.warnings)
    with pytest.raises(Unanswerable, match="params alone"):
        loss(id, params=1e9, tokens=1e11, experts=64)
    with pytest.raises(Unanswerable, match="needs experts"):
        loss(id, params=1e9)


@pytest.mark.parametrize("id", CLARK)
def test_clark_cutoff(id: str) -> None:
    """N_cutoff = 10^(−b/c): the printed coefficients miss the printed size, their rounding explains it, draws reproduce it."""
    *_, printed, computed = CLARK[id]
    drawn = law(id).drawn("moe-converged")
    assert float(drawn.form.cutoff[0, 0]) == pytest.approx(computed, rel=0.02)
    assert float(drawn.form.cutoff[0, 0]) != pytest.approx(printed, rel=0.05)
    b, c = CLARK[id][1:3]
    ends = [10 ** (-(b + db) / (c + dc)) for db in (-5e-4, 5e-4) for dc in (-5e-4, 5e-4)]
    assert min(ends) < printed < max(ends)
    if drawn.source == "none":
        assert "c is printed with a single digit (0.009)" in str(drawn.reason)
    else:
        assert np.allclose(drawn.form.cutoff[1:], printed, rtol=0.0065)


def test_clark_experts_stop_helping_at_the_cutoff() -> None:
    """Below N_cutoff more experts lower the loss, above they raise it."""
    for params, helps in ((1e9, True), (1e12, False)):
        few, many = (loss("clark-2022-hash", params=params, experts=experts).loss for experts in (8, 128))
        assert (many < few) is helps


@pytest.mark.parametrize("id", CLARK)
@pytest.mark.parametrize("params", [1.5e7, 1.3e9])
def test_clark_dense_is_one_expert(id: str, params: float) -> None:
    """(3.568e13/N)^0.078 lies within 2 % of each routed law at one expert, over the fitted sizes; it is no law of convergence."""
    dense = loss("clark-2022-dense", params=params)
    assert dense.loss == pytest.approx((3.568e13 / params) ** 0.078, rel=1e-12)
    assert loss(id, params=params, experts=1).loss == pytest.approx(dense.loss, rel=0.02)
    assert any("not at convergence" in text for text in dense.warnings)


@pytest.mark.parametrize(
    ("id", "small", "large"),
    [("clark-2022", 0.0154, 0.0082), ("clark-2022-rl-r", 0.0164, 0.0087), ("clark-2022-hash", 0.0101, 0.0031)],
)
def test_clark_at_one_expert_is_said_to_miss_its_dense_law(id: str, small: float, large: float) -> None:
    """By how much, at 15M and 1.3B parameters, stands among the caveats of both."""
    for params, above in ((1.5e7, small), (1.3e9, large)):
        routed, dense = loss(id, params=params, experts=1), loss("clark-2022-dense", params=params)
        assert routed.loss / dense.loss - 1 == pytest.approx(above, abs=1e-4)
        for each in (id, "clark-2022-dense"):
            assert any(f"{100 * above:.1f}" in text and "one expert" in text for text in law(each).first.caveats)


def test_frantar_fits_its_authors_notebook() -> None:
    """The notebook prints the vision fit with weights in millions and images in billions: the same surface to .1 %."""

    def notebook(params: float, images: float, sparsity: float) -> float:
        prefactor = 1.30485411 * (1 - sparsity) ** 0.82101251 + 2.07506343
        return float(
            prefactor * (params / 1e6) ** -0.39222675 + 0.27818217 * (images / 1e9) ** -0.88979104 + 4.51669257
        )

    for params, images, sparsity in ((1e6, 2.5e8, 0.0), (1e7, 1e9, 0.75), (4e7, 1.8e9, 0.9375)):
        inputs = {"params": params, "tokens": images, "sparsity": sparsity}
        answer = ask("loss", domain="image-classification", law="frantar-2023", **inputs)
        assert answer.loss == pytest.approx(notebook(params, images, sparsity), rel=1e-3)
        assert answer.reach == "inside"


def test_krajewski_granularity() -> None:
    """L = c + (g/G^gamma + a)/N^alpha + b/D^beta; finer experts help; the dense law is asked without."""
    for granularity in (1, 8, 16):
        expected = 0.47 + (2.1 / granularity**0.58 + 18.1) / 1e9**0.115 + 30.8 / 1e11**0.147
        assert loss("krajewski-2024", params=1e9, tokens=1e11, granularity=granularity).loss == pytest.approx(
            expected, rel=1e-12
        )
    assert loss("krajewski-2024-dense", params=1e9, tokens=1e11).loss == pytest.approx(
        0.47 + 16.3 / 1e9**0.126 + 26.7 / 1e11**0.127, rel=1e-12
    )
    coarse, fine = (optimal("krajewski-2024", 1e22, granularity=granularity) for granularity in (1, 16))
    assert fine.loss < coarse.loss
    with pytest.raises(Unanswerable, match="needs granularity"):
        loss("krajewski-2024", params=1e9, tokens=1e11)
    with pytest.raises(Unanswerable, match="knows no granularity"):
        loss("krajewski-2024-dense", params=1e9, tokens=1e11, granularity=8)


def test_krajewski_counts_all_experts() -> None:
    """6ND of all experts is 43 times what a mixture of 64 spends: 12 of every 516 parameters see a token, and compute is of those."""
    assert (8 * 64 + 4) / 12 == 43
    best = optimal("krajewski-2024", 1e21, granularity=8)
    assert best.params * best.tokens * 6 == pytest.approx(43e21, rel=1e-12)
    for given in (("params", "tokens"), ("params", "compute"), ("compute", "tokens"), ("compute",)):
        same = loss("krajewski-2024", granularity=8, **{name: best[name] for name in given})
        assert same.loss == pytest.approx(best.loss, rel=1e-12)
        assert same.compute == pytest.approx(1e21, rel=1e-12)
    assert any("a 43rd" in text for text in best.warnings)
    assert "is inferred" in " ".join(law("krajewski-2024").first.caveats)
    assert law("krajewski-2024").first.ranges["params"] == (1.29e8, 3.7e9)


def test_krajewski_irreducible_loss_was_shared() -> None:
    """0.47 in both fits: no entropy of text."""
    assert law("krajewski-2024").first.coefficients["c"] == law("krajewski-2024-dense").first.coefficients["E"] == 0.47


def test_abnar_sign_of_lambda() -> None:
    """The equation with lambda −0.1666 as printed: at one active size more experts lower the loss, as the paper finds; +0.1666 would raise it."""
    sizes = {sparsity: 1e9 / (1 - sparsity) for sparsity in (0.0, 0.5, 0.9)}
    losses = [
        loss("abnar-2025", params=params, tokens=1e11, sparsity=sparsity).loss for sparsity, params in sizes.items()
    ]
    assert losses == sorted(losses, reverse=True)
    other = FORMS["moe-sparse"](**{**law("abnar-2025").first.coefficients, "lamda": 0.1666})
    flipped = [float(other.value(params, 1e11, sparsity)) for sparsity, params in sizes.items()]  # type: ignore[attr-defined]
    assert flipped == sorted(flipped)


def test_abnar_losses() -> None:
    """All terms at 1e9 parameters, 1e11 tokens and a sparsity of 0.75; at one size of all experts the loss grows with sparsity."""
    expected = (
        0.94
        + 16612.5 / 1e9**0.5962
        + 5455.67 / 1e11**0.3954
        + 0.4598 / 0.25**-0.1666
        + 17.26 / (0.25**0.1603 * 1e9**0.1595)
    )
    answer = loss("abnar-2025", params=1e9, tokens=1e11, sparsity=0.75)
    assert answer.loss == pytest.approx(expected, rel=1e-12)
    assert answer.irreducible_loss == pytest.approx(0.94 + 0.4598 * 0.25**0.1666, rel=1e-12)
    losses = [loss("abnar-2025", params=1e9, tokens=1e11, sparsity=s).loss for s in (0, 0.5, 0.9, 0.98)]
    assert losses == sorted(losses)
    assert any("counts all experts" in text for text in answer.warnings)
    assert answer.compute is None
    with pytest.raises(Unanswerable, match="what compute buys: params counts all experts"):
        loss("abnar-2025", params=1e9, compute=1e21, sparsity=0.75)
    assert "R² is 0.68" in " ".join(law("abnar-2025").first.caveats)


def kept(weights: float, activations: float, cache: float, sign: int = 1) -> float:
    """The share of the parameters in effect, by the constants of Kumar et al. and either sign of n."""
    constants = ((weights, 2.6745, 0.3037), (activations, 2.2102, 1.4072), (cache, 0.9578, 2.4185))
    return math.prod(1 - math.exp(-bits / gamma + sign * n) for bits, gamma, n in constants)


def test_kumar_losses() -> None:
    """E + A/N_eff^alpha + B/D^alpha at 1e9 parameters and 2e10 tokens, in 16 bits where none are given."""
    for bits in ({}, {"weight_bits": 4}, {"weight_bits": 8, "activation_bits": 8, "cache_bits": 8}):
        effective = 1e9 * kept(*(bits.get(name, 16) for name in ("weight_bits", "activation_bits", "cache_bits")))
        expected = 2.7648 + 4299 / effective**0.4965 + 18060 / 2e10**0.4965
        assert loss("kumar-2024", params=1e9, tokens=2e10, **bits).loss == pytest.approx(expected, rel=1e-12)


KUMAR_AT_1E21 = {4: 2.9447, 6: 2.9138, 7: 2.9125, 8: 2.9133, 12: 2.9228, 16: 2.9333}
"""The least of E + A/N_eff^alpha + B/D^alpha over N at (6/16)·N·D·bits = 1e21, found by search."""


@pytest.mark.parametrize("bits", KUMAR_AT_1E21)
def test_kumar_counts_compute_in_sixteen_bit_equivalents(bits: int) -> None:
    """Fewer bits buy more parameters and tokens: seven are best; every way of asking agrees, and reach is that of size and data."""
    alike = dict.fromkeys(("weight_bits", "activation_bits", "cache_bits"), bits)
    best = optimal("kumar-2024", 1e21, **alike)
    assert best.loss == pytest.approx(KUMAR_AT_1E21[bits], abs=5e-5)
    assert 6 / 16 * best.params * best.tokens * bits == pytest.approx(1e21, rel=1e-12)
    for given in (("params", "tokens"), ("params", "compute"), ("compute", "tokens"), ("compute",)):
        same = loss("kumar-2024", **{name: best[name] for name in given}, **alike)
        assert same.loss == pytest.approx(best.loss, rel=1e-12)
        assert same.compute == pytest.approx(1e21, rel=1e-12)
        assert same.extrapolation == pytest.approx(best.extrapolation, rel=1e-9)


def test_kumar_has_no_price_for_unequal_bits() -> None:
    """Refused where compute is given, null where it would follow, row by row."""
    for question, inputs in (("loss", {"params": 1e9, "compute": 1e20}), ("optimal", {"compute": 1e20})):
        with pytest.raises(Unanswerable, match="unequal bits have no price"):
            ask(question, domain="language", law="kumar-2024", weight_bits=4, **inputs)
    rows = loss("kumar-2024", params=1e9, tokens=2e10, weight_bits=[4, 16])
    assert rows.column("compute") == [None, 1.2e20]
    assert ["unequal bits" in " ".join(texts) for texts in rows.column("warnings")] == [True, False]


def test_plan_pays_for_real_flop() -> None:
    """Of kumar-2024: 6ND at the peak of bf16, the optimum of 16 bits."""
    plan = ask("plan", domain="language", law="kumar-2024", deadline_days=10, accelerator="H100", count=8, mfu=0.4)
    assert plan.compute == pytest.approx(10 * 86400 * 8 * 0.4 * 989.4e12, rel=1e-3)
    assert 6 * plan.params * plan.tokens == pytest.approx(plan.compute, rel=1e-12)
    assert plan.loss == optimal("kumar-2024", plan.compute).loss


def test_rounding_alone_is_no_interval() -> None:
    """Coefficients printed to four digits: 2.8456 to 2.8458 would be rounding; null, and the answer says why."""
    answer = loss("kumar-2024", params=1e10, tokens=2e11)
    assert (answer.loss_low, answer.loss_high) == (None, None)
    assert any("rounding says nothing" in text for text in answer.warnings)


def test_kumar_sixteen_bits_keep_nearly_all() -> None:
    """99.4 %."""
    assert kept(16, 16, 16) == pytest.approx(0.994, abs=5e-4)
    drawn = law("kumar-2024").drawn("surface")
    assert float(drawn.form.kept(16.0, 16.0, 16.0)[0, 0]) == pytest.approx(kept(16, 16, 16), rel=1e-12)


def test_kumar_sign_of_n() -> None:
    """Parameters kept a bit are most at seven bits with +n, at the fewest with −n, where activations of 3 bits would lose but 6 %."""
    bits = np.arange(1.5, 16, 0.01)
    assert bits[
        np.argmax(
            [kept(b, b, b) / b if min(kept(b, 16, 16), kept(16, b, 16), kept(16, 16, b)) > 0 else 0 for b in bits]
        )
    ] == pytest.approx(7, abs=0.05)
    assert bits[np.argmax([kept(b, b, b, -1) / b for b in bits])] == bits[0]
    assert kept(16, 3, 16, -1) / kept(16, 16, 16, -1) == pytest.approx(0.94, abs=0.005)
    assert kept(16, 4, 16) < kept(4, 16, 16) < kept(16, 16, 4)


def test_kumar_refuses_bits_that_keep_nothing() -> None:
    """Activations of 3 bits: 1 − e^(−3/2.2102 + 1.4072) is below zero."""
    assert kept(16, 3, 16) < 0
    for question, inputs in (("loss", {"params": 1e9, "tokens": 1e10}), ("optimal", {"compute": 1e20})):
        with pytest.raises(Unanswerable, match="no parameter in effect"):
            ask(question, domain="language", law="kumar-2024", activation_bits=3, **inputs)


def test_kumar_exponents_are_one() -> None:
    """Size and data share 0.4965, and E is 2.76."""
    assert set(law("kumar-2024").first.coefficients) == {
        "E",
        "A",
        "B",
        "alpha",
        "gamma_w",
        "n_w",
        "gamma_a",
        "n_a",
        "gamma_kv",
        "n_kv",
    }
    assert loss("kumar-2024", params=1e9, tokens=1e10).irreducible_loss == 2.7648
