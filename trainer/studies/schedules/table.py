"""`python -m trainer.studies.schedules.table` prints what the trials say: paired differences to what a sweep does by itself. Needs no torch."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable

import msgspec
import numpy as np
from scipy import stats

from trainer.studies.schedules.trial import BRANCHES, CONTEXT, Measured, read_measured, whole
from trainer.studies.study import RECORDS

OWN_BATCH, OWN_PART = (16,), 0.1
"""What a sweep does: as many samples in every step, and weights averaged over a tenth of the data."""
LEVEL = 0.9


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared with a sweep's own way."""

    says: str
    way: str
    part: float
    batches: tuple[int, ...] = OWN_BATCH
    counted: float = 0.0
    """Of the data of a reading, what it costs more than the sweep's own way, which gets so many more."""


WAYS = (
    Way(says="decays over 10 %, equal compute", way="decay", part=0.1, counted=0.1 * BRANCHES),
    Way(says="decays over 20 %, equal compute", way="decay", part=0.2, counted=0.2 * BRANCHES),
    Way(says="decays over 10 %, branches not counted", way="decay", part=0.1),
    Way(says="decays over 20 %, branches not counted", way="decay", part=0.2),
    Way(says="the last weights, no average", way="last", part=0.0),
    Way(says="averages over 20 %", way="average", part=0.2),
    Way(says="averages over 40 %", way="average", part=0.4),
    Way(says="4, 8, 16, 32 samples a step", way="average", part=OWN_PART, batches=(4, 8, 16, 32)),
    Way(says="64 samples a step", way="average", part=OWN_PART, batches=(64,)),
)
Losses = dict[tuple[int, int], float]
"""By width and seed."""


def losses(records: Iterable[Measured], domain: str, way: Way, samples: int) -> Losses:
    """Of all trials that were read so at so many samples."""
    wanted = (domain, way.batches, way.way, way.part, samples)
    found: Losses = {}
    for each in records:
        if (each.trial.domain, each.trial.batches, each.way, each.part, each.samples) == wanted:
            runs = [(each.trial.width, seed) for seed in each.trial.seeds]
            found = dict(zip(runs, each.losses, strict=True)) | found
    return found


def differences(records: list[Measured], domain: str, way: Way, samples: int) -> list[float]:
    """Loss that way less that of the sweep's own for the same compute, run by run: above 0 the sweep's own is better."""
    equal = whole((1 + way.counted) * samples)
    own = Way(says="", way="average", part=OWN_PART)
    theirs, ours = losses(records, domain, way, samples), losses(records, domain, own, equal)
    return [theirs[run] - ours[run] for run in sorted(theirs) if run in ours]


def shown(found: list[float]) -> str:
    """Their mean, its interval by Student's t, and how many."""
    if len(found) < 2:
        return "–"
    mean, half = float(np.mean(found)), float(stats.t.ppf((1 + LEVEL) / 2, len(found) - 1) * np.std(found, ddof=1))
    half /= math.sqrt(len(found))
    return f"{mean:+.4f} ± {half:.4f} ({len(found)})"


def rows(records: list[Measured], domain: str) -> list[str]:
    """A line a way, a column an amount of data."""
    amounts = sorted({read for each in records if each.trial.domain == domain for read in each.trial.reads})
    head = [f"| {domain}, after … tokens | {' | '.join(f'{n * CONTEXT / 1e6:.2g} M' for n in amounts)} |"]
    lines = [[shown(differences(records, domain, way, n)) for n in amounts] for way in WAYS]
    return [
        *head,
        "|---" * (1 + len(amounts)) + "|",
        *(f"| {way.says} | {' | '.join(line)} |" for way, line in zip(WAYS, lines, strict=True)),
    ]


def critical(records: list[Measured], domain: str) -> str:
    """The noise scale of the sweep's own batch, in samples, by amounts of data: medians over widths and seeds."""
    found: dict[int, list[float]] = {}
    for each in records:
        if each.trial.domain == domain and each.trial.batches == OWN_BATCH and each.critical:
            found.setdefault(each.samples, []).extend(each.critical)
    return ", ".join(f"{np.median(found[n]):.0f}" for n in sorted(found))


def main() -> None:
    records = list(read_measured(RECORDS / "trials" / "schedules.jsonl"))
    for domain in ("markov", "language"):
        sys.stdout.write("\n".join([*rows(records, domain), "", f"noise scale: {critical(records, domain)}", "", ""]))


if __name__ == "__main__":
    main()
