"""What a card does with a step: its losses beside a CPU's, and the part of its peak that each width uses. Needs torch and a card.

As a process it answers such questions, a JSON line each: a card that hangs then hangs this process alone.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import Any

import msgspec
import torch

from trainer.domains.collected.text import Text
from trainer.domains.generated.markov import Markov
from trainer.domains.registry import AnyDomain
from trainer.sweep.model.captured import Captured
from trainer.sweep.model.ensemble import Ensemble
from trainer.sweep.model.machine import Work, device_name, made_ready, mfu
from trainer.sweep.model.training import Limits, train
from trainer.sweep.records import CHUNK, Precision, RunConfig
from trainer.sweep.shape import Shape

AGREED = 1e-4
"""Nats: losses of a CPU and of a card are no further apart after PARITY_STEPS steps in float32."""
PARITY_STEPS = 200
WARM_SECONDS, TIMED_SECONDS = 0.3, 1.5


def parity(device: str) -> dict[str, Any]:
    """The last losses of two runs on the CPU and on the card, float32 and bfloat16.

    Raises:
        ValueError: those of float32 differ by more than AGREED.
    """
    torch.set_num_threads(1)  # as a sweep's processes have it: more only wait for one another at this size
    domain, reads = Markov(symbols=64, context=64), (PARITY_STEPS // 2, PARITY_STEPS)
    found = {}
    ways: list[tuple[str, str, Precision | None]] = [
        ("cpu", "cpu", None),
        ("card", device, "float32"),
        ("bfloat16", device, "bfloat16"),
    ]
    for name, where, precision in ways:
        runs = [of(domain, Shape(layers=2, width=32), (16, seed, (0, 1)), reads, precision) for seed in (0, 1)]
        found[name] = [lines[-1].loss for lines in train(runs, Limits(device=where))]
        say(f"  {name:<9s} {found[name]}")
    apart = max(abs((a or 0.0) - (b or 9.0)) for a, b in zip(found["cpu"], found["card"], strict=True))
    if apart > AGREED:
        raise ValueError(f"losses of the CPU and of the card differ by {apart:.2g}, more than {AGREED}: {found}")
    return {**found, "apart": apart, "entropy": domain.entropy.value, "device": device_name(device)}


def of(
    domain: AnyDomain,
    shape: Shape,
    who: tuple[int, int, tuple[int, ...]],
    reads: tuple[int, ...],
    precision: Precision | None,
) -> RunConfig:
    """A run of batch, seed and seeds."""
    batch, seed, together = who
    run = RunConfig(
        domain=domain, shape=shape, batch=batch, seed=seed, together=together, reads=reads, test_samples=128
    )
    return msgspec.structs.replace(run, precision=precision) if precision else run


def shape(device: str, width: int, layers: int, members: int, batch: int) -> dict[str, Any]:
    """Whole steps on bytes that lie on the card, in bfloat16: members of so many samples a step."""
    made, seeds = Shape(layers=layers, width=width, head_width=64), tuple(range(members))
    runs = [of(bytes_of_code(), made, (batch, seed, seeds), (10_000,), "bfloat16") for seed in seeds]
    return step_row(runs, device)


@cache
def bytes_of_code() -> Text:
    return Text(source="python-library", context=256).pinned()


def step_row(runs: list[RunConfig], device: str) -> dict[str, Any]:
    """Set-up, tokens a second and MFU of one ensemble's whole steps."""
    config = runs[0]
    made_ready(device)
    begun = time.monotonic()
    with closing(Captured(Ensemble(runs, device))) as steps:
        torch.cuda.synchronize(device)
        setup = time.monotonic() - begun
        first, _ = timed(steps, 0, WARM_SECONDS)
        taken, seconds = timed(steps, first, TIMED_SECONDS)
        tokens = taken * config.tokens_per_step * len(runs)
        notes, per_step = steps.notes, config.tokens_per_step * len(runs)
    used = mfu(Work(tokens=tokens, flops=tokens * config.exact_flops_per_token, seconds=seconds), device)
    memory = torch.cuda.max_memory_allocated(device)
    torch.cuda.empty_cache()
    return {
        "width": config.shape.width,
        "layers": config.shape.layers,
        "members": len(runs),
        "tokens_per_step": per_step,
        "setup_seconds": round(setup, 1),
        "tokens_per_second": round(tokens / seconds),
        "step_ms": round(1e3 * seconds / taken, 2),
        "mfu": used and round(used, 4),
        "peak_memory": memory,
        "device": device_name(device),
        "torch": str(torch.__version__),
        "notes": notes,
    }


def timed(steps: Captured, first: int, seconds: float) -> tuple[int, float]:
    """How many steps from the first were taken, for so long at least, and how long they took."""
    begun, step = time.monotonic(), first
    while time.monotonic() - begun < seconds:
        for _ in range(CHUNK // 2):
            steps.advance(step)
            step += 1
        steps.taken()
    return step - first, time.monotonic() - begun


def say(line: str) -> None:
    """To whoever watches: what is written to standard output is an answer."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


QUESTIONS: dict[str, Callable[..., dict[str, Any]]] = {"parity": parity, "shape": shape}


def main() -> None:
    """Ends when its questions do."""
    out = os.fdopen(os.dup(1), "wb", 0)  # for answers alone: what a compiler prints goes elsewhere
    os.dup2(2, 1)
    for line in sys.stdin:
        name, *given = msgspec.json.decode(line)
        try:
            answer: dict[str, Any] = {"found": QUESTIONS[name](*given)}
        except Exception as error:  # noqa: BLE001 - it is told, whatever it is
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
        out.write(msgspec.json.encode(answer) + b"\n")


if __name__ == "__main__":
    main()
