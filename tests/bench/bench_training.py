"""Tokens per core-second of the trainer beside a plain loop of the same shape and batch: `make bench` runs it where torch is installed."""

import time
from collections.abc import Callable

import torch
from plain_gpt import PlainGPT, PlainLoop

from trainer.sweep.config import read_sweep
from trainer.sweep.model.ensemble import Ensemble, data
from trainer.sweep.records import CHUNK

WIDTHS = (16, 32, 64, 128)
TURNS, STEPS = 8, CHUNK
"""The two take turns, so that what else runs here weighs on both alike; the fastest turn of each counts."""


def ours(width: int) -> tuple[Callable[[], object], int]:
    """STEPS steps of the sweep's ensemble with their data, and the tokens of one."""
    sweep = read_sweep("markov")
    ensemble = Ensemble([sweep.run(width, seed, 1000) for seed in sweep.seeds], "cpu")
    chunks = iter(range(10**9))

    def work() -> None:
        tokens, targets = data(ensemble.configs, next(chunks), ensemble.device)
        for i in range(STEPS):
            ensemble.train(tokens[i], targets[i], i).tolist()

    return work, len(sweep.seeds) * sweep.batch * sweep.domain.length


def plain(width: int) -> tuple[Callable[[], object], int]:
    """STEPS steps of the plain loop on tokens that lie ready, and the tokens of one."""
    sweep = read_sweep("markov")
    domain = sweep.domain
    row = torch.from_numpy(domain.samples(0, 20_000).ravel())
    model = PlainGPT(domain.vocabulary, domain.length, sweep.layers, width, width // sweep.head_width)
    loop = PlainLoop(row, model, domain.length, sweep.batch)

    def work() -> None:
        for _ in range(STEPS):
            loop.step()

    return work, sweep.batch * domain.length


def ratio(width: int) -> tuple[float, float]:
    """Tokens a core-second of ours and of the plain loop."""
    torch.set_num_threads(1)
    makers = [ours(width), plain(width)]
    least = [float("inf")] * 2
    for _ in range(TURNS):
        for k, (work, _) in enumerate(makers):
            begun = time.process_time()
            work()
            least[k] = min(least[k], time.process_time() - begun)
    mine, theirs = (STEPS * tokens / seconds for (_, tokens), seconds in zip(makers, least, strict=True))
    return mine, theirs


def main() -> None:
    print("\nTraining, tokens a core-second: the sweep's ensemble beside a plain loop of the same shape and batch")
    for width in WIDTHS:
        mine, theirs = ratio(width)
        print(f"  width {width:<4d} {mine:>10,.0f} {theirs:>10,.0f}   × {mine / theirs:.2f}", flush=True)


if __name__ == "__main__":
    main()
