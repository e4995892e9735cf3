"""Runs that have their turns in one process: as a CPU can show it, none notices the others."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make sweep brings it")

from tiny import PAIR, SMALL, Killed  # noqa: E402 - after the skip

from trainer.files import Refusal  # noqa: E402
from trainer.sweep.engines.engine import Heard, Job  # noqa: E402
from trainer.sweep.engines.local import told, worker  # noqa: E402
from trainer.sweep.engines.turns import in_turns  # noqa: E402
from trainer.sweep.model.training import Limits, Progress, train, training  # noqa: E402
from trainer.sweep.records import RunConfig, RunRecord, read_records, same  # noqa: E402
from trainer.sweep.shape import Shape  # noqa: E402

Records = list[list[RunRecord]]
WIDER = [msgspec.structs.replace(run, shape=Shape(layers=1, width=16), reads=(60, 130)) for run in PAIR]
HALF = [msgspec.structs.replace(run, precision="bfloat16") for run in WIDER]
"""Looked at every 25th step, as on a card."""
TERABYTES = [msgspec.structs.replace(SMALL, shape=Shape(layers=1, width=4_000_000))]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def alone() -> list[Records]:
    """What each comes to when it is trained by itself."""
    torch.set_num_threads(1)
    return [train(runs, Limits()) for runs in (PAIR, WIDER, HALF)]


def kept(
    runs: list[RunConfig], limits: Limits, found: dict[str, Records], steps: list[str] | None = None
) -> Iterator[None]:
    """Trains into `found`, by the first run's identity; `steps` says whose looks came in which order."""

    def tell(progress: Progress) -> None:
        if steps is not None:
            steps.append(progress.members[0].id)

    found[runs[0].id] = yield from training(runs, limits, tell)


def equal(one: Records, other: Records) -> bool:
    pairs = [pair for ours in zip(one, other, strict=True) for pair in zip(*ours, strict=True)]
    return len(pairs) > 0 and all(same(*pair) for pair in pairs)


def test_records_are_those_of_runs_trained_alone(alone: list[Records]) -> None:
    """To the bit, in single and in half precision, of another width and another length; they do have turns."""
    found: dict[str, Records] = {}
    looks: list[str] = []
    in_turns([kept(runs, Limits(), found, looks) for runs in (PAIR, WIDER, HALF)], "cpu")
    for runs, expected in zip((PAIR, WIDER, HALF), alone, strict=True):
        assert equal(found[runs[0].id], expected)
    turns = [run for run in looks if run != HALF[0].id]
    assert turns[:4] == [PAIR[0].id, WIDER[0].id] * 2
    assert looks[-1] == PAIR[0].id, "the longest ends last"


def test_a_fault_of_one_leaves_the_others(alone: list[Records]) -> None:
    """One diverges, one's time is up, one finds no memory: each has its record, and the last its bits."""
    found: dict[str, Records] = {}
    wild = [msgspec.structs.replace(SMALL, learning_rate=1e4, warmup=0.0)]
    late = [msgspec.structs.replace(SMALL, seed=7)]
    runs = [
        kept(wild, Limits(), found),
        kept(late, Limits(seconds=0.0), found),
        kept(TERABYTES, Limits(), found),
        kept(WIDER, Limits(), found),
    ]
    in_turns(runs, "cpu")
    ends = [found[r[0].id][0][-1].status for r in (wild, late, TERABYTES)]
    assert ends == ["diverged", "time-limit", "out-of-memory"]
    assert equal(found[WIDER[0].id], alone[1])


def test_what_one_raises_is_raised_when_the_others_have_ended(tmp_path: Path, alone: list[Records]) -> None:
    """A checkpoint that cannot be written."""
    found: dict[str, Records] = {}
    nowhere = Limits(checkpoint=tmp_path / "none" / "state", checkpoint_seconds=0)
    with pytest.raises(Refusal, match="expected a place for the checkpoint"):
        in_turns([kept(PAIR, nowhere, found), kept(WIDER, Limits(), found)], "cpu")
    assert list(found) == [WIDER[0].id]
    assert equal(found[WIDER[0].id], alone[1])


@pytest.mark.parametrize("moment", [25, 100])
def test_checkpoints_of_each_are_its_own(tmp_path: Path, moment: int, alone: list[Records]) -> None:
    """Killed in one's turn and started again, all end as undisturbed ones."""
    ensembles = [PAIR, WIDER, HALF]

    def limits(number: int) -> Limits:
        return Limits(checkpoint=tmp_path / str(number), checkpoint_seconds=0)

    def kill(progress: Progress) -> None:
        if progress.step == moment:
            raise Killed

    with pytest.raises(Killed):
        in_turns([training(runs, limits(i), *[kill] * (i == 1)) for i, runs in enumerate(ensembles)], "cpu")
    assert (tmp_path / "0").exists()
    found: dict[str, Records] = {}
    in_turns([kept(runs, limits(i), found) for i, runs in enumerate(ensembles)], "cpu")
    assert all(equal(found[runs[0].id], expected) for runs, expected in zip(ensembles, alone, strict=True))


def test_a_process_trains_a_lot(tmp_path: Path, alone: list[Records]) -> None:
    """Records of each are its own files, and say that time was shared; what finds too little memory so is tried again by itself."""
    lot = tuple(Job(configs=tuple(runs), folder=str(tmp_path)) for runs in (PAIR, TERABYTES, WIDER))
    process = worker()
    heard: list[Heard] = [each for each in told(process, lot) if each.ended]
    process.communicate()
    assert heard[-1].run == TERABYTES[0].id
    assert {each.run: each.status for each in heard} == {
        **{run.id: "ok" for run in (*PAIR, *WIDER)},
        TERABYTES[0].id: "out-of-memory",
    }
    for runs, expected in ((PAIR, alone[0]), (WIDER, alone[1])):
        records = [read_records(tmp_path / f"{run.id}.jsonl") for run in runs]
        assert equal(records, expected)
        assert records[0][-1].machine.notes == ["shares time and memory with 2 others"]
    (short,) = read_records(tmp_path / f"{TERABYTES[0].id}.jsonl")
    assert short.machine.notes is msgspec.UNSET
    assert not list(tmp_path.glob("*.checkpoint"))


def test_a_lot_of_which_one_cannot_be_carried_out(tmp_path: Path) -> None:
    """Its records cannot be written: it alone is said to have failed."""
    (tmp_path / f".{SMALL.id}.jsonl.part").mkdir()
    (tmp_path / f"{SMALL.id}.jsonl").mkdir()
    lot = tuple(Job(configs=tuple(runs), folder=str(tmp_path)) for runs in ([SMALL], WIDER))
    process = worker()
    ended = {each.run: each for each in told(process, lot) if each.ended}
    process.communicate()
    assert ended[SMALL.id].failed
    assert [ended[run.id].status for run in WIDER] == ["ok", "ok"]
