"""The encoders of our VQ-VAEs, frozen: pixels to codes, each of a square seen with its surroundings.

In numpy, so that they need no torch.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainer.files import Refusal

CODECS = Path(__file__).parent / "encoders"
STEPS = {3: 1, 4: 2}
"""By the side of a kernel, the step at which it is applied: its outputs are as many as its inputs, or half of them each
way.
"""
BLOCK = 64
Weights = NDArray[np.float32]


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """Two convolutions, a linear map, and the nearest of `codebook`, (codes, dimensions)."""

    first: Weights
    first_bias: Weights
    second: Weights
    second_bias: Weights
    out: Weights
    codebook: Weights
    digest: str

    @property
    def codes(self) -> int:
        return len(self.codebook)

    @property
    def stride(self) -> int:
        """Pixels a code, each way."""
        kernels = ((self.first, 3), (self.second, len(self.first_bias)))
        return math.prod(STEPS[side(kernel, channels)] for kernel, channels in kernels)

    def encoded(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
        """(n, side, side, 3) to (n, side/stride, side/stride)."""
        blocks = [self._block(pixels[i : i + BLOCK]) for i in range(0, len(pixels), BLOCK)]
        return np.concatenate(blocks)

    def _block(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
        x: Weights = pixels.astype(np.float32) / np.float32(255) - np.float32(0.5)
        for kernel, bias in ((self.first, self.first_bias), (self.second, self.second_bias)):
            x = np.asarray(np.maximum(convolved(x, kernel) + bias, 0))
        x = np.asarray(x @ self.out)
        distance = (self.codebook**2).sum(axis=1) - 2 * (x @ self.codebook.T)
        codes: NDArray[np.uint16] = distance.argmin(axis=-1).astype(np.uint16)
        return codes


def side(kernel: Weights, channels: int) -> int:
    return math.isqrt(len(kernel) // channels)


def convolved(x: Weights, kernel: Weights) -> Weights:
    """(n, height, width, in) with a kernel (in·side·side, out), padded by 1."""
    padded, size = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), side(kernel, x.shape[-1])
    step = STEPS[size]
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[
        :, ::step, ::step
    ]  # (n, h/step, w/step, in, side, side)
    outputs: Weights = windows.reshape(*windows.shape[:3], -1) @ kernel
    return outputs


@cache
def codec(name: str) -> Codec:
    """The codec of that name, as it was frozen.

    Raises:
        Refusal: there is none.
    """
    path = CODECS / f"{name}.npz"
    if not path.is_file():
        raise Refusal(f"expected a codec among {', '.join(sorted(p.stem for p in CODECS.glob('*.npz')))}, got {name}")
    with np.load(path) as archive:
        arrays = {key: archive[key].astype(np.float32) for key in archive.files}
    digest = hashlib.sha256(b"".join(arrays[key].tobytes() for key in sorted(arrays))).hexdigest()[:16]
    return Codec(digest=digest, **arrays)
