"""Square tiles of pictures: each picture is read, scaled and cut; pictures are held out whole.

What tokens they become is elsewhere.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from trainer.domains.material.files import TESTED, UnreadableData, digest_of, files_of, held_out
from trainer.files import content_of

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm")
SCALES = (1024, 512)
"""The longest sides that a picture is scaled to before it is cut; a smaller one is cut as it is."""
MOST_PICTURES = 4000
BROKEN = (OSError, SyntaxError, EOFError, IndexError, struct.error)
"""What Pillow raises of files that are cut short."""
Pixels = NDArray[np.uint8]
"""(…, height, width, 3)."""


class PictureSplit(msgspec.Struct, frozen=True, kw_only=True):
    """What was cut from pictures, those to train on apart from those held out."""

    train: Pixels
    test: Pixels
    digest: str
    about: str
    licence: str
    split: str


@lru_cache(maxsize=2)
def tiles(source: str, tile: int) -> PictureSplit:
    """The tiles of a source's or a folder's pictures, (n, tile, tile, 3), each to train on mirrored too.

    Raises:
        UnreadableData: as `parted`, or a picture is smaller than a tile.
    """
    cut = parted(
        source, lambda path: np.concatenate([cut_up(np.asarray(image), tile, path) for image in scales(path, tile)])
    )
    return msgspec.structs.replace(
        cut,
        train=np.concatenate([cut.train, cut.train[:, :, ::-1]]),
        about=f"{cut.about} and cut into {tile}×{tile} tiles",
        split=f"{cut.split}; training tiles are mirrored too",
    )


def parted(source: str, cut: Callable[[Path], Pixels]) -> PictureSplit:
    """What `cut` takes from each picture of a source or folder; a tenth of all that is cut is held out, whole pictures.

    Raises:
        UnreadableData: a picture cannot be read or is too large; or there are too few to hold one out.
    """
    files = files_of(source, SUFFIXES)
    paths = files.paths[:MOST_PICTURES]
    if len(paths) < 2:
        raise UnreadableData(f"{source}: expected 2 pictures or more, so that one can be held out, got 1")
    pieces = [cut(path) for path in paths]
    names = [files.name(path) for path in paths]
    whole = held_out([len(c) for c in pieces], names) or frozenset(
        range(len(pieces) - max(1, round(TESTED * len(pieces))), len(pieces))
    )
    return PictureSplit(
        train=np.concatenate([c for i, c in enumerate(pieces) if i not in whole]),
        test=np.concatenate([c for i, c in enumerate(pieces) if i in whole]),
        digest=digest_of_tiles(source),
        about=f"{files.about}, scaled to {' and '.join(map(str, SCALES))} pixels",
        licence=files.licence,
        split=f"held out: {len(whole)} of {len(pieces)} pictures",
    )


def digest_of_tiles(source: str) -> str:
    """That of the pictures that are cut: their names and bytes, none of them decoded."""
    files = files_of(source, SUFFIXES)
    return digest_of((files.name(path), content_of(path)) for path in files.paths[:MOST_PICTURES])


def scales(path: Path, least: int) -> Iterator[Image.Image]:
    """One picture at each scale that leaves no side shorter than `least`; as it is where all do."""
    whole = picture(path, SCALES[0])
    yield whole
    for scale in SCALES[1:]:
        if max(whole.size) > scale and min(whole.size) * scale >= least * max(whole.size):
            small = whole.copy()
            small.thumbnail((scale, scale), Image.Resampling.BOX)
            yield small


def cut_up(pixels: Pixels, tile: int, path: Path) -> Pixels:
    """Side by side from the upper left, (n, tile, tile, 3); what is left at the edges is not used."""
    rows, columns = (size // tile for size in pixels.shape[:2])
    if not rows or not columns:
        raise UnreadableData(
            f"{path}: expected a picture of at least {tile}×{tile} pixels, got {pixels.shape[1]}×{pixels.shape[0]}"
        )
    whole_tiles = pixels[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile, 3)
    return whole_tiles.swapaxes(1, 2).reshape(-1, tile, tile, 3)


def picture(path: Path, longest: int) -> Image.Image:
    """RGB, scaled down to at most `longest`.

    Raises:
        UnreadableData: the file is no picture, is cut short, or has too many pixels.
    """
    with opened(path) as image:
        image.draft("RGB", (longest, longest))
        small = on_white(image)
    small.thumbnail((longest, longest), Image.Resampling.BOX)
    return small


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """An image file, for reading.

    Raises:
        UnreadableData: it is none, is cut short, or has more pixels than Pillow takes for honest.
    """
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(path) as image,
        ):
            yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UnreadableData(
            f"{path}: expected at most {Image.MAX_IMAGE_PIXELS:,d} pixels, got more: scale it down"
        ) from None
    except UnidentifiedImageError:
        raise UnreadableData(f"{path}: expected a picture, got other bytes: take it out of the folder") from None
    except BROKEN as error:
        raise UnreadableData(f"{path}: expected a file that is whole, got {error}: take it out of the folder") from None


def on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent is white."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def reduced(pixels: Pixels, side: int) -> Pixels:
    """Tiles of side × side by the mean of each square, (n, side, side, 3)."""
    n, tile = pixels.shape[:2]
    squares_ = pixels.reshape(n, side, tile // side, side, tile // side, 3)
    means: Pixels = np.rint(squares_.mean(axis=(2, 4), dtype=np.float32)).astype(np.uint8)
    return means
