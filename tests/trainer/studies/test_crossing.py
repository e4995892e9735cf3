"""L(D) against L(C): where runs on limited data are stopped, and that the fit gives back laws that are known, with their crossing."""

from itertools import product

import numpy as np
import pytest

from trainer.domains.collected.text import Text
from trainer.studies.scaling.crossing import Frontier, crossings, frontier, together
from trainer.studies.scaling.limited import of_data, stopped
from trainer.sweep.records import OK, Machine, Reading, RunConfig, RunRecord, record
from trainer.sweep.shape import Shape

FLOOR, C0, ALPHA, D0, BETA, SIZE, GROWTH = 1.25, 4e9, 0.23, 3e4, 0.3, 0.02, 0.54
READS = (10, 20, 30, 40)
MACHINE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})


def read(unique: int, width: int, seed: int, losses: tuple[float, ...]) -> list[RunRecord]:
    """A run on limited data with these losses."""
    domain = Text(source="none", context=64, unique=unique)
    config = RunConfig(domain=domain, shape=Shape(layers=1, width=width), batch=16, reads=READS, seed=seed)
    found = [
        Reading(step=s, loss=x, loss_error=0.0, test_loss=x, oracle_loss=None)
        for s, x in zip(READS, losses, strict=True)
    ]
    return [record(config, reading.step, reading, [], MACHINE, (OK, "")) for reading in found]


def test_runs_stop_where_the_other_seed_is_best() -> None:
    """So that a lucky reading is not chosen for its luck."""
    records = [*read(8192, 16, 0, (3.0, 2.5, 2.3, 2.8)), *read(8192, 16, 1, (3.1, 2.4, 2.6, 2.9))]
    assert [(r.loss, r.own_least, r.epochs) for r in stopped(records)] == [
        (2.5, 2.3, 20 * 1024 / 8192),
        (2.6, 2.4, 30 * 1024 / 8192),
    ]


def test_data_that_have_not_run_out_say_nothing_of_their_law() -> None:
    """The width that does better stands for an amount of data; one whose loss still falls at the end stands for none."""
    turns, better, falls = (3.0, 2.5, 2.4, 2.6), (3.0, 2.4, 2.3, 2.5), (3.0, 2.5, 2.4, 2.3)
    runs = [(8192, 16, turns), (8192, 32, better), (16384, 16, falls)]
    records = [r for (unique, width, losses), seed in product(runs, (0, 1)) for r in read(unique, width, seed, losses)]
    assert [(r.unique, r.width, r.loss) for r in of_data(stopped(records))] == [(8192, 32, 2.3), (8192, 32, 2.3)]


def test_the_hull_is_of_the_means_of_seeds() -> None:
    """A lucky seed is no corner, unless it alone was drawn."""
    records = [r for seed, last in ((0, 1.9), (1, 2.1)) for r in read(8192, 16, seed, (3.0, 2.6, 2.3, last))]
    both, lucky = (frontier(records, {records[0].run: 1.0, records[-1].run: weight}) for weight in (1.0, 0.0))
    assert (both.loss[-1], lucky.loss[-1]) == (2.0, 1.9)
    assert both.compute[-1] == pytest.approx(6 * records[0].params * 40 * 1024)


def test_known_laws_come_back_with_their_crossing() -> None:
    """One floor, both powers, the growth of sizes; at the crossing both losses are the same."""
    compute, unique = np.geomspace(1e10, 5e12, 7), np.geomspace(8192, 524288, 7)
    hull = Frontier(compute, SIZE * compute**GROWTH, FLOOR + (C0 / compute) ** ALPHA)
    fit = together(hull, unique, FLOOR + (D0 / unique) ** BETA, np.ones(7))
    assert fit == pytest.approx([FLOOR, np.log(C0), ALPHA, np.log(D0), BETA, np.log(SIZE), GROWTH], rel=1e-3)
    exact = np.array([FLOOR, np.log(C0), ALPHA, np.log(D0), BETA, np.log(SIZE), GROWTH])
    at = float(np.exp(crossings(exact[None])[0]))
    assert (C0 / at) ** ALPHA == pytest.approx((D0 * 6 * SIZE * at ** (GROWTH - 1)) ** BETA)
    steep = np.where(exact == BETA, 2 * BETA, exact)
    assert np.isinf(crossings(steep[None]))
