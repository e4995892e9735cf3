"""The transformer against the papers' shapes and against closed forms."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make sweep brings it")

from trainer.domains.generated.markov import Markov  # noqa: E402
from trainer.sweep.model.layers.attention import attended  # noqa: E402 - after the skip
from trainer.sweep.model.transformer import initial, logits  # noqa: E402
from trainer.sweep.shape import Shape, exact_flops_per_token, params_by_group, seen, visible, weights  # noqa: E402

MATH_IMAGE_VIDEO = {
    32: (4, 1.23e4),
    64: (8, 9.83e4),
    128: (16, 7.86e5),
    256: (32, 6.29e6),
    512: (64, 5.03e7),
    1024: (128, 4.03e8),
    2048: (256, 3.22e9),
}
"""Henighan et al. 2020, table 5: width, layers, parameters."""
MULTIMODAL = [
    (64, 2, 98304),
    (128, 2, 393216),
    (256, 4, 3145728),
    (512, 8, 25165824),
    (768, 12, 84934656),
    (1536, 24, 679477248),
]
"""Table 4."""


def body(shape: Shape) -> int:
    groups = params_by_group(shape, 7, (4, 4))
    return groups["attention"] + groups["mlp"]


@pytest.mark.parametrize("width", MATH_IMAGE_VIDEO)
def test_table_5(width: int) -> None:
    """3·layers·width² parameters with d_attn = width/4 and d_ff = width, to the table's three digits."""
    layers, params = MATH_IMAGE_VIDEO[width]
    heads = max(2, width // 64)
    shape = Shape(layers=layers, width=width, attention=0.25, mlp=1.0, head_width=width // 4 // heads)
    assert shape.heads == heads
    assert body(shape) == 3 * layers * width**2
    assert body(shape) == pytest.approx(params, rel=5e-3)


@pytest.mark.parametrize(("width", "layers", "params"), MULTIMODAL)
def test_table_4(width: int, layers: int, params: int) -> None:
    assert body(Shape(layers=layers, width=width, head_width=64)) == params


@pytest.mark.parametrize("layout", [(6,), (2, 3), (2, 2, 3)])
@pytest.mark.parametrize("band", [0, 2])
def test_causal_and_uniform_at_first(layout: tuple[int, ...], band: int) -> None:
    """The first loss is ln V exactly; no place sees itself or what follows; the groups count every weight."""
    shape, vocabulary, length = Shape(layers=2, width=16, band=band), 5, math.prod(layout)
    named = {name: w[None] for name, w in initial(shape, vocabulary, layout, 1).items()}
    tokens = torch.from_numpy(np.random.default_rng(0).integers(0, 5, (1, 3, length)))
    first = torch.nn.functional.cross_entropy(logits(shape, layout, named, tokens).flatten(0, 2), tokens.flatten())
    assert float(first) == pytest.approx(math.log(5), abs=1e-6)
    named["head"] = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(2))
    plain = logits(shape, layout, named, tokens)
    for place in range(length):
        changed = tokens.clone()
        changed[..., place] = (changed[..., place] + 1) % 5
        moved = (logits(shape, layout, named, changed) - plain).abs().amax((0, 1, 3)) > 1e-6
        assert not moved[: place + 1].any()
    assert sum(w.numel() for w in named.values()) == sum(params_by_group(shape, vocabulary, layout).values())
    assert set(named) == set(weights(shape, vocabulary, layout))


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(("length", "band"), [(24, 4), (23, 4), (6, 6), (5, 8), (9, 1)])
def test_a_band_is_attention_under_its_mask(length: int, band: int, layer: int) -> None:
    """Values and gradients, by softmax over all places with the unseen ones taken out."""
    random = torch.Generator().manual_seed(length)
    q, k, v = (
        torch.randn((2, 3, length, 4), generator=random, dtype=torch.float64, requires_grad=True) for _ in range(3)
    )
    unseen = torch.from_numpy(~visible(length, band, layer))
    plain = ((q @ k.transpose(2, 3)) / 2).masked_fill(unseen, -math.inf).softmax(-1) @ v
    found = attended(q, k, v, band, layer)
    torch.testing.assert_close(found, plain, rtol=1e-12, atol=1e-12)
    way = torch.randn(plain.shape, generator=random, dtype=torch.float64)
    for ours, theirs in zip(
        torch.autograd.grad((found * way).sum(), (q, k, v)),
        torch.autograd.grad((plain * way).sum(), (q, k, v)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(("length", "band"), [(24, 0), (24, 4), (23, 4), (6, 6), (5, 8), (9, 1), (100, 99)])
def test_pairs_that_see_each_other_are_counted_without_their_table(length: int, band: int, layer: int) -> None:
    assert seen(length, band, layer) == visible(length, band, layer).sum()


def test_a_model_of_frequencies_alone_has_their_cross_entropy() -> None:
    """One vector at every place and a head that turns it into ln p: on any tokens the loss is -ln p of them on the mean, a unigram's."""
    shape, p, random = Shape(layers=1, width=8), np.array([0.5, 0.2, 0.15, 0.1, 0.05]), np.random.default_rng(4)
    named = {name: torch.zeros((1, *w.shape), dtype=torch.float64) for name, w in initial(shape, 5, (6,), 0).items()}
    named["embedding"] += 1.0
    named["head"] += torch.from_numpy(np.log(p))[:, None] / shape.width
    tokens = torch.from_numpy(random.choice(5, (1, 400, 6), p=p))
    loss = torch.nn.functional.cross_entropy(logits(shape, (6,), named, tokens).flatten(0, 2), tokens.flatten())
    assert float(loss) == pytest.approx(-np.log(p[tokens.numpy()]).mean(), rel=1e-5)
    assert float(loss) == pytest.approx(-(p * np.log(p)).sum(), rel=0.05)


def test_gradient_against_finite_differences() -> None:
    """Of every weight's sum of three directions, in double precision."""
    shape, domain = Shape(layers=2, width=8), Markov(symbols=6, context=5)
    random = torch.Generator().manual_seed(3)
    named = {
        name: torch.randn((1, *w.shape), generator=random, dtype=torch.float64) * 0.3
        for name, w in initial(shape, 6, (5,), 0).items()
    }
    tokens = torch.from_numpy(domain.samples(1, 4))[None]

    def loss(at: dict) -> "torch.Tensor":
        return torch.nn.functional.cross_entropy(logits(shape, (5,), at, tokens).flatten(0, 2), tokens.flatten())

    leaves = {name: w.clone().requires_grad_() for name, w in named.items()}
    loss(leaves).backward()
    for name, w in named.items():
        for _ in range(3):
            way = torch.randn(w.shape, generator=random, dtype=torch.float64)
            step = 1e-5
            slope = (loss(named | {name: w + step * way}) - loss(named | {name: w - step * way})) / (2 * step)
            assert float(slope) == pytest.approx(float((leaves[name].grad * way).sum()), rel=1e-5, abs=1e-9)


def test_flops() -> None:
    """6 a matrix weight, and 12·d_attn a pair of places that see each other: (length + 1)/2 of them a place and layer."""
    shape = Shape(layers=3, width=16)
    groups = params_by_group(shape, 10, (9,))
    assert exact_flops_per_token(shape, 10, (9,)) == 6 * (12 * 3 * 256 + 160) + 12 * 16 * 3 * 5
    assert groups == {"embedding": 11 * 16 + 9 * 16, "attention": 3 * 4 * 256, "mlp": 3 * 8 * 256, "head": 160}
