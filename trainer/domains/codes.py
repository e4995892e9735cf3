"""`codes`: tiles of pictures as codes of our frozen VQ-VAE, each for a 4×4 square; a token is a code."""

from __future__ import annotations

from trainer.domains.base import require
from trainer.domains.codec import STRIDE, codec
from trainer.domains.collected import Collected, Material
from trainer.domains.tiles import tiles

TILE = 64


class Codes(Collected, frozen=True, tag="codes", kw_only=True):
    """Tiles of `pixels`×`pixels` become (pixels/4)² codes, in raster order. The codec's own digest goes into that of the data."""

    pixels: int = TILE
    codec: str = "vqvae-4"

    def __post_init__(self) -> None:
        allowed = self.pixels % STRIDE == 0 and TILE % self.pixels == 0
        require(allowed and self.pixels >= 2 * STRIDE, f"codes: expected pixels among 8, 16, 32 and 64, got {self.pixels}")

    @property
    def vocabulary(self) -> int:
        return codec(self.codec).codes

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.pixels // STRIDE, self.pixels // STRIDE)

    @property
    def dear(self) -> bool:
        return True

    def collect(self) -> Material:
        found, used = tiles(self.source, self.pixels), codec(self.codec)
        train, test = (used.encoded(part).reshape(len(part), -1) for part in (found.train, found.test))
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=f"{found.digest}-{used.digest}",
            about=f"{found.about}, as codes of {self.codec} ({used.codes} codes, one for {STRIDE}×{STRIDE} pixels; SHA-256 {used.digest})",
            licence=found.licence,
            split=found.split,
        )
