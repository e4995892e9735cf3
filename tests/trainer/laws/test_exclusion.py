"""Runs that went wrong: named, proposed for exclusion with what the law would be, and left out by name."""

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic

from fitted_laws import ask, load
from trainer.__main__ import main


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Forty runs with names, the fifth diverged to 2.77 times its loss."""
    columns: dict[str, Any] = synthetic.surface(40, noise=0.002)
    columns["loss"] = np.where(np.arange(40) == 4, 2.77 * columns["loss"], columns["loss"])
    return synthetic.write_csv(tmp_path / "runs.csv", {**columns, "run": [f"lr {i}" for i in range(40)]})


def fitted(table: Path, *options: str) -> dict[str, Any]:
    """The law of a table."""
    target = table.parent / "law.json"
    assert main(["fit", str(table), "-o", str(target), "--bootstrap", "20", *options]) == 0
    law: dict[str, Any] = json.loads(target.read_text())
    return law


def test_a_diverged_run_is_named_and_proposed(table: Path) -> None:
    """By its name, in per cent of the law, with the option that leaves it out and the law that then comes."""
    law = fitted(table)
    told, proposed = law["fit"]["remarks"][:2]
    assert told.startswith("run lr 4 lies 17")
    assert "% above the law" in told
    option = shlex.split(proposed.split("(", 1)[1].split(")", 1)[0])
    assert option == ["--without", "lr 4"]
    without = fitted(table, *option)
    assert (without["fit"]["rows"], without["fit"]["excluded"]) == (39, 1)
    for name, value in without["coefficients"].items():
        assert f"{name} {value:.4g}" in proposed
    assert not [remark for remark in without["fit"]["remarks"] if "lr 4" in remark]


def test_a_word_about_one_run_does_not_follow_the_law(table: Path) -> None:
    """Answers of the law warn of what concerns them; the run stands in the file and in the report."""
    fitted(table)
    laws = load([table.parent / "law.json"], shipped=False)
    answer = ask("loss", laws, domain="runs", params=1e9, tokens=1e10)
    assert not [warning for warning in answer.warnings if "lr 4" in warning]
    assert main(["report", str(table), "--bootstrap", "20", "-o", str(table.parent / "page.html")]) == 0
    assert "run lr 4 lies 17" in (table.parent / "page.html").read_text()


def test_runs_without_names_go_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--without 'line 6'`, several between commas; what is no run is refused with the nearest."""
    table = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(40))
    assert fitted(table, "--without", "line 6,7", "--without", "8")["fit"]["excluded"] == 3
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--without", "base"]) == 2
    assert "stand in lines 2 to 41" in capsys.readouterr().err


def test_a_spike_does_not_cost_a_run(tmp_path: Path) -> None:
    """Of a run of many rows one is far: it is told by its line, and the run is not proposed for exclusion."""
    params, tokens = (a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 8)))
    loss = synthetic.noisy(synthetic.surface_loss(params, tokens), 0.002)
    loss[11] *= 1.5
    columns = {"params": params, "tokens": tokens, "loss": loss, "run": [f"size {i % 5}" for i in range(40)]}
    remarks = fitted(synthetic.write_csv(tmp_path / "runs.csv", columns), "--checkpoints")["fit"]["remarks"]
    assert remarks[0].startswith("run size 1 (line 13) lies 49 % above the law")
    assert not [remark for remark in remarks if "--without" in remark]


def test_two_curves_of_one_file_name_get_two_files(tmp_path: Path) -> None:
    """`C4 val`, `c4-val` and `C4_val` are three curves and three laws."""
    curves = np.repeat(["C4 val", "c4-val", "C4_val"], 20)
    table = synthetic.write_csv(tmp_path / "t.csv", {**synthetic.surface(60), "curve": curves})
    assert main(["fit", str(table), "-o", str(tmp_path / "laws"), "--bootstrap", "20"]) == 0
    names = ["t-c4-val-2.json", "t-c4-val-3.json", "t-c4-val.json"]
    assert sorted(path.name for path in (tmp_path / "laws").iterdir()) == names
    assert len({law.id for law in load([tmp_path / "laws"], shipped=False)}) == 3


def test_no_usable_row_is_never_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command that fits exits 3 and says why the first row was left out."""
    table = synthetic.write_csv(tmp_path / "t.csv", {"params": ["1e8"] * 6, "tokens": ["1e9"] * 6, "loss": ["nan"] * 6})
    page = ["-o", str(tmp_path / "out.json")]
    commands = [["fit", str(table), *page], ["report", str(table), *page], ["backtest", str(table)]]
    for words in [*commands, ["suggest", str(table), "--compute", "1e22"]]:
        assert main(words) == 3, words
        assert "at least 5" in capsys.readouterr().err
