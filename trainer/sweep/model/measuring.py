"""What a card does with a step: its losses beside a CPU's, and the part of its peak that each width uses. Needs torch and a card."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
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
SHAPE_SECONDS = 40.0
"""What a shape may take; with less left none is begun."""
FULL = {64: (2, 8, 64), 128: (4, 4, 64), 256: (4, 1, 256), 512: (8, 1, 256), 768: (12, 1, 128), 1024: (16, 1, 128)}
"""By width: layers, members, samples a step and member, of 256 tokens."""


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


def table(device: str, end: float, folder: Path) -> list[dict[str, Any]]:
    """A row a width, until the clock's `end`: whole steps on bytes that lie on the card, in bfloat16; `mfu.md` and `mfu.jsonl` as they come."""
    rows: list[dict[str, Any]] = []
    domain = Text(source="python-library", context=256).pinned()
    with (folder / "mfu.jsonl").open("w") as out:
        for width, (layers, members, batch) in FULL.items():
            if time.monotonic() + SHAPE_SECONDS > end:
                say(f"  width {width}: no time is left for it")
                continue
            shape = Shape(layers=layers, width=width, head_width=64)
            seeds = tuple(range(members))
            rows.append(
                step_row([of(domain, shape, (batch, seed, seeds), (10_000,), "bfloat16") for seed in seeds], device)
            )
            out.write(json.dumps(rows[-1]) + "\n")
            out.flush()
            say(f"  {rows[-1]}")
    (folder / "mfu.md").write_text(markdown(rows, device))
    return rows


def step_row(runs: list[RunConfig], device: str) -> dict[str, Any]:
    """Set-up, tokens a second and MFU of one ensemble's whole steps."""
    config = runs[0]
    made_ready(device)
    begun = time.monotonic()
    with Captured(Ensemble(runs, device)) as steps:
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


def markdown(rows: list[dict[str, Any]], device: str) -> str:
    """The table as documents have it."""
    head = "| width × layers | members | tokens a step | set-up, s | tokens/s | MFU | peak memory, GiB |\n|---|---|---|---|---|---|---|\n"
    lines = [
        f"| {r['width']} × {r['layers']} | {r['members']} | {r['tokens_per_step']:,d} | {r['setup_seconds']} | {r['tokens_per_second'] / 1e6:.2f} M "
        f"| {r['mfu'] or 0:.3f} | {r['peak_memory'] / 2**30:.1f} |"
        for r in rows
    ]
    return f"{device_name(device)}, torch {torch.__version__}\n\n{head}" + "\n".join(lines) + "\n"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
