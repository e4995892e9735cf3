"""The transformer's loss as a card computes it fast: a block compiled once for all layers, half-precision logits, no table of losses. Needs torch.

It is the arithmetic of `trainer.sweep.model.transformer`, cut into pieces that a compiler fuses: norms, GELU, cross-entropy and the
look-up's gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from trainer.sweep.model.layers.products import norm, product
from trainer.sweep.model.transformer import block, layered, parts_of, positions
from trainer.sweep.shape import Shape

MOST_ROWS = 2048
"""Of a table whose gradient is a product with ones and zeros; a larger one's is summed row by row."""


MOST_SHAPES = 128
"""That a piece is compiled for in one process."""


class Lookup(torch.autograd.Function):  # type: ignore[misc] # lint knows no torch
    """Rows of each member's table, (members, rows, width) and (members, places) to (members, places, width).

    The gradient is one product with a matrix of ones where a row was taken: no sort, and no thousand sums that wait for one place.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, table: Tensor, index: Tensor) -> Tensor:
        ctx.save_for_backward(index)
        members, rows, width = table.shape
        ctx.rows = rows
        first = torch.arange(0, members * rows, rows, device=index.device)
        return functional.embedding(index + first[:, None], table.reshape(members * rows, width))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (index,) = ctx.saved_tensors
        taken = index[:, None, :] == torch.arange(ctx.rows, device=index.device)[:, None]
        return torch.bmm(taken.to(gradient.dtype), gradient), None


def begun(table: Tensor, places: Tensor, tokens: Tensor, residual: torch.dtype) -> Tensor:
    """As `model.started`, (members, n·length, width) in the precision of the stream between layers."""
    members, n, length = tokens.shape
    rows, width = table.shape[1:]
    before = functional.pad(tokens[:, :, :-1], (1, 0), value=rows - 1).view(members, n * length)
    found = (
        Lookup.apply(table, before)
        if rows <= MOST_ROWS
        else functional.embedding(
            before + torch.arange(0, members * rows, rows, device=tokens.device)[:, None],
            table.reshape(members * rows, width),
        )
    )
    return (found.view(members, n, length, width) + places[:, None]).to(residual).view(members, n * length, width)


def ended(x: Tensor, head: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Σ weight · −ln p of each member's targets, (members,): logits stay in the head's precision, their exponentials are summed in float32."""
    found = product(norm(x), head).float()
    own = torch.where(targets[:, :, None] == torch.arange(found.shape[2], device=x.device), found, 0.0).sum(2)
    return ((found.logsumexp(2) - own) * weight).sum(1)


@cache
def compiled(piece: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The piece, compiled for each shape that it meets."""
    torch._dynamo.config.recompile_limit = MOST_SHAPES  # noqa: SLF001 - beyond 8 shapes a piece would silently run uncompiled
    made: Callable[..., Tensor] = torch.compile(piece, dynamic=False)
    return made


def summed_losses(
    shape: Shape,
    layout: tuple[int, ...],
    named: Mapping[str, Tensor],
    batch: tuple[Tensor, Tensor],
    way: tuple[bool, torch.dtype],
) -> Tensor:
    """Σ weight · loss of each member over tokens and weights, (members, n, length) each; `way`: compiled or not, the stream's precision."""
    (tokens, weight), (fast, residual) = batch, way
    first, each, last = (compiled(piece) if fast else piece for piece in (begun, block, ended))
    x = first(named["embedding"], positions(layout, named), tokens, residual)
    for layer in range(shape.layers):
        parts = parts_of(shape, named, layer)
        if shape.kind != "transformer":
            x = layered(x, shape, layout, parts, layer)
            continue
        # without a band all layers are one, and compiled once
        x = each(x, parts, (shape.heads, tokens.shape[2]), (shape.band, layer % 2 if shape.band else 0))
    return last(x, named["head"], tokens.flatten(1), weight.flatten(1))
