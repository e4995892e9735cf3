"""The decoder-only transformer of Henighan et al. 2020 (section 2.1, appendix F): pre-norm, learned positions, no biases. Layers of another
architecture take the place of its own between the same embedding and head.

Functional: `shape` says which tensors there are, `logits` uses them. Norms have no gains, so that parameters are matrices only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from trainer.sweep.model.layers.attention import attended
from trainer.sweep.model.layers.convolution import convolved
from trainer.sweep.model.layers.products import norm, product
from trainer.sweep.model.layers.recurrence import recurrent
from trainer.sweep.shape import Shape, weights


def initial(shape: Shape, vocabulary: int, layout: tuple[int, ...], seed: int) -> dict[str, Tensor]:
    """Normal weights of each one's deviation; the head starts at 0, so that the first loss is ln V."""
    random = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(w.size, generator=random) * w.deviation
        for name, w in weights(shape, vocabulary, layout).items()
    }


def logits(shape: Shape, layout: tuple[int, ...], named: Mapping[str, Tensor], tokens: Tensor) -> Tensor:
    """What an ensemble's members expect at every place given the tokens before it: (members, n, length) to (members, n, length, vocabulary).

    Weights have the members first; members do not see one another.
    """
    members, n, length = tokens.shape
    x = started(named["embedding"], positions(layout, named), tokens)
    for layer in range(shape.layers):
        x = layered(x, shape, layout, parts_of(shape, named, layer), layer)
    return product(norm(x), named["head"]).view(members, n, length, -1)


def started(table: Tensor, places: Tensor, tokens: Tensor) -> Tensor:
    """What the first layer is given: (members, n·length, width)."""
    members, n, length = tokens.shape
    return (embedded(table, tokens) + places[:, None]).view(members, n * length, -1)


def parts_of(shape: Shape, named: Mapping[str, Tensor], layer: int) -> list[Tensor]:
    """A layer's weights, in the order of its architecture."""
    return [named[f"{layer}.{part}"] for part in shape.parts]


def layered(x: Tensor, shape: Shape, layout: tuple[int, ...], parts: list[Tensor], layer: int) -> Tensor:
    """One layer of the shape's architecture: (members, n·length, width) to the same."""
    length = math.prod(layout)
    if shape.kind == "lstm":
        return recurrent(x, parts, length)
    if shape.kind == "convolution":
        return convolved(x, parts, layout)
    return block(x, parts, (shape.heads, length), (shape.band, layer))


def block(x: Tensor, parts: list[Tensor], sizes: tuple[int, int], masked: tuple[int, int]) -> Tensor:
    """One of the transformer's layers, of (heads, length) and (band, layer): (members, n·length, width) to the same."""
    (qkv, out, up, down), (heads, length), (band, layer) = parts, sizes, masked
    members, rows, _ = x.shape
    q, k, v = product(norm(x), qkv).view(rows // length * members, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
    mixed = attended(q, k, v, band, layer)
    x = x + product(mixed.transpose(1, 2).reshape(members, rows, -1), out)
    return x + product(functional.gelu(product(norm(x), up)), down)


def embedded(table: Tensor, tokens: Tensor) -> Tensor:
    """Each place's vector of the token before it, the last row's at the beginning: (members, n, length, width)."""
    members, rows, width = table.shape
    before = functional.pad(tokens[:, :, :-1], (1, 0), value=rows - 1)
    first = torch.arange(0, members * rows, rows, device=tokens.device)
    return functional.embedding(before + first[:, None, None], table.reshape(members * rows, width))


def positions(layout: tuple[int, ...], named: Mapping[str, Tensor]) -> Tensor:
    """The sum of one learned vector an axis, (members, length, width)."""
    total = named["position.0"]
    for axis in range(1, len(layout)):
        total = (total[:, :, None] + named[f"position.{axis}"][:, None]).flatten(1, 2)
    return total
