"""`pictures`: RGB values in raster order, of tiles of pictures by the mean of squares.

A token is one value of one colour.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.files import UnreadableData
from trainer.domains.material.tiles import digest_of_tiles, reduced, tiles

TILE = 64


class Pictures(Collected, frozen=True, tag="pictures", kw_only=True):
    """Tiles of 64×64 pixels become `side`×`side`: the same views at every resolution.

    Colours of a pixel follow each other. `unique` limits training to so many tiles, evenly spaced over all that may be
    trained on; what is held out stays. Unset it is no part of a run's identity.
    """

    side: int = 8
    unique: int | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        require(
            self.side >= 2 and TILE % self.side == 0, f"pictures: expected a side that divides {TILE}, got {self.side}"
        )
        require(
            self.unique is msgspec.UNSET or self.unique >= 2,
            f"pictures: expected two or more unique tiles, got {self.unique}",
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
        if self.unique is not msgspec.UNSET:
            train = limited(train, self.unique)
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=pictures.digest,
            about=f"{pictures.about}, each the mean of squares at {self.side}×{self.side}",
            licence=pictures.licence,
            split=pictures.split,
        )


def limited(rows: NDArray[np.uint8], unique: int) -> NDArray[np.uint8]:
    """So many of the rows, from the first to the last.

    Raises:
        UnreadableData: there are fewer.
    """
    if unique > len(rows):
        raise UnreadableData(
            f"expected at least {unique} tiles to train on, got {len(rows)}: lower `unique`, or take more pictures"
        )
    return rows[np.linspace(0, len(rows) - 1, unique).astype(np.int64)]
