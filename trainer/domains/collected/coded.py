"""What codes of pictures, of clips and of moving windows share: a frozen codec, and how many codes a side has."""

from __future__ import annotations

from trainer.domains.collected.base import Collected
from trainer.domains.material.codec import codec


class Coded(Collected, frozen=True, kw_only=True):
    """Squares of pixels×pixels as codes of the codec of that name; a token is a code."""

    pixels: int
    """The side of a square before it is coded."""
    codec: str = "vqvae-4"

    @property
    def vocabulary(self) -> int:
        return codec(self.codec).codes

    @property
    def side(self) -> int:
        """Codes along a side."""
        return self.pixels // codec(self.codec).stride

    @property
    def expensive(self) -> bool:
        return True
