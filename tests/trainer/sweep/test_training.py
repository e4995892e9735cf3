"""A run: the same records however often it is killed, faults with their reasons, and the oracle within reach."""

import math
from pathlib import Path

import msgspec
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make sweep brings it")

from tiny import PAIR, SMALL, Killed  # noqa: E402 - after the skip

from trainer.domains.collected.text import Text  # noqa: E402
from trainer.domains.generated.arithmetic import Arithmetic  # noqa: E402
from trainer.domains.generated.ising import Ising  # noqa: E402
from trainer.domains.generated.markov import LEAST_EXCESS, Markov  # noqa: E402
from trainer.sweep.model.training import Limits, Progress, train  # noqa: E402
from trainer.sweep.records import (  # noqa: E402
    RunConfig,
    RunRecord,
    geometric_reads,
    name_by_id,
    read_records,
    same,
    write_records,
)
from trainer.sweep.shape import Shape  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def undisturbed() -> list[list[RunRecord]]:
    """What the pair comes to when nothing happens to it."""
    torch.set_num_threads(1)
    return train(PAIR, Limits())


@pytest.mark.parametrize("moment", [25, 75, 100, 175])
def test_killed_and_started_again_gives_the_same_bits(
    tmp_path: Path, moment: int, undisturbed: list[list[RunRecord]]
) -> None:
    """Inside and outside the steps that are averaged, before and after readings."""
    limits = Limits(checkpoint=tmp_path / "state", checkpoint_seconds=0)

    def kill(progress: Progress) -> None:
        if progress.step == moment:
            raise Killed

    with pytest.raises(Killed):
        train(PAIR, limits, kill)
    again = train(PAIR, limits)
    assert [len(records) for records in undisturbed] == [3, 3]
    assert all(same(a, b) for one, two in zip(again, undisturbed, strict=True) for a, b in zip(one, two, strict=True))


def test_a_checkpoint_of_former_identities_is_taken_up(tmp_path: Path, undisturbed: list[list[RunRecord]]) -> None:
    """A run that was killed before identities were sorted ends as an undisturbed one."""
    path = tmp_path / f"{PAIR[0].former_id}.checkpoint"

    def kill(progress: Progress) -> None:
        if progress.step == 100:
            raise Killed

    with pytest.raises(Killed):
        train(PAIR, Limits(checkpoint=path, checkpoint_seconds=0), kill)
    state = torch.load(path, weights_only=True)
    for config in PAIR:
        state["progress"] = state["progress"].replace(config.id.encode(), config.former_id.encode())
    torch.save(state, path)
    name_by_id(tmp_path, PAIR)
    begun: list[int] = []
    limits = Limits(checkpoint=tmp_path / f"{PAIR[0].id}.checkpoint", checkpoint_seconds=0)
    again = train(PAIR, limits, lambda progress: begun.append(progress.step))
    assert begun[0] == 100
    assert all(same(*both) for ours in zip(again, undisturbed, strict=True) for both in zip(*ours, strict=True))


def test_members_learn_as_they_would_alone(undisturbed: list[list[RunRecord]]) -> None:
    """To rounding: no member sees another's data, gradient or clipping."""
    for config, found in zip(PAIR, undisturbed, strict=True):
        (alone,) = train([msgspec.structs.replace(config, together=())], Limits())
        assert [r.loss for r in found] == pytest.approx([r.loss for r in alone], abs=2e-4)
    assert undisturbed[0][-1].loss != pytest.approx(undisturbed[1][-1].loss, abs=1e-6)


def test_records_are_lines_that_fits_read(tmp_path: Path) -> None:
    """What is written is read back; the identity follows from the configuration alone, and from whom it learns with."""
    (records,) = train([SMALL], Limits())
    write_records(records, tmp_path / "runs.jsonl")
    assert read_records(tmp_path / "runs.jsonl") == records
    assert records[0].run == SMALL.id
    assert len({SMALL.id, msgspec.structs.replace(SMALL, seed=1).id, PAIR[0].id, PAIR[1].id}) == 4
    last = records[-1]
    assert last.tokens == 200 * 48
    assert last.compute == 6 * last.params * last.tokens
    assert last.loss is not None
    assert last.entropy < last.loss < math.log(8) + 0.05
    assert [t for t, _ in last.learning_curve][-1] == last.tokens


def test_faults_are_recorded_with_their_reason() -> None:
    """Divergence, the time's end, too little memory: a line each."""
    assert train([msgspec.structs.replace(SMALL, learning_rate=1e4, warmup=0.0)], Limits())[0][-1].status == "diverged"
    (late,) = train([SMALL], Limits(seconds=0.0))
    assert [(r.status, r.loss) for r in late] == [("time-limit", None)]
    assert "limit of 0 s" in late[0].reason
    terabytes = msgspec.structs.replace(SMALL, shape=Shape(layers=1, width=4_000_000))
    (short,) = train([terabytes], Limits())
    assert [(r.status, r.loss) for r in short] == [("out-of-memory", None)]
    assert "allocate" in short[0].reason


def test_only_answers_count() -> None:
    """`arithmetic` with one question and answer form trains and is read in counted tokens."""
    config = RunConfig(
        domain=Arithmetic(digits=1, modules=("compare",)),
        shape=Shape(layers=1, width=16),
        batch=32,
        reads=(150,),
        test_samples=256,
    )
    ((found,),) = train([config], Limits())
    assert found.loss is not None
    assert found.entropy == 0
    assert found.loss < 0.5
    assert found.loss == pytest.approx(found.test_loss, abs=1e-9)


def test_files_are_read_without_an_oracle(tmp_path: Path) -> None:
    """A model of text learns it: the loss is that of held-out windows, by place as well, no truth is claimed, and other text is read beside it."""
    for name, line in (("home", "all of it the same. "), ("other", "nothing alike here; ")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(line * 1000)
    domain = Text(source=str(tmp_path / "home"), context=16, also=(str(tmp_path / "other"),))
    config = RunConfig(domain=domain, shape=Shape(layers=1, width=16), batch=16, reads=(40, 120), test_samples=64)
    first, last = train([config], Limits())[0]
    assert (last.entropy, last.oracle_loss, last.excess_by_place) == (None, None, [])
    assert last.loss == last.test_loss
    assert last.loss is not None
    assert last.loss < 1.0 < last.elsewhere["other"]
    assert sum(last.by_place) / 16 == pytest.approx(last.loss, rel=1e-4)
    assert first.by_place == []


def test_another_runs_checkpoint_is_refused(tmp_path: Path) -> None:
    limits = Limits(checkpoint=tmp_path / "state", checkpoint_seconds=0)
    train([SMALL], limits)
    with pytest.raises(ValueError, match="checkpoint of run"):
        train([msgspec.structs.replace(SMALL, seed=1)], limits)


@pytest.mark.slow
def test_ising_comes_within_two_thousandths_of_the_oracle() -> None:
    """A sharp check of the whole loss path: 8 × 8 spins, a small model."""
    config = RunConfig(
        domain=Ising(), shape=Shape(layers=2, width=32), batch=32, reads=geometric_reads(2400, 2), test_samples=1024
    )
    found = train([config], Limits())[0][-1]
    assert found.loss is not None
    assert 0 < found.loss - found.entropy < 0.002


@pytest.mark.slow
def test_the_excess_falls_with_size_as_the_rank_allows() -> None:
    """`markov` with β = 1.5: from width 4 to 8 the slope of the excess is that of ε(d), to a fifth; no model is below ε(d)."""
    domain = Markov(symbols=64, beta=1.5)
    excess = {}
    for width in (4, 8):
        config = RunConfig(
            domain=domain, shape=Shape(layers=1, width=width, head_width=4), batch=64, reads=(8000,), test_samples=1024
        )
        ((found,),) = train([config], Limits())
        assert found.loss is not None
        excess[width] = found.loss - found.entropy
        assert excess[width] > LEAST_EXCESS[width]
    slope, exact = (math.log(each[4] / each[8]) / math.log(2) for each in (excess, LEAST_EXCESS))
    assert slope == pytest.approx(exact, rel=0.2)
