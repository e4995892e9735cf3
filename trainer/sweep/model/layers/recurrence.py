"""A layer of an LSTM (Hochreiter & Schmidhuber 1997), added to its input as a transformer's layers are."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.sweep.model.layers.products import norm

REMEMBERING = 1.0
"""What the forget gate has beside its weights (Jozefowicz et al. 2015); as in the other architectures, no bias is learned."""


def recurrent(x: Tensor, parts: list[Tensor], length: int) -> Tensor:
    """(members, n·length, width) to the same: the state is 0 at the beginning of every sample.

    `parts` are the weights of input and state, (members, 4·width, width) each, for the gates of input, forgetting, content and output.
    """
    (inputs, states), (members, rows, width) = parts, x.shape
    seen = norm(x).to(inputs.dtype).view(members, rows // length, length, width)
    start = seen.new_zeros(1, rows // length, width)
    offset, none = seen.new_zeros(4 * width), seen.new_zeros(4 * width)
    offset[width : 2 * width] = REMEMBERING
    found = [
        torch.lstm(own, (start, start), (taken, kept, offset, none), True, 1, 0.0, True, False, True)[0]  # noqa: FBT003 - torch has no names for them
        for own, taken, kept in zip(seen, inputs, states, strict=True)
    ]
    return x + torch.stack(found).view(members, rows, width)
