"""A sweep on Ray: the records are those of processes of this machine."""

import io
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from tiny import needs_torch, plan_of, tiny

from fitted_laws.quantities.extras import MissingPackage
from trainer.files import Refusal
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import read_records, same


def two_runs() -> SweepPlan:
    """Both seeds of one width."""
    plan = plan_of(tiny())
    return msgspec.structs.replace(plan, runs=plan.runs[:2])


def test_without_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "trainer.sweep.engines.ray", raising=False)
    with pytest.raises(MissingPackage, match="--engine ray needs ray, which is not installed: pip install ray"):
        carry_out(two_runs(), tmp_path, 1, Table(io.StringIO()), engine="ray")


@pytest.mark.slow
@needs_torch
@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed, not tested")
def test_ray_gives_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local cluster, from a folder with a user's `trainer.py`; the table hears of each run's end."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("trainer.py", "service.py"):
        (tmp_path / name).write_text("raise SystemExit('a file of the user')")
    out = io.StringIO()
    for engine in ("local", "ray"):
        carry_out(two_runs(), tmp_path / engine, 1, Table(out), engine=engine)
    one, two = (read_records(tmp_path / engine / "runs.jsonl") for engine in ("local", "ray"))
    assert len(one) == 6
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    assert out.getvalue().count("2/2") == 2


@pytest.mark.slow
@needs_torch
@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed, not tested")
def test_a_run_that_fails_on_ray_says_why(tmp_path: Path) -> None:
    """Its records cannot be written: a folder stands where they should."""
    plan = two_runs()
    for config in plan.runs:
        (tmp_path / "runs" / f"{config.id}.jsonl.part").mkdir(parents=True)
        (tmp_path / "runs" / f"{config.id}.checkpoint").mkdir()
    with pytest.raises(Refusal, match="2 of 2 runs could not be carried out"):
        carry_out(plan, tmp_path, 1, Table(io.StringIO()), engine="ray")
