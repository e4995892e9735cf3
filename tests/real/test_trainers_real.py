"""`import` on files that Hugging Face's Trainer, Lightning and trackio have just written, installed for this into a folder of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PACKAGES = ("torch", "transformers", "accelerate", "lightning", "trackio")

HUGGINGFACE = """
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
class Data(torch.utils.data.Dataset):
    def __len__(self): return 64
    def __getitem__(self, i):
        words = torch.randint(0, 64, (16,), generator=torch.Generator().manual_seed(i))
        return {"input_ids": words, "labels": words}
for width in (16, 32):
    model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=16, n_embd=width, n_layer=2, n_head=2))
    chosen = TrainingArguments(f"runs/w{width}", max_steps=12, per_device_train_batch_size=4, eval_strategy="steps", eval_steps=6,
        logging_steps=3, save_steps=6, report_to=[], use_cpu=True, include_num_input_tokens_seen=width == 32, disable_tqdm=True)
    trainer = Trainer(model, chosen, train_dataset=Data(), eval_dataset=Data())
    trainer.train()
    losses = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
    print(f"w{width}", sum(p.numel() for p in model.parameters()), 12 * 4 * 16, losses[-1])
"""
LIGHTNING = """
import lightning, torch
from lightning.pytorch.loggers import CSVLogger
class Model(lightning.LightningModule):
    def __init__(self, n_params, batch_size, seq_len):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)
    def training_step(self, batch, _):
        loss = self.layer(batch[0]).pow(2).mean() + 1
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, _): self.log("val_loss", self.layer(batch[0]).pow(2).mean() + 1)
    def configure_optimizers(self): return torch.optim.SGD(self.parameters(), 0.01)
for size in (1000, 2000):
    rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(32, 4)), batch_size=4)
    trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", logger=CSVLogger("runs", name=f"n{size}"), log_every_n_steps=1,
        enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False)
    trainer.fit(Model(size, 4, 16), rows, rows)
    print(f"n{size}/version_0", size, (trainer.global_step - 1) * 4 * 16, trainer.callback_metrics["val_loss"].item())
"""
TRACKIO = """
import trackio
for size in (1, 2):
    trackio.init(project="ladder", name=f"size-{size}", config={"n_params": size * 10**6})
    for step in range(0, 40, 10):
        trackio.log({"val/loss": 3 - size / 10 - step / 100, "tokens": 10**6 * step}, step=step)
    trackio.finish()
    print(f"@size-{size}", size * 10**6, 3 * 10**7, 3 - size / 10 - 0.3)
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the trainers, in an environment of its own; skipped where they cannot be had."""
    folder = tmp_path_factory.mktemp("trainers") / "venv"
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    found = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")}
    try:
        for words in (["venv", str(folder)], ["pip", "install", "--python", str(folder / "bin" / "python"), *PACKAGES]):
            given = [uv, *words, *(["--python", sys.executable] if words[0] == "venv" else [])]
            subprocess.run(given, check=True, capture_output=True, env=os.environ | found)
    except (OSError, subprocess.CalledProcessError) as why:
        pytest.skip(f"{', '.join(PACKAGES)}: not to be had here, not tested ({why})")
    return folder / "bin" / "python"


@pytest.mark.parametrize("script", [HUGGINGFACE, LIGHTNING, TRACKIO], ids=["huggingface", "lightning", "trackio"])
def test_what_was_trained_is_what_is_read(tmp_path: Path, python: Path, script: str) -> None:
    """Name, size, tokens and last held-out loss of each run, from what the tool wrote, which is recognised."""
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "TRACKIO_DIR": str(tmp_path / "runs"),
        "HOME": str(tmp_path),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [str(python), "-c", script], cwd=tmp_path, env=quiet, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = [line.removeprefix("@").split() for line in done.stdout.splitlines() if line[:1] in "wn@"]
    expected = {name: tuple(map(float, numbers)) for name, *numbers in told if len(numbers) == 3}
    command = [sys.executable, "-m", "trainer", "import", "runs", "-o", "rows.jsonl"]
    subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert len(expected) == len(rows) == 2
    for row in rows:
        tokens = row.get("tokens") or row["steps"] * row["batch_size"] * row["sequence_length"]
        assert (row["params"], tokens, row["loss"]) == pytest.approx(expected[row["run"]], rel=1e-6)
