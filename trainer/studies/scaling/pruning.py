"""Magnitude pruning of the ladders that were trained with their weights kept (`train_and_keep`): the loss of each size by the weights that remain.

`python -m trainer.studies.scaling.pruning FOLDER NAME…` trains those sweeps into FOLDER, prunes each size, and writes the last readings with
what pruning made of them to FOLDER/pruned-KIND.jsonl, KIND the architecture. That needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from trainer.studies.study import last_readings
from trainer.studies.training import planned, train_and_keep
from trainer.sweep.afterwards import Pruned
from trainer.sweep.config import read_sweep, with_data
from trainer.sweep.execution import ensembles
from trainer.sweep.model.ensemble import Ensemble, data
from trainer.sweep.model.training import Member, Progress, restored
from trainer.sweep.records import CHUNK, RunConfig, RunRecord, read_records, write_records
from trainer.sweep.shape import weights

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Of each matrix between embedding and head; 0 says what the steps of retraining alone would do."""
RETRAINED = 0.05
"""Steps of retraining as a part of the run's own, at its rate, on the data that would have followed; the second half is averaged."""


def pruned(configs: tuple[RunConfig, ...], checkpoint: Path) -> list[list[Pruned]]:
    """Of each member the losses at every share, at once and retrained."""
    found: list[list[Pruned]] = [[] for _ in configs]
    more = max(2, round(RETRAINED * configs[0].reads[-1]))
    for share in SHARES:
        ensemble = at_the_end(configs, checkpoint)
        masks = masked(ensemble, share)
        for steps in (0, more):
            if steps:
                retrain(ensemble, masks, steps)
            else:
                ensemble.forget()
                ensemble.remember()
            for own, reading in zip(found, ensemble.read(configs[0].reads[-1]), strict=True):
                own.append(Pruned(share=share, steps=steps, loss=reading.loss))
    return found


def at_the_end(configs: tuple[RunConfig, ...], checkpoint: Path) -> Ensemble:
    """The runs as they ended, with their averaged weights in the place of the last ones."""
    ensemble = Ensemble(list(configs), "cpu")
    restored(ensemble, checkpoint, Progress(members=[Member(id=config.id) for config in configs]))
    with torch.no_grad():
        for flat, total in zip(ensemble.flats, ensemble.sums, strict=True):
            flat.copy_(total / ensemble.summed)
    return ensemble


def masked(ensemble: Ensemble, share: float) -> list[Tensor]:
    """Sets the share of each member's body matrices to 0; 1 where a weight remains, as the flat tensors lie."""
    config = ensemble.config
    kinds = weights(config.shape, config.domain.vocabulary, config.domain.layout)
    masks = [torch.ones_like(flat) for flat in ensemble.flats]
    for name, (part, start, end) in ensemble.slices.items():
        count = round(share * (end - start))
        if kinds[name].group in ("embedding", "head") or not count:
            continue
        smallest = ensemble.flats[part][:, start:end].detach().abs().topk(count, dim=1, largest=False).indices
        masks[part][:, start:end].scatter_(1, smallest, 0.0)
    apply(ensemble, masks)
    return masks


def apply(ensemble: Ensemble, masks: list[Tensor]) -> None:
    with torch.no_grad():
        for flat, mask in zip(ensemble.flats, masks, strict=True):
            flat.mul_(mask)


def retrain(ensemble: Ensemble, masks: list[Tensor], steps: int) -> None:
    """Steps on the data after the run's end, pruned weights kept at 0; then the average holds the second half."""
    ensemble.forget()
    first, chunk = ensemble.config.reads[-1], -1
    tokens = targets = torch.empty(0)
    for step in range(first, first + steps):
        if step // CHUNK != chunk:
            chunk = step // CHUNK
            tokens, targets = data(ensemble.configs, chunk, ensemble.device)
        ensemble.train(tokens[step % CHUNK], targets[step % CHUNK], step)
        apply(ensemble, masks)
        if step >= first + steps // 2:
            ensemble.remember()


def ladder(name: str, folder: Path) -> list[RunRecord]:
    """The last readings of a sweep's runs, trained here where they are not yet, with what pruning made of them."""
    sweep = with_data(read_sweep(name), None)
    plan = planned(sweep, [sweep.run(w, seed, sweep.steps) for w in sweep.widths for seed in sweep.seeds])
    train_and_keep(plan, folder / name)
    parts = folder / name / "runs"
    by_run: dict[str, list[Pruned]] = {}
    for configs in ensembles(plan.runs):
        found = pruned(configs, parts / f"{configs[0].id}.checkpoint")
        by_run |= {config.id: own for config, own in zip(configs, found, strict=True)}
        sys.stdout.write(f"{name} {configs[0].shape.width}: {found[0]}\n")
    last = last_readings(read_records(folder / name / "runs.jsonl"))
    return [msgspec.structs.replace(r, pruned=by_run[r.run], learning_curve=[]) for r in last]


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[2:]:
        found = ladder(name, Path(sys.argv[1]))
        write_records(found, Path(sys.argv[1]) / f"pruned-{found[0].config.shape.kind}.jsonl")
