"""Which machine a run was on, how fast it was there and how much of the card it used. Needs torch."""

from __future__ import annotations

import platform

import msgspec
import numpy as np
import torch

from trainer.sweep import ranks
from trainer.sweep.devices import on_card, peak_flops
from trainer.sweep.records import Machine


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What runs have done together: tokens and exact FLOP in `seconds`, after `setup` of them."""

    tokens: int
    flops: float
    seconds: float
    setup: float = 0.0


def this_machine(work: Work, device: str, notes: list[str] | None = None) -> Machine:
    """After this work; a card says also how much of it was used."""
    plain = Machine(
        seconds=round(work.seconds, 3),
        tokens_per_second=round(work.tokens / max(work.seconds, 1e-9), 1),
        device=device_name(device),
        host=platform.node(),
        versions={"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__},
    )
    if not on_card(device):
        return plain if not notes else msgspec.structs.replace(plain, notes=notes)
    used = mfu(work, device)
    return msgspec.structs.replace(
        plain,
        mfu=msgspec.UNSET if used is None else round(used, 5),
        peak_memory=torch.cuda.max_memory_allocated(device),
        setup_seconds=round(work.setup, 3),
        notes=notes or msgspec.UNSET,
    )


def device_name(device: str) -> str:
    """The card's name as CUDA gives it, else the processor's kind."""
    return torch.cuda.get_device_name(device) if on_card(device) else platform.machine()


def mfu(work: Work, device: str) -> float | None:
    """The part of the peak of all cards that share it that the exact FLOP are; None on a CPU, before any work, or where the peak is not known."""
    peak = peak_flops(device_name(device)) if on_card(device) else None
    return work.flops / work.seconds / peak / ranks.count() if peak and work.seconds > 0 else None


def made_ready(device: str) -> None:
    """The card is the current one, float32 is float32 on it, and its memory is counted anew from here."""
    if on_card(device):
        torch.set_float32_matmul_precision("highest")  # no TF32, whatever the environment says
        if ":" in device:
            torch.cuda.set_device(device)
        torch.cuda.empty_cache()  # what runs before these left
        torch.cuda.reset_peak_memory_stats(device)
