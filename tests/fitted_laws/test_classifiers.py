"""`transfer` by a law of fine-tuned classifiers: loss and error of the class by size and data, in place of what pretraining is worth."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import load
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import NotUnderstood, Unanswerable

DRAWS = np.linspace(0.9, 1.1, 101)


def leaf(role: str, best: float, k: float) -> dict:
    """best + k·N^−.1·D^−.3, k drawn to a tenth to either side."""
    return {
        "role": role,
        "form": "finetuned",
        "coefficients": {"best": best, "k": k, "a": 0.1, "b": 0.3},
        "draws": {
            "order": ["k"],
            "shape": [len(DRAWS), 1],
            "data": base64.b64encode((k * DRAWS).astype("<f4").tobytes()).decode(),
        },
        "ranges": {"params": [1e3, 1e5], "finetune_characters": [1e5, 1e7]},
    }


@pytest.fixture
def laws(tmp_path: Path) -> Laws:
    """A law of a domain of its own."""
    shared = {"id": "ours", "domain": "mine", "citation": "made for this test", "counts": "non-embedding"}
    relations = [leaf("finetuned-loss", 0.4, 10.0), leaf("finetuned-error", 0.2, 5.0)]
    (tmp_path / "ours.json").write_text(json.dumps({**shared, "relations": relations}))
    return load([tmp_path], shipped=False)


def test_loss_and_error_are_beyond_the_best(laws: Laws) -> None:
    """By the equation, with the interval of its draws, headline first; in columns the same."""
    excess = 1e4**-0.1 * 1e6**-0.3
    answer = ask("transfer", laws, domain="mine", params=1e4, finetune_characters=1e6)
    assert answer.headline == "downstream_loss"
    assert answer.downstream_loss == pytest.approx(0.4 + 10 * excess)
    assert answer.downstream_error == pytest.approx(0.2 + 5 * excess)
    assert answer.downstream_error_low == pytest.approx(0.2 + 5 * 0.91 * excess, abs=1e-4)
    assert answer.downstream_error_high == pytest.approx(0.2 + 5 * 1.09 * excess, abs=1e-4)
    assert answer.reach == "inside"
    assert not set(answer.columns) & {"effective_characters_transferred", "multiplier"}
    column = ask("transfer", laws, domain="mine", params=[1e4, 2e4], finetune_tokens=1e6, bytes_per_token=1)
    assert column.downstream_loss[0] == answer.downstream_loss
    assert column.downstream_loss[1] < answer.downstream_loss


def test_reach_is_counted_in_fine_tuning_data_too(laws: Laws) -> None:
    far = ask("transfer", laws, domain="mine", params=1e4, finetune_characters=1e9)
    assert (far.extrapolation, far.extrapolation_in) == (pytest.approx(2.0), "finetune_characters")
    assert any("fine-tuning data" in sentence for sentence in far.warnings)


def test_an_error_above_1_is_no_answer(laws: Laws) -> None:
    """Nor is an amount of data that nobody gives, or a law that knows nothing of classes."""
    with pytest.raises(Unanswerable, match=r"above 1: .*ask with more"):
        ask("transfer", laws, domain="mine", params=1e4, finetune_characters=10)
    with pytest.raises(NotUnderstood, match="exactly one of finetune_characters, finetune_tokens"):
        ask("transfer", laws, domain="mine", params=1e4)
    with pytest.raises(Unanswerable, match="holds no L"):
        ask("loss", laws, domain="mine", params=1e4)
