"""`gpu`: what a card makes of the trainer, for whoever has one: does it agree with the CPU, how much of it does a step use, does a sweep end."""

import argparse
import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainer.extras import loaded
from trainer.files import Refusal, folder_at, write_whole
from trainer.sweep.devices import chosen

PARTS = ("parity", "table", "sweep")
CLOSING_SECONDS = 20.0
"""Kept back of the minutes given."""
LEAST_SWEEP_SECONDS = 60.0


def gpu_command(parser: argparse.ArgumentParser) -> None:
    """checks a card: parity with the CPU, the part of its peak that a step uses, a sweep"""
    parser.add_argument("--device", default="auto", help="auto, cuda or cuda:1")
    parser.add_argument("--minutes", type=float, default=8.0, help="it ends by itself within so many")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of parity, table and sweep, by commas")
    parser.add_argument("--sweep", default="markov-gpu", help="the sweep that is run in the time that is left")
    parser.add_argument("-o", "--output", type=Path, default=Path("sweeps/gpu"), help="the folder of results")
    parser.set_defaults(run=run_gpu)


def run_gpu(options: argparse.Namespace) -> None:
    """One part after another; one that fails says why and leaves the others their turn.

    Raises:
        Refusal: a part is not known or failed, or no card is there.
    """
    parts = options.parts.split(",")
    if unknown := sorted(set(parts) - set(PARTS)):
        raise Refusal(f"expected parts among {', '.join(PARTS)}, got {', '.join(unknown)}")
    device = chosen(options.device)
    if device == "cpu":
        raise Refusal("expected a card: no CUDA device is here, or the torch that is installed is one without CUDA")
    end = time.monotonic() + 60 * options.minutes - CLOSING_SECONDS
    folder_at(options.output)
    measuring = loaded("trainer.sweep.model.measuring", "gpu", "pip install torch")
    work: dict[str, Callable[[], Any]] = {
        "parity": lambda: measuring.parity(device),
        "table": lambda: measuring.table(
            device, end if "sweep" not in parts else min(end, time.monotonic() + 30 * options.minutes), options.output
        ),
        "sweep": lambda: swept(options, device, end - time.monotonic()),
    }
    failed = [part for part in parts if not tried(part, work[part], options.output)]
    if failed:
        raise Refusal(f"{', '.join(failed)} failed: what was said stands above and in {options.output}")


def tried(part: str, work: Callable[[], Any], folder: Path) -> bool:
    """Whether a part succeeds; its result goes into the folder and onto the screen."""
    begun = time.monotonic()
    try:
        result = work()
    except Exception:  # noqa: BLE001 - the other parts have their turn
        traceback.print_exc()
        return False
    write_whole((json.dumps(result, indent=1) + "\n").encode(), folder / f"{part}.json")
    print(f"{part}: {time.monotonic() - begun:.0f} s; {folder / part}.json", flush=True)
    return True


def swept(options: argparse.Namespace, device: str, seconds: float) -> dict[str, Any]:
    """The sweep in a process of its own.

    Raises:
        Refusal: too little time is left, or it failed.
    """
    if seconds < LEAST_SWEEP_SECONDS:
        raise Refusal(
            f"{seconds:.0f} s are left for the sweep, which takes {LEAST_SWEEP_SECONDS:.0f} or more: give more minutes, or --parts sweep"
        )
    command = [
        sys.executable,
        "-m",
        "trainer",
        "sweep",
        options.sweep,
        "--device",
        device,
        "--budget",
        f"{seconds:.0f}s",
        "-o",
        str(options.output / "sweep"),
    ]
    begun = time.monotonic()
    try:
        done = subprocess.run(command, check=False, timeout=seconds)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        raise Refusal(f"the sweep had not ended after {seconds:.0f} s: the same command goes on with it") from None
    if done.returncode:
        raise Refusal(f"the sweep ended with code {done.returncode}")
    return {"sweep": options.sweep, "seconds": round(time.monotonic() - begun, 1)}
