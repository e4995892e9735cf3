"""Captions of small pictures: four things measured in integers, each a word or two of several that fit.

The chance of a caption is known.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import Seed
from trainer.domains.material.tiles import Pixels

TONE, HUE, TEXTURE, PLACE = range(4)
WORDS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("inky", "murky"), ("dark", "dim"), ("mid", "dusky"), ("light", "clear"), ("pale", "milky")),
    (
        *(("grey", "drab"), ("red", "ruddy"), ("orange", "tan", "amber"), ("yellow", "gold"), ("green", "leafy")),
        *(("teal", "cyan"), ("blue", "azure"), ("purple", "violet"), ("pink", "rosy")),
    ),
    (("plain", "smooth"), ("gentle", "mild"), ("rough", "grainy"), ("busy", "stark", "bold")),
    (
        ("no glow", "even light"),
        ("lit above", "top glow"),
        ("lit below", "low glow"),
        ("lit left", "left glow"),
        ("lit right", "right glow"),
    ),
)
"""By what is measured, and how it comes out; each word stands once, so that it says both."""
SAID: dict[str, tuple[int, int]] = {}
for _thing, _values in enumerate(WORDS):
    for _value, _words in enumerate(_values):
        SAID |= dict.fromkeys(_words, (_thing, _value))
OMITTED = 0.15
"""The chance that tone, texture or place is not spoken of; the hue always is."""
BETWEEN = ", "
LONGEST = sum(max(len(word) for words in values for word in words) for values in WORDS) + len(f" {BETWEEN}{BETWEEN}")
"""Bytes of a caption that leaves nothing out."""
LEVELS = 8 * 255
"""White, in the luma 2R + 5G + B."""
TONES = (35, 75, 115, 165)
"""Mean lumas, of 255, at which a tone ends and the next begins."""
TEXTURES = (4, 12, 26)
"""The same of mean absolute deviations of the luma."""
SIDED = 10
"""Less difference between the halves' lumas, of 255, is no place."""
GREY = 8
"""A mean colour whose largest part is above the least by less than this share of it, 1/GREY, is grey."""
HUES = (15, 45, 70, 160, 200, 260, 300, 345)
"""Degrees at which red, orange, … end; pink ends at 360 less 15, where red begins."""
Measurements = NDArray[np.int64]
"""(n, 4): how tone, hue, texture and place come out."""


def measured(pixels: Pixels) -> Measurements:
    """Of pictures (n, side, side, 3), in integers alone: the same on every machine."""
    whole = pixels.astype(np.int64)
    luma = whole @ np.array([2, 5, 1])
    count = luma.shape[1] * luma.shape[2]
    total = luma.sum(axis=(1, 2))
    off = np.abs(luma * count - total[:, None, None]).sum(axis=(1, 2))
    tone = np.searchsorted(np.array(TONES) * 8 * count, total, side="right")
    texture = np.searchsorted(np.array(TEXTURES) * 8 * count**2, off, side="right")
    return np.column_stack([tone, hue(whole.sum(axis=(1, 2))), texture, place(luma)]).astype(np.int64)


def hue(colour: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of summed colours (n, 3), by the angle of the hexagon of hues in whole degrees."""
    most, chroma = colour.max(axis=1), np.ptp(colour, axis=1)
    first = colour.argmax(axis=1)
    ahead, behind = (np.take_along_axis(colour, ((first + step) % 3)[:, None], axis=1)[:, 0] for step in (1, 2))
    degrees = (120 * first + 60 * (ahead - behind) // np.maximum(chroma, 1)) % 360
    return np.where(GREY * chroma < most, 0, 1 + np.searchsorted(HUES, degrees, side="right") % len(HUES))


def place(luma: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which half of lumas (n, side, side) is brighter than the other, and by more than the halves across it: none, top,
    bottom, left or right.
    """
    half = luma.shape[1] // 2
    down = luma[:, :half].sum(axis=(1, 2)) - luma[:, -half:].sum(axis=(1, 2))
    across = luma[:, :, :half].sum(axis=(1, 2)) - luma[:, :, -half:].sum(axis=(1, 2))
    upright = np.abs(down) >= np.abs(across)
    more = np.where(upright, down, across)
    least = SIDED * 8 * half * luma.shape[1]
    return np.where(np.abs(more) < least, 0, 1 + 2 * ~upright + (more < 0))


def spoken(measurements: Measurements, seed: Seed) -> list[str]:
    """A caption of each picture: what is not left out, by a word that is the likelier the sooner it stands, in any
    order.
    """
    random = np.random.default_rng(seed)
    left_out, chosen, ordered = (random.random((len(measurements), 4)).tolist() for _ in range(3))
    return [_caption(*each) for each in zip(measurements.tolist(), left_out, chosen, ordered, strict=True)]


def _caption(values: list[int], left_out: list[float], chosen: list[float], ordered: list[float]) -> str:
    words = {i: _word(WORDS[i][values[i]], chosen[i]) for i in range(4) if i == HUE or left_out[i] >= OMITTED}
    colour = " ".join(words[i] for i in (TONE, HUE) if i in words)
    phrases = {HUE: colour} | {i: words[i] for i in (TEXTURE, PLACE) if i in words}
    return BETWEEN.join(phrases[i] for i in sorted(phrases, key=lambda i: ordered[i]))


def chances(count: int) -> list[float]:
    """Of words that mean the same: each half as likely as the one before."""
    return [2.0 ** (count - 1 - i) / (2**count - 1) for i in range(count)]


def _word(words: Sequence[str], uniform: float) -> str:
    passed = np.cumsum(chances(len(words)))[:-1] <= uniform
    return words[int(passed.sum())]


def meaning(caption: str) -> tuple[int | None, ...]:
    """How what it speaks of came out, None where it does not."""
    value_of = dict(SAID[word] for word in words_of(caption))
    return tuple(value_of.get(i) for i in range(4))


def words_of(caption: str) -> list[str]:
    """Each as it stands in WORDS; a phrase is a word, or a tone and a hue."""
    return [word for phrase in caption.split(BETWEEN) for word in ([phrase] if phrase in SAID else phrase.split())]


def surprise_given_picture(caption: str) -> float:
    """−ln of the chance of a caption that is true of its picture: of what is left out, of the words, and of their
    order.
    """
    words = words_of(caption)
    chance = (1 - OMITTED) ** (len(words) - 1) * OMITTED ** (len(WORDS) - len(words))
    for word in words:
        thing, value = SAID[word]
        chance *= chances(len(WORDS[thing][value]))[WORDS[thing][value].index(word)]
    return -math.log(chance / math.factorial(len(caption.split(BETWEEN))))


class Frequencies:
    """How often pictures come out so, by all that a caption may speak of: what the chance of one without its picture
    needs.
    """

    def __init__(self, measurements: Measurements) -> None:
        self.counts: Counter[tuple[int, ...]] = Counter(map(tuple, measurements.tolist()))
        self.total = len(measurements)

    def information(self, caption: str) -> float:
        """ln of how much likelier its picture makes a caption: −ln of the share of pictures that it is true of, 1 of
        them where it is of none.
        """
        spoken_values = meaning(caption)
        true = sum(
            n
            for values, n in self.counts.items()
            if all(s is None or s == v for s, v in zip(spoken_values, values, strict=True))
        )
        return -math.log(max(true, 1) / self.total)
