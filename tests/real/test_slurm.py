"""A sweep on Slurm, whose daemons are started for it on this machine: hears, goes on where the head died, cancels, asks for cards."""

import getpass
import io
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from tiny import needs_torch, plan_of, tiny
from waiting import eventually

from trainer.sweep.engines.engine import Heard, Job
from trainer.sweep.engines.progress import Table
from trainer.sweep.engines.slurm import Slurm, listed
from trainer.sweep.execution import carry_out
from trainer.sweep.records import read_records, same

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")
MUNGE = {"key": "key-file", "socket": "socket", "pid": "pid-file", "log": "log-file", "seed": "seed-file"}
"""The options of munged, by the files that they name."""
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
pytestmark = [
    pytest.mark.slow,
    needs_torch,
    pytest.mark.skipif(
        not all(shutil.which(program, path=PATH) for program in PROGRAMS), reason="Slurm is not installed, not tested"
    ),
]
CONF = """
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={folder}/munge/socket
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1
ReturnToService=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 Gres=gpu:2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
"""


def free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], two.getsockname()[1]]


@pytest.fixture(scope="module", autouse=True)
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A controller and a node of two cores, with two devices that it takes for cards."""
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(mode=0o700)
    key, conf, host = folder / "munge" / "key", folder / "slurm.conf", socket.gethostname().partition(".")[0]
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    conf.write_text(CONF.format(host=host, user=getpass.getuser(), folder=folder, ports=free_ports()))
    (folder / "gres.conf").write_text("Name=gpu File=/dev/null\nName=gpu File=/dev/zero\n")
    at = [f"--{option}={folder}/munge/{name}" for name, option in MUNGE.items()]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", PATH)
        patched.setenv("SLURM_CONF", str(conf))
        with ExitStack() as going:
            for words in (["munged", "--foreground", "--force", *at], ["slurmctld", "-D"], ["slurmd", "-D"]):
                log = going.enter_context((folder / f"{words[0]}.log").open("w"))
                daemon = going.enter_context(subprocess.Popen(words, stdout=log, stderr=log))
                going.callback(daemon.terminate)
            eventually(idle, lambda: "".join(path.read_text() for path in folder.glob("*.log")))
            yield


def idle() -> bool:
    """Whether the node waits for work."""
    return "idle" in subprocess.run(["sinfo"], capture_output=True, text=True, check=False, timeout=20).stdout


def test_slurm_gives_the_same_bits(tmp_path: Path) -> None:
    """And the table hears of each run's end."""
    out = io.StringIO()
    for engine in ("local", "slurm"):
        carry_out(plan_of(tiny()), tmp_path / engine, 1, Table(out), engine=engine)
    one, two = (read_records(tmp_path / engine / "runs.jsonl") for engine in ("local", "slurm"))
    assert len(one) == 18
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    assert out.getvalue().count("6/6") == 2


def test_another_head_goes_on_with_the_array(tmp_path: Path) -> None:
    """The first has submitted it and is gone: nothing is submitted anew, and every run's end is heard."""
    jobs = [Job(configs=tuple(plan_of(tiny()).runs[:2]), folder=str(tmp_path))]
    number = Slurm(tmp_path, "gone").submitted(jobs)
    assert listed(number)
    again = Slurm(tmp_path, "again")
    assert {heard.run for heard in again.submit(jobs) if heard.status == "ok"} == {r.id for r in jobs[0].configs}
    assert again.number == number
    eventually(lambda: not listed(number))


def test_an_interrupt_cancels(tmp_path: Path) -> None:
    """Its task ends before its run does."""
    plan = plan_of(msgspec.structs.replace(tiny(), tokens=50_000_000))
    plan = msgspec.structs.replace(plan, runs=plan.runs[:2])

    class Interrupted(Table):
        def hear(self, heard: Heard) -> None:
            super().hear(heard)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(plan, tmp_path, 1, Interrupted(io.StringIO()), engine="slurm")
    number = (tmp_path / "slurm.id").read_text().strip()
    eventually(lambda: not listed(number))
    assert not list((tmp_path / "runs").glob("*.jsonl"))


def test_a_task_that_dies_is_heard_of(tmp_path: Path) -> None:
    """It was given the card that it asked for, and trains on one that no machine has: the sentence says where its last words are."""
    configs = tuple(plan_of(tiny()).runs[:2])
    engine = Slurm(tmp_path, "cards")
    heard = list(engine.submit([Job(configs=configs, folder=str(tmp_path), device="cuda:99")]))
    assert {h.run for h in heard} == {config.id for config in configs}
    assert f"see slurm-{engine.number}-*.err" in heard[0].failed
    shown = subprocess.run(
        ["scontrol", "show", "job", engine.number], capture_output=True, text=True, check=True
    ).stdout
    assert "TresPerNode=gres:gpu:1" in shown
