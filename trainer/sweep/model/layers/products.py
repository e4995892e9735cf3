"""Norm and product, of which the layers of every architecture are made."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

EPSILON = 1e-6


def product(x: Tensor, weight: Tensor) -> Tensor:
    """Each member's rows times its own weight, in the weight's precision: (members, rows, in) and (members, out, in) to (members, rows, out)."""
    if x.is_cuda and len(x) == 1:  # cuBLAS knows better kernels for one product than for a batch of one
        return functional.linear(x[0].to(weight.dtype), weight[0])[None]
    return torch.bmm(x.to(weight.dtype), weight.transpose(1, 2))


def norm(x: Tensor) -> Tensor:
    """Root-mean-square norm: unlike a layer norm it takes no rank from the logits."""
    return functional.rms_norm(x, (x.shape[-1],), eps=EPSILON)
