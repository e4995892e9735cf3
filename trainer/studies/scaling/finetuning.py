"""A ladder of generative models of images, each fine-tuned to tell the image's class, beside the same models from scratch (section 3.4).

Models learn the images of `classes` first, and see no class; then the class alone counts, of images that neither saw before, each once.
`python -m trainer.studies.scaling.finetuning FOLDER` trains both into FOLDER, and writes the last generative reading of each run, with what
the classifiers came to, to FOLDER/finetuned.jsonl; started again it goes on. That needs torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch.nn import functional

from trainer.domains.base import TESTING, Array, logarithm
from trainer.domains.generated.classes import Classes
from trainer.files import content_of, write_whole
from trainer.studies.scaling.pruning import at_the_end
from trainer.studies.study import last_readings
from trainer.studies.training import planned, train_and_keep
from trainer.sweep.afterwards import Finetuned
from trainer.sweep.config import read_sweep
from trainer.sweep.execution import ensembles
from trainer.sweep.model.ensemble import TEST_BLOCK, Ensemble, data
from trainer.sweep.model.transformer import logits
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import CHUNK, RunConfig, RunRecord, geometric_reads, read_records, write_records

NAME = "classes"
STEPS, READS, FACTOR = 4096, 11, 2**0.5
"""Of fine-tuning, and of training from scratch."""
RATE = 3e-3
"""Of width 16, fine-tuned and from scratch: better than .01 and .001 for both, on other seeds and other test images."""
TESTED, UNSEEN = 4096, (TESTING, 7)
"""Images on which classifiers are read, the same for all, and the seed of these: none of them had a part in any choice."""


def planned_runs() -> SweepPlan:
    sweep = read_sweep(NAME)
    return planned(sweep, [sweep.run(w, seed, sweep.steps) for w in sweep.widths for seed in sweep.seeds])


def classifiers(configs: tuple[RunConfig, ...]) -> list[RunConfig]:
    """The same models where the class alone counts."""
    domain = classes_of(configs[0])
    return [
        msgspec.structs.replace(
            config,
            domain=msgspec.structs.replace(domain, counts="class"),
            reads=geometric_reads(STEPS, READS, FACTOR),
            learning_rate=RATE,
        )
        for config in configs
    ]


def classes_of(config: RunConfig) -> Classes:
    if not isinstance(config.domain, Classes):
        raise TypeError(f"expected a run on classes, got {config.domain}")
    return config.domain


def begun(configs: tuple[RunConfig, ...], checkpoint: Path | None) -> Ensemble:
    """Classifiers before their first step: with the averaged weights of the generative runs, where their checkpoint is given, and a head of zeros."""
    ensemble = Ensemble(classifiers(configs), "cpu")
    if checkpoint:
        with torch.no_grad():
            for own, learnt in zip(ensemble.flats, at_the_end(configs, checkpoint).flats, strict=True):
                own.copy_(learnt)
            ensemble.named["head"].zero_()
    return ensemble


def finetuned(configs: tuple[RunConfig, ...], checkpoint: Path | None) -> list[list[Finetuned]]:
    """Of each member the readings of its classifier, fine-tuned or from scratch, on images that follow those of the generative run."""
    ensemble = begun(configs, checkpoint)
    first = -(-configs[0].reads[-1] // CHUNK)
    test, truth = posterior(ensemble)
    found: list[list[Finetuned]] = [[] for _ in configs]
    starts = {read - max(1, round(ensemble.config.averaged * read)) for read in ensemble.config.reads}
    tokens = targets = torch.empty(0)
    for step in range(STEPS):
        if step % CHUNK == 0:
            tokens, targets = data(ensemble.configs, first + step // CHUNK, ensemble.device)
        if step in starts:
            ensemble.forget()
        ensemble.train(tokens[step % CHUNK], targets[step % CHUNK], step)
        ensemble.remember()
        if step + 1 in ensemble.config.reads:
            for member, own in enumerate(found):
                kl, error = beyond_the_best(truth, expected(ensemble, member, test))
                own.append(
                    Finetuned(
                        pretrained=checkpoint is not None,
                        labelled=(step + 1) * ensemble.config.batch,
                        excess=kl,
                        excess_error=error,
                    )
                )
    return found


def posterior(ensemble: Ensemble) -> tuple[torch.Tensor, Array]:
    """The test images and their exact class probabilities, (images, classes)."""
    domain = classes_of(ensemble.config)
    tokens = domain.samples(UNSEEN, TESTED)
    return torch.from_numpy(tokens), domain.conditionals(tokens)[:, -1]


def expected(ensemble: Ensemble, member: int, tokens: torch.Tensor) -> Array:
    """ln of the member's probabilities of the last token, (images, vocabulary)."""
    config = ensemble.config
    named = {name: ensemble.averaged(name, member) for name in ensemble.slices}
    with torch.no_grad():
        found = [
            functional.log_softmax(
                logits(config.shape, config.domain.layout, named, block[None])[0, :, -1].double(), -1
            )
            for block in tokens.split(TEST_BLOCK)
        ]
    logarithms: Array = torch.cat(found).numpy()
    return logarithms


def beyond_the_best(truth: Array, found: Array) -> tuple[float, float]:
    """Means over images of KL(true‖model) in nats, and of the error beyond the Bayes error; images' own labels have no part in either."""
    kl = (truth * (np.where(truth > 0, logarithm(truth), 0) - found)).sum(axis=1)
    chosen = np.take_along_axis(truth, found.argmax(axis=1)[:, None], axis=1)[:, 0]
    return float(kl.mean()), float((truth.max(axis=1) - chosen).mean())


def kept(configs: tuple[RunConfig, ...], checkpoint: Path | None, path: Path) -> list[list[Finetuned]]:
    """`finetuned`, from the file where it is there."""
    if not path.exists():
        write_whole(msgspec.json.encode(finetuned(configs, checkpoint)), path)
    return msgspec.json.decode(content_of(path), type=list[list[Finetuned]])


def ladder(folder: Path) -> list[RunRecord]:
    """The last generative reading of each run with its classifiers, size after size, the least first."""
    found = []
    plan = planned_runs()
    for configs in reversed(ensembles(plan.runs)):
        train_and_keep(msgspec.structs.replace(plan, runs=list(configs)), folder)
        own, parts = configs[0].id, folder / "runs"
        tuned = kept(configs, parts / f"{own}.checkpoint", parts / f"{own}-finetuned.json")
        fresh = kept(configs, None, parts / f"{own}-scratch.json")
        last = {r.run: r for r in last_readings(read_records(folder / "runs.jsonl"))}
        for config, with_it, without in zip(configs, tuned, fresh, strict=True):
            found.append(msgspec.structs.replace(last[config.id], finetuned=[*with_it, *without], learning_curve=[]))
            sys.stdout.write(f"{config.shape.width} {config.seed}: {with_it[-1]} {without[-1]}\n")
        sys.stdout.flush()
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_records(ladder(Path(sys.argv[1])), Path(sys.argv[1]) / "finetuned.jsonl")
