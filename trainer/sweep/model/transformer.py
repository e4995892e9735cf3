"""The decoder-only transformer of Henighan et al. 2020 (section 2.1, appendix F): pre-norm, learned positions, no biases.

Functional: `shape` says which tensors there are, `logits` uses them. Norms have no gains, so that parameters are matrices only.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from trainer.sweep.model.attention import attended
from trainer.sweep.shape import Shape, weights

EPSILON = 1e-6


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
    x = embedded(named["embedding"], tokens) + positions(layout, named)[:, None]
    x = x.view(members, n * length, shape.width)
    for layer in range(shape.layers):
        qkv = product(norm(x), named[f"{layer}.qkv"]).view(members * n, length, 3, shape.heads, shape.head_width)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = attended(q, k, v, shape.band, layer)
        x = x + product(mixed.transpose(1, 2).reshape(members, n * length, shape.attended), named[f"{layer}.out"])
        x = x + product(functional.gelu(product(norm(x), named[f"{layer}.up"])), named[f"{layer}.down"])
    return product(norm(x), named["head"]).view(members, n, length, -1)


def product(x: Tensor, weight: Tensor) -> Tensor:
    """Each member's rows times its own weight: (members, rows, in) and (members, out, in) to (members, rows, out)."""
    return torch.bmm(x, weight.transpose(1, 2))


def embedded(table: Tensor, tokens: Tensor) -> Tensor:
    """Each place's vector of the token before it, the last row's at the beginning: (members, n, length, width)."""
    members, rows, width = table.shape
    before = functional.pad(tokens[:, :, :-1], (1, 0), value=rows - 1)
    first = torch.arange(0, members * rows, rows, device=tokens.device)
    return functional.embedding(before + first[:, None, None], table.reshape(members * rows, width))


def norm(x: Tensor) -> Tensor:
    """Root-mean-square norm: unlike a layer norm it takes no rank from the logits."""
    return functional.rms_norm(x, (x.shape[-1],), eps=EPSILON)


def positions(layout: tuple[int, ...], named: Mapping[str, Tensor]) -> Tensor:
    """The sum of one learned vector an axis, (members, length, width)."""
    total = named["position.0"]
    for axis in range(1, len(layout)):
        total = (total[:, :, None] + named[f"position.{axis}"][:, None]).flatten(1, 2)
    return total
