"""Event files of a sweep, read back with TensorBoard's own reader."""

import io
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tiny import TINY, plan_of, tiny

from trainer.__main__ import main
from trainer.sweep.engines.engine import Heard
from trainer.sweep.records import Machine, Reading, record, write_records

needs_tensorboard = pytest.mark.skipif(
    find_spec("tensorboard") is None, reason="tensorboard is not installed: make imports brings it"
)
NOWHERE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})


def test_without_tensorboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence that says what installs it, before anything is measured or left in the folder of events."""
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delitem(sys.modules, "trainer.sweep.engines.tensorboard", raising=False)
    (tmp_path / "tiny.toml").write_text(TINY)
    assert (
        main(
            [
                "sweep",
                str(tmp_path / "tiny.toml"),
                "--tensorboard",
                str(tmp_path / "events"),
                "-o",
                str(tmp_path / "out"),
            ]
        )
        == 2
    )
    told = capsys.readouterr().err
    assert "--tensorboard needs tensorboard, which is not installed: `make imports`" in told
    assert told.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.toml"]


@pytest.mark.slow
@needs_tensorboard
def test_what_tensorboard_reads(tmp_path: Path) -> None:
    """A run that is heard of at its second read, and ends: each reading once, at its tokens; the gap to the entropy; the rate in the warm-up."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415 - may be missing

    from trainer.sweep.engines.tensorboard import EventTable  # noqa: PLC0415 - may be missing

    plan = plan_of(tiny())
    run, truth = plan.runs[0], tiny().domain.entropy.value
    table = EventTable(io.StringIO(), tmp_path / "events", tmp_path)
    table.begin(plan.runs, 1.0, 0)
    first, second, last = (read * run.tokens_per_step for read in run.reads)
    table.hear(Heard(run=run.id, tokens=run.tokens_per_step))
    table.hear(Heard(run=run.id, tokens=second + run.tokens_per_step, loss=truth + 0.5))
    readings = [
        Reading(step=s, loss=truth + g, loss_error=0.0, test_loss=3.0, oracle_loss=2.0)
        for s, g in zip(run.reads, (1, 0.5, 0.25), strict=True)
    ]
    write_records(
        [record(run, r.step, r, [(first, 2.9), (last, 2.5)], NOWHERE, ("", "")) for r in readings],
        tmp_path / f"{run.id}.jsonl",
    )
    table.hear(Heard(run=run.id, tokens=last, loss=truth + 0.25, status="ok"))
    table.end()
    (folder,) = (tmp_path / "events").iterdir()
    assert folder.name == f"width-12-seed-0-{run.id}"
    read = EventAccumulator(str(folder)).Reload()
    found = {tag: sorted((e.step, round(e.value, 4)) for e in read.Scalars(tag)) for tag in read.Tags()["scalars"]}
    assert found["gap"] == [(first, 1.0), (second, 0.5), (last, 0.25)]
    assert [step for step, _ in found["loss"]] == [first, second, last]
    assert found["training_loss"] == [(first, 2.9), (last, 2.5)]
    assert [value for _, value in found["rate"]] == [pytest.approx(0.01 / (0.03 * run.reads[-1]), abs=1e-4), 0.01, 0.01]
