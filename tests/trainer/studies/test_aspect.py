"""Width over depth: the best shape of runs whose best shape is known, also where it lies beyond those tried."""

import numpy as np
import pytest

from trainer.domains.collected.text import Text
from trainer.studies.scaling.aspect import SHAPES, find
from trainer.studies.study import RECORDS
from trainer.sweep.records import OK, Machine, Reading, RunConfig, RunRecord, read_records, record
from trainer.sweep.shape import Shape

MACHINE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})


def runs(best: float) -> list[RunRecord]:
    """Every shape with two seeds, 0.01 nats a squared e-fold above 1.6 at the best; what sizes add is the surface's of the sweep."""
    random, found = np.random.default_rng(0), []
    for layers, width in SHAPES:
        for seed in (0, 1):
            shape = Shape(layers=layers, width=width, head_width=4)
            config = RunConfig(domain=Text(source="none", context=64), shape=shape, batch=16, reads=(100,), seed=seed)
            loss = 1.6 + 0.01 * np.log(width / layers / best) ** 2 + random.normal(0, 0.002)
            reading = Reading(step=100, loss=float(loss), loss_error=0.0, test_loss=float(loss), oracle_loss=None)
            found.append(record(config, 100, reading, [], MACHINE, (OK, "")))
    return found


def test_the_best_shape_comes_back() -> None:
    """Within its interval; it is flat to a percent, 0.016 nats, within e^1.26 of it. The family has the heads and the rate of the runs."""
    language = read_records(RECORDS / "language.jsonl")
    found = find({"aspect": runs(9.0), "language": language})
    numbers = found.numbers
    assert numbers["best_aspect_low"] < 9 < numbers["best_aspect_high"]
    assert numbers["best_aspect_high"] / numbers["best_aspect_low"] < 2
    assert numbers["flat_to_a_percent_within_a_factor_of"] == pytest.approx(np.exp(0.016**0.5 / 0.1), rel=0.1)
    family, rate = found.relations
    assert (family["coefficients"]["head_width"], family["coefficients"]["k"]) == (4, 12)
    width = (1e5 * numbers["best_aspect"] / 12) ** (1 / 3)
    assert rate["coefficients"]["k"] * 1e5 ** rate["coefficients"]["a"] == pytest.approx(0.01 * 16 / width)
    assert not any("a bound" in note for note in family["notes"])


def test_a_best_shape_beyond_those_tried_is_a_bound() -> None:
    found = find({"aspect": runs(900.0), "language": read_records(RECORDS / "language.jsonl")})
    assert found.numbers["best_aspect"] == pytest.approx(96)
    assert found.numbers["share_at_an_edge"] > 0.9
    assert any("a bound, not an optimum" in note for note in found.relations[0]["notes"])
