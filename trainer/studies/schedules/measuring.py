"""`python -m trainer.studies.schedules.measuring FILE` measures the trials that FILE has not yet, and adds them to it. Needs torch."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.domains.base import TRAINING
from trainer.domains.collected.base import Collected
from trainer.studies.schedules.trial import DOMAINS, Measured, Trial, dearer, read_measured, whole
from trainer.sweep.model.ensemble import UNCOUNTED, Ensemble
from trainer.sweep.model.transformer import logits
from trainer.sweep.records import RunConfig
from trainer.sweep.shape import Shape

BLOCK = 512
"""Samples that are drawn at once: part of what their order is."""
WARM_STEPS = 30
TEST_SAMPLES = 256
GROUPS, GROUP = 64, 4
"""Gradients of which, of how many samples each, the noise scale is made; of blocks that no training comes to."""
BEYOND = 900_000


class Stream:
    """Each seed's samples in their order, whatever the batch."""

    def __init__(self, configs: list[RunConfig], first_block: int = 0) -> None:
        self.configs, self.first_block, self.number = configs, first_block, -1
        self.block: NDArray[np.int64] = np.empty(0, np.int64)

    def take(self, at: int, count: int) -> tuple[Tensor, Tensor]:
        """Tokens and targets, (members, count, length), from the sample `at` on."""
        parts = []
        while count:
            number, place = divmod(at, BLOCK)
            if number != self.number:
                seeds = [(config.seed, TRAINING, self.first_block + number) for config in self.configs]
                self.block = np.stack([self.configs[0].domain.samples(seed, BLOCK) for seed in seeds])
                self.number = number
            part = self.block[:, place : place + count]
            parts.append(part)
            at, count = at + part.shape[1], count - part.shape[1]
        tokens = np.concatenate(parts, axis=1)
        counted = np.stack([self.configs[0].domain.counted(member) for member in tokens])
        return torch.from_numpy(tokens), torch.from_numpy(np.where(counted, tokens, UNCOUNTED))


class Windows:
    """Weights summed over parts of the data, each from its start to its end; a step counts by its samples."""

    def __init__(self, trial: Trial) -> None:
        ends = [*trial.reads, *(dearer(read, decay) for read in trial.reads for decay in trial.decays)]
        self.starts = {(whole(end), part): whole(end * (1 - part)) for end in ends for part in trial.averages}
        self.sums: dict[tuple[int, float], tuple[list[Tensor], int]] = {}

    def add(self, ensemble: Ensemble, at: int, batch: int) -> None:
        """The weights after the step that ended at `at`."""
        with torch.no_grad():
            for key, start in self.starts.items():
                if start < at <= key[0]:
                    sums, count = self.sums.get(key, ([torch.zeros_like(flat) for flat in ensemble.flats], 0))
                    for total, flat in zip(sums, ensemble.flats, strict=True):
                        total.add_(flat, alpha=batch)
                    self.sums[key] = sums, count + batch

    def ended(self, at: int) -> list[tuple[float, list[Tensor], int]]:
        """Those that end here, each once: part, sums, and of how many samples."""
        return [(part, *self.sums.pop((end, part))) for end, part in list(self.sums) if end == at]


class Trajectory:
    """A trial's ensemble, its step and its place in the data."""

    def __init__(self, trial: Trial) -> None:
        domain, rate = DOMAINS[trial.domain]
        pinned = domain.pinned() if isinstance(domain, Collected) else domain
        shape = Shape(layers=2, width=trial.width)
        configs = [
            RunConfig(
                domain=pinned,
                shape=shape,
                batch=trial.batches[0],
                reads=(1,),
                warmup=float(WARM_STEPS),
                learning_rate=rate,
                seed=seed,
                together=trial.seeds,
                test_samples=TEST_SAMPLES,
            )
            for seed in trial.seeds
        ]
        self.trial, self.configs, self.ensemble = trial, configs, Ensemble(configs, "cpu")
        self.stream, self.step, self.at = Stream(configs), 0, 0

    def advance(self, until: int, stream: Stream, rate: float = 1.0) -> int:
        """A step, at this part of the rate; its samples."""
        batch = min(self.trial.batch(self.at), until - self.at)
        for group, own in zip(self.ensemble.optimiser.param_groups, self.rates, strict=True):
            group["rate"] = own * rate
        self.ensemble.train(*stream.take(self.at, batch), self.step)
        self.step, self.at = self.step + 1, self.at + batch
        return batch

    @property
    def rates(self) -> tuple[float, float]:
        config = self.ensemble.config
        return config.learning_rate, config.learning_rate * config.base_width / config.shape.width

    def decayed(self, read: int, decay: float) -> Measured:
        """A branch from here to the reading, its rate falling to 0; then all is as it was."""
        state = self.ensemble.optimiser.state
        weights = [flat.detach().clone() for flat in self.ensemble.flats]
        moments = [{name: value.clone() for name, value in state[flat].items()} for flat in self.ensemble.flats]
        start, step, stream = self.at, self.step, Stream(self.configs)
        while self.at < read:
            middle = self.at + min(self.trial.batch(self.at), read - self.at) / 2
            self.advance(read, stream, (read - middle) / (read - start))
        found = self.last("decay", decay)
        with torch.no_grad():
            for flat, weight, moment in zip(self.ensemble.flats, weights, moments, strict=True):
                flat.copy_(weight)
                for name, value in moment.items():
                    state[flat][name].copy_(value)
        self.at, self.step = start, step
        return found

    def last(self, way: str, part: float = 0.0) -> Measured:
        return self.read(way, part, [flat.detach().clone() for flat in self.ensemble.flats], 1)

    def read(self, way: str, part: float, sums: list[Tensor], count: int) -> Measured:
        self.ensemble.sums, self.ensemble.summed = sums, count
        losses = [reading.loss for reading in self.ensemble.read(1)]
        told = {"way": way, "part": part, "samples": self.at, "steps": self.step, "losses": losses}
        return msgspec.convert({"trial": msgspec.to_builtins(self.trial), **told}, Measured)

    def critical(self) -> list[float]:
        """The simple noise scale of each member, in samples: from the squared lengths of gradients of GROUP samples and of all (A.1)."""
        stream, each, mean = Stream(self.configs, BEYOND), torch.zeros(len(self.configs)), torch.zeros(())
        for group in range(GROUPS):
            gradient = self.gradient(*stream.take(group * GROUP, GROUP))
            each = each + gradient.square().sum(1) / GROUPS
            mean = mean + gradient / GROUPS
        large, small = GROUP * GROUPS, GROUP
        signal = (large * mean.square().sum(1) - small * each) / (large - small)
        noise = (each - mean.square().sum(1)) / (1 / small - 1 / large)
        found: list[float] = (noise / signal).tolist()
        return found

    def gradient(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """Of each member's mean loss, (members, weights)."""
        config, named = self.ensemble.config, self.ensemble.named
        found = logits(config.shape, config.domain.layout, named, tokens).flatten(0, 2)
        each = functional.cross_entropy(found, targets.flatten(), ignore_index=UNCOUNTED, reduction="none")
        losses = each.view(len(tokens), -1).mean(1)
        return torch.cat([g.flatten(1) for g in torch.autograd.grad(losses.sum(), list(named.values()))], 1)


def measured(trial: Trial) -> list[Measured]:
    """One run of the trial, with its branches."""
    path, windows = Trajectory(trial), Windows(trial)
    branches = {whole(read * (1 - decay)): (read, decay) for read in trial.reads for decay in trial.decays}
    stops = sorted({*branches, *trial.reads, *windows.starts.values(), *(end for end, _ in windows.starts)})
    found = []
    while path.at < stops[-1]:
        if path.at in branches:
            found.append(path.decayed(*branches[path.at]))
        batch = path.advance(next(stop for stop in stops if stop > path.at), path.stream)
        windows.add(path.ensemble, path.at, batch)
        found += [path.read("average", *window) for window in windows.ended(path.at)]
        if path.at in trial.reads:
            found.append(msgspec.structs.replace(path.last("last"), critical=path.critical()))
    return found


LONG = (4096, 8192, 16384, 32768)
TRIALS = (
    Trial(domain="markov", width=16, decays=(0.1, 0.2), reads=LONG, seeds=(0, 1, 2, 3)),
    Trial(domain="markov", width=32, decays=(0.1, 0.2), reads=LONG),
    Trial(domain="markov", width=48, decays=(0.1, 0.2)),
    Trial(domain="language", width=16, decays=(0.1, 0.2), reads=LONG),
    Trial(domain="language", width=32, decays=(0.1, 0.2)),
    Trial(domain="language", width=16, decays=(0.1,), reads=(32768, 65536, 131072), seeds=(0, 1)),
    Trial(domain="markov", width=16, batches=(4, 8, 16, 32)),
    Trial(domain="language", width=16, batches=(4, 8, 16, 32)),
    Trial(domain="markov", width=16, batches=(64,)),
    Trial(domain="language", width=16, batches=(64,)),
)


def main(path: Path) -> None:
    """What is in the file is not measured again."""
    torch.set_num_threads(1)
    done = [each.trial for each in read_measured(path)] if path.exists() else []
    for trial in TRIALS:
        if trial not in done:
            lines = measured(trial)
            with path.open("ab") as out:
                out.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            sys.stdout.write(f"{trial.domain}, width {trial.width}, {trial.name} samples a step\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
