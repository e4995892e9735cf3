"""`gpu`: what a card makes of the trainer, for whoever has one: does it agree with the CPU, how much of it does a step
use, does a sweep end.
"""

import argparse
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from trainer.files import Refusal, folder_at, write_whole
from trainer.sweep.devices import chosen
from trainer.sweep.engines.limited import Limited, completed

PARTS = ("parity", "table", "sweep")
MEASURING = (sys.executable, "-P", "-m", "trainer.sweep.model.measuring")
CLOSING_SECONDS = 20.0
"""Kept back of the minutes given."""
PARITY_SECONDS, SHAPE_SECONDS, LEAST_SWEEP_SECONDS = 120.0, 60.0, 60.0
"""What parity and a shape may take at most, after which they are killed; with less left than a shape's, or a sweep's, none is begun."""
SHAPES = {64: (2, 8, 64), 128: (4, 4, 64), 256: (4, 1, 256), 512: (8, 1, 256), 768: (12, 1, 128), 1024: (16, 1, 128)}
"""By width: layers, members, samples a step and member, of 256 tokens."""
HEAD = """| width × layers | members | tokens a step | set-up, s | tokens/s | MFU | peak memory, GiB |
|---|---|---|---|---|---|---|
"""


def gpu_command(parser: argparse.ArgumentParser) -> None:
    """checks a card: parity with the CPU, the part of its peak that a step uses, a sweep"""
    parser.add_argument("--device", default="auto", help="auto, cuda or cuda:1")
    parser.add_argument("--minutes", type=float, default=8.0, help="it ends by itself within so many")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of parity, table and sweep, by commas")
    parser.add_argument("--sweep", default="markov-gpu", help="the sweep that is run in the time that is left")
    parser.add_argument("-o", "--output", type=Path, default=Path("sweeps/gpu"), help="the folder of results")
    parser.set_defaults(run=run_gpu)


def run_gpu(options: argparse.Namespace) -> None:
    """One part after another; one that fails, or is too slow, says so and leaves the others their turn.

    Raises:
        Refusal: a part is not known or failed, or no card is there.
    """
    parts = options.parts.split(",")
    if unknown := sorted(set(parts) - set(PARTS)):
        raise Refusal(f"expected parts among {', '.join(PARTS)}, got {', '.join(unknown)}")
    device = chosen(options.device)
    if device == "cpu":
        raise Refusal("expected a card: no CUDA device is here, or the torch that is installed is one without CUDA")
    folder_at(options.output)
    failed = [part for part, result in checked(options, parts, device).items() if "failed" in result]
    if failed:
        raise Refusal(f"{', '.join(failed)} failed: what was said stands above and in {options.output}")


def checked(options: argparse.Namespace, parts: list[str], device: str) -> dict[str, dict[str, Any]]:
    """What each part came to, on the screen and in the folder as well, within the minutes given."""
    end = time.monotonic() + 60 * options.minutes - CLOSING_SECONDS
    results: dict[str, dict[str, Any]] = {}
    with closing(Limited(MEASURING)) as measuring:
        for part in parts:
            begun = time.monotonic()
            try:
                if part == "parity":
                    results[part] = measuring.ask(["parity", device], min(PARITY_SECONDS, end - begun))
                elif part == "table":
                    until = min(end, begun + 30 * options.minutes) if "sweep" in parts else end
                    results[part] = table(measuring, device, until, options.output)
                else:
                    measuring.close()  # and so leaves the card to it
                    results[part] = swept(options, device, end - begun)
            except Refusal as reason:
                results[part] = {"failed": str(reason)}
            write_whole((json.dumps(results[part], indent=1) + "\n").encode(), options.output / f"{part}.json")
            said = results[part].get("failed", options.output / f"{part}.json")
            print(f"{part}: {time.monotonic() - begun:.0f} s; {said}", flush=True)
    return results


def table(measuring: Limited, device: str, end: float, folder: Path) -> dict[str, Any]:
    """A row a width, until the clock's `end`; `mfu.jsonl` as they come, and `mfu.md`. A width that fails has its reason as its row."""
    rows: list[dict[str, Any]] = []
    with (folder / "mfu.jsonl").open("w") as out:
        for width, (layers, members, batch) in SHAPES.items():
            if time.monotonic() + SHAPE_SECONDS > end:
                print(f"  width {width}: no time is left for it", flush=True)
                continue
            try:
                row = measuring.ask(["shape", device, width, layers, members, batch], SHAPE_SECONDS)
            except Refusal as reason:
                row = {"width": width, "layers": layers, "members": members, "failed": str(reason)}
            rows.append(row)
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(f"  {row}", flush=True)
    write_whole(markdown(rows).encode(), folder / "mfu.md")
    failed = ", ".join(f"width {row['width']}: {row['failed']}" for row in rows if "failed" in row)
    return {"rows": rows, "failed": failed} if failed else {"rows": rows}


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table as documents have it."""
    where = {f"{row['device']}, torch {row['torch']}" for row in rows if "failed" not in row}
    lines = [
        f"| {r['width']} × {r['layers']} | {r['members']} | {r['failed']} | – | – | – | – |"
        if "failed" in r
        else f"| {r['width']} × {r['layers']} | {r['members']} | {r['tokens_per_step']:,d} | {r['setup_seconds']} "
        f"| {r['tokens_per_second'] / 1e6:.2f} M | {r['mfu'] or 0:.3f} | {r['peak_memory'] / 2**30:.1f} |"
        for r in rows
    ]
    return "\n\n".join([*sorted(where), HEAD + "\n".join(lines)]) + "\n"


def swept(options: argparse.Namespace, device: str, seconds: float) -> dict[str, Any]:
    """The sweep in a process of its own.

    Raises:
        Refusal: too little time is left, or it failed.
    """
    if seconds < LEAST_SWEEP_SECONDS:
        raise Refusal(
            f"{seconds:.0f} s are left for the sweep, which takes {LEAST_SWEEP_SECONDS:.0f} or more: give more minutes, or --parts sweep"
        )
    asked = ["sweep", options.sweep, "--device", device, "--budget", f"{seconds:.0f}s"]
    begun = time.monotonic()
    code = completed([sys.executable, "-P", "-m", "trainer", *asked, "-o", str(options.output / "sweep")], seconds)
    if code is None:
        raise Refusal(f"killed: the sweep had not ended after {seconds:.0f} s; the same command goes on with it")
    if code:
        raise Refusal(f"the sweep ended with code {code}")
    return {"sweep": options.sweep, "seconds": round(time.monotonic() - begun, 1)}
