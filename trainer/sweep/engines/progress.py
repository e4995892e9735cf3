"""The table of a sweep's progress: alive on a terminal, one line a run that ends elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TextIO

from fitted_laws.quantities.display import number_of
from trainer.sweep.engines.engine import Heard
from trainer.sweep.records import RunConfig

REDRAWN_SECONDS = 1.0


class Table:
    """Size, tokens, loss, gap to the oracle, what is used of a card, and when all will be done."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self.alive = out.isatty()
        self.rows: dict[str, RunConfig] = {}
        self.heard: dict[str, Heard] = {}
        self.drawn, self.at, self.begun, self.expected, self.ended, self.before = 0, 0.0, 0.0, 0.0, 0, 0

    def begin(self, runs: Sequence[RunConfig], seconds: float, recorded: int) -> None:
        """`seconds` is what the runs not yet recorded are thought to take."""
        self.rows = {config.id: config for config in runs}
        self.begun, self.expected, self.before = self.clock(), seconds, recorded
        if recorded:
            self.out.write(f"{recorded} of {number_of(len(runs), 'run')} recorded already\n")

    def hear(self, heard: Heard) -> None:
        self.heard[heard.run] = heard
        self.ended += heard.ended
        if self.alive and (heard.ended or self.clock() - self.at > REDRAWN_SECONDS):
            self.draw()
        elif heard.ended and not self.alive:
            self.out.write(f"{self.before + self.ended}/{len(self.rows)}  {self.line(heard)}  {self.remaining()}\n")
            self.out.flush()

    def end(self) -> None:
        if self.alive and self.heard:
            self.draw()

    def line(self, heard: Heard) -> str:
        """One run: width, seed, how far, the last reading, its gap to the oracle."""
        config = self.rows[heard.run]
        loss = f"loss {heard.loss:.4f}" if heard.loss is not None else "loss –"
        gap = (
            f"{loss}  gap {heard.loss - config.domain.entropy.value:+.4f}"
            if heard.loss is not None and config.domain.known
            else loss
        )
        state = heard.failed or ("" if heard.status == "ok" else heard.status)
        used = f"  MFU {heard.mfu:.3f}" if heard.mfu else ""
        memory = f"  {heard.memory / 2**30:.1f} GiB" if heard.memory else ""
        notes = "".join(f"  ({note})" for note in heard.notes)
        told = f"width {config.shape.width:<4d} seed {config.seed}  {heard.tokens:>11,d} of {config.tokens:,d} tokens  {gap}{used}{memory}{notes}"
        return f"{told}  {state}".rstrip()

    def remaining(self) -> str:
        """By the work done so far, and by the plan before any was."""
        total = sum(config.tokens * config.exact_flops_per_token for config in self.rows.values())
        done = sum(h.tokens * self.rows[r].exact_flops_per_token for r, h in self.heard.items())
        left = max(0.0, self.expected - (self.clock() - self.begun))
        if done > 0.1 * total and not self.before:
            left = (self.clock() - self.begun) * (total / done - 1)
        return f"{left:.0f} s to go"

    def draw(self) -> None:
        """Over what was drawn before."""
        lines = [self.line(heard) for heard in self.heard.values()]
        lines.append(f"{self.before + self.ended} of {number_of(len(self.rows), 'run')}, {self.remaining()}")
        self.out.write(f"\x1b[{self.drawn}A" * bool(self.drawn) + "".join(f"\x1b[2K{line}\n" for line in lines))
        self.out.flush()
        self.drawn, self.at = len(lines), self.clock()
