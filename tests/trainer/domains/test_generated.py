"""Domains of known entropy: every formula against brute force on small cases, every conditional against its samples."""

import itertools
import math

import msgspec
import numpy as np
import pytest

from trainer.domains.base import entropies
from trainer.domains.generated.arithmetic import MODULES, Arithmetic
from trainer.domains.generated.captions import Captions
from trainer.domains.generated.classes import Classes
from trainer.domains.generated.field import Field
from trainer.domains.generated.ising import Ising
from trainer.domains.generated.markov import LEAST_EXCESS, Markov
from trainer.domains.generated.mathematics import Mathematics
from trainer.domains.generated.sprites import Sprites
from trainer.domains.registry import DOMAINS, AnyDomain

SMALL: list[AnyDomain] = [
    Markov(symbols=3, context=4, beta=1.0),
    Ising(width=3, coupling=0.4),
    Ising(width=2, states=3, coupling=0.7),
    Field(height=2, width=3, levels=3, spread=0.8),
    Field(height=1, width=2, channels=3, levels=2, spread=0.7),
    Sprites(frames=2, width=3, sprites=1, velocities=2, redraw=0.4, flip=0.1),
    Captions(attributes=(2, 3), wrong=(0.1, 0.2), mentioned=(1, 0), noise=2),
    Captions(attributes=(2, 3), wrong=(0.1, 0.2), mentioned=(1,), noise=2, order="text-image"),
    Classes(image=Ising(width=2), couplings=(0.1, 0.9)),
    Classes(image=Field(height=2, width=2, levels=2, spread=0.7), couplings=(0.1, 0.9)),
]
PLAIN = [made() for made in DOMAINS.values()]
ALL = [*PLAIN, *SMALL, Arithmetic(modules=tuple(MODULES), replaced=0.1)]
CASES = [pytest.param(d, id=f"{d.__struct_config__.tag}-{i}") for i, d in enumerate(ALL)]


def everything(domain) -> np.ndarray:
    """Every sequence of the tokens that stand in each place, (sequences, length)."""
    return np.array(list(itertools.product(*(np.unique(place).tolist() for place in domain.samples(99, 4000).T))))


def probabilities(domain, tokens) -> np.ndarray:
    """Of whole sequences, by the chain rule."""
    return np.exp(
        np.log(np.maximum(np.take_along_axis(domain.conditionals(tokens), tokens[..., None], 2)[..., 0], 1e-300)).sum(
            axis=1
        )
    )


@pytest.mark.parametrize("domain", CASES)
def test_shape_of_a_domain(domain) -> None:
    """Samples are tokens of the vocabulary, the same for the same seed; conditionals are distributions that give every sample a chance."""
    tokens = domain.samples(3, 64)
    assert tokens.shape == (64, math.prod(domain.layout)) == (64, domain.length)
    assert tokens.min() >= 0
    assert tokens.max() < domain.vocabulary
    assert np.array_equal(tokens, domain.samples(3, 64))
    assert not np.array_equal(tokens, domain.samples((3, 1), 64))
    np.testing.assert_allclose(domain.conditionals(tokens).sum(axis=2), 1)
    assert np.isfinite(domain.oracle(tokens)).all()
    assert domain.counted(tokens).any()
    again = msgspec.json.decode(msgspec.json.encode(domain), type=AnyDomain)
    assert again == domain


@pytest.mark.parametrize("domain", CASES)
def test_oracle_loss_of_samples_is_the_entropy(domain) -> None:
    """Within four standard errors of both."""
    tokens = domain.samples(11, 4000)
    counts = domain.counted(tokens).sum(axis=1)
    losses = domain.oracle(tokens).sum(axis=1)
    value = losses.sum() / counts.sum()
    error = np.std(losses - value * counts) / counts.mean() / math.sqrt(len(losses))
    assert abs(value - domain.entropy.value) <= 4 * math.hypot(error, domain.entropy.standard_error) + 1e-9


@pytest.mark.parametrize("domain", [pytest.param(d, id=f"{d.__struct_config__.tag}-{i}") for i, d in enumerate(SMALL)])
def test_entropy_and_samples_by_brute_force(domain) -> None:
    """Over every sequence: probabilities sum to one, their entropy is the domain's, and samples come as often as they should."""
    tokens = everything(domain)
    p = probabilities(domain, tokens)
    assert p.sum() == pytest.approx(1, rel=1e-9)
    counted = domain.counted(tokens)
    exact = (p * (entropies(domain.conditionals(tokens)) * counted).sum(axis=1)).sum() / (p * counted.sum(axis=1)).sum()
    tolerance = 4 * domain.entropy.standard_error + 1e-9
    assert domain.entropy.value == pytest.approx(exact, abs=tolerance)
    n = 40_000
    base = domain.vocabulary ** np.arange(domain.length)
    seen = np.ptp(np.sort(domain.samples(5, n) @ base).searchsorted([tokens @ base, tokens @ base + 1]), axis=0)
    likely = n * p > 5
    chi = ((seen[likely] - n * p[likely]) ** 2 / (n * p[likely])).sum()
    assert chi < likely.sum() + 5 * math.sqrt(2 * likely.sum())


@pytest.mark.parametrize(("width", "entropy"), [(3, 0.565699), (4, 0.541464), (8, 0.496900)])
def test_ising_entropy(width, entropy) -> None:
    assert Ising(width=width, coupling=0.4).entropy.value == pytest.approx(entropy, abs=5e-7)


def test_ising_is_boltzmann() -> None:
    """3 × 3 against the 512 weights exp(β Σ s s'), written out."""
    domain = Ising(width=3, coupling=0.4)
    grids = 2 * everything(domain).reshape(-1, 3, 3) - 1
    weights = np.exp(
        0.4 * ((grids[:, 1:] * grids[:, :-1]).sum((1, 2)) + (grids[:, :, 1:] * grids[:, :, :-1]).sum((1, 2)))
    )
    p = weights / weights.sum()
    np.testing.assert_allclose(probabilities(domain, everything(domain)), p, rtol=1e-9)
    assert -(p * np.log(p)).sum() / 9 == pytest.approx(domain.entropy.value, rel=1e-12)


def test_potts_of_independent_spins() -> None:
    """Without coupling a spin has ln q."""
    assert Ising(width=3, states=5, coupling=0.0).entropy.value == pytest.approx(math.log(5))


def test_markov_stationary_and_truth() -> None:
    """π P = π; V = 256, β = 1, σ = 1.5 has about 4.5 nats, by the draw of the chain."""
    domain = Markov()
    np.testing.assert_allclose(domain.stationary @ domain.transitions, domain.stationary, atol=1e-14)
    assert np.sqrt((domain.logits**2).mean()) == pytest.approx(1.5)
    assert domain.entropy.value == pytest.approx(4.547, abs=0.15)


def test_markov_least_excess_is_what_is_frozen() -> None:
    """The search again gives the frozen numbers, to what a search is good for."""
    domain = Markov(symbols=64, beta=1.5)
    assert [domain.least_excess(width) for width in LEAST_EXCESS] == pytest.approx(
        list(LEAST_EXCESS.values()), rel=2e-3
    )


def test_markov_least_excess() -> None:
    """It falls with the rank, ends at 0, and is below what the truncated spectrum costs."""
    domain = Markov(symbols=24, beta=1.5)
    found = [domain.least_excess(d) for d in (1, 2, 4, 8, 24)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0, abs=1e-9)
    u, s, w = np.linalg.svd(domain.logits)
    z = (u[:, :4] * s[:4]) @ w[:4]
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    truncated = (domain.stationary[:, None] * domain.transitions * (np.log(domain.transitions) - z)).sum()
    assert found[2] < truncated


def test_sprites_entropy_by_enumeration() -> None:
    """W = 4, S = 2, V = 4, ρ = .3, F = 4: 6.41273 nats a sample, as the distinct videos and their chances give it."""
    domain = Sprites(frames=4, width=4, sprites=2, velocities=4, redraw=0.3)
    assert domain.entropy.value * domain.length == pytest.approx(6.41273, abs=5e-6)
    moves = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    chances: dict[bytes, float] = {}
    for s, y, x, *path in itertools.product(range(2), range(4), range(4), range(4), range(4), range(4)):
        chance = 1 / 2 / 16 / 4 * math.prod(0.7 * (a == b) + 0.3 / 4 for a, b in itertools.pairwise(path))
        frames, place = [], (y, x)
        for v in [None, *path]:
            place = place if v is None else (place[0] + moves[v][0], place[1] + moves[v][1])
            frames.append(np.roll(domain.patterns[s], place, (0, 1)))
        key = np.array(frames).tobytes()
        chances[key] = chances.get(key, 0) + chance
    p = np.array(list(chances.values()))
    assert p.sum() == pytest.approx(1)
    assert -(p * np.log(p)).sum() == pytest.approx(domain.entropy.value * domain.length, rel=1e-9)


def test_sprites_refuses_what_the_formula_does_not_hold_for() -> None:
    """One frame, velocities that agree on the torus, more sprites than differ."""
    for wrong in ({"frames": 1}, {"width": 2}, {"width": 3, "sprites": 300}):
        with pytest.raises(ValueError, match="sprites"):
            Sprites(**wrong)


def test_arithmetic_answers_are_right() -> None:
    """Every module's answers, read by Python; without noise there is nothing to learn but the answer."""
    domain = Arithmetic(modules=tuple(MODULES), digits=2)
    tokens = domain.samples(1, 2000)
    assert domain.entropy.value == 0
    assert domain.oracle(tokens).max() == 0
    noisy = Arithmetic(modules=("add",), digits=1, replaced=0.2)
    each = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2)) + 0.2 * math.log(9)
    lengths = [len(str(a + b)) for a in range(10) for b in range(10)]
    assert noisy.entropy.value == pytest.approx(each * np.mean(lengths) / (np.mean(lengths) + 1))


def test_mathematics_is_arithmetic_anywhere() -> None:
    """Questions begin at every place that leaves room; all places of the hardest are trained; each difficulty is tested alone, and right."""
    domain = Mathematics(digits=2, beyond=2, modules=("add",), replaced=0.1)
    tokens = domain.samples(1, 4000)
    assert set((tokens != 0).argmax(axis=1).tolist()) == set(range(domain.length - 5))
    assert (domain.counted(tokens).sum(axis=0)[4:] > 0).all()
    plain = Mathematics(digits=2, beyond=2, modules=("add",))
    further = plain.elsewhere(500)
    assert sorted(further) == ["1", "2", "3", "4"]
    for difficulty, rows in further.items():
        assert plain.oracle(rows).max() == 0
        assert (rows == 1 + int("9")).any()
        longest = max(
            len(run) for row in (rows > 0) & (rows < 11) for run in "".join("d" if d else " " for d in row).split()
        )
        assert longest in (int(difficulty), int(difficulty) + 1)


def test_captions_information() -> None:
    """The mutual information by brute force over all sequences, the same in both orders."""
    for order in ("image-text", "text-image"):
        domain = Captions(attributes=(2, 3), wrong=(0.1, 0.2), mentioned=(0, 1), noise=1, order=order)
        tokens = everything(domain)
        p = probabilities(domain, tokens)
        parts = [
            np.unique(tokens[:, side], axis=0, return_inverse=True)[1].ravel() for side in (domain.text, ~domain.text)
        ]
        marginals = [np.bincount(part, p)[part] for part in parts]
        kept = p > 1e-200
        assert (p[kept] * np.log(p / marginals[0] / marginals[1])[kept]).sum() == pytest.approx(
            domain.information, rel=1e-9
        )


def test_classes_bayes_error() -> None:
    """Against all images of 2 × 2 and 3 × 3 spins, of two values and of three; of pixels that have no sum of bonds to the error of samples."""
    for image in (Ising(width=2), Ising(width=3), Ising(width=2, states=3), Field(height=2, width=2, levels=3)):
        domain = Classes(image=image, couplings=(0.1, 0.5, 0.9), counts="class")
        images = np.array(list(itertools.product(range(image.vocabulary), repeat=image.length)))
        chances = np.array([probabilities(member, images) for member in domain.members]) / 3
        error, exact = domain.bayes_error, 1 - chances.max(axis=0).sum()
        entropy = entropies(chances).sum() - entropies(chances.sum(axis=0))
        spins = isinstance(image, Ising)
        assert (error.standard_error == 0, domain.entropy.standard_error == 0) == (spins, spins)
        assert error.value == pytest.approx(exact, rel=1e-9, abs=4 * error.standard_error)
        assert domain.entropy.value == pytest.approx(entropy, rel=1e-9, abs=4 * domain.entropy.standard_error)


def test_a_loss_may_count_the_image_or_the_class_alone() -> None:
    """Both together are what is counted without a choice, which stays no part of the identity; samples are the same."""
    plain = Classes(image=Ising(width=3))
    image, label = (msgspec.structs.replace(plain, counts=which) for which in ("image", "class"))
    tokens = plain.samples(5, 20)
    assert np.array_equal(image.samples(5, 20), tokens)
    assert np.array_equal(image.oracle(tokens) + label.oracle(tokens), plain.oracle(tokens))
    assert (image.counted(tokens).sum(), label.counted(tokens).sum()) == (180, 20)
    assert b"counts" not in msgspec.json.encode(plain)
    whole = 9 * image.entropy.value + label.entropy.value
    assert whole == pytest.approx(10 * plain.entropy.value, abs=4 * 10 * plain.entropy.standard_error)


def test_definitions_are_checked() -> None:
    """Unknown keys and impossible sizes are refused in a sentence."""
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.convert({"name": "ising", "colour": 1}, AnyDomain)
    with pytest.raises(msgspec.ValidationError, match="65536"):
        msgspec.convert({"name": "ising", "width": 20}, AnyDomain)
