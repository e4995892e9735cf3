"""A layer of a causal convolution over an image, in the manner of PixelCNN (van den Oord et al. 2016): a residual block of 1×1, masked 3×3, 1×1."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from trainer.sweep.model.layers.products import norm, product


def convolved(x: Tensor, parts: list[Tensor], layout: tuple[int, ...]) -> Tensor:
    """(members, n·length, width) to the same.

    Place t knows the tokens up to t − 1: in its own row a place takes in itself and those before; of the row above the places that know
    the three pixels' own colour, each one later, which for the last of a row is the next row's first.
    """
    down, mixing, up = parts
    rows, columns, step = layout[0], layout[1] * colours(layout), colours(layout)
    narrow = functional.gelu(product(norm(x), down))
    members, _, hidden = narrow.shape
    places = narrow.view(members, -1, rows * columns, hidden)
    known = functional.pad(places[:, :, 1:], (0, 0, 0, 1))  # at t what knows t itself
    own, above = (each.view(members, -1, rows, columns, hidden) for each in (places, known))
    seen = [shifted(own, 0, -back) for back in range(step + 1)] + [shifted(above, 1, step * at) for at in (-1, 0, 1)]
    mixed = functional.gelu(product(torch.cat(seen, dim=-1).view(members, -1, len(seen) * hidden), mixing))
    return x + product(mixed, up)


def colours(layout: tuple[int, ...]) -> int:
    """Tokens of a pixel."""
    return layout[2] if len(layout) > 2 else 1


def shifted(grid: Tensor, above: int, right: int) -> Tensor:
    """Of (members, n, rows, columns, hidden) what stands so far above and to the right of each place; 0 beyond the image."""
    rows, columns = grid.shape[2:4]
    filled = functional.pad(grid, (0, 0, max(0, -right), max(0, right), above, 0))
    at = max(0, right)
    return filled[:, :, :rows, at : at + columns]
