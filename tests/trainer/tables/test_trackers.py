"""`import`: what Weights & Biases, MLflow and TensorBoard keep becomes a table that fits take; failed runs come along, marked."""

import json
import re
import sqlite3
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from trainer.__main__ import main
from trainer.commands.import_runs import READERS
from trainer.tables.naming.names import NAMES
from trainer.tables.runs import Excluded, Runs, read_runs


def imported(tmp_path: Path, source: Path, tool: str, *options: str) -> list[dict[str, Any]]:
    """The rows that the command writes."""
    out = tmp_path / "runs.jsonl"
    assert main(["import", str(source), "--from", tool, "-o", str(out), *options]) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def read_back(tmp_path: Path) -> Runs:
    """The table as a fit reads it."""
    return read_runs(tmp_path / "runs.jsonl")


def csv_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(text)
    return path


# ---- Weights & Biases ----

RUNS_TABLE = """"Name","State","Runtime","n_params","model.layers","tokens","train/loss","val/loss"
"small","finished","60","125000000","12","2.5e9","3.1","3.2"
"large","crashed","90","350000000","24","1e9","3.6","3.7"
"spike","finished","90","350000000","24","7e9","NaN","NaN"
"idle","running","1","350000000","24","","",""
"""
CHART = """"Step","125M - val/loss","125M - val/loss__MIN","125M - val/loss__MAX","350M - val/loss"
"100","3.5","3.5","3.5","3.4"
"200","3.2","3.2","3.2",""
"300","","","","2.9"
"""


def test_a_table_exported_from_wandb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run a row; the held-out loss before the training loss; what did not finish is kept, marked, counted, and left out by a fit."""
    rows = imported(tmp_path, csv_of(tmp_path, RUNS_TABLE), "wandb")
    assert rows[0] == {
        "run": "small",
        "params": 125e6,
        "tokens": 2.5e9,
        "loss": 3.2,
        "quality": "ok",
        "source": "export.csv:2",
    }
    assert [row["quality"] for row in rows] == ["ok", "crashed", "diverged", "running"]
    told = capsys.readouterr().out
    for sentence in (
        "4 rows of 4 runs",
        "1 row can be fitted",
        "1 left out by fits: quality is crashed",
    ):
        assert sentence in told
    assert re.search(r"n_params +params +4", told)
    assert re.search(r"val/loss +loss +nats/token +2", told)
    runs = read_back(tmp_path)
    assert runs.columns["loss"].tolist() == [3.2]
    assert runs.excluded == [
        Excluded(2, "quality is crashed", "large"),
        Excluded(3, "quality is diverged", "spike"),
        Excluded(4, "quality is running", "idle"),
    ]


def test_a_chart_exported_from_wandb(tmp_path: Path) -> None:
    """A column a run; sizes stand in the names, tokens in the steps; gaps belong to runs that logged elsewhere."""
    options = ("--from-name", r"(?P<params>\d+M)", "--tokens-per-step", "1e6")
    rows = imported(tmp_path, csv_of(tmp_path, CHART), "wandb", *options)
    assert [(row["params"], row["tokens"], row["loss"]) for row in rows] == [(125e6, 2e8, 3.2), (350e6, 3e8, 2.9)]
    rows = imported(tmp_path, csv_of(tmp_path, CHART), "wandb", *options, "--curve")
    assert [(row["run"], row["steps"], row["loss"]) for row in rows] == [
        ("125M", 100, 3.5),
        ("125M", 200, 3.2),
        ("350M", 100, 3.4),
        ("350M", 300, 2.9),
    ]


def sized(number: int, content: bytes) -> bytes:
    """A field of bytes in a message of Protocol Buffers."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    more, rest = value & 0x7F, value >> 7
    return bytes([more | 0x80]) + varint(rest) if rest else bytes([more])


def items(said: dict[str, Any], number: int = 1) -> bytes:
    """Items of a configuration or history: key and JSON."""
    return b"".join(
        sized(number, sized(2, key.encode()) + sized(16, json.dumps(value).encode())) for key, value in said.items()
    )


def framed(messages: list[bytes]) -> bytes:
    """LevelDB's log as Weights & Biases writes it: frames that no block of 32 KiB cuts, each with its CRC-32."""
    out = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
    for message in messages:
        rest, first = message, True
        while rest or first:
            room = 32768 - len(out) % 32768
            if room < 7:
                out += bytes(room)
                continue
            part, rest = rest[: room - 7], rest[room - 7 :]
            kind = (1 if first else 4) if not rest else (2 if first else 3)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part
            first = False
    return out


def wandb_log(id_: str, config: dict[str, Any], history: list[dict[str, Any]], ended: int | None = 0) -> bytes:
    """A run: its record, its configuration, what it logged, and how it ended; None where it did not."""
    run = sized(
        17,
        sized(1, id_.encode())
        + sized(8, f"name of {id_}".encode())
        + sized(4, items({**config, "ballast": "x" * 70_000})),
    )
    logged = [sized(2, items(said)) for said in history]
    exit_ = [] if ended is None else [sized(18, varint(1 << 3) + varint(ended) if ended else b"")]
    return framed([run, *logged, *exit_])


def steps(*losses: float) -> list[dict[str, Any]]:
    return [{"_step": i, "eval/loss": loss, "tokens_seen": 1e6 * i} for i, loss in enumerate(losses)]


def test_offline_runs_of_wandb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folders of .wandb files, records longer than a block among them; an exit that is not 0 is failed, none is unfinished."""
    for id_, layers, ended in (("a", 2, 0), ("b", 4, 1), ("c", 8, None)):
        folder = tmp_path / "wandb" / f"offline-run-20260101_00000{layers}-{id_}"
        folder.mkdir(parents=True)
        log = wandb_log(
            id_, {"model": {"num_params": layers * 1e6}, "curve": "wsd"}, steps(4.0, 3.5, 3.0 - layers / 100), ended
        )
        (folder / f"run-{id_}.wandb").write_bytes(log)
    rows = imported(tmp_path, tmp_path / "wandb", "wandb")
    first = {
        "run": "name of a",
        "params": 2e6,
        "tokens": 2e6,
        "loss": 2.98,
        "curve": "wsd",
        "quality": "ok",
        "source": "wandb:a",
    }
    assert rows[0] == first
    assert [row["quality"] for row in rows] == ["ok", "failed", "unfinished"]
    assert re.search(r"model.num_params +params +3", capsys.readouterr().out)


def test_a_resumed_run_is_one(tmp_path: Path) -> None:
    """The later file goes on where the first was killed: with its last value, and as it ended."""
    whole = steps(4.0, 3.5, 3.0, 2.8)
    (tmp_path / "run-1.wandb").write_bytes(wandb_log("a", {"params": 1e6}, whole[:2], None))
    (tmp_path / "run-2.wandb").write_bytes(wandb_log("a", {}, whole[2:]))
    (row,) = imported(tmp_path, tmp_path, "wandb")
    assert (row["params"], row["tokens"], row["loss"], row["quality"]) == (1e6, 3e6, 2.8, "ok")


def test_a_log_cut_while_it_was_written_is_read_up_to_there(tmp_path: Path) -> None:
    """Killed runs end within a frame; a byte that was changed is an error."""
    log = wandb_log("a", {"params": 1e6}, steps(4.0, 3.5, 3.0))
    path = tmp_path / "run.wandb"
    path.write_bytes(log[:-30])
    (row,) = imported(tmp_path, path, "wandb")
    assert (row["loss"], row["quality"]) == (3.5, "unfinished")
    path.write_bytes(log[:500] + b"!" + log[501:])
    assert main(["import", str(path), "--from", "wandb", "-o", str(tmp_path / "runs.jsonl")]) == 2


def test_every_step_is_a_learning_curve(tmp_path: Path) -> None:
    """`--curve`: every logged step but the one at 0, with the tokens up to then and the run, which a fit resamples together."""
    path = tmp_path / "run.wandb"
    path.write_bytes(wandb_log("a", {"params": 1e6}, steps(4.0, 3.5, 3.0)))
    rows = imported(tmp_path, path, "wandb", "--curve")
    assert [(row["steps"], row["tokens"], row["loss"], row["run"]) for row in rows] == [
        (1, 1e6, 3.5, "name of a"),
        (2, 2e6, 3.0, "name of a"),
    ]
    assert read_back(tmp_path).labels["run"] == ["name of a"] * 2


# ---- MLflow ----

SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time INTEGER, lifecycle_stage TEXT, experiment_id INTEGER);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER, is_nan INTEGER);
INSERT INTO experiments VALUES (1, 'ladder');
"""
MLFLOW_RUNS = {"a": "FINISHED", "b": "FAILED", "c": "RUNNING", "d": "KILLED", "e": "FINISHED"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Runs of every status, one that was deleted, one whose loss is NaN."""
    path = tmp_path / "mlflow.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    for number, (id_, status) in enumerate(MLFLOW_RUNS.items(), start=1):
        stage = "deleted" if id_ == "d" else "active"
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, 1)", [id_, f"run {id_}", status, number, stage])
        connection.execute("INSERT INTO params VALUES ('n_params', ?, ?)", [str(10**6 * number), id_])
        for step in (20, 10):  # rows of a database have no order
            nan = id_ == "e" and step == 20
            for key, value in (("val_loss", 3.0 - step / 100), ("tokens", step * 1e6)):
                connection.execute(
                    "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)",
                    [key, 0.0 if nan else value, step, id_, step, nan and key == "val_loss"],
                )
    connection.commit()
    connection.close()
    return path


def test_a_database_of_mlflow(tmp_path: Path, database: Path) -> None:
    """The last values of runs that were not deleted, each with how it ended; the database is only read."""
    before = database.read_bytes()
    rows = imported(tmp_path, database, "mlflow", "--curve-key", "experiment")
    first = {
        "run": "run a",
        "params": 1e6,
        "tokens": 2e7,
        "loss": 2.8,
        "quality": "ok",
        "source": "mlflow:a",
        "curve": "ladder",
    }
    assert rows[0] == first
    assert [(row["run"], row["quality"]) for row in rows[1:]] == [
        ("run b", "failed"),
        ("run c", "unfinished"),
        ("run e", "diverged"),
    ]
    assert database.read_bytes() == before


def test_a_file_store_of_mlflow(tmp_path: Path) -> None:
    """Folders of an older MLflow: a file a parameter, lines of time, value and step a metric."""
    for number, status in ((1, 3), (2, 4), (3, 3)):
        folder = tmp_path / "mlruns" / "0" / f"run{number}"
        said = {
            "meta.yaml": f"run_id: run{number}\nlifecycle_stage: {'deleted' if number == 3 else 'active'}\nstatus: {status}\n",
            "params/n_params": str(10**6 * number),
            "tags/mlflow.runName": f"size {number}",
            "metrics/val/loss": "17 2.5 200\n16 2.75 100\n",
            "metrics/tokens": "16 1e8 100\n17 2e8 200\n",
        }
        for name, text in said.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    rows = imported(tmp_path, tmp_path / "mlruns", "mlflow")
    assert [(row["run"], row["params"], row["tokens"], row["loss"], row["quality"]) for row in rows] == [
        ("size 1", 1e6, 2e8, 2.5, "ok"),
        ("size 2", 2e6, 2e8, 2.5, "failed"),
    ]


# ---- any table, and what is said where nothing fits ----


def test_any_table(tmp_path: Path) -> None:
    """Keys by option where names say nothing; columns that fits know come along; sizes may have suffixes."""
    text = "name,size,data,score,split,status\na,70M,1.4B,3.5,fit,done?\nb,160M,3.2B,3.2,test,\n"
    rows = imported(
        tmp_path, csv_of(tmp_path, text), "csv", "--params-key", "size", "--tokens-key", "data", "--loss-key", "score"
    )
    assert rows[1] == {
        "run": "b",
        "params": 160e6,
        "tokens": 3.2e9,
        "loss": 3.2,
        "split": "test",
        "quality": "ok",
        "source": "export.csv:3",
    }
    assert rows[0]["quality"] == "done?"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "expected a key for loss, got the keys data, name, score, size: --loss-key names it"),
        (("--loss-key", "score"), "expected a key for params, tokens or compute"),
        (("--loss-key", "scores"), "no run has the key scores; expected one of the keys data, name, score, size"),
        (("--loss-key", "score", "--tokens-per-step", "batch"), "--tokens-per-step: expected a number or a key"),
    ],
)
def test_keys_that_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    """The keys that are there are named; no file is written."""
    source = csv_of(tmp_path, "name,size,data,score\na,70M,1.4B,3.5\n")
    assert main(["import", str(source), "--from", "csv", "-o", str(tmp_path / "runs.jsonl"), *options]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "runs.jsonl").exists()


@pytest.mark.parametrize("tool", [tool for tool in READERS if tool != "tensorboard"])
def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], tool: str) -> None:
    """An empty folder, or no file: expected and got."""
    assert main(["import", str(tmp_path / "none"), "--from", tool, "-o", str(tmp_path / "runs.jsonl")]) == 2
    assert "expected" in capsys.readouterr().err


def test_the_keys_of_the_documentation_are_those_that_are_read() -> None:
    """docs/imports.md lists every tool, and every name in its order."""
    text = (Path(__file__).parents[3] / "docs" / "imports.md").read_text()
    for quantity, names in NAMES.items():
        assert f"| `{quantity}` | {', '.join(names)} |" in text
    for tool in READERS:
        assert f"| `{tool}` |" in text


def test_a_package_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what installs it; exit 2."""
    for name in ("pyarrow", "tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)  # how Python itself says that there is none
    (tmp_path / "runs.parquet").write_bytes(b"PAR1")
    for words in (["fit", str(tmp_path / "runs.parquet")], ["import", str(tmp_path), "--from", "tensorboard"]):
        assert main([*words, "-o", str(tmp_path / "out.json")]) == 2
        assert "which is not installed: `make imports`, or pip install" in capsys.readouterr().err
