"""Which device runs are trained on. Needs torch only where a card is asked for, or its driver is there."""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import re

from fitted_laws.quantities.extras import loaded
from fitted_laws.quantities.hardware import ACCELERATORS
from trainer.files import Refusal
from trainer.sweep.records import Precision

CUDA, CPU = "cuda", "cpu"


def device_option(made: argparse.ArgumentParser) -> None:
    """Adds --device to a command."""
    made.add_argument(
        "--device",
        default="auto",
        metavar="auto|cpu|cuda",
        help="where runs train: auto takes a GPU where one is; cuda:1 the second",
    )


def on_card(device: str) -> bool:
    return device.startswith(CUDA)


def chosen(asked: str) -> str:
    """`cpu`, `cuda` or `cuda:1`.

    Raises:
        Refusal: it is none of these, or asks for a card that is not here.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", asked):
        raise Refusal(f"--device: expected auto, cpu, cuda or cuda:1, got {asked}")
    if asked == CPU or (asked == "auto" and not driver()):
        return CPU
    count = cards()
    if asked == "auto":
        return CUDA if count else CPU
    if int(asked.partition(":")[2] or 0) >= count:
        there = f"{count} of them, counted from 0" if count else "none, or a torch without CUDA"
        raise Refusal(f"--device {asked}: expected a CUDA GPU, found {there}: --device cpu trains without one")
    return asked


def are_here(asked: int, device: str) -> None:
    """Raises:
    Refusal: so many cards cannot share a run on this device.
    """
    if asked < 1:
        raise Refusal(f"--cards: expected 1 or more, got {asked}")
    if asked > 1 and on_card(device) and (device != CUDA or cards() < asked):
        raise Refusal(
            f"--cards {asked}: expected so many CUDA GPUs and --device cuda, got {cards()} of them and {device}: "
            "CUDA_VISIBLE_DEVICES chooses among those of a machine"
        )


def driver() -> bool:
    """Whether a CUDA driver is here: without one torch need not be asked, which takes seconds to load."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return importlib.util.find_spec("torch") is not None


def cards() -> int:
    """How many CUDA devices torch sees."""
    if importlib.util.find_spec("torch") is None:
        return 0
    torch = loaded("torch", "a GPU", "pip install torch")
    return int(torch.cuda.device_count())


def name_of(device: str) -> str:
    """A card's name as CUDA gives it; nothing of a CPU."""
    return str(loaded("torch", "a GPU", "pip install torch").cuda.get_device_name(device)) if on_card(device) else ""


def peak_flops(name: str) -> float | None:
    """The dense bf16 peak of the accelerator that a device's name names; None where it names none that is known."""
    named = [row for row in ACCELERATORS.values() if row.id in name]
    return max(named, key=lambda row: len(row.id)).bf16_flops if named else None


def usual_precision(device: str) -> Precision | None:
    """Half precision on a card, and nothing said on a CPU: its runs keep the identity that they always had."""
    return "bfloat16" if on_card(device) else None
