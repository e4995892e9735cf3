"""`codes`: tiles of pictures as codes of a frozen VQ-VAE of ours, each for a square of pixels; a token is a code."""

from __future__ import annotations

from trainer.domains.base import require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.codec import codec
from trainer.domains.material.tiles import tiles

TILE = 64
SIDES = (4, 8, 16, 32, TILE)


class Codes(Collected, frozen=True, tag="codes", kw_only=True):
    """Tiles of `pixels`×`pixels` become (pixels/stride)² codes, in raster order. The codec's own digest goes into that of the data."""

    pixels: int = TILE
    codec: str = "vqvae-4"

    def __post_init__(self) -> None:
        least = 2 * codec(self.codec).stride
        allowed = [pixels for pixels in SIDES if pixels >= least]
        require(
            self.pixels in allowed, f"codes: expected pixels among {', '.join(map(str, allowed))}, got {self.pixels}"
        )

    @property
    def vocabulary(self) -> int:
        return codec(self.codec).codes

    @property
    def layout(self) -> tuple[int, ...]:
        side = self.pixels // codec(self.codec).stride
        return (side, side)

    @property
    def dear(self) -> bool:
        return True

    def collect(self) -> Material:
        found, used = tiles(self.source, self.pixels), codec(self.codec)
        train, test = (used.encoded(part).reshape(len(part), -1) for part in (found.train, found.test))
        square = f"{used.stride}×{used.stride}"
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=f"{found.digest}-{used.digest}",
            about=f"{found.about}, as codes of {self.codec} ({used.codes} codes, one for {square} pixels; SHA-256 {used.digest})",
            licence=found.licence,
            split=found.split,
        )
