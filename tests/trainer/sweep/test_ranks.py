"""Processes that share a run: its losses are those of one process, its records are written once, and it goes on where it was killed."""

import io
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make sweep brings it")

from shared_steps import losses  # noqa: E402 - after the skip
from tiny import PAIR, TINY, Killed, plan_of, tiny  # noqa: E402

from trainer.__main__ import main  # noqa: E402
from trainer.domains.generated.arithmetic import Arithmetic  # noqa: E402
from trainer.files import Refusal  # noqa: E402
from trainer.sweep.devices import are_here  # noqa: E402
from trainer.sweep.engines.engine import TORCHRUN, Heard, Job, lots  # noqa: E402
from trainer.sweep.engines.local import local  # noqa: E402
from trainer.sweep.engines.progress import Table  # noqa: E402
from trainer.sweep.execution import carry_out  # noqa: E402
from trainer.sweep.model.training import Limits, Progress, train  # noqa: E402
from trainer.sweep.plan import within  # noqa: E402
from trainer.sweep.records import read_records  # noqa: E402

COUNTED_IN_PART = [
    msgspec.structs.replace(config, domain=Arithmetic(digits=1, modules=("compare",)), batch=7) for config in PAIR
]
STEPS = 40
NEAR = 1e-5


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_two_processes_have_the_losses_of_one() -> None:
    """Step by step over a change of chunks, where shares differ in samples and in how many of their tokens count; by a card's steps as well."""
    script = Path(__file__).parents[2] / "support" / "shared_steps.py"
    given = msgspec.json.encode(COUNTED_IN_PART).decode()
    command = [*TORCHRUN, "--nproc-per-node=2", sys.executable, str(script), given, str(STEPS)]
    shared = np.array(msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout))
    alone = np.array(losses(COUNTED_IN_PART, STEPS))
    assert shared.shape == (2, STEPS, 2)
    assert abs(alone[0, 0] - alone[0, -1]).min() > 0.1  # it learns
    np.testing.assert_allclose(shared, alone, atol=NEAR)


def test_a_run_goes_on_shared_where_one_process_left_it(tmp_path: Path) -> None:
    """The first process alone writes: each reading once, under the identities that the runs have anywhere, no checkpoint left.

    A run before it fails: its reason is heard, and the next has processes of its own. There a batch has one sample.
    """
    path = tmp_path / f"{PAIR[0].id}.checkpoint"

    def kill(progress: Progress) -> None:
        if progress.step == 125:
            raise Killed

    with pytest.raises(Killed):
        train(PAIR, Limits(checkpoint=path, checkpoint_seconds=0), kill)
    heard: list[Heard] = []
    single = msgspec.structs.replace(PAIR[0], together=(), batch=1)
    jobs = [Job(configs=configs, folder=str(tmp_path), cards=2) for configs in ((single,), tuple(PAIR))]
    local(jobs, heard.append, 1)
    assert {h.run: h.failed or h.status for h in heard if h.ended} == {
        single.id: "expected a sample or more a card, got batch 1 for 2: take fewer --cards",
        **{config.id: "ok" for config in PAIR},
    }
    for config, whole in zip(PAIR, train(PAIR, Limits()), strict=True):
        found = read_records(tmp_path / f"{config.id}.jsonl")
        assert [(r.run, r.tokens) for r in found] == [(r.run, r.tokens) for r in whole]
        assert [r.loss for r in found] == pytest.approx([r.loss for r in whole], abs=NEAR)
        assert found[-1].machine.notes == ["2 processes share each batch"]
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".jsonl", ".jsonl"]


@pytest.mark.slow
def test_a_sweep_that_processes_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Speeds, rates, runs and law, by the command."""
    (tmp_path / "tiny.toml").write_text(TINY)
    assert (
        main(["sweep", str(tmp_path / "tiny.toml"), "--device", "cpu", "--cards", "2", "-o", str(tmp_path / "out")])
        == 0
    )
    assert "entropy: true" in capsys.readouterr().out


def test_a_cluster_gives_a_task_as_many_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And small runs do not lie side by side where each has several."""
    monkeypatch.setenv("PATH", "")
    plan = msgspec.structs.replace(plan_of(tiny()), device="cuda", card="NVIDIA H100 80GB HBM3", cards=4)
    with pytest.raises(Refusal, match="expected sbatch"):
        carry_out(plan, tmp_path, 1, Table(io.StringIO()), engine="slurm")
    script = (tmp_path / "sweep.sbatch").read_text()
    assert "#SBATCH --gres=gpu:4\n" in script
    assert "#SBATCH --cpus-per-task=4\n" in script
    assert "torch.distributed.run" in script
    assert "--nproc-per-node=4" in script
    jobs = [Job(configs=(config,), card=plan.card, cards=4) for config in plan.runs]
    assert lots(jobs) == [(job,) for job in jobs]


def test_cards_that_are_not_here() -> None:
    with pytest.raises(Refusal, match="--cards: expected 1 or more, got 0"):
        are_here(0, "cpu")
    with pytest.raises(
        Refusal, match=r"--cards 2: expected so many CUDA GPUs and --device cuda, got \d+ of them and cuda:1"
    ):
        are_here(2, "cuda:1")


def test_a_budget_leaves_each_card_a_sample() -> None:
    sweep = msgspec.structs.replace(tiny(), batch=16, fewest_steps=10**9)
    speeds = dict.fromkeys(sweep.widths, 1e4)
    assert [within(sweep, speeds, 60.0, cards).batch for cards in (1, 3, 4)] == [1, 4, 4]
