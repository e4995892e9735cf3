"""Numbers that would mislead are not given: intervals of no width, shapes that cannot be built, models of less than a parameter."""

from typing import Any

import pytest

from fitted_laws.catalogue import ask, load
from fitted_laws.quantities.problems import Problem, Unanswerable
from fitted_laws.questions.registry import QUESTIONS

LAWS = load()
FEW = load(draws=200, check=False)
MORE: dict[str, list[dict[str, Any]]] = {
    "batch": [{"loss": 2.5}, {"compute": 1e20}, {"loss": 2.5, "batch_tokens": 1e6}],
    "target": [{"kl": 0.05}, {"loss": 2.5}],
    "lifetime": [{"kl": 0.05, "inference_tokens": 1e12}],
}


def asked(name: str, domain: str, law: str) -> list[dict[str, Any]]:
    """Inputs for a question to a law: the question's example, the law's own, and some more."""
    relations = next(found for found in LAWS.of(domain) if found.id == law).relations.values()
    own = [example.inputs for relation in relations for example in relation.examples if example.question == name]
    base = {"domain": domain, "law": law}
    return [{**QUESTIONS[name].example, **base}, *({**inputs, **base} for inputs in (*own, *MORE.get(name, [])))]


@pytest.mark.parametrize(("domain", "law"), [(law.domain.id, law.id) for law in LAWS])
def test_no_interval_is_without_width(domain: str, law: str) -> None:
    """What has the same low and high end is certain by definition, and has none."""
    for name in QUESTIONS:
        for inputs in asked(name, domain, law):
            try:
                rows = ask(name, FEW, **inputs).records()
            except Problem:
                continue
            for row in rows:
                for field in row:
                    low, high = row.get(f"{field}_low"), row.get(f"{field}_high")
                    assert low is None or low != high, (name, inputs, field)


def test_what_was_given_has_no_interval() -> None:
    """A KL divergence asked for is not uncertain: it is the reducible loss, in `target` and `lifetime`."""
    for name, more in (("target", {}), ("lifetime", {"inference_tokens": 1e12})):
        by_kl = ask(name, LAWS, domain="language", kl=0.1, **more)
        by_loss = ask(name, LAWS, domain="language", loss=2.0, **more)
        assert by_kl.reducible_loss == 0.1
        assert "reducible_loss_low" not in by_kl.columns
        assert by_loss.reducible_loss_low < by_loss.reducible_loss < by_loss.reducible_loss_high


@pytest.mark.parametrize(("context", "halves"), [(2, (1, 2)), (3, (1, 2)), (4, (2, 4)), (1025, (512, 1024))])
def test_the_halves_of_a_context_are_whole(context: int, halves: tuple[int, int]) -> None:
    """An odd context is halved without its last token, in both sums alike: E.3 to E.5 with power 1, where sums are harmonic."""
    first, both = (sum(1 / t for t in range(1, count + 1)) for count in halves)
    answer = ask("position", LAWS, domain="language", loss=2.4, unigram_entropy=7, power=1, context=context)
    information = (2 * first - both) * 4.6
    assert answer.mutual_information == pytest.approx(information, rel=1e-12)
    assert answer.infogain == pytest.approx(information / (halves[0] * 2.4 + (both - first) * 4.6), rel=1e-12)
    assert any("odd context" in text for text in answer.warnings) is (context % 2 == 1)


def test_position_at_a_context_of_three() -> None:
    """2.3 nats, and .4894 of what the second half holds."""
    answer = ask("position", LAWS, domain="language", loss=2.4, unigram_entropy=7, power=1, context=3)
    assert (answer.mutual_information, answer.infogain) == pytest.approx((2.3, 0.4894), abs=5e-5)


@pytest.mark.parametrize("domain", ["image-32x32", "text-to-image", "video-vq-16x16x16", "math"])
@pytest.mark.parametrize("params", [1e4, 1e5, 1e6, 1.3e7, 8.6e7, 1e9, 7e10, 3e11])
def test_a_width_is_made_of_whole_heads(domain: str, params: float) -> None:
    """Heads of 64, two narrower ones below twice that; the shape holds the parameters as nearly as whole layers can."""
    shape = ask("shape", LAWS, domain=domain, params=params)
    k = 12 if domain == "text-to-image" else 3
    assert shape.width % shape.heads == 0
    assert shape.width / shape.heads == 64 or (shape.heads == 2 and shape.width < 128)
    assert abs(k * shape.layers * shape.width**2 - params) <= k * shape.width**2 / 2 or shape.layers == 1


def test_attention_of_images_is_said_to_be_dense() -> None:
    """The paper's models of images attend sparsely, so that their exact FLOP are fewer."""
    for domain, said in (("image-32x32", True), ("video-vq-16x16x16", True)):
        answer = ask("shape", LAWS, domain=domain, params=5e7)
        assert any("counts dense attention" in text for text in answer.warnings) is said
        assert answer.exact_flops_per_token > answer.training_flops_per_token


def test_less_than_a_parameter_is_no_model() -> None:
    """Refused, in every question that answers with a size."""
    for name, inputs in (
        ("optimal", {"compute": 10}),
        ("frontier", {"compute_min": 10, "compute_max": 1e9, "points": 3}),
        ("target", {"loss": 5000}),
        ("allocate", {"params": 1e3, "compute": 10}),
    ):
        with pytest.raises(Unanswerable, match="less than one parameter"):
            ask(name, LAWS, domain="language", law="besiroglu-2024", **inputs)
