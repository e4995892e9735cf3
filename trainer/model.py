"""The decoder-only transformer of Henighan et al. 2020 (section 2.1, appendix F): pre-norm, learned positions, no biases.

Functional: `shape` says which tensors there are, `logits` uses them. Norms have no gains, so that parameters are matrices only.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from trainer.shape import Shape, weights

EPSILON = 1e-6


def initial(shape: Shape, vocabulary: int, layout: tuple[int, ...], seed: int) -> dict[str, Tensor]:
    """Normal weights of each one's deviation; the head starts at 0, so that the first loss is ln V."""
    random = torch.Generator().manual_seed(seed)
    return {name: torch.randn(w.size, generator=random) * w.deviation for name, w in weights(shape, vocabulary, layout).items()}


def logits(shape: Shape, layout: tuple[int, ...], named: Mapping[str, Tensor], tokens: Tensor, masks: list[Tensor]) -> Tensor:
    """What the model expects at every place given the tokens before it: (n, length) to (n, length, vocabulary).

    `masks` are `visible` of each layer where there is a band, else none.
    """
    n, length = tokens.shape
    begin = named["embedding"].shape[0] - 1
    before = functional.pad(tokens[:, :-1], (1, 0), value=begin)
    x = functional.embedding(before, named["embedding"]) + positions(layout, named)
    for layer in range(shape.layers):
        mask = masks[layer] if masks else None
        q, k, v = functional.linear(norm(x), named[f"{layer}.qkv"]).view(n, length, 3, shape.heads, shape.head_width).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + functional.linear(mixed.transpose(1, 2).reshape(n, length, shape.attended), named[f"{layer}.out"])
        x = x + functional.linear(functional.gelu(functional.linear(norm(x), named[f"{layer}.up"])), named[f"{layer}.down"])
    return functional.linear(norm(x), named["head"])


def norm(x: Tensor) -> Tensor:
    """Root-mean-square norm: unlike a layer norm it takes no rank from the logits."""
    return functional.rms_norm(x, (x.shape[-1],), eps=EPSILON)


def positions(layout: tuple[int, ...], named: Mapping[str, Tensor]) -> Tensor:
    """The sum of one learned vector an axis, (length, width)."""
    total = named["position.0"]
    for axis in range(1, len(layout)):
        total = (total[:, None] + named[f"position.{axis}"]).flatten(0, 1)
    return total
