"""A sweep: plans that fit their budget, refusals in a sentence, and a ladder that is killed, resumed, fitted and asked."""

import hashlib
import io
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tiny import TINY, needs_torch, plan_of, record_of, tiny

from trainer.__main__ import main
from trainer.commands.served import closing
from trainer.commands.sweep import duration
from trainer.domains.base import identity
from trainer.files import Refusal, write_whole
from trainer.studies.study import RECORDS
from trainer.sweep.config import FEWEST_STEPS, SWEEPS, read_sweep
from trainer.sweep.engines.engine import Heard, Lot
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.plan import SweepPlan, affordable, keep_plan, kept_plan, reading_tokens
from trainer.sweep.records import (
    RunRecord,
    name_by_id,
    read_records,
    same,
    write_records,
)
from trainer.sweep.shape import body_params


@pytest.mark.parametrize("path", sorted(SWEEPS.glob("*.toml")), ids=lambda p: p.stem)
def test_sweeps_that_ship(path: Path) -> None:
    """Each is named after its file, and its sizes and data span a factor of ten."""
    sweep = read_sweep(path.stem)
    assert sweep.name == path.stem
    runs = plan_of(sweep).runs
    params = {body_params(c.groups) for c in runs}
    assert min(params) >= 1000
    assert max(params) / min(params) >= 9
    assert runs[0].reads[-1] / runs[0].reads[0] >= 10
    assert len({c.id for c in runs}) == len(runs)


def reordered(value: object) -> object:
    """The same fields, of structs too, in the reverse order."""
    if not isinstance(value, msgspec.Struct):
        return value
    names = value.__struct_fields__[::-1]
    tags = {"tag_field": value.__struct_config__.tag_field, "tag": value.__struct_config__.tag}
    kind = msgspec.defstruct("Reordered", [(name, Any) for name in names], kw_only=True, **tags)
    return kind(**{name: reordered(getattr(value, name)) for name in names})


@pytest.mark.parametrize("name", [path.stem for path in SWEEPS.glob("*.toml")])
def test_an_identity_is_free_of_the_order_of_fields(name: str) -> None:
    """It is the digest of the sorted JSON, as Python's own encoder sorts it."""
    sweep = read_sweep(name)
    config = sweep.run(sweep.widths[0], 0, sweep.steps)
    turned = reordered(config)
    assert list(msgspec.to_builtins(turned)) == list(msgspec.to_builtins(config))[::-1]
    assert identity(turned) == config.id
    plain = json.dumps(msgspec.to_builtins(config), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert config.id == hashlib.sha256(plain.encode()).hexdigest()[:16]


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.jsonl")), ids=lambda p: p.stem)
def test_records_of_former_identities_are_found(tmp_path: Path, path: Path) -> None:
    """A folder as sweeps left it when the records that ship were made: each run is found under today's name, with its own words."""
    former: dict[str, list[RunRecord]] = {}
    for line in read_records(path):
        former.setdefault(line.run, []).append(line)
    for run, lines in former.items():
        write_records(lines, tmp_path / f"{run}.jsonl")
    name_by_id(tmp_path, [])
    for lines in former.values():
        assert read_records(tmp_path / f"{lines[0].config.id}.jsonl") == lines
    assert len(list(tmp_path.iterdir())) == len(former)


@needs_torch
def test_a_sweep_begun_by_former_identities_goes_on(tmp_path: Path) -> None:
    """What is recorded is not trained again, and stays as it is; what is not, is trained."""
    sweep = msgspec.structs.replace(tiny(), tokens=64 * 256)
    plan = plan_of(sweep)
    *done, third, fourth = plan.runs
    (tmp_path / "runs").mkdir()
    before = [msgspec.structs.replace(record_of(config), run=config.former_id) for config in done]
    for line in before:
        write_records([line], tmp_path / "runs" / f"{line.run}.jsonl")
    out = io.StringIO()
    records = carry_out(plan, tmp_path, 1, Table(out))
    assert out.getvalue().startswith("4 of 6 runs recorded already")
    assert records[:4] == before
    assert [r.run for r in records[4:]] == [third.id] * 3 + [fourth.id] * 3


def test_what_a_budget_pays_for() -> None:
    """Steps for these core-seconds cost these core-seconds; too few are refused."""
    sweep = tiny()
    speeds = {12: 3e4, 16: 2e4, 24: 1e4}
    steps = affordable(sweep, speeds, 60.0)
    spent = sum((steps * 256 + reading_tokens(sweep)) / s for s in speeds.values()) * 2
    assert 0.98 * 60 < spent <= 60
    with pytest.raises(ValueError, match=f"{FEWEST_STEPS} are the fewest"):
        affordable(sweep, speeds, 1.0)


def test_a_plan_is_kept_for_the_same_sweep_alone(tmp_path: Path) -> None:
    plan = plan_of(tiny())
    keep_plan(plan, tmp_path)
    assert kept_plan(tiny(), 0.0, tmp_path) == plan
    with pytest.raises(ValueError, match="another sweep or budget"):
        kept_plan(tiny(), 60.0, tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TINY + "colour = 1", "colour"),
        (TINY.replace("[12, 16, 24]", "[12, 16]"), "3 widths"),
        (TINY.replace("markov", "marzipan"), "marzipan"),
        ("name = [", "sweep.toml"),
    ],
)
def test_files_are_refused_in_a_sentence(
    tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written."""
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    assert main(["sweep", str(path), "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("blocked", ["file", "file/below"])
def test_output_that_cannot_be_written(tmp_path: Path, blocked: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the folder should be: said at once, before anything is measured."""
    (tmp_path / "tiny.toml").write_text(TINY)
    (tmp_path / "file").write_text("in the way")
    assert main(["sweep", str(tmp_path / "tiny.toml"), "-o", str(tmp_path / blocked)]) == 2
    told = capsys.readouterr().err
    assert f"{tmp_path / blocked}: expected a folder that can be written" in told
    assert told.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "tiny.toml"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """As under a limit on the size of files: one sentence, the old file untouched, no part of the new one."""
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Refusal, match=r"plan.json: expected a place for 5000 bytes, got: File too large"):
            write_whole(b"x" * 5000, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("plan.json", b"old")]


@needs_torch
@pytest.mark.slow
def test_a_sweep_on_a_full_disk_says_so(tmp_path: Path) -> None:
    """The table of runs does not fit: exit 2, one sentence, no table, no law, no part of a file; with room again the same command ends."""
    (tmp_path / "tiny.toml").write_text(TINY)
    command = [sys.executable, "-m", "trainer", "sweep", str(tmp_path / "tiny.toml"), "-o", str(tmp_path / "out")]
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))}
    full = subprocess.run(command, capture_output=True, text=True, check=False, **limits)
    assert full.returncode == 2
    assert re.search(r"runs\.jsonl: expected a place for \d+ bytes, got: File too large", full.stderr)
    assert full.stderr.count("\n") == 1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["plan.json", "runs"]
    assert not list((tmp_path / "out").rglob("*.part"))
    assert "entropy: true" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_unknown_names_list_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "marzipan"]) == 2
    assert "arithmetic, captions-image-text," in capsys.readouterr().err


def test_slurm_gets_a_task_an_ensemble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each task's file is a job of both seeds, for the worker's standard input; where Slurm is not, the sentence says what is written."""
    monkeypatch.setenv("PATH", "")
    plan = plan_of(tiny())
    keep_plan(plan, tmp_path)
    with pytest.raises(Refusal, match="expected sbatch on the path, found none"):
        carry_out(plan, tmp_path, 2, Table(io.StringIO()), engine="slurm")
    assert "#SBATCH --array=0-2\n" in (tmp_path / "sweep.sbatch").read_text()
    lots = [msgspec.json.decode((tmp_path / f"slurm-{task}.jsonl").read_bytes(), type=Lot) for task in range(3)]
    jobs = [job for (job,) in lots]
    assert [config for job in jobs for config in job.configs] == plan.runs
    assert {job.folder for job in jobs} == {str(tmp_path / "runs")}


def test_slurm_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an sbatch that refuses, what it said."""
    program = tmp_path / "bin" / "sbatch"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'no such partition' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    with pytest.raises(Refusal, match="no such partition"):
        carry_out(plan_of(tiny()), tmp_path, 2, Table(io.StringIO()), engine="slurm")


def test_times() -> None:
    assert [duration(t) for t in ("90s", "20m", "1.5h")] == [90, 1200, 5400]


def test_plain_table_has_a_line_a_run() -> None:
    """Without a terminal; the gap is to the exact entropy."""
    out, plan = io.StringIO(), plan_of(tiny())
    table = Table(out, clock=lambda: 0.0)
    table.begin(plan.runs, 10.0, 0)
    run = plan.runs[0]
    table.hear(Heard(run=run.id, tokens=100))
    table.hear(Heard(run=run.id, tokens=run.tokens, loss=run.domain.entropy.value + 0.25, status="ok"))
    assert out.getvalue().count("\n") == 1
    assert "gap +0.2500" in out.getvalue()


def test_the_closing_line() -> None:
    """The form that the contract prints, and which side of the interval the truth is on."""
    line = record_of(tiny().run(16, 0, 100))
    answer = {
        "irreducible_loss": 1.5,
        "irreducible_loss_low": line.entropy - 0.001,
        "irreducible_loss_high": line.entropy + 0.002,
    }
    low, high = line.entropy - 0.001, line.entropy + 0.002
    assert (
        closing(answer, [line]) == f"entropy: true {line.entropy:.4f}, fitted 1.5000, 90 % {low:.3f}–{high:.3f}, inside"
    )
    assert closing(answer | {"irreducible_loss_low": high}, [line]).endswith("outside")


KILLS = 10


@needs_torch
@pytest.mark.slow
def test_killed_sweeps_end_as_undisturbed_ones(tmp_path: Path) -> None:
    """kill -9 of the whole group at ten random moments, then the same command: the records are the same bits; and the server answers."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY.replace("40_000", "400_000"))
    chance = random.Random(1)
    command = [sys.executable, "-m", "trainer", "sweep", str(path), "--ask", "--checkpoint", "1s", "-o"]
    plain = subprocess.run([*command, str(tmp_path / "plain")], capture_output=True, text=True, check=True)
    disturbed = tmp_path / "disturbed"
    keep_plan(msgspec.json.decode((tmp_path / "plain" / "plan.json").read_bytes(), type=SweepPlan), disturbed)
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen([*command, str(disturbed)], start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(1, 8))
        assert process.poll() is None, f"the sweep had ended after {kills} kills: too small for {KILLS}"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    subprocess.run([*command, str(disturbed)], capture_output=True, check=True)
    one, two = (read_records(folder / "runs.jsonl") for folder in (tmp_path / "plain", disturbed))
    assert len(one) == 18
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    last = plain.stdout.splitlines()[-1]
    assert re.fullmatch(r"entropy: true \d\.\d{4}, fitted \d\.\d{4}, 90 % \d\.\d{3}–\d\.\d{3}, (inside|outside)", last)
