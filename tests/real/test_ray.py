"""A sweep on Ray: the records are those of processes of this machine, also where a node of the cluster goes."""

import io
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tiny import needs_torch, plan_of, tiny

from fitted_laws.quantities.extras import MissingPackage
from trainer.files import Refusal
from trainer.sweep.engines.engine import Heard, Job
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


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without cores, which RAY_ADDRESS names; nodes are for the test to add."""
    pytest.importorskip("ray", reason="ray is not installed, not tested")
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - ray is not always here

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    yield made
    made.shutdown()


@pytest.mark.slow
@needs_torch
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of Ray's own processes and sockets
def test_a_run_whose_node_goes_is_tried_on_another(tmp_path: Path, cluster: Any) -> None:
    """Of two nodes the one that trains is removed once the run is on its way; what comes of it is what a quiet machine has, bit by bit."""
    plan = plan_of(msgspec.structs.replace(tiny(), tokens=1_500_000))
    plan = msgspec.structs.replace(plan, runs=plan.runs[:2])
    nodes = [cluster.add_node(num_cpus=1)]

    class Removing(Table):
        def hear(self, heard: Heard) -> None:
            super().hear(heard)
            if len(nodes) == 1 and heard.tokens > 100_000:
                assert not heard.ended
                nodes.append(cluster.add_node(num_cpus=1))
                cluster.remove_node(nodes[0], allow_graceful=False)

    carry_out(plan, tmp_path / "ray", 1, Removing(io.StringIO()), checkpoint_seconds=0.5, engine="ray")
    assert len(nodes) == 2
    carry_out(plan, tmp_path / "local", 1, Table(io.StringIO()))
    one, two = (read_records(tmp_path / engine / "runs.jsonl") for engine in ("local", "ray"))
    assert len(one) == 6
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of Ray's own processes and sockets
def test_a_job_on_cards_is_given_them(cluster: Any) -> None:
    """Its process sees as many as share its runs, and one on a CPU none. The node says that it has three."""
    cluster.add_node(num_cpus=3, num_gpus=3)
    import ray  # noqa: PLC0415 - ray is not always here

    from trainer.sweep.engines.ray import task_for  # noqa: PLC0415 - … nor then this

    ray.init(address=cluster.address, log_to_driver=False)
    try:
        for device, cards, given in (("cuda", 1, 1), ("cuda", 2, 2), ("cpu", 1, 0)):
            job = Job(configs=tuple(two_runs().runs), device=device, cards=cards)
            shown = task_for(job).remote(b"", ["sh", "-c", "cat >/dev/null; echo $CUDA_VISIBLE_DEVICES"], {})
            assert len([card for card in ray.get(next(shown)).decode().strip().split(",") if card]) == given
    finally:
        ray.shutdown()
