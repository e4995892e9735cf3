"""The laws of our own sweeps, from their committed records: the surface, and what the studies of the same runs add.

Needs no torch.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from trainer.domains.collected.pairs import Pairs
from trainer.files import digest
from trainer.laws.lawfile import Naming
from trainer.studies.registry import STUDIES
from trainer.studies.study import RECORDS, Study
from trainer.sweep.law.law import law_named, unfit
from trainer.sweep.records import read_records

YEAR = 2026


class OwnLaw(msgspec.Struct, frozen=True):
    """A law of ours: the domain it stands in, and whether it holds the surface of the sweep of its name, or only what
    studies find.
    """

    domain: str
    surface: bool = True
    title: str = ""
    """Where it is not that of a sweep over the domain."""
    only_by_name: bool = False
    """Whether it answers only where `law=` names it."""
    caveats: tuple[str, ...] = ()
    """What a reader must know of this law beside its scale."""
    records: tuple[str, ...] = ()
    """What it stands on, where its studies read more."""


STEEP = (
    "Losses still fall by .18 to .30 nats a token with the last doubling of the data; without it the rest forecasts it 7 % off, one reading in five "
    "inside its 90 % interval: the limit is hardly known"
)
FALLING = "Losses still fall by .06 to .22 nats a token with the last doubling of the data"
CODED = "Losses are of the codes of a small VQ-VAE of our own: they compare with those of no other"
GENERATED = "Motion is generated: a window moves over still photographs; on real clips the largest model loses 1.77 nats a code, not .98"
NO_SIZE = "Loss and error fall with fine-tuning data; whether they fall with the size is not decided: intervals of its power hold 0"
NARROW = (
    "L(D) spans less than a decade: fewer images taught nothing at this rate, and with more the loss still fell; L(C) is of runs of 651 steps, "
    "in part those of a start"
)
LAWS: dict[str, OwnLaw] = {
    "language": OwnLaw("language"),
    "code": OwnLaw("code"),
    "math": OwnLaw("math"),
    "image-8x8": OwnLaw("image-8x8"),
    "image-16x16": OwnLaw("image-16x16"),
    "image-32x32": OwnLaw("image-32x32", caveats=(STEEP,)),
    "image-vq-16x16": OwnLaw("image-vq-16x16"),
    "image-vq-32x32": OwnLaw("image-vq-32x32", caveats=(CODED, FALLING)),
    "video-pans": OwnLaw("video-vq-8x8x8", caveats=(GENERATED, CODED)),
    "image-to-text": OwnLaw("image-to-text-8x8"),
    "text-to-image": OwnLaw("text-to-image-8x8"),
    "markov": OwnLaw("markov"),
    "captions": OwnLaw("captions", surface=False),
    "crossing": OwnLaw("language", surface=False, title="L(D) against L(C) on runs of our own"),
    "image-crossing": OwnLaw(
        "image-8x8",
        surface=False,
        only_by_name=True,
        title="L(D) against L(C) of images, by a causal convolution on runs of our own",
        caveats=(NARROW,),
    ),
    "repeated": OwnLaw("language", surface=False, only_by_name=True, title="Data repeated, on runs of our own"),
    "pruned": OwnLaw(
        "language",
        surface=False,
        only_by_name=True,
        title="LSTMs on text, pruned after training",
        records=("language-lstm", "pruned-lstm"),
    ),
    "language-lstm": OwnLaw("language", only_by_name=True, title="An LSTM on the text of the sweep `language`"),
    "image-8x8-convolution": OwnLaw(
        "image-8x8", only_by_name=True, title="A causal convolution on the pictures of the sweep `image-8x8`"
    ),
    "finetuned": OwnLaw(
        "classes",
        surface=False,
        only_by_name=True,
        title="Fine-tuning for classification, on runs of our own",
        caveats=(NO_SIZE,),
    ),
    "described": OwnLaw(
        "image-to-text-8x8", surface=False, title="What tiles of photographs say of their generated captions"
    ),
}
"""By name: a domain may have several."""
BODIES = {"transformer": "attention and MLP", "lstm": "an LSTM", "convolution": "a causal convolution"}
SHARED = ("id", "domain", "citation", "counts", "compute_convention", "data", "tokenizer", "source_checked")
NAMED, LAST, LAST_OF_A_CARD = -2, -1, 0
"""Those asked by name alone come after all others.

Published laws, which are all above these, come first where a question names none; of ours those whose runs a card trained."""


def frozen_path(name: str) -> Path:
    return Path(str(resources.files("fitted_laws") / "coefficients")) / f"{law_id(name)}.json"


def law_id(name: str) -> str:
    return f"sweep-{YEAR}-{name}"


def sources_of(name: str) -> list[Path]:
    """The records that the law is fitted to: of its sweep, or of the studies that answer by it."""
    of_studies = [records for study in studied(name) for records in study.records]
    names = LAWS[name].records or ([name] if LAWS[name].surface else of_studies)
    return [RECORDS / f"{each}.jsonl" for each in dict.fromkeys(names)]


def studied(name: str) -> list[Study]:
    """The studies whose relations the law holds."""
    return [study for study in STUDIES.values() if study.law == name]


def law_of_records(name: str, data: str) -> dict[str, Any]:
    """The law file; `data` says what the runs were trained on, which the records only name."""
    leaves = [leaf for study in studied(name) for leaf in study.finding().relations]
    sources = sources_of(name)
    naming = Naming(
        id=law_id(name),
        domain=LAWS[name].domain,
        counts="non-embedding",
        data=data,
        tokenizer="the domain's own tokens",
    )
    own = law_named(sources[0], naming) if LAWS[name].surface else surfaceless(naming, sources)
    shared = {key: own[key] for key in SHARED} | facts_of(name, sources)
    surface = [{key: value for key, value in own.items() if key not in SHARED}] if LAWS[name].surface else []
    sizes = [float(record.params) for record in read_records(sources[0]) if not unfit(record)]
    spans = {"params": [min(sizes), max(sizes)]}
    scale = [f"studied on runs of our own, trained on {data.partition(';')[0]}", *shared["caveats"]]
    told_of = [
        {**leaf, "ranges": spans | leaf.get("ranges", {}), "notes": [*leaf.get("notes", []), *scale]} for leaf in leaves
    ]
    return {**shared, "relations": [*surface, *told_of]}


def surfaceless(naming: Naming, sources: list[Path]) -> dict[str, Any]:
    """What `law_named` gives of a law that holds no surface."""
    return {
        "id": naming.id,
        "domain": naming.domain,
        "citation": f"studied on the runs of {', '.join(f'{s.name} (SHA-256 {digest(s)})' for s in sources)}",
        "counts": naming.counts,
        "compute_convention": "C = 6ND unless the runs say otherwise",
        "data": naming.data,
        "tokenizer": naming.tokenizer,
        "source_checked": "own-runs",
    }


def facts_of(name: str, sources: list[Path]) -> dict[str, Any]:
    """What a reader needs to trust a law of ours: how its runs were made, and how far they reach."""
    records = [record for source in sources for record in read_records(source)]
    config, sizes = records[0].config, sorted({r.params for r in records})
    cards = sorted({r.machine.device for r in records if r.machine.of_a_card})
    most, place = max(r.tokens for r in records), " and ".join(cards) or "two cores"
    per_size = f"{sizes[0]:,d} to {sizes[-1]:,d} parameters of {BODIES[config.shape.kind]}"
    return {
        "title": LAWS[name].title or f"A sweep of our own over {LAWS[name].domain}{', on a GPU' if cards else ''}",
        "authors": "Fitted Laws",
        "year": YEAR,
        "where": " and ".join(f"trainer/runs/{source.name}" for source in sources),
        "setup": f"{len({r.run for r in records})} runs of {per_size}, {config.shape.layers} layers, {config.domain.length} tokens of context, "
        f"{config.batch} samples a step, AdamW at a constant rate of {config.learning_rate:g} for width {config.base_width}, weights averaged",
        "caveats": [
            f"Models of {per_size} on at most {most:,d} tokens, on {place}: far below any model in use",
            *LAWS[name].caveats,
        ],
        "preference": NAMED if LAWS[name].only_by_name else LAST_OF_A_CARD if cards else LAST,
        **({"only_by_name": True} if LAWS[name].only_by_name else {}),
        **({"loss_definition": config.domain.combined} if isinstance(config.domain, Pairs) else {}),
    }
