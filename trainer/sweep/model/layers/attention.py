"""Attention as a layer of a shape has it: to all places before, or banded and strided, at the price of the places that are seen alone."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from trainer.sweep.shape import visible


def attended(q: Tensor, k: Tensor, v: Tensor, band: int, layer: int) -> Tensor:
    """What each place takes from those that `visible` shows it: all (samples, heads, length, head_width)."""
    if not band:
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    length = q.shape[2]
    blocks = [blocked(t, band) for t in (q, k, v)]
    found = strided(*blocks) if layer % 2 else banded(*blocks)
    return found.reshape(*q.shape[:2], -1, q.shape[3])[:, :, :length]


def blocked(t: Tensor, band: int) -> Tensor:
    """(samples·heads, blocks, band, head_width), the last block filled up: nothing sees what follows it."""
    filled = functional.pad(t, (0, 0, 0, -t.shape[2] % band))
    return filled.reshape(t.shape[0] * t.shape[1], -1, band, t.shape[3])


def strided(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The same place of every block so far."""
    across = (t.transpose(1, 2) for t in (q, k, v))
    return functional.scaled_dot_product_attention(*across, is_causal=True).transpose(1, 2)


def banded(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The last places, of this block and the one before."""
    seen = mask(q.shape[1], q.shape[2], q.device)
    return functional.scaled_dot_product_attention(q, with_last(k), with_last(v), attn_mask=seen)


def with_last(t: Tensor) -> Tensor:
    """Each block after the one before it; after zeros the first."""
    return torch.cat([functional.pad(t[:, :-1], (0, 0, 0, 0, 1, 0)), t], dim=2)


@torch.compiler.disable  # type: ignore[untyped-decorator] # traced, it would be made on the host anew in every step
@lru_cache(maxsize=8)
def mask(blocks: int, band: int, device: torch.device) -> Tensor:
    """Which of its two blocks' places each place sees, (1, blocks, band, 2·band)."""
    pair = torch.from_numpy(visible(2 * band, band, 0)[band:])
    seen = pair.expand(blocks, band, 2 * band).clone()
    seen[0, :, :band] = False
    return seen[None].to(device)
