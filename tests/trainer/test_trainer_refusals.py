"""What the trainer's command line refuses, in one sentence and exit code 2 or 3, and what it does not take for a refusal: a bug."""

import subprocess
import sys
from pathlib import Path

import pytest
import synthetic

from trainer.__main__ import main
from trainer.studies.study import RECORDS

ROOT = Path(__file__).parents[2]
HEADER = "params,tokens,loss\n"
REFUSED = {
    "no table": (
        "fit nowhere.csv -o law.json",
        2,
        "nowhere.csv: expected a table of runs (CSV, JSON, JSON lines, Excel .xlsx or Parquet)",
    ),
    "a folder as table": (
        "fit . -o law.json",
        2,
        ".: expected a table of runs (CSV, JSON, JSON lines, Excel .xlsx or Parquet)",
    ),
    "no columns": ("fit nothing.csv -o law.json", 2, "nothing.csv: expected a header and rows"),
    "no usable row": (
        "fit below.csv -o law.json",
        3,
        "expected at least 5 usable rows, got 0 (1 left out, line 2 since loss: expected",
    ),
    "few rows": ("fit few.csv -o law.json", 3, "expected at least 5 usable rows, got 2"),
    "a row too long": ("fit long.csv -o law.json", 2, "long.csv, line 1: expected a row of CSV"),
    "no JSON": ("fit numbers.jsonl -o law.json", 2, "numbers.jsonl, line 1: expected a JSON object"),
    "a number without end": ("fit endless.jsonl -o law.json", 2, "endless.jsonl, line 1: expected a JSON object"),
    "no place": ("fit runs.csv -o runs.csv/law.json --bootstrap 0", 2, "law.json: expected a place for"),
    "no folder": ("fit runs.csv -o runs.csv/laws --bootstrap 0", 2, "laws: expected a folder, or a place for one"),
    "no loss to pin": ("fit runs.csv -o law.json --irreducible-loss low", 2, "expected 1.7, 1.5..1.9 or 1.7±0.05"),
    "an inverted range": ("fit runs.csv -o law.json --irreducible-loss 2..1", 2, "needs 0 <= low <= high"),
    "no delta": ("fit runs.csv -o law.json --delta -1", 2, "delta must be a positive number"),
    "no asymptote": ("fit runs.csv -o law.json --form power --irreducible-loss 1±0.1", 2, "no asymptote to hold"),
    "no law file": ("report text.json -o page.html", 2, "text.json: $: expected a well-formed law file"),
    "no budget": ("suggest runs.csv --compute plenty", 2, "got 'plenty'"),
    "no law to freeze": ("freeze nowhere.json", 2, "nowhere.json: file: expected a readable law file"),
    "no study": ("reproduce nothing", 2, "expected a study among exponents"),
    "no sweep": ("sweep nothing", 2, "expected a sweep's name (arithmetic"),
    "no TOML": ("sweep text.toml", 2, "text.toml: Expected '=' after a key"),
    "an impossible batch": (
        "sweep batch.toml --dry-run",
        2,
        "batch.toml: expected a batch of 1 or more samples, got 0",
    ),
    "no plan": ("sweep math -o planned --dry-run", 2, "plan.json: expected the plan of a sweep"),
    "speeds of a card, and no plan": ("sweep math --speeds runs.jsonl", 2, "expected --dry-run, no --cards"),
    "speeds of no card": (
        f"sweep math --dry-run --speeds {RECORDS / 'markov.jsonl'}",
        2,
        "expected records of runs on one card of the catalogue of accelerators, got those of x86_64",
    ),
    "no ledger": ("forecast ledger --ledger nowhere.jsonl", 2, "nowhere.jsonl: expected a ledger, got no such file"),
    "no place for one": (
        "forecast register runs.csv --params 1e10 --tokens 1e12 --ledger runs.csv/ledger.jsonl",
        2,
        "runs.csv: expected a folder",
    ),
    "a folder as ledger": (
        "forecast register runs.csv --params 1e10 --tokens 1e12 --ledger planned",
        2,
        "planned: expected a ledger that can be added to",
    ),
    "no export": ("import nowhere --from wandb -o rows.jsonl", 2, "nowhere: expected a .wandb file"),
    "no numbers": ("import chart.csv --from wandb -o rows.jsonl", 2, "chart.csv: expected numbers under Step and"),
    "no metrics": ("import mlruns --from mlflow -o rows.jsonl", 2, "loss: expected lines of timestamp, value and step"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, the current one, with files that can be used and files that cannot."""
    monkeypatch.chdir(tmp_path)
    synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(20))
    texts = {
        "nothing.csv": "",
        "below.csv": f"{HEADER}1e6,1e9,-3\n",
        "few.csv": f"{HEADER}1e6,1e9,3\n2e6,1e9,2.9\n",
        "long.csv": f"{'x' * 200_000},loss\n1,2\n",
        "numbers.jsonl": "[1, 2]\n",
        "endless.jsonl": f'{{"loss": {"9" * 5000}}}\n',
        "text.json": "loss",
        "text.toml": "loss",
        "batch.toml": (ROOT / "trainer" / "sweeps" / "math.toml").read_text().replace("batch = 64", "batch = 0"),
        "planned/plan.json": "{}",
        "chart.csv": "Step,one - loss\n1,low\n",
        "mlruns/0/1/meta.yaml": "run_id: '1'\nstatus: 3\n",
        "mlruns/0/1/metrics/loss": "now low\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(("words", "code", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], words: str, code: int, sentence: str
) -> None:
    """One line on standard error that says what was expected; nothing of the output is written."""
    before = {path for path in here.rglob("*") if path.is_file()}
    assert main(words.split()) == code
    error = capsys.readouterr().err
    assert error.startswith("trainer: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert {path for path in here.rglob("*") if path.is_file()} == before


def test_a_bug_shows_its_traceback(tmp_path: Path) -> None:
    """A ValueError that no one raised for users ends the program as Python ends it: exit 1, where it was raised, no sentence of ours."""
    (tmp_path / "broken.py").write_text(
        'def command(parser):\n    """breaks"""\n    parser.set_defaults(run=lambda given: float("a bug"))\n'
    )
    program = "import sys, trainer.__main__ as t; t.COMMANDS['break'] = 'broken:command'; sys.exit(t.main(['break']))"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "ValueError: could not convert string to float: 'a bug'" in ended.stderr
    assert "trainer: " not in ended.stderr
