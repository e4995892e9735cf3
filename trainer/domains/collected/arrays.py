"""`arrays`: tokens of a user's own making, in .npy files of integers, a row a sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import require
from trainer.domains.collected.base import Collected, Material
from trainer.domains.material.files import TESTED, UnreadableData, digest_of, files_of, held_out
from trainer.files import content_of

LARGEST = 65_536


class Arrays(Collected, frozen=True, tag="arrays", kw_only=True):
    """Every file is (samples, …) with what follows in `shape`: (length,), (height, width) or (frames, height, width) in
    raster order.
    """

    symbols: int
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        require(2 <= self.symbols <= LARGEST, f"arrays: expected 2 to {LARGEST} symbols, got {self.symbols}")
        require(
            1 <= len(self.shape) <= 3 and min(self.shape) >= 1,
            f"arrays: expected a shape of one to three sizes, got {self.shape}",
        )

    @property
    def vocabulary(self) -> int:
        return self.symbols

    @property
    def layout(self) -> tuple[int, ...]:
        return self.shape

    def collect(self) -> Material:
        files = files_of(self.source, (".npy",))
        rows = [self._rows(path) for path in files.paths]
        names = [files.name(path) for path in files.paths]
        whole = held_out([len(r) for r in rows], names)
        if whole is None:
            cuts = [len(r) - round(TESTED * len(r)) for r in rows]
            parts = [(r[:cut], r[cut:]) for r, cut in zip(rows, cuts, strict=True)]
        else:
            parts = [(r[:0], r) if i in whole else (r, r[:0]) for i, r in enumerate(rows)]
        train, test = (np.concatenate(side) for side in zip(*parts, strict=True))
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=digest_of((name, content_of(path)) for name, path in zip(names, files.paths, strict=True)),
            about=f"{files.about}, token arrays",
            licence=files.licence,
            split="held out: the last tenth of each file"
            if whole is None
            else f"held out: {len(whole)} of {len(names)} files",
        )

    def _rows(self, path: Path) -> NDArray[np.int64]:
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise UnreadableData(f"{path}: expected an array as numpy.save writes it, got {error}") from None
        if array.dtype.kind not in "iu" or array.shape[1:] != self.shape:
            raise UnreadableData(
                f"{path}: expected integers of shape (samples, {', '.join(map(str, self.shape))}), got {array.dtype} {array.shape}"
            )
        if array.size and not 0 <= array.min() <= array.max() < self.symbols:
            raise UnreadableData(
                f"{path}: expected tokens from 0 to {self.symbols - 1}, got {array.min()} to {array.max()}"
            )
        rows: NDArray[np.int64] = array.reshape(len(array), -1).astype(np.int64)
        return rows
