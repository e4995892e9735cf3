"""Columns that a fit did not read: named where they go with what it leaves, and only there."""

import numpy as np
import pytest

from trainer.tables.runs import Runs
from trainer.tables.unread import unread_columns

ROWS = 60
RATES = np.tile([1e-4, 3e-4, 1e-3, 3e-3, 1e-2], ROWS // 5)


def runs_with(**others: np.ndarray) -> Runs:
    columns = {"loss": np.ones(ROWS)}
    cells = {name: [str(cell) for cell in column] for name, column in others.items()}
    return Runs(columns=columns, labels={}, lines=list(range(ROWS)), others=cells)


@pytest.mark.parametrize("effect", [lambda x: 0.02 * x, lambda x: 0.04 * x**2], ids=["along", "best in the middle"])
def test_a_setting_that_explains_the_residuals_is_named(effect) -> None:
    """With its share, and what would take it into account; columns of chance, of text and of one value are not."""
    rng = np.random.default_rng(0)
    off = effect(np.log10(RATES) + 3) + 0.003 * rng.standard_normal(ROWS)
    chance = {f"column_{i}": rng.standard_normal(ROWS) for i in range(20)}
    runs = runs_with(lr=RATES, layers=np.full(ROWS, 12), note=np.array(["a", "b"] * (ROWS // 2)), **chance)
    (sentence,) = unread_columns(runs, off)
    assert sentence.startswith("lr was not read, and goes with what the fit leaves: it explains 9")
    assert "--as curve=lr" in sentence


def test_noise_names_nothing() -> None:
    """Neither noise, nor residuals too small to matter, nor too few rows."""
    rng = np.random.default_rng(1)
    runs = runs_with(**{f"column_{i}": rng.standard_normal(ROWS) for i in range(20)}, lr=RATES)
    assert unread_columns(runs, 0.02 * rng.standard_normal(ROWS)) == []
    assert unread_columns(runs, 0.001 * np.log10(RATES)) == []
    few = runs.where(np.arange(ROWS) < 8)
    assert unread_columns(few, 0.02 * np.log10(RATES[:8])) == []
