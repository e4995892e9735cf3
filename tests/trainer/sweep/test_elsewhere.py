"""Plans for a card that is not here, by the records of runs that one has trained."""

import pytest

from trainer.__main__ import main
from trainer.commands.sweep import slow_without_card
from trainer.studies.study import RECORDS
from trainer.sweep.config import read_sweep
from trainer.sweep.elsewhere import planned_elsewhere, speeds_of
from trainer.sweep.records import read_records

H100 = RECORDS / "language-h100-prototype.jsonl"


def test_shapes_that_were_trained_have_the_speeds_that_they_had() -> None:
    """Between them a wider model is slower and uses more of the card."""
    records = read_records(H100)
    sweep = read_sweep("language-gpu")
    speeds = speeds_of(sweep, records)
    for record in records:
        assert speeds[record.config.shape.width] == pytest.approx(record.machine.tokens_per_second)
    flops = {w: sweep.run(w, 0, sweep.steps).exact_flops_per_token * speeds[w] for w in sweep.widths}
    assert sorted(speeds, key=lambda w: -speeds[w]) == list(sweep.widths)
    assert flops[768] == pytest.approx(flops[640])
    assert flops[640] == pytest.approx(flops[512])


def test_what_is_smaller_than_all_that_was_trained_is_no_faster() -> None:
    fastest = max(record.machine.tokens_per_second for record in read_records(H100))
    assert speeds_of(read_sweep("ising-gpu"), read_records(H100))[16] == fastest


def test_it_costs_what_its_tokens_take_at_these_speeds() -> None:
    """All runs one after another; a budget leaves out what it does not pay for."""
    sweep = read_sweep("markov-gpu")
    plan, short = planned_elsewhere(sweep, 0.0, H100), planned_elsewhere(sweep, 60.0, H100)
    training = sum(run.tokens / plan.speeds[run.shape.width] for run in plan.runs)
    assert training < plan.seconds < 1.05 * training
    assert short.seconds < 60 < plan.seconds
    assert plan.mfu(plan.flops, plan.seconds) == pytest.approx(plan.flops / plan.seconds / 989.4e12)


def test_a_dry_run_says_what_a_card_elsewhere_would_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """The sweep made for a card, in half precision; the same cost as the plan's."""
    assert main(["sweep", "ising", "--dry-run", "--speeds", str(H100)]) == 0
    said = capsys.readouterr().out
    plan = planned_elsewhere(read_sweep("ising-gpu"), 0.0, H100)
    assert "sweep ising-gpu: 24 runs" in said
    assert "NVIDIA H100 80GB HBM3, bfloat16" in said
    assert f"cost     about {plan.seconds:.0f} s on the card" in said


def test_a_sweep_for_a_card_is_said_to_be_slow_without_one() -> None:
    """Before its widths are measured, on a CPU alone."""
    assert "language is the sweep for a CPU" in slow_without_card(read_sweep("language-gpu"), "cpu")
    assert slow_without_card(read_sweep("language-gpu"), "cuda:1") == ""
    assert slow_without_card(read_sweep("language"), "cpu") == ""
