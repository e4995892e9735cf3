"""`import` and Parquet on files that the tools themselves make: what was logged is what a fit reads. None of them asks a network."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TOOLS = ("wandb", "mlflow", "sqlalchemy", "tensorboard", "tensorboardX", "pyarrow")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        missing := [tool for tool in TOOLS if find_spec(tool) is None],
        reason=f"{', '.join(missing)}: not installed, not tested",
    ),
]
ROOT = Path(__file__).parents[2]
RUNS = """
RUNS = {f"size-{i}": [(step, 3.0 - 0.1 * i - 0.01 * step, 1e6 * step) for step in range(0, 40, 10)] for i in range(1, 4)}
"""
LOGGED = {
    f"size-{i}": [(step, 3.0 - 0.1 * i - 0.01 * step, 1e6 * step) for step in range(0, 40, 10)] for i in range(1, 4)
}
"""By run: step, loss, tokens; the last run fails."""

WANDB = """
import wandb
for i, (name, points) in enumerate(RUNS.items(), start=1):
    run = wandb.init(mode="offline", project="ladder", name=name, config={"model": {"n_params": i * 10**6}, "padding": "x" * 100_000}, dir=".")
    for step, loss, tokens in points:
        run.log({"val/loss": loss, "tokens": tokens, "picture": {"nested": {"text": "no number"}}}, step=step)
    run.finish(exit_code=1 if i == 3 else 0)
"""
MLFLOW = """
import mlflow
mlflow.set_tracking_uri(URI)
mlflow.set_experiment("ladder")
for i, (name, points) in enumerate(RUNS.items(), start=1):
    mlflow.start_run(run_name=name)
    mlflow.log_params({"n_params": i * 10**6, "optimizer": "adam"})
    for step, loss, tokens in points:
        mlflow.log_metrics({"val/loss": loss, "tokens": tokens}, step=step)
    mlflow.end_run("FAILED" if i == 3 else "FINISHED")
gone = mlflow.start_run(run_name="deleted")
mlflow.end_run()
mlflow.delete_run(gone.info.run_id)
"""
TENSORBOARDX = """
from tensorboardX import SummaryWriter
for i, (name, points) in enumerate(RUNS.items(), start=1):
    writer = SummaryWriter(f"events/{name}")
    for step, loss, tokens in points:
        writer.add_scalar("val/loss", loss, step)
        writer.add_scalar("tokens", tokens, step)
    writer.add_hparams({"n_params": i * 10**6, "optimizer": "adam"}, {"best": 1.0})
    writer.close()
"""
TENSORBOARD = """
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import summary_v2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb as as_tensor
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.compat.proto.event_pb2 import Event
for i, (name, points) in enumerate(RUNS.items(), start=1):
    writer = EventFileWriter(f"events/{name}")
    writer.add_event(Event(summary=summary_v2.hparams_pb({"n_params": i * 10**6})))
    for step, loss, tokens in points:
        writer.add_event(Event(step=step, summary=as_tensor("val/loss", loss)))
        writer.add_event(Event(step=step, summary=Summary(value=[Summary.Value(tag="tokens", simple_value=tokens)])))
    writer.close()
"""
PARQUET = """
import pyarrow as pa
from pyarrow import parquet
last = {name: points[-1] for name, points in RUNS.items()}
columns = {"n_params": [10**6, 2 * 10**6, 3 * 10**6], "tokens": [t for _, _, t in last.values()], "val_loss": [l for _, l, _ in last.values()]}
parquet.write_table(pa.table({**columns, "status": ["finished", "finished", "failed"], "note": [None, "a", "b"]}), "runs.parquet")
"""


def made(tmp_path: Path, script: str, **environment: str) -> None:
    """What the tool writes in a folder, in a process of its own."""
    quiet = {
        "WANDB_SILENT": "true",
        "GIT_PYTHON_REFRESH": "quiet",
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUNS + script],
        cwd=tmp_path,
        env=quiet | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def trainer(tmp_path: Path, *words: str, code: int = 0) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "trainer", *words]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def imported(tmp_path: Path, tool: str, source: str, *options: str) -> list[dict[str, object]]:
    trainer(tmp_path, "import", source, "--from", tool, "-o", "runs.jsonl", *options)
    return [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]


SOURCES = [
    ("wandb", WANDB, "wandb", "failed"),
    ("mlflow", MLFLOW.replace("URI", '"sqlite:///mlflow.db"'), "mlflow.db", "failed"),
    ("mlflow", MLFLOW.replace("URI", '"file:mlruns"'), "mlruns", "failed"),
    ("tensorboard", TENSORBOARDX, "events", "ok"),
    ("tensorboard", TENSORBOARD, "events", "ok"),
]


@pytest.mark.parametrize(
    ("tool", "script", "source", "last"),
    SOURCES,
    ids=["wandb", "mlflow-db", "mlflow-files", "tensorboardX", "tensorboard"],
)
def test_what_was_logged_is_read(tmp_path: Path, tool: str, script: str, source: str, last: str) -> None:
    """Sizes, tokens and the last loss of each run, to the precision that the tool keeps; with `--curve` every step but the one at 0."""
    made(tmp_path, script)
    rows = {row["run"]: row for row in imported(tmp_path, tool, source)}
    assert {*rows} == {*LOGGED}
    for i, (name, points) in enumerate(LOGGED.items(), start=1):
        row = rows[name]
        _, loss, tokens = points[-1]
        assert (row["params"], row["tokens"], row["loss"]) == (i * 1e6, tokens, pytest.approx(loss, rel=1e-7))
        assert row["quality"] == (last if i == 3 else "ok")
    steps = imported(tmp_path, tool, source, "--curve")
    for name, points in LOGGED.items():
        assert [(row["steps"], row["tokens"]) for row in steps if row["run"] == name] == [
            (step, tokens) for step, _, tokens in points[1:]
        ]


def test_parquet_is_a_table_of_runs(tmp_path: Path) -> None:
    """`fit` reads it as it reads CSV: aliases, states, empty cells."""
    made(tmp_path, PARQUET)
    told = trainer(tmp_path, "fit", "runs.parquet", "-o", "law.json", code=3)
    assert "expected at least 5 usable rows, got 2 (1 left out" in told
    assert "read n_params as params" in told
    (tmp_path / "bad.parquet").write_bytes(b"no table")
    assert "expected a Parquet file" in trainer(tmp_path, "fit", "bad.parquet", "-o", "law.json", code=2)
