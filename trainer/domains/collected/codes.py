"""`codes`: tiles of pictures as codes of a frozen VQ-VAE of ours, each for a square of pixels; a token is a code."""

from __future__ import annotations

from trainer.domains.base import require
from trainer.domains.collected.base import Material
from trainer.domains.collected.coded import Coded
from trainer.domains.material.codec import codec
from trainer.domains.material.tiles import digest_of_tiles, tiles

TILE = 64
SIDES = (4, 8, 16, 32, TILE)


class Codes(Coded, frozen=True, tag="codes", kw_only=True):
    """Tiles of `pixels`×`pixels` become (pixels/stride)² codes, in raster order.

    The codec's own digest goes into that of the data.
    """

    pixels: int = TILE

    def __post_init__(self) -> None:
        least = 2 * codec(self.codec).stride
        allowed = [pixels for pixels in SIDES if pixels >= least]
        require(
            self.pixels in allowed, f"codes: expected pixels among {', '.join(map(str, allowed))}, got {self.pixels}"
        )

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.side, self.side)

    def digest_of_files(self) -> str:
        return f"{digest_of_tiles(self.source)}-{codec(self.codec).digest}"

    def collect(self) -> Material:
        pictures, encoder = tiles(self.source, self.pixels), codec(self.codec)
        train, test = (encoder.encoded(part).reshape(len(part), -1) for part in (pictures.train, pictures.test))
        square = f"{encoder.stride}×{encoder.stride}"
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=self.digest_of_files(),
            about=f"{pictures.about}, as codes of {self.codec} ({encoder.codes} codes, one for {square} pixels; SHA-256 {encoder.digest})",
            licence=pictures.licence,
            split=pictures.split,
        )
