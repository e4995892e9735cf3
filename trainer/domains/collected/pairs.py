"""`pairs`: a picture and its caption, one after the other, with the weights of Henighan et al. 2020: (9·L_image +
L_text)/10.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from trainer.domains.base import Array, Mask, Tokens, require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.files import SourceFiles, UnreadableData, digest_of, files_of, held_out
from trainer.domains.material.tiles import SUFFIXES, Pixels, picture
from trainer.files import content_of

LEAST_SIDE = 64
COLOURS = 256
END = COLOURS
"""Ends a caption and fills up; a byte of text is COLOURS + 1 + byte."""
IMAGE_WEIGHT = 0.9


class Pairs(Collected, frozen=True, tag="pairs", kw_only=True):
    """A picture squeezed to side×side RGB, and the first `words` bytes of its caption: the first line of the .txt of
    the same stem, or the `caption` of the .json. Of the caption its bytes and one end are counted.
    """

    side: int = 8
    words: int = 32
    order: Literal["image-text", "text-image"] = "image-text"

    def __post_init__(self) -> None:
        require(
            self.side >= 2 and self.words >= 2,
            f"pairs: expected a side and words of 2 or more, got {self.side} and {self.words}",
        )

    @property
    def vocabulary(self) -> int:
        return COLOURS + 1 + 256

    @property
    def layout(self) -> tuple[int, ...]:
        return (3 * self.side**2 + self.words,)

    @property
    def combined(self) -> str:
        """What the loss is a mean of, for the law file."""
        return "(9·L_image + L_text)/10, of token means"

    @cached_property
    def text(self) -> Mask:
        """Which places are the caption's, (length,)."""
        places = np.arange(self.length)
        return places < self.words if self.order == "text-image" else places >= 3 * self.side**2

    def counted(self, tokens: Tokens) -> Mask:
        """All of the picture; of the caption all to its end."""
        ended = (tokens == END) & self.text
        return np.asarray((ended.cumsum(axis=1) - ended) == 0) | ~self.text

    def weighed(self, tokens: Tokens) -> Array:
        """Nine tenths for the picture's tokens, one tenth for the caption's, spread over those counted."""
        counted = self.counted(tokens)
        share = np.where(
            self.text, (1 - IMAGE_WEIGHT) / (counted & self.text).sum(), IMAGE_WEIGHT / (counted & ~self.text).sum()
        )
        return np.asarray(share * counted * counted.sum())

    @property
    def expensive(self) -> bool:
        return True

    def collect(self) -> Material:
        files = files_of(self.source, SUFFIXES)
        pairs = {path: caption for path in files.paths if (caption := caption_of(path))}
        if not pairs:
            raise UnreadableData(
                f"{self.source}: expected captions beside the pictures (same stem, .txt or .json), got {len(files.paths)} pictures alone"
            )
        rows = np.array([self.row(self._pixels(path), caption) for path, caption in pairs.items()])
        names = [files.name(path) for path in pairs]
        whole = np.array([i in (held_out([1] * len(names), names) or {len(names) - 1}) for i in range(len(names))])
        return Material(
            train=rows[~whole],
            test=rows[whole],
            unique_tokens=rows[~whole].size,
            digest=self._digest(files, pairs),
            about=f"{files.about}, of which {len(pairs)} have a caption; {self.side}×{self.side} RGB and {self.words} bytes",
            licence=files.licence,
            split=f"held out: {whole.sum()} of {len(names)} pairs",
        )

    def _pixels(self, path: Path) -> Pixels:
        return np.asarray(
            picture(path, max(LEAST_SIDE, self.side)).resize((self.side, self.side), Image.Resampling.BOX)
        )

    def row(self, pixels: Pixels, caption: str) -> Tokens:
        """A pair's tokens, of side × side pixels and a caption."""
        caption_tokens = [COLOURS + 1 + byte for byte in caption.encode()[: self.words]]
        row = np.full(self.length, END)
        row[~self.text] = pixels.ravel()
        row[self.text] = caption_tokens + [END] * (self.words - len(caption_tokens))
        return row

    def captions(self, tokens: Tokens) -> list[str]:
        """The captions of rows, as text."""
        return [
            bytes((row[row != END] - COLOURS - 1).tolist()).decode(errors="replace") for row in tokens[:, self.text]
        ]

    @property
    def parts(self) -> dict[str, Mask]:
        return {"text": self.text, "image": ~self.text}

    def _digest(self, files: SourceFiles, pairs: dict[Path, str]) -> str:
        return digest_of((files.name(path), content_of(path) + caption.encode()) for path, caption in pairs.items())


def caption_of(path: Path) -> str:
    """The caption beside a picture; empty where there is none.

    Raises:
        UnreadableData: the caption's file is not what it should be.
    """
    plain, structured = path.with_suffix(".txt"), path.with_suffix(".json")
    try:
        if plain.exists():
            return next(iter(plain.read_text("utf-8").splitlines()), "").strip()
        if structured.exists():
            return str(json.loads(structured.read_text("utf-8"))["caption"]).strip()
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        name = plain if plain.exists() else structured
        raise UnreadableData(
            f'{name}: expected a line of UTF-8 text, or JSON with "caption", got {type(error).__name__} ({error})'
        ) from None
    return ""
