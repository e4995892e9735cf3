"""What trainers leave of runs, on small files after their formats: Hugging Face, Lightning, TensorBoard, nanochat, llm.c, JSON lines, trackio."""

import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest

from trainer.__main__ import main
from trainer.tables.trackers.recognising import recognised


def imported(tmp_path: Path, source: Path, *options: str) -> list[dict[str, Any]]:
    """The rows that the command writes."""
    assert main(["import", str(source), "-o", str(tmp_path / "rows.jsonl"), *options]) == 0
    return [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in names) for row in rows]


def safetensors(path: Path, shapes: dict[str, list[int]]) -> None:
    """A file of tensors: a header of shapes, and no data behind it."""
    header = json.dumps(
        {name: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for name, shape in shapes.items()}
    )
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode())


def huggingface(folder: Path, *, counted: bool) -> None:
    """Two checkpoints of a run of 20 steps of 50 tokens; parameters 1,000, of which 400 are embeddings."""
    for step in (10, 20):
        checkpoint = folder / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        log: list[dict[str, Any]] = []
        for at in range(10, step + 1, 10):
            seen = {"num_input_tokens_seen": 50 * at if counted else 0}
            log += [
                {"epoch": 0.1, "step": at, "loss": 4 - at / 10, **seen},
                {"step": at, "eval_loss": 4.5 - at / 10, **seen},
            ]
        log += [{"step": step, "train_loss": 3.3, "train_runtime": 1.5, "total_flos": 1.0}] if step == 20 else []
        state = {"global_step": step, "max_steps": 20, "log_history": log, "total_flos": 6.0 * 600 * 50 * step}
        (checkpoint / "trainer_state.json").write_text(json.dumps(state, indent=2))
        safetensors(
            checkpoint / "model.safetensors", {"model.embed_tokens.weight": [40, 10], "layers.0.weight": [60, 10]}
        )


def test_checkpoints_of_hugging_face(tmp_path: Path) -> None:
    """A run as of its last checkpoint: its size by its tensors, its tokens as counted, else from the FLOP it counted."""
    huggingface(tmp_path / "runs" / "a", counted=True)
    huggingface(tmp_path / "runs" / "b", counted=False)
    rows = imported(tmp_path, tmp_path / "runs")
    assert picked(rows, "run", "params", "non_embedding_params", "tokens", "loss", "quality") == [
        ("a", 1000, 600, 1000, 2.5, "ok"),
        ("b", 1000, 600, 1000, 2.5, "ok"),
    ]
    curve = imported(tmp_path, tmp_path / "runs" / "b", "--curve")
    assert picked(curve, "steps", "tokens", "loss") == [(10, 500, 3.5), (20, 1000, 2.5)]


def test_json_of_something_else_is_called_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trainer_state.json").write_text('{"loss": 3}')
    assert main(["import", str(tmp_path), "-o", str(tmp_path / "rows.jsonl")]) == 2
    assert (
        "expected JSON with log_history, as Hugging Face's Trainer writes it, got other JSON" in capsys.readouterr().err
    )


def test_folders_of_lightning(tmp_path: Path) -> None:
    """Sparse rows by step; tokens from steps, batch and sequence where no key says them."""
    for size in (1000, 2000):
        folder = tmp_path / "logs" / f"n{size}" / "version_0"
        folder.mkdir(parents=True)
        (folder / "metrics.csv").write_text(
            "epoch,step,train_loss,val_loss\n0,9,3.5,\n0,9,,3.25\n1,19,3.0,\n1,20,,2.75\n"
        )
        (folder / "hparams.yaml").write_text(f"batch_size: 4\nmodel:\n  n_params: {size}\nseq_len: 16\ntags:\n- a\n")
    rows = imported(tmp_path, tmp_path / "logs")
    names = ("run", "params", "steps", "batch_size", "sequence_length", "loss")
    assert picked(rows, *names)[0] == ("n1000/version_0", 1000, 20, 4, 16, 2.75)
    assert main(["import", str(tmp_path / "rows.jsonl"), "--dry-run"]) == 0


def test_csv_downloads_of_tensorboard(tmp_path: Path) -> None:
    """A file a run and tag, which its name says."""
    for run, loss in (("n-1M", 3.5), ("n-2M", 3.25)):
        for tag, value in (("val_loss", loss), ("tokens", 1e6)):
            file = tmp_path / "downloads" / f"run-{run}-tag-{tag}.csv"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"Wall time,Step,Value\n1.5,10,9\n2.5,20,{value}\n")
    rows = imported(tmp_path, tmp_path / "downloads", "--from-name", r"(?P<params>\d+M)")
    assert picked(rows, "run", "params", "tokens", "loss") == [("n-1M", 1e6, 1e6, 3.5), ("n-2M", 2e6, 1e6, 3.25)]


RESULTS = """flops_budget,depth,model_dim,params_wte,params_transformer,params_total,num_iterations,tokens_trained,val_bpb
1e18,10,640,20971520,49152000,195952660,3100,1625292800,0.9112
1e18,12,768,25165824,84934656,286261272,2300,1205862400,0.8975
"""


def test_results_of_nanochat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its table as it is: the size in all, tokens, FLOP, and bits a byte, which stay bits a byte."""
    (tmp_path / "scaling").mkdir()
    (tmp_path / "scaling" / "results.csv").write_text(RESULTS)
    rows = imported(tmp_path, tmp_path / "scaling")
    assert picked(rows, "params", "tokens", "compute", "loss", "loss_unit")[0] == (
        195952660,
        1625292800,
        1e18,
        0.9112,
        "bits/byte",
    )
    assert "compute is 0.503 × 6 × params × tokens" in capsys.readouterr().out


def test_checkpoints_of_nanochat(tmp_path: Path) -> None:
    """The last of the meta files of a folder; tokens are steps times the batch, which counts tokens."""
    for depth in (10, 12):
        for step in (100, 200):
            file = tmp_path / "base" / f"d{depth}" / f"meta_{step:06d}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            said = {
                "step": step,
                "val_bpb": 1 - step / 1000,
                "user_config": {"total_batch_size": 524288, "depth": depth},
            }
            file.write_text(json.dumps(said))
    rows = imported(tmp_path, tmp_path / "base")
    assert picked(rows, "run", "steps", "batch_size", "loss", "loss_unit")[1] == ("d12", 200, 524288, 0.8, "bits/byte")


def test_logs_of_llmc(tmp_path: Path) -> None:
    """Lines of a step and a loss; the folder names the run, and its size."""
    for name, loss in (("log124M", "3.5"), ("log350M", "3.25")):
        (tmp_path / "logs" / name).mkdir(parents=True)
        lines = [
            "s:0 tel:11.0",
            "s:0 eval:0.25",
            "s:1 trl:10.9 lr:0.000001 norm:15.0",
            "s:20 trl:3.9 lr:0.1 norm:1.0",
            f"s:20 tel:{loss}",
        ]
        (tmp_path / "logs" / name / "main.log").write_text("\n".join(lines) + "\n")
    rows = imported(tmp_path, tmp_path / "logs", "--from-name", r"(?P<params>\d+M)", "--tokens-per-step", "524288")
    assert picked(rows, "run", "params", "tokens", "loss") == [
        ("log124M", 124e6, 20 * 524288, 3.5),
        ("log350M", 350e6, 20 * 524288, 3.25),
    ]


def test_json_lines_by_step(tmp_path: Path) -> None:
    """A file a run, settings in a line of their own, nested keys, a last line that was cut: OLMo's and Levanter's kind."""
    for size in (1, 2):
        lines = [
            {"event": "hparams", "config": {"model": {"num_params": size * 10**6}}},
            {"step": 10, "metrics": {"train/CrossEntropyLoss": 3.5, "eval/loss": 3.6, "throughput/total_tokens": 1e6}},
            {"step": 20, "metrics": {"train/CrossEntropyLoss": 3.25, "throughput/total_tokens": 2e6}},
            {"step": 20, "metrics": {"eval/loss": 3.4 - size / 10}},
        ]
        (tmp_path / "logs").mkdir(exist_ok=True)
        text = "\n".join(map(json.dumps, lines)) + '\n{"step": 30, "met'
        (tmp_path / "logs" / f"run-{size}.jsonl").write_text(text)
    rows = imported(tmp_path, tmp_path / "logs")
    assert picked(rows, "run", "params", "tokens", "loss") == [
        ("run-1", 1e6, 2e6, 3.3),
        ("run-2", 2e6, 2e6, pytest.approx(3.2)),
    ]


def trackio(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id TEXT, run_name TEXT, step INTEGER, metrics TEXT)"
        )
        database.execute("CREATE TABLE configs (id INTEGER PRIMARY KEY, run_id TEXT, run_name TEXT, config TEXT)")
        for size in (1, 2):
            config = json.dumps({"n_params": size * 10**6, "_Username": "me"})
            database.execute(
                "INSERT INTO configs (run_id, run_name, config) VALUES (?, ?, ?)", [f"id{size}", f"size-{size}", config]
            )
            for step in (0, 10):
                metrics = json.dumps({"val/loss": 3 - size / 10 - step / 100, "tokens": 1e6 * step})
                row = [f"id{size}", f"size-{size}", step, metrics]
                database.execute("INSERT INTO metrics (run_id, run_name, step, metrics) VALUES (?, ?, ?, ?)", row)
    database.close()


def test_a_database_of_trackio(tmp_path: Path) -> None:
    """Settings and last values of each run; the database is only read."""
    trackio(tmp_path / "ladder.db")
    before = (tmp_path / "ladder.db").read_bytes()
    rows = imported(tmp_path, tmp_path / "ladder.db")
    assert picked(rows, "run", "params", "tokens", "loss") == [
        ("size-1", 1e6, 1e7, 2.8),
        ("size-2", 2e6, 1e7, pytest.approx(2.7)),
    ]
    assert (tmp_path / "ladder.db").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "tool"),
    [
        ("offline-run-1/run-1.wandb", b":W&B", "wandb"),
        ("out/checkpoint-1/trainer_state.json", b"{}", "huggingface"),
        ("mlruns/0/a/meta.yaml", b"run_id: a", "mlflow"),
        ("events/events.out.tfevents.1", b"", "tensorboard"),
        ("run-a-tag-loss.csv", b"Wall time,Step,Value\n1,2,3\n", "tensorboard"),
        ("lightning_logs/version_0/metrics.csv", b"step,val_loss\n1,2\n", "lightning"),
        ("results.csv", RESULTS.encode(), "nanochat"),
        ("run.jsonl", b'{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n', "jsonl"),
        ("log124M/main.log", b"s:0 tel:11.0\n", "jsonl"),
    ],
)
def test_a_folder_is_recognised(tmp_path: Path, name: str, content: bytes, tool: str) -> None:
    """By what lies in it."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(content)
    assert recognised(tmp_path) == tool


def test_what_is_of_no_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is a table, a row a run, whatever its name; a folder of something else is refused with what is known."""
    (tmp_path / "runs.jsonl").write_text('{"params": 1e6, "tokens": 1e8, "loss": 3, "step": 5}\n')
    assert recognised(tmp_path / "runs.jsonl") == "csv"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing")
    assert main(["import", str(tmp_path / "empty"), "--dry-run"]) == 2
    assert "expected files of wandb, huggingface, mlflow" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "runs.jsonl")]) == 2
    assert "expected -o runs.jsonl, or --dry-run" in capsys.readouterr().err


def test_a_dry_run_says_what_would_be_read_as_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Column, quantity, scale, unit, rows; what is not read; rows left out by reason; nothing is written."""
    path = tmp_path / "runs.csv"
    path.write_text(
        "name,model_size,tokens_B,val_bpb,lr,state\na,1,10,1.5,1,finished\nb,2,10,NaN,1,finished\nc,3,10,1.25,1,crashed\n"
    )
    before = {*tmp_path.iterdir()}
    assert main(["import", str(path), "--as", "params=model_size:B", "--dry-run"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["model_size", "params", "×", "1e+09", "3"] in lines
    assert ["tokens_B", "tokens", "×", "1e+09", "3"] in lines
    assert ["val_bpb", "loss", "bits/byte", "2"] in lines
    assert ["not", "read:", "name,", "lr,", "state"] in lines
    assert ["1", "row", "can", "be", "fitted"] in lines
    assert ["1", "left", "out", "by", "fits:", "quality", "is", "diverged"] in lines
    assert {*tmp_path.iterdir()} == before


def test_settings_of_a_sweep_come_along_and_the_best_are_taken(tmp_path: Path) -> None:
    """Learning rates and seeds stay in the table; `--best-of` leaves one run a size, and those that diverged, marked."""
    path = tmp_path / "sweep.csv"
    cells = [
        f"{n}e6,1e9,{lr},0,{loss}"
        for n in (1, 2)
        for lr, loss in ((0.1, 3.5 - n / 10), (0.2, 3.25 - n / 10), (0.4, "nan"))
    ]
    path.write_text("params,tokens,optim.lr,seed,loss\n" + "\n".join(cells) + "\n")
    assert picked(imported(tmp_path, path), "lr", "seed", "quality")[:3] == [
        ("0.1", "0", "ok"),
        ("0.2", "0", "ok"),
        ("0.4", "0", "diverged"),
    ]
    rows = imported(tmp_path, path, "--best-of", "lr")
    assert picked(rows, "params", "lr", "loss") == [
        (1e6, "0.2", 3.15),
        (1e6, "0.4", None),
        (2e6, "0.2", 3.05),
        (2e6, "0.4", None),
    ]
