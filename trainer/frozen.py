"""The laws of our own sweeps, from their committed records: the surface, and what the studies of the same runs add. Needs no torch."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from trainer.domains.pairs import Pairs
from trainer.lawfile import Naming, digest
from trainer.records import read_records
from trainer.studies import STUDIES
from trainer.studies.study import RECORDS
from trainer.sweeplaw import law_named

YEAR = 2026
LAWS: dict[str, str] = {
    "language": "language",
    "code": "code",
    "math": "math",
    "image-8x8": "image-8x8",
    "image-16x16": "image-16x16",
    "image-vq-16x16": "image-vq-16x16",
    "image-to-text-8x8": "image-to-text",
    "text-to-image-8x8": "text-to-image",
    "markov": "markov",
    "captions": "",
}
"""By domain, the sweep whose surface the law holds; none where only studies answer."""
SHARED = ("id", "domain", "citation", "counts", "compute_convention", "data", "tokenizer", "source_checked")
LAST = -1
"""Published laws come first where a question names none."""


def frozen_path(domain: str) -> Path:
    return Path(str(resources.files("fitted_laws") / "coefficients")) / f"{law_id(domain)}.json"


def law_id(domain: str) -> str:
    """After its sweep; after its domain where only studies answer."""
    return f"sweep-{YEAR}-{LAWS[domain] or domain}"


def law_of_records(domain: str, data: str) -> dict[str, Any]:
    """The law file; `data` says what the runs were trained on, which the records only name."""
    studied = [study for study in STUDIES.values() if study.law == domain]
    leaves = [leaf for study in studied for leaf in study.found().relations]
    sources = [RECORDS / f"{name}.jsonl" for name in ([LAWS[domain]] if LAWS[domain] else studied[0].records)]
    naming = Naming(id=law_id(domain), domain=domain, counts="non-embedding", data=data, tokenizer="the domain's own tokens")
    surface = law_named(sources[0], naming)
    shared = {key: surface[key] for key in SHARED} | told(domain, sources)
    if not LAWS[domain]:
        shared["citation"] = f"studied on the runs of {', '.join(f'{s.name} (SHA-256 {digest(s)})' for s in sources)}"
    own = [{key: value for key, value in surface.items() if key not in SHARED}] if LAWS[domain] else []
    ranges = {name: span for name, span in surface["ranges"].items() if name == "params"}
    return {**shared, "relations": [*own, *({**leaf, "ranges": ranges} for leaf in leaves)]}


def told(domain: str, sources: list[Path]) -> dict[str, Any]:
    """What a reader needs to trust a law of ours: how its runs were made, and how far they reach."""
    records = [record for source in sources for record in read_records(source)]
    config, sizes = records[0].config, sorted({r.params for r in records})
    per_size = f"{sizes[0]:,d} to {sizes[-1]:,d} parameters of attention and MLP"
    return {
        "title": f"A sweep of our own over {domain}",
        "authors": "Fitted Laws",
        "year": YEAR,
        "where": " and ".join(f"trainer/runs/{source.name}" for source in sources),
        "setup": f"{len({r.run for r in records})} runs of {per_size}, {config.shape.layers} layers, {config.domain.length} tokens of context, "
        f"{config.batch} samples a step, AdamW at a constant rate of {config.learning_rate:g} for width {config.base_width}, weights averaged",
        "caveats": [f"Models of {per_size} on at most {max(r.tokens for r in records):,d} tokens, on two cores: far below any model in use"],
        "preference": LAST,
        **({"loss_definition": config.domain.combined} if isinstance(config.domain, Pairs) else {}),
    }
