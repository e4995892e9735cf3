"""Sweeps over other things than size and data: the best a cell, seeds averaged, readings in mid-schedule kept apart."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic

from fitted_laws import ask, load
from trainer.__main__ import main
from trainer.commands.fit import OF_A_DEVIATION
from trainer.laws.cells import averaged, best_of, finished, swept
from trainer.tables.runs import read_runs

SIZES, RATIOS, RATES, SEEDS = np.geomspace(1e7, 1e9, 5), np.geomspace(5, 100, 4), (3e-4, 1e-3, 3e-3, 1e-2), range(3)
NOISE = 0.004


def sweep(**names: str) -> dict[str, Any]:
    """Every size, ratio, rate and seed; the best rate falls with size, others cost up to a fifth."""
    params, ratio, rate, seed = (
        column.ravel() for column in np.meshgrid(SIZES.round(), RATIOS, RATES, SEEDS, indexing="ij")
    )
    tokens = (params * ratio).round()
    best = 3e-3 * (params / 1e8) ** -0.2
    untuned = 1 + 0.02 * np.log(rate / best) ** 2
    loss = synthetic.noisy(synthetic.surface_loss(params, tokens) * untuned, NOISE)
    columns = {"params": params, "tokens": tokens, "learning_rate": rate, "seed": seed, "loss": loss}
    return {names.get(name, name): column for name, column in columns.items()}


def table(folder: Path, columns: dict[str, Any]) -> Path:
    return synthetic.write_csv(folder / "runs.csv", columns)


def fitted(path: Path, *options: str) -> dict[str, Any]:
    assert main(["fit", str(path), "-o", str(path.parent / "law.json"), "--bootstrap", "50", *options]) == 0
    law: dict[str, Any] = json.loads((path.parent / "law.json").read_text())
    return law


def test_the_best_of_each_cell_is_the_law(tmp_path: Path) -> None:
    """`--best-of lr` gives the law of tuned runs, which lies below all."""
    path = table(tmp_path, sweep())
    ends = {}
    for rows, options in ((80, []), (20, ["--best-of", "lr"])):
        assert fitted(path, *options)["fit"]["rows"] == rows
        laws = load([tmp_path / "law.json"], shipped=False)
        ends[rows] = ask("loss", laws, domain="runs", params=1e9, tokens=1e11, interval="none").loss
    assert ends[20] == pytest.approx(synthetic.surface_loss(1e9, 1e11), rel=0.02)
    assert ends[80] > 1.02 * ends[20]


@pytest.mark.parametrize("name", ["learning_rate", "peakLR", "optim/max_lr"])
def test_the_column_of_rates_is_found_under_its_usual_names(tmp_path: Path, name: str) -> None:
    assert fitted(table(tmp_path, sweep(learning_rate=name)), "--best-of", "lr")["fit"]["rows"] == 20


def test_without_it_what_it_would_change_is_said(tmp_path: Path) -> None:
    """The law of untuned runs says so in its answers, with the option and the coefficients that it would give."""
    path = table(tmp_path, sweep())
    (note,) = [note for note in fitted(path)["notes"] if "--best-of" in note]
    assert "--best-of lr takes the best 20 of 80" in note
    best = fitted(path, "--best-of", "lr")
    assert f"E {best['coefficients']['E']:.4g}" in note
    assert not [note for note in best["notes"] if "--best-of" in note]


def test_seeds_are_averaged_and_their_scatter_is_noise(tmp_path: Path) -> None:
    """Three seeds are one row of their mean ln loss; one new run's interval is as wide as they scatter."""
    params, tokens = (np.repeat(a.ravel(), 4) for a in np.meshgrid(SIZES.round(), RATIOS * 1e8, indexing="ij"))
    columns = {"params": params, "tokens": tokens, "seed": np.tile(np.arange(4), 20)}
    columns["loss"] = synthetic.noisy(synthetic.surface_loss(params, tokens), NOISE)
    runs = averaged(read_runs(table(tmp_path, columns)))
    assert len(runs) == 20
    assert runs.seed_noise == pytest.approx(NOISE, rel=0.25)
    logs = np.log(columns["loss"]).reshape(20, 4)
    np.testing.assert_allclose(np.log(runs.columns["loss"]), logs.mean(axis=1), rtol=1e-12)
    law = fitted(tmp_path / "runs.csv")
    assert law["fit"]["rows"] == 20
    assert law["forecast"]["noise"] >= OF_A_DEVIATION * runs.seed_noise
    assert any("80 runs of several seeds were averaged to 20" in remark for remark in law["fit"]["remarks"])


def test_other_settings_stay_apart(tmp_path: Path) -> None:
    """The best of one setting is taken at each value of another; of a setting that was not swept nothing is said."""
    runs = read_runs(table(tmp_path, {**sweep(), "batch_size": np.tile([256, 512], 120)}))
    assert swept(averaged(runs)) == ["lr", "batch"]
    assert len(best_of(averaged(runs), ["lr", "batch"])) == 20
    assert len(best_of(averaged(runs), ["lr"])) == 40
    assert swept(read_runs(table(tmp_path, {**synthetic.surface(40), "lr": np.linspace(1e-4, 1e-3, 40)}))) == []


def test_a_best_at_the_edge_is_told(tmp_path: Path) -> None:
    """Where the largest rate tried is the best, larger ones may be better."""
    columns = {name: column[sweep()["learning_rate"] < 2e-3] for name, column in sweep().items()}
    columns["learning_rate"] = np.where(columns["seed"] == 0, 1e-4, columns["learning_rate"])
    runs = best_of(read_runs(table(tmp_path, columns)), ["lr"])
    assert any("the best lr is the largest tried in" in remark for remark in runs.remarks)


def test_an_unknown_setting_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name."""
    assert main(["fit", str(table(tmp_path, sweep())), "-o", str(tmp_path / "l.json"), "--best-of", "colour"]) == 2
    assert "there is no setting 'colour'" in capsys.readouterr().err


def readings(runs: int) -> dict[str, Any]:
    """Ten readings of each run, those in mid-schedule up to 8 % above where a run of those tokens would end."""
    size, part = np.repeat(np.geomspace(1e7, 1e9, runs).round(), 10), np.tile(np.arange(1, 11) / 10, runs)
    tokens = np.repeat(np.geomspace(2e9, 2e10, runs)[::-1].round(), 10) * part
    loss = synthetic.noisy(synthetic.surface_loss(size, tokens) * (1 + 0.08 * (1 - part)), 0.002)
    return {"run": [f"r{i // 10}" for i in range(10 * runs)], "params": size, "tokens": tokens, "loss": loss}


def test_readings_in_mid_schedule_are_not_fitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each run its last row is fitted, and the others are counted as left out; `--checkpoints` fits all."""
    path = table(tmp_path, readings(12))
    law = fitted(path)
    assert (law["fit"]["rows"], law["fit"]["excluded"]) == (12, 108)
    assert "left out: a reading in mid-schedule" in capsys.readouterr().out
    assert law["ranges"]["tokens"][0] >= 2e9
    assert fitted(path, "--checkpoints")["fit"]["rows"] == 120


def test_readings_of_few_runs_are_what_there_is(tmp_path: Path) -> None:
    """One learning curve, or fewer finished runs than a fit takes: all readings are fitted, and it is said."""
    runs = finished(read_runs(table(tmp_path, readings(3))))
    assert len(runs) == 30
    assert any("3 finished runs are too few to fit" in remark for remark in runs.remarks)
    assert finished(read_runs(table(tmp_path, readings(1)))).remarks == []
