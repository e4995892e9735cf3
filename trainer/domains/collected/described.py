"""`described`: pairs whose pictures are tiles, and whose captions are generated from measurements of each tile itself."""

from __future__ import annotations

import itertools
from functools import cached_property

import numpy as np

from trainer.domains.base import TESTING, TRAINING, Tokens, require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.collected.pairs import Pairs
from trainer.domains.collected.pictures import TILE
from trainer.domains.material.files import digest_of
from trainer.domains.material.tiles import reduced, tiles
from trainer.domains.material.wording import LONGEST, Frequencies, measured, spoken, surprise_given_picture


class Described(Pairs, frozen=True, tag="described", kw_only=True):
    """The tiles of `pictures`; a mirrored one has a caption of what it shows when mirrored.

    Pairs of a folder have captions of their own.

    A caption's chance given its picture is exact; without the picture it is so for the training tiles' frequencies.
    """

    def __post_init__(self) -> None:
        require(
            self.side >= 2 and TILE % self.side == 0 and self.side % 2 == 0,
            f"described: expected an even side that divides {TILE}, got {self.side}",
        )
        require(self.words >= LONGEST, f"described: expected words of {LONGEST} or more, got {self.words}")

    def of_folder(self, folder: str) -> Collected:
        return Pairs(source=folder, side=self.side, words=self.words, order=self.order)

    def collect(self) -> Material:
        pictures = tiles(self.source, TILE)
        pixels = [reduced(part, self.side) for part in (pictures.train, pictures.test)]
        captions = [spoken(measured(part), stream) for part, stream in zip(pixels, (TRAINING, TESTING), strict=True)]
        train, test = (np.array(list(map(self.row, *pairs)), np.uint16) for pairs in zip(pixels, captions, strict=True))
        text = "\n".join(itertools.chain(*captions))
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=digest_of([("pictures", pictures.digest.encode()), ("captions", text.encode())]),
            about=f"{pictures.about}, each the mean of squares at {self.side}×{self.side}; captions are generated from measurements of each tile "
            "(tone, hue, texture, where it is brighter), in words and an order drawn by chance",
            licence=pictures.licence,
            split=pictures.split,
        )

    @cached_property
    def frequencies(self) -> Frequencies:
        pixels = self.material.train[:, ~self.text].astype(np.uint8)
        return Frequencies(measured(pixels.reshape(-1, self.side, self.side, 3)))

    def least(self, tokens: Tokens) -> dict[str, float]:
        """Of the caption where it stands: after its picture, or before it, by the frequencies of what training tiles
        show.
        """
        captions = self.captions(tokens)
        nats = np.mean([surprise_given_picture(caption) for caption in captions])
        if self.order == "text-image":
            nats += np.mean([self.frequencies.information(caption) for caption in captions])
        return {"text": float(nats)}
