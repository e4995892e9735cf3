"""L(D) against L(C): where runs on limited data are stopped, and that the fit gives back laws that are known, with their crossing."""

from itertools import product

import msgspec
import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from fitted_laws.quantities.problems import Unanswerable
from trainer.domains.collected.text import Text
from trainer.studies.finite.laws import Frontier, crossings, frontier, together
from trainer.studies.finite.limited import LIMITED, limited_to, of_data, stopped, tokens_of
from trainer.studies.registry import STUDIES
from trainer.studies.study import RECORDS, SAME
from trainer.sweep.config import read_sweep
from trainer.sweep.records import OK, Machine, Reading, RunConfig, RunRecord, read_records, record
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


def test_runs_that_are_not_drawn_have_no_part() -> None:
    """Not even where one lies below a floor that is tried: the fit is that to the others alone."""
    compute, unique = np.geomspace(1e10, 5e12, 7), np.geomspace(8192, 524288, 7)
    hull = Frontier(compute, SIZE * compute**GROWTH, FLOOR + (C0 / compute) ** ALPHA)
    loss = FLOOR + (D0 / unique) ** BETA
    low, weights = np.append(loss, 0.5 * FLOOR), np.append(np.ones(7), 0.0)
    without = together(hull, unique, loss, np.ones(7))
    assert together(hull, np.append(unique, 1e6), low, weights) == pytest.approx(without, rel=1e-6)


def test_an_amount_counts_where_it_taught_something_and_has_settled() -> None:
    """A loss near a guess's is no law's; one that is level to a thousandth has run out, though its last digit falls."""
    near, level, falls = (5.4, 5.3, 5.2, 5.6), (3.0, 2.5, 2.4, 2.3999), (3.0, 2.5, 2.4, 2.39)
    records = [
        r
        for unique, losses in ((8192, near), (16384, level), (32768, falls))
        for seed in (0, 1)
        for r in read(unique, 16, seed, losses)
    ]
    assert {r.unique for r in of_data(stopped(records))} == {16384}


def images() -> dict[str, list[RunRecord]]:
    """The records of the study of images."""
    return {name: read_records(RECORDS / f"{name}.jsonl") for name in STUDIES["image-crossing"].records}


def test_images_are_counted_by_their_tokens() -> None:
    """An epoch is every image once; the committed runs are those that are planned, each read at as many tokens as it says."""
    runs = images()["image-crossing"]
    planned = {(width, 192 * images) for width, of in LIMITED["image-8x8-convolution"].amounts.items() for images in of}
    assert {(r.config.shape.width, tokens_of(r.config.domain)) for r in runs} == planned
    domain = read_sweep("image-8x8-convolution").domain
    assert {msgspec.structs.replace(r.config.domain, unique=msgspec.UNSET, digest="") for r in runs} == {domain}
    assert all(r.tokens == r.config.tokens for r in runs if r.tokens == max(o.tokens for o in runs if o.run == r.run))
    with pytest.raises(TypeError, match="text or of pictures"):
        limited_to(read_sweep("markov").domain, 100)


def known(r: RunRecord, limited: bool) -> RunRecord:
    """A reading whose loss is that of known laws, of compute in the sweep and of data on limited ones, least in the middle of its run."""
    if not limited:
        return msgspec.structs.replace(r, loss=FLOOR + (C0 / r.compute) ** ALPHA)
    late = abs(np.log(r.tokens / r.config.tokens * 2))
    return msgspec.structs.replace(
        r, loss=FLOOR + (D0 / tokens_of(r.config.domain)) ** BETA + 0.1 * late + 1 / r.params
    )


def test_known_exponents_come_back_from_images() -> None:
    """Their difference too, in every resample, and it is said to be none only where it is."""
    found = STUDIES["image-crossing"].find(
        {name: [known(r, name == "image-crossing") for r in side] for name, side in images().items()}
    )
    numbers = found.numbers
    assert (numbers["exponent_of_compute"], numbers["exponent_of_data"]) == (
        pytest.approx(ALPHA, abs=0.02),
        pytest.approx(BETA, abs=0.02),
    )
    difference = numbers["exponent_of_data_by_compute"] - numbers["exponent_of_compute"]
    ends = [numbers[f"data_by_compute_less_compute{end}"] for end in ("", "_low", "_high")]
    assert ends[0] == pytest.approx(difference)
    assert ends[1] <= ends[0] <= ends[2]
    assert ("the same" in found.says) == (max(map(abs, ends)) <= SAME)


def test_images_answer_by_name_alone() -> None:
    """L(D) and L(C) of images meet where the study says; unasked another law of the domain answers or none."""
    numbers = STUDIES["image-crossing"].finding().numbers
    asked = {"domain": "image-8x8", "law": "sweep-2026-image-crossing"}
    answer = ask("crossover", shipped(), **asked).plain()
    assert answer["compute"] == pytest.approx(numbers["compute"], rel=1e-6)
    with pytest.raises(Unanswerable, match="henighan-2020"):
        ask("crossover", shipped(), domain="image-8x8")
