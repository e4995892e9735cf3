"""Captions that are generated from measurements: what they say against painted pictures, their chances against every way to say it."""

import itertools
import math
from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from trainer.domains.collected.described import Described
from trainer.domains.collected.pairs import Pairs
from trainer.domains.collected.pictures import Pictures
from trainer.domains.material.wording import (
    HUE,
    LONGEST,
    OMITTED,
    PLACE,
    TEXTURE,
    TONE,
    WORDS,
    Frequencies,
    chances,
    meaning,
    measured,
    spoken,
)
from trainer.domains.material.wording import surprise_given_picture as surprise
from trainer.domains.registry import AnyDomain
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.model.reading import readings

ROWS, COLUMNS = np.mgrid[0:8, 0:8]


def painted(colour: tuple[int, int, int]) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (8, 8, 3))


def lit(bright: np.ndarray) -> np.ndarray:
    """Light grey where it is said, dark grey elsewhere."""
    return np.repeat(np.where(bright, 180, 60).astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("picture", "thing", "word"),
    [
        (painted((5, 5, 5)), TONE, "inky"),
        (painted((250, 250, 250)), TONE, "pale"),
        (painted((128, 128, 128)), HUE, "grey"),
        (painted((200, 20, 20)), HUE, "red"),
        (painted((200, 20, 60)), HUE, "red"),
        (painted((120, 60, 20)), HUE, "orange"),
        (painted((200, 180, 20)), HUE, "yellow"),
        (painted((30, 160, 40)), HUE, "green"),
        (painted((0, 160, 160)), HUE, "teal"),
        (painted((20, 60, 200)), HUE, "blue"),
        (painted((110, 20, 200)), HUE, "purple"),
        (painted((220, 20, 160)), HUE, "pink"),
        (painted((9, 90, 200)), TEXTURE, "plain"),
        (lit((ROWS + COLUMNS) % 2 == 0), TEXTURE, "busy"),
        (lit((ROWS + COLUMNS) % 2 == 0), PLACE, "no glow"),
        (lit(ROWS < 4), PLACE, "lit above"),
        (lit(ROWS >= 4), PLACE, "lit below"),
        (lit(COLUMNS < 3), PLACE, "lit left"),
        (lit(COLUMNS >= 3), PLACE, "lit right"),
    ],
)
def test_words_say_what_is_painted(picture: np.ndarray, thing: int, word: str) -> None:
    found = measured(picture[None])[0]
    assert word in WORDS[thing][found[thing]]


def ways_to_say(values: tuple[int, ...]) -> dict[str, float]:
    """Every caption of a picture with its chance, by all choices there are."""
    found: dict[str, float] = defaultdict(float)
    for kept in itertools.product((False, True), repeat=3):
        things = [HUE, *(i for i, keep in zip((TONE, TEXTURE, PLACE), kept, strict=True) if keep)]
        left = math.prod(1 - OMITTED if keep else OMITTED for keep in kept)
        options = [list(zip(WORDS[i][values[i]], chances(len(WORDS[i][values[i]])), strict=True)) for i in things]
        for words in itertools.product(*options):
            said = {i: word for i, (word, _) in zip(things, words, strict=True)}
            colour = [f"{said[TONE]} {said[HUE]}" if TONE in said else said[HUE]]
            phrases = colour + [said[i] for i in (TEXTURE, PLACE) if i in said]
            orders = list(itertools.permutations(phrases))
            for order in orders:
                found[", ".join(order)] += left * math.prod(p for _, p in words) / len(orders)
    return found


PICTURES = np.array([[0, 2, 1, 0], [0, 2, 3, 4], [3, 2, 1, 0], [4, 8, 3, 2]])


def test_chances_of_captions_are_exact() -> None:
    """Given the picture, and by Bayes' rule over four equally likely ones without it; samples come as often as they should."""
    ways = [ways_to_say(tuple(values)) for values in PICTURES.tolist()]
    frequencies = Frequencies(PICTURES)
    for own in ways:
        assert sum(own.values()) == pytest.approx(1)
        for caption, chance in own.items():
            assert math.exp(-surprise(caption)) == pytest.approx(chance)
            everywhere = sum(other.get(caption, 0.0) for other in ways) / len(ways)
            assert frequencies.information(caption) == pytest.approx(math.log(chance / everywhere))
    n = 20_000
    said = spoken(np.repeat(PICTURES[:1], n, axis=0), 5)
    assert set(said) <= set(ways[0])
    often = {caption: n * p for caption, p in ways[0].items() if n * p > 5}
    chi = sum((said.count(caption) - expected) ** 2 / expected for caption, expected in often.items())
    assert chi < len(often) + 5 * math.sqrt(2 * len(often))
    assert max(map(len, said)) <= LONGEST


@pytest.fixture
def slopes(tmp_path: Path) -> Path:
    """Two pictures of 64 tiles each: every tile is brighter on its left, in colours that differ."""
    folder = tmp_path / "slopes"
    folder.mkdir()
    light = 250 - 3 * (np.arange(512) % 64)
    for i in range(2):
        colours = np.random.default_rng(i).integers(20, 256, (8, 8, 3)).repeat(64, axis=0).repeat(64, axis=1)
        Image.fromarray((colours * light[None, :, None] // 256).astype(np.uint8)).save(folder / f"{i}.png")
    return folder


@pytest.mark.parametrize("order", ["image-text", "text-image"])
def test_captions_are_of_their_own_tile(slopes: Path, order: str) -> None:
    """Each says what its own pixels measure; mirrored tiles are brighter on the right; read again, the rows are the same."""
    domain = Described(source=str(slopes), order=order)
    rows = domain.material.train.astype(np.int64)
    pixels = rows[:, ~domain.text].reshape(-1, 8, 8, 3).astype(np.uint8)
    found, said = measured(pixels), [meaning(caption) for caption in domain.captions(rows)]
    for values, words in zip(found.tolist(), said, strict=True):
        assert all(word is None or word == value for word, value in zip(words, values, strict=True))
        assert words[HUE] is not None
    half = len(rows) // 2
    np.testing.assert_array_equal(pixels[half:], pixels[:half, :, ::-1])
    assert set(found[:half, PLACE]) == {3}
    assert set(found[half:, PLACE]) == {4}
    np.testing.assert_array_equal(msgspec.structs.replace(domain, digest="").collect().train, rows)
    assert msgspec.json.decode(msgspec.json.encode(domain.pinned()), type=AnyDomain) == domain.pinned()
    assert "captions are generated from measurements" in domain.described()


def test_both_orders_have_the_same_pairs(slopes: Path) -> None:
    """Picture by picture, and so one digest; other captions have another."""
    one, other = (Described(source=str(slopes), order=order).pinned() for order in ("image-text", "text-image"))
    assert one.digest == other.digest != Pictures(source=str(slopes)).pinned().digest
    assert one.captions(one.testing(64)) == other.captions(other.testing(64))
    np.testing.assert_array_equal(one.testing(64)[:, ~one.text], other.testing(64)[:, ~other.text])


def test_parts_of_the_loss_are_read_apart(slopes: Path) -> None:
    """In nats a sample: a model that guesses has ln V of each counted token; and beside it stands what is least."""
    domain = Described(source=str(slopes))
    tokens = domain.testing(64)
    guess = np.full((len(tokens), domain.length, domain.vocabulary), -math.log(domain.vocabulary))
    found = readings(domain, [guess], tokens)
    said = domain.captions(tokens)
    letters = np.mean([len(c) + (len(c) < domain.words) for c in said])
    assert found.parts == pytest.approx({"image": 192 * math.log(513), "text": letters * math.log(513)}, rel=1e-5)
    assert found.least == pytest.approx({"text": np.mean([surprise(c) for c in said])}, rel=1e-5)


def test_a_folder_of_pairs_has_captions_of_its_own(tmp_path: Path) -> None:
    """`--data FOLDER` of the sweeps that ship reads them, in the sweep's order."""
    for i in range(700):
        Image.fromarray(np.full((4, 4, 3), i % 256, np.uint8)).save(tmp_path / f"{i:03d}.png")
        (tmp_path / f"{i:03d}.txt").write_text(f"grey {i % 256}")
    for name, order in (("image-to-text", "image-text"), ("text-to-image", "text-image")):
        domain = with_data(read_sweep(name), str(tmp_path)).domain
        assert type(domain) is Pairs
        assert domain.order == order
        assert domain.captions(domain.testing(64))[0].startswith("grey ")
