"""Where L(C) meets L(D(C)): against the closed form that two powers above one floor have, draw by draw."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import Laws, Unanswerable, ask, load
from fitted_laws.questions.budgets.crossover import SEARCHED

FLOOR = 1.3
LETTERS = {
    "frontier": ("L_inf", "x0", "alpha"),
    "data": ("L_inf", "x0", "alpha"),
    "token-allocation": ("k", "a"),
    "allocation": ("k", "a"),
}
FORM = {"L_inf": "power-constant", "k": "power-growth"}


def tables(data_exponent: float, spread: float, draws: int = 400) -> dict[str, np.ndarray]:
    """Coefficients of each relation, (1 + draws, …): D = C/6N, and exponents of L(D) that scatter."""
    noise = np.append(0.0, np.random.default_rng(0).normal(0, spread, draws))
    size, one = 1.4 * 10**-0.5 * np.exp(noise), np.ones(draws + 1)
    return {
        "frontier": np.stack([FLOOR * one, 1e9 * one, 0.2 * one], 1),
        "data": np.stack([FLOOR * one, 1e3 * one, data_exponent * (1 + noise)], 1),
        "token-allocation": np.stack([1 / (6 * size), 0.5 * one], 1),
        "allocation": np.stack([size, 0.5 * one], 1),
    }


def laws_of(found: dict[str, np.ndarray], tmp_path: Path) -> Laws:
    relations = []
    for role, table in found.items():
        names = LETTERS[role]
        drawn = np.ascontiguousarray(table[1:], "<f4")
        frozen = {"order": names, "shape": drawn.shape, "data": base64.b64encode(drawn.tobytes()).decode()}
        relations.append(
            {
                "role": role,
                "form": FORM[names[0]],
                "coefficients": dict(zip(names, table[0], strict=True)),
                "draws": frozen,
            }
        )
    content = {
        "id": "mine",
        "domain": "mine",
        "counts": "total",
        "citation": "me",
        "ranges": {"tokens": [1e4, 1e5]},
        "relations": relations,
    }
    (tmp_path / "law.json").write_text(json.dumps(content))
    return load([tmp_path / "law.json"], shipped=False)


def exactly(found: dict[str, np.ndarray]) -> np.ndarray:
    """(C0/C)^a = (D0/(k·C^b))^d, solved; infinite where L(D(C)) falls as fast."""
    (_, c0, a), (_, d0, d), (k, b) = (found[role].T for role in ("frontier", "data", "token-allocation"))
    log = (a * np.log(c0) - d * np.log(d0 / k)) / (a - d * b)
    return np.exp(np.where((a > d * b) & (log < 700), log, np.inf))


def test_a_crossing_has_the_interval_of_its_draws(tmp_path: Path) -> None:
    """Every draw has its own crossing; size, data and loss are those of the draw there."""
    found = tables(0.25, 0.05)
    held = {name: table.astype("<f4").astype(float) for name, table in found.items()}
    expected = exactly(held)
    assert np.isfinite(expected).all()
    answer = ask("crossover", laws_of(found, tmp_path), domain="mine").plain()
    assert answer["compute"] == pytest.approx(exactly(found)[0], rel=1e-9)
    assert (answer["compute_low"], answer["compute_high"]) == pytest.approx(
        tuple(np.quantile(expected[1:], [0.05, 0.95])), rel=1e-3
    )
    tokens = held["token-allocation"][:, 0] * expected**0.5
    assert (answer["tokens_low"], answer["tokens_high"]) == pytest.approx(
        tuple(np.quantile(tokens[1:], [0.05, 0.95])), rel=1e-3
    )
    assert answer["loss"] == pytest.approx(FLOOR + (1e3 / answer["tokens"]) ** 0.25)
    assert answer["compute"] == pytest.approx(6 * answer["params"] * answer["tokens"])
    assert answer["extrapolation_in"] == "tokens"
    assert not any("never" in sentence for sentence in answer["warnings"])


def test_draws_without_a_crossing_are_counted(tmp_path: Path) -> None:
    """They are as far as can be: the upper end is null, and a sentence says how many there are."""
    found = tables(0.36, 0.1)
    share = float(np.mean(exactly(found)[1:] > SEARCHED[1]))
    assert 0.1 < share < 0.4
    answer = ask("crossover", laws_of(found, tmp_path), domain="mine").plain()
    assert answer["compute_high"] is None
    assert answer["compute_low"] < answer["compute"]
    assert f"in {share:.1%} of the resamples L(C) never falls below L(D(C))" in answer["warnings"]


def test_no_crossing_says_why(tmp_path: Path) -> None:
    """Where L(D(C)) falls as fast as L(C) or faster: also far out, where both are within rounding of their floor."""
    with pytest.raises(
        Unanswerable, match=r"no crossover; above their floors L\(C\) falls as C\^-0.200, L\(D\(C\)\) as C\^-0.225"
    ):
        ask("crossover", laws_of(tables(0.45, 0.01), tmp_path), domain="mine")
