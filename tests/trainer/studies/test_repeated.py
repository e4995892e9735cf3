"""Data repeated: an R_D* that is known comes back, nothing is read beyond what a fresh run reached, and the law answers by its name alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import load, shipped
from fitted_laws.quantities.problems import Unanswerable
from trainer.domains.collected.text import Text
from trainer.studies.finite.repeated import drawn, effective
from trainer.studies.registry import STUDIES
from trainer.studies.sweep_laws import frozen_path
from trainer.sweep.records import OK, Machine, Reading, RunConfig, RunRecord, record
from trainer.sweep.shape import Shape

MACHINE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})
READS = (1000, 1400, 2000, 2800, 4000, 5600, 8000)
KNOWN = 9.0
ASKED = {"domain": "language", "params": 25_000, "unique_tokens": 131_072, "epochs": 8}


def made(width: int, seed: int, unique: int = 0) -> list[RunRecord]:
    """A run whose loss is a power of its effective tokens: of all, or of `unique` bytes repeated with R_D* = KNOWN."""
    domain = Text(source="none", context=64, **({"unique": unique} if unique else {}))
    config = RunConfig(domain=domain, shape=Shape(layers=1, width=width), batch=16, reads=READS, seed=seed, warmup=0.01)
    found = []
    for step in READS:
        tokens = float(step * config.tokens_per_step)
        if unique:
            tokens = unique * (1 + KNOWN * (1 - np.exp(-(tokens / unique - 1) / KNOWN)))
        loss = 1.0 + (2e5 / width**0.5 / tokens) ** 0.4 + 0.01 * seed
        reading = Reading(step=step, loss=loss, loss_error=0.0, test_loss=loss, oracle_loss=None)
        found.append(record(config, step, reading, [], MACHINE, (OK, "")))
    return found


def test_a_known_worth_of_repeats_comes_back() -> None:
    """From two sizes on two amounts of data, in every resample."""
    sizes = [(width, seed) for width in (16, 32) for seed in (0, 1)]
    fresh = [r for width, seed in sizes for r in made(width, seed)]
    repeats = [r for width, seed in sizes for unique in (400_000, 800_000) for r in made(width, seed, unique)]
    found = effective(repeats, fresh)
    assert found.epochs.min() > 1
    assert found.log_tokens.min() >= np.log(READS[0] * 1024)
    assert drawn(found) == pytest.approx(KNOWN, rel=0.01)


def test_the_study_needs_no_law_of_fresh_data() -> None:
    """Its interval holds R_D* of each size but one at most, and repeats are worth less than fresh bytes."""
    numbers = STUDIES["repeated"].finding().numbers
    assert numbers["R_D_low"] < numbers["R_D"] < numbers["R_D_high"]
    assert numbers["rms_of_effective_tokens"] < numbers["rms_without_a_discount"] / 3


def test_it_answers_by_its_name_alone(tmp_path: Path) -> None:
    """A published law answers where none is named; where there is no other, none does, and the refusal says how to ask."""
    named = ask("repeat", shipped(), **ASKED, law="sweep-2026-repeated").plain()
    assert named["effective_tokens_low"] < named["effective_tokens"] < named["effective_tokens_high"]
    assert named["effective_tokens"] < 8 * 131_072
    assert ask("repeat", shipped(), **ASKED).plain()["law"] == "muennighoff-2023"
    shutil.copy(frozen_path("repeated"), tmp_path)
    alone = load([tmp_path], shipped=False)
    with pytest.raises(Unanswerable, match="law=sweep-2026-repeated"):
        ask("repeat", alone, **ASKED)
    assert ask("repeat", alone, **ASKED, law="sweep-2026-repeated").plain()["loss"] == named["loss"]
