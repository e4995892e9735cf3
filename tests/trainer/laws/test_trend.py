"""Where there is no law none is written: the loss has to fall, and to stay above the limit that the law gives it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic

from trainer.__main__ import main

PARAMS, TOKENS = (
    column.ravel()
    for column in np.meshgrid(np.geomspace(1e7, 1e9, 6).round(), np.geomspace(1e9, 1e11, 5).round(), indexing="ij")
)
LOSS = synthetic.surface_loss(PARAMS, TOKENS)
STEPS = np.arange(1, 61) * 1e7
NONE: dict[str, tuple[dict[str, Any], str]] = {
    "constant": ({"params": PARAMS, "tokens": TOKENS, "loss": np.full(30, 2.5)}, "does not depend on size or data"),
    "noise": (
        {"params": PARAMS, "tokens": TOKENS, "loss": synthetic.noisy(np.full(30, 2.5), 0.02)},
        "does not depend on size or data",
    ),
    "accuracy": ({"params": PARAMS, "tokens": TOKENS, "loss": 1 / LOSS}, "rises with params and tokens"),
    "rising": (
        {"params": PARAMS, "tokens": TOKENS, "loss": 2 + 1500 / TOKENS**0.36 + 0.3 * np.log10(PARAMS / 1e7)},
        "rises with params",
    ),
    "flat curve": ({"tokens": STEPS, "loss": synthetic.noisy(np.full(60, 2.5), 0.01)}, "does not depend on data"),
    "rising curve": ({"tokens": STEPS, "loss": 2 * (STEPS / 1e7) ** 0.05}, "rises with tokens"),
    "turning curve": ({"tokens": STEPS, "loss": 2 + 0.2 * np.log(STEPS / 2e8) ** 2}, "rises with tokens"),
}


@pytest.mark.parametrize("kind", NONE)
@pytest.mark.parametrize("command", ["fit", "report"])
def test_loss_that_does_not_fall_makes_no_law(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, command: str
) -> None:
    """Exit 3 with the reason, no file, and no warning of Python's (which the tests raise)."""
    columns, told = NONE[kind]
    table = synthetic.write_csv(tmp_path / "runs.csv", columns)
    assert main([command, str(table), "-o", str(tmp_path / "out.json"), "--bootstrap", "20"]) == 3
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("kind", ["constant", "noise", "accuracy", "flat curve"])
def test_nor_a_back_test_nor_a_suggestion(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """What makes no law is not forecast from either."""
    columns, told = NONE[kind]
    table = synthetic.write_csv(tmp_path / "runs.csv", columns)
    assert main(["backtest", str(table)]) == 3
    assert told in capsys.readouterr().err
    if "params" in columns:
        assert main(["suggest", str(table), "--compute", "1e22"]) == 3


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.05])
def test_loss_that_falls_makes_one(tmp_path: Path, noise: float) -> None:
    """A ladder is not refused for its noise, nor sizes tried at few budgets."""
    table = synthetic.write_csv(
        tmp_path / "runs.csv", {"params": PARAMS, "tokens": TOKENS, "loss": synthetic.noisy(LOSS, noise)}
    )
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--bootstrap", "20"]) == 0
    compute = np.repeat(np.geomspace(1e18, 1e20, 4), 6)
    params = np.sqrt(compute / 120) * 10 ** np.tile(np.linspace(-1, 1, 6), 4)
    columns = {"params": params, "tokens": compute / 6 / params}
    loss = synthetic.noisy(synthetic.surface_loss(**columns), noise / 2)
    table = synthetic.write_csv(tmp_path / "runs.csv", {**columns, "loss": loss})
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--bootstrap", "20"]) == 0


def test_a_limit_above_the_runs_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A held irreducible loss that a run has passed names the run; so does one that the fit would put above some."""
    table = synthetic.write_csv(tmp_path / "runs.csv", {"params": PARAMS, "tokens": TOKENS, "loss": LOSS})
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--irreducible-loss", "3"]) == 3
    assert "held at 3, and line 31 reached" in capsys.readouterr().err
    fallen = np.where(np.arange(60) < 52, 3 + (STEPS / 1e7) ** -1.0, 1.9)
    table = synthetic.write_csv(tmp_path / "runs.csv", {"tokens": STEPS, "loss": fallen})
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--form", "power-constant"]) == 3
    assert "8 of 60 runs lie under the irreducible loss" in capsys.readouterr().err


def test_an_input_without_effect_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Loss that falls with data alone: a law, which says that size does nothing in it."""
    loss = synthetic.noisy(2 + 1500 / TOKENS**0.36, 0.003)
    table = synthetic.write_csv(tmp_path / "runs.csv", {"params": PARAMS, "tokens": TOKENS, "loss": loss})
    assert main(["fit", str(table), "-o", str(tmp_path / "law.json"), "--bootstrap", "20"]) == 0
    assert "the loss does not depend on params in these runs (1e+07 to 1e+09)" in capsys.readouterr().out
