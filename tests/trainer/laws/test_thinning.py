"""Very many rows: a law in seconds from rows spread over what they vary, which is said."""

import json
from pathlib import Path

import numpy as np
import pytest
import synthetic

from trainer.__main__ import main
from trainer.laws.thinning import ABOVE, MOST, evenly, thin
from trainer.tables.runs import read_runs


def test_the_law_of_very_many_rows_is_the_law(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 30,000 rows about a thousand are fitted; the optimum a decade beyond is the truth's, and the file says so."""
    table = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(30_000, noise=0.01))
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--bootstrap", "20"]) == 0
    assert "30,000 rows were thinned to" in capsys.readouterr().out
    law = json.loads((tmp_path / "law.json").read_text())
    assert MOST / 2 < law["fit"]["rows"] <= MOST
    for name, truth in synthetic.SURFACE.items():
        assert law["coefficients"][name] == pytest.approx(truth, rel=0.25 if name in "AB" else 0.04), name
    assert law["fit"]["robust_sigma"] == pytest.approx(0.01, rel=0.15), "one run's noise is not averaged away"


def test_a_long_curve_keeps_its_beginning() -> None:
    """Of 100,000 steps every decade keeps rows, not the last alone."""
    kept = evenly([np.log(np.arange(1, 100_001.0))])
    steps = np.flatnonzero(kept) + 1
    assert MOST / 2 < len(steps) <= MOST
    assert (np.histogram(np.log10(steps), bins=5, range=(0, 5))[0] >= 9).all()


def test_cells_of_many_rows_keep_as_many() -> None:
    """Twenty-five sizes of a thousand rows each keep forty each, spread over their order."""
    kept = evenly([np.repeat(np.arange(25.0), 1000)])
    assert (kept.reshape(25, 1000).sum(axis=1) == MOST // 25).all()
    assert (np.diff(np.flatnonzero(kept.reshape(25, 1000)[0])) == 25).all()


def test_what_few_rows_say_is_kept_whole(tmp_path: Path) -> None:
    """Up to ABOVE rows a curve nothing is left out; each split of a longer one is thinned by itself."""
    columns = synthetic.surface(ABOVE)
    assert len(thin(read_runs(synthetic.write_csv(tmp_path / "runs.csv", columns)))) == ABOVE
    several = {**synthetic.surface(2 * ABOVE), "curve": np.repeat(["a", "b"], ABOVE)}
    assert len(thin(read_runs(synthetic.write_csv(tmp_path / "runs.csv", several)))) == 2 * ABOVE
    split = {**synthetic.surface(2 * ABOVE), "split": np.where(np.arange(2 * ABOVE) < 50, "test", "train")}
    runs = thin(read_runs(synthetic.write_csv(tmp_path / "runs.csv", split)))
    assert runs.labels["split"].count("test") == 50
    assert len(runs) <= MOST + 50
