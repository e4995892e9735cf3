"""Event files of a sweep's runs, which TensorBoard shows while they train. Needs tensorboard."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from trainer.sweep.engines.engine import Heard
from trainer.sweep.engines.progress import Table
from trainer.sweep.records import RunConfig, read_records

FLUSH_SECONDS = 5


class EventTable(Table):
    """A table that also writes loss, gap and rate of each run, by tokens; the readings and the training curve whole once a run has ended."""

    def __init__(self, out: TextIO, folder: Path, parts: Path) -> None:
        """`parts`: where each run's records are once it has ended."""
        super().__init__(out)
        self.folder, self.parts = folder, parts
        self.writers: dict[str, EventFileWriter] = {}
        self.written: dict[str, set[int]] = {}

    def begin(self, runs: Sequence[RunConfig], seconds: float, recorded: int) -> None:
        super().begin(runs, seconds, recorded)
        for config in runs:
            self.recorded(config)

    def hear(self, heard: Heard) -> None:
        config = self.rows[heard.run]
        step = heard.tokens // config.tokens_per_step
        if not heard.failed:
            self.write(config, heard.tokens, rate=rate(config, step))
        if heard.loss is not None and step >= config.reads[0]:
            self.reading(
                config, config.reads[bisect_right(config.reads, step) - 1] * config.tokens_per_step, heard.loss
            )
        if heard.status:
            self.recorded(config)
        super().hear(heard)

    def end(self) -> None:
        for writer in self.writers.values():
            writer.close()
        super().end()

    def recorded(self, config: RunConfig) -> None:
        """What the run's records say, where there are any."""
        path = self.parts / f"{config.id}.jsonl"
        records = read_records(path) if path.exists() else []
        for record in records:
            if record.loss is not None:
                self.reading(config, record.tokens, record.loss)
        for tokens, loss in records[-1].learning_curve if records else ():
            self.write(config, tokens, training_loss=loss)

    def reading(self, config: RunConfig, tokens: int, loss: float) -> None:
        """Once."""
        written = self.written.setdefault(config.id, set())
        if tokens not in written:
            written.add(tokens)
            gap = {"gap": loss - config.domain.entropy.value} if config.domain.known else {}
            self.write(config, tokens, loss=loss, **gap)

    def write(self, config: RunConfig, tokens: int, **scalars: float) -> None:
        if config.id not in self.writers:
            name = f"width-{config.shape.width}-seed-{config.seed}-{config.id}"
            self.writers[config.id] = EventFileWriter(str(self.folder / name), flush_secs=FLUSH_SECONDS)
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        self.writers[config.id].add_event(Event(wall_time=time.time(), step=tokens, summary=Summary(value=values)))


def rate(config: RunConfig, step: int) -> float:
    """Of the base width: it rises in the warm-up and then stays."""
    return config.learning_rate * min(1.0, step / max(1.0, config.warmup * config.reads[-1]))
