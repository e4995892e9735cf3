"""Trials of schedules: a branch leaves its run as it was, data do not hang on the batch, the noise scale is that of single samples."""

import msgspec
import pytest

torch = pytest.importorskip("torch")

from trainer.studies.schedules.measuring import BEYOND, GROUP, GROUPS, TRIALS, Stream, Trajectory, measured  # noqa: E402 - after the skip
from trainer.studies.schedules.trial import Trial, read_measured  # noqa: E402
from trainer.studies.study import RECORDS  # noqa: E402

SMALL = Trial(domain="markov", width=16, reads=(256, 512), seeds=(0, 1), averages=(0.125,), batches=(64,))


def test_a_branch_leaves_its_run_as_it_was() -> None:
    """Beside branches the run reads the same, to the bit; an average over one step's weights is the last weights; a decay is another loss."""
    plain = measured(SMALL)
    branching = measured(msgspec.structs.replace(SMALL, decays=(0.5,)))
    decays = [each for each in branching if each.way == "decay"]
    for way in ("last", "average"):
        alone = {each.samples: each.losses for each in plain if each.way == way}
        beside = {each.samples: each.losses for each in branching if each.way == way}
        assert {samples: beside[samples] for samples in alone} == alone
    last = {each.samples: each for each in plain if each.way == "last"}
    assert [each.samples for each in decays] == [256, 512]
    for each in decays:
        assert each.steps == last[each.samples].steps
        assert each.losses != last[each.samples].losses
    single = [each.losses for each in plain if each.way == "average" and each.samples == 512]
    assert single == [pytest.approx(last[512].losses, abs=1e-6)]


def test_data_and_their_order_do_not_hang_on_the_batch() -> None:
    configs = Trajectory(SMALL).configs
    one, other = Stream(configs), Stream(configs)
    whole = one.take(500, 24)[0]
    parts = torch.cat([other.take(at, 4)[0] for at in range(500, 524, 4)], 1)
    assert torch.equal(whole, parts)


def test_the_noise_scale_is_that_of_the_gradients_of_single_samples() -> None:
    """tr Σ and |G|² by the variance of the gradients of all its samples, one by one: the same to a tenth."""
    path = Trajectory(SMALL)
    for _ in range(8):
        path.advance(512, path.stream)
    stream, count = Stream(path.configs, BEYOND), GROUP * GROUPS
    single = torch.stack([path.gradient(*stream.take(at, 1)) for at in range(count)])
    noise = single.var(0).sum(1)
    signal = single.mean(0).square().sum(1) - noise / count
    assert path.critical() == pytest.approx((noise / signal).tolist(), rel=0.1)


def test_the_records_are_of_all_trials() -> None:
    assert {each.trial for each in read_measured(RECORDS / "trials" / "schedules.jsonl")} == set(TRIALS)
