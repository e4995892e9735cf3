"""`pictures`: RGB values in raster order, of tiles of pictures by the mean of squares.

A token is one value of one colour.
"""

from __future__ import annotations

from trainer.domains.base import require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.tiles import digest_of_tiles, reduced, tiles

TILE = 64


class Pictures(Collected, frozen=True, tag="pictures", kw_only=True):
    """Tiles of 64×64 pixels become `side`×`side`: the same views at every resolution.

    Colours of a pixel follow each other.
    """

    side: int = 8

    def __post_init__(self) -> None:
        require(
            self.side >= 2 and TILE % self.side == 0, f"pictures: expected a side that divides {TILE}, got {self.side}"
        )

    @property
    def vocabulary(self) -> int:
        return 256

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.side, self.side, 3)

    @property
    def expensive(self) -> bool:
        return True

    def digest_of_files(self) -> str:
        return digest_of_tiles(self.source)

    def collect(self) -> Material:
        pictures = tiles(self.source, TILE)
        train, test = (reduced(part, self.side).reshape(len(part), -1) for part in (pictures.train, pictures.test))
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=pictures.digest,
            about=f"{pictures.about}, each the mean of squares at {self.side}×{self.side}",
            licence=pictures.licence,
            split=pictures.split,
        )
