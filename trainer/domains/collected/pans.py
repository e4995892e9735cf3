"""`pans`: clips that a camera would take of pictures, as frames of codes.

The motion is generated, the textures are those of the pictures.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.domains.base import Array, Tokens, require
from trainer.domains.collected.base import Material
from trainer.domains.collected.coded import Coded
from trainer.domains.collected.video import CODED, Video
from trainer.domains.material.codec import codec
from trainer.domains.material.files import UnreadableData, files_of
from trainer.domains.material.sources import SOURCES
from trainer.domains.material.tiles import Pixels, parted, scales
from trainer.files import content_of

TILE = 64
"""Pictures have clips by how many tiles of so many pixels they have, so that those held out are those of `pictures` and
`codes`.
"""
SPEED, TURN, ZOOM = 0.05, 0.01, 0.02
"""Deviations a frame: of the speed in window sides, of its change, and of the logarithm of the side, which is one to
two times the clip's.
"""


class Pans(Coded, frozen=True, tag="pans", kw_only=True):
    """A window moves over a picture with a speed that changes slowly, widens or narrows at one rate, and stops at the
    picture's edges.

    Pictures are held out whole, as `pictures` does. `also` names sources or folders of real clips: the loss on their
    held-out part is read too; one that ships with a package which is not installed is left out when a sweep is planned.
    """

    frames: int = 8
    pixels: int = 32
    clips: int = 3
    """For each tile of the picture."""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        least, most = 2 * codec(self.codec).stride, TILE // 2
        require(
            self.frames >= 2 and self.clips >= 1,
            f"pans: expected 2 frames, 1 clip a tile or more, got {self.frames}, {self.clips}",
        )
        require(
            self.pixels % least == 0 and self.pixels <= most,
            f"pans: expected pixels that {least} divides, at most {most}, got {self.pixels}",
        )

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.frames, self.side, self.side)

    def pinned(self) -> Pans:
        installed = tuple(name for name in self.also if name not in SOURCES or there(name))
        return super(Pans, msgspec.structs.replace(self, also=installed)).pinned()

    def collect(self) -> Material:
        parts, encoder = parted(self.source, self._clips), codec(self.codec)
        frames = f"{self.frames} frames of {self.pixels}×{self.pixels} pixels as codes of {self.codec} (SHA-256 {encoder.digest})"
        return Material(
            train=parts.train,
            test=parts.test,
            unique_tokens=parts.train.size,
            digest=f"{parts.digest}-{encoder.digest}",
            about=f"clips whose motion is generated, a window that moves and zooms over still pictures: {frames}; {parts.about}",
            licence=parts.licence,
            split=parts.split,
        )

    def elsewhere(self, n: int) -> dict[str, Tokens]:
        real = (
            Video(source=name, frames=self.frames, apart=1, pixels=self.pixels, codec=self.codec) for name in self.also
        )
        return {Path(video.source).name: video.testing(n) for video in real}

    def _clips(self, path: Path) -> NDArray[np.uint8]:
        """The codes of the clips of one picture, (clips, tokens)."""
        random, taken = np.random.default_rng(zlib.crc32(content_of(path))), []
        for image in scales(path, TILE):
            count = self.clips * (image.width // TILE) * (image.height // TILE)
            if not count:
                raise UnreadableData(
                    f"{path}: expected a picture of at least {TILE}×{TILE} pixels, got {image.width}×{image.height}"
                )
            taken.append(filmed(image, (count, self.frames), self.pixels, random))
        return codec(self.codec).encoded(np.concatenate(taken)).astype(np.uint8).reshape(-1, self.length)


def filmed(image: Image.Image, shape: tuple[int, int], pixels: int, random: np.random.Generator) -> Pixels:
    """Clips of so many frames over one picture, (clips·frames, pixels, pixels, 3)."""
    seen = windows(shape, pixels, np.array(image.size, float), random)
    return np.stack(
        [
            np.asarray(image.resize((pixels, pixels), Image.Resampling.BILINEAR, box=(x, y, right, low)))
            for x, y, right, low in seen
        ]
    )


def windows(shape: tuple[int, int], pixels: int, size: Array, random: np.random.Generator) -> list[list[float]]:
    """Left, top, right and bottom of each frame's window, clip after clip."""
    clips, frames = shape
    first = pixels * np.exp2(random.uniform(0, 1, (clips, 1, 1)))
    side = np.clip(
        first * np.exp(random.normal(0, ZOOM, (clips, 1, 1)) * np.arange(frames)[:, None]), pixels, 2 * pixels
    )
    turn = random.normal(0, TURN, (clips, frames, 2))
    turn[:, 0] = random.normal(0, SPEED, (clips, 2))
    middle = (
        random.uniform(0, 1, (clips, 1, 2)) * (size - first) + first / 2 + (turn.cumsum(axis=1) * side).cumsum(axis=1)
    )
    corner = np.clip(middle - side / 2, 0, size - side)
    edges: list[list[float]] = np.concatenate([corner, np.minimum(corner + side, size)], axis=2).reshape(-1, 4).tolist()
    return edges


def there(source: str) -> bool:
    """Whether a source that a package brings is installed."""
    try:
        return bool(files_of(source, CODED).paths)
    except UnreadableData:
        return False
