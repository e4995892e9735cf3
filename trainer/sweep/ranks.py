"""The processes of torchrun that train one run together, a share of each batch each. One process alone is the whole. Needs torch.

Models are not sharded: each process holds all weights, moments and averages.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch
from torch import Tensor, distributed

from trainer.files import Refusal
from trainer.sweep.devices import CUDA, on_card


def join() -> None:
    """Where torchrun started this process: meets the others, over NCCL on cards and Gloo elsewhere."""
    if distributed.is_torchelastic_launched():
        distributed.init_process_group()


def leave() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()


def count() -> int:
    return int(distributed.get_world_size()) if distributed.is_initialized() else 1


def first() -> bool:
    """Whether this process reads, records and says what all of them do."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


def own(device: str) -> str:
    """The card of this process where several share a run on `cuda`; else the device itself."""
    return f"{CUDA}:{os.environ['LOCAL_RANK']}" if on_card(device) and count() > 1 else device


def share(batch: Tensor) -> Tensor:
    """This process's samples of (members, batch, …).

    Raises:
        Refusal: there are fewer samples than processes.
    """
    if batch.shape[1] < count():
        raise Refusal(f"expected a sample or more a card, got batch {batch.shape[1]} for {count()}: take fewer --cards")
    return batch.tensor_split(count(), 1)[distributed.get_rank()] if count() > 1 else batch


def add_up(parts: Sequence[Tensor]) -> None:
    """Each tensor becomes its sum over the processes: all of them in one all_reduce."""
    if count() > 1:
        flat = torch.cat([part.flatten() for part in parts])
        distributed.all_reduce(flat)
        for part, total in zip(parts, flat.split([part.numel() for part in parts]), strict=True):
            part.copy_(total.view_as(part))


def agreed(value: float, device: torch.device) -> float:
    """The first process's value: clocks differ, and all must take as many steps."""
    if count() == 1:
        return value
    said = torch.tensor(value, dtype=torch.float64, device=device)
    distributed.broadcast(said, 0)
    return float(said)


def passed_on(line: str) -> str:
    """What the first process read."""
    lines = [line]
    if count() > 1:
        distributed.broadcast_object_list(lines, 0)
    return lines[0]
