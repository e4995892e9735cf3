"""`optimal` with `unique_tokens`: the best size and epochs where data are limited, against a search that knows only `repeat`."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fitted_laws import Unanswerable, ask
from fitted_laws.catalogue import shipped

FORM = next(law for law in shipped().of("language") if law.id == "muennighoff-2023").drawn("repeated").form


def loss(params: float, compute: float, unique: float) -> float:
    """Of as many passes over the unique tokens as that size has compute for; of fewer than one, of a part of them."""
    tokens = compute / (6 * params)
    return float(
        FORM.value(np.array([params]), np.array([min(tokens, unique)]), np.array([max(tokens / unique, 1)])).item()
    )


@pytest.mark.parametrize("compute", [1e20, 1e21, 1e22, 1e23, 5.76e23])
@pytest.mark.parametrize("unique", [1e9, 1e10, 1e11, 5e11])
def test_the_best_size_and_epochs_are_those_of_a_search(compute, unique) -> None:
    answer = ask("optimal", domain="language", compute=compute, unique_tokens=unique)
    found = minimize_scalar(
        lambda log: loss(np.exp(log), compute, unique), bracket=(np.log(answer.params / 3), np.log(answer.params * 3))
    )
    assert answer.loss == pytest.approx(found.fun, rel=1e-12)
    if answer.epochs < 200:  # beyond, no float tells the losses of different sizes apart
        assert answer.params == pytest.approx(np.exp(found.x), rel=1e-5)
    assert answer.tokens == pytest.approx(answer.unique_tokens * answer.epochs)
    assert answer.compute == pytest.approx(6 * answer.params * answer.tokens)


@pytest.mark.parametrize("compute", [1e20, 1e23])
def test_at_its_optimum_repeat_gives_the_same_loss(compute) -> None:
    best = ask("optimal", domain="language", compute=compute, unique_tokens=1e9)
    again = ask("repeat", domain="language", params=best.params, unique_tokens=1e9, epochs=best.epochs)
    assert again.loss == pytest.approx(best.loss)
    assert again.effective_tokens == pytest.approx(best.effective_tokens)


def test_data_that_suffice_change_nothing_and_say_so() -> None:
    """The optimum is that of fresh data, where a model is no larger than its data match."""
    limited = ask("optimal", domain="language", compute=1e21, unique_tokens=1e13)
    fresh = ask("optimal", domain="language", compute=1e21, law="muennighoff-2023")
    assert (limited.params, limited.tokens) == (pytest.approx(fresh.params), pytest.approx(fresh.tokens))
    assert limited.loss == pytest.approx(fresh.loss)
    assert limited.epochs < 1
    assert any("do not limit it" in warning for warning in limited.warnings)


def test_fewer_data_mean_more_epochs_and_a_larger_loss() -> None:
    answer = ask("optimal", domain="language", compute=[1e22] * 4, unique_tokens=[1e12, 1e11, 1e10, 1e9])
    assert np.all(np.diff(answer.columns["epochs"]) > 0)
    assert np.all(np.diff(answer.columns["loss"]) >= 0)


def test_passes_that_teach_next_to_nothing_are_named() -> None:
    """Beyond 36 passes another is worth less than a tenth of fresh data."""
    said = {c: ask("optimal", domain="language", compute=c, unique_tokens=1e9) for c in (1e20, 1e22)}
    assert said[1e20].epochs < 36 < said[1e22].epochs
    assert [any("less than a tenth" in text for text in answer.warnings) for answer in said.values()] == [False, True]


def test_the_basin_costs_one_per_cent() -> None:
    best = ask("optimal", domain="language", compute=1e23, unique_tokens=1e11)
    for size in (best.params_min, best.params_max):
        assert loss(size, 1.01e23, 1e11) == pytest.approx(best.loss, rel=1e-12)
    assert best.params_min < best.params < best.params_max


def test_a_law_of_fresh_data_names_those_that_repeat() -> None:
    """Without a law, the one of repeated data answers: it follows from the inputs."""
    assert ask("optimal", domain="language", compute=1e22, unique_tokens=1e10).law == "muennighoff-2023"
    with pytest.raises(Unanswerable, match="laws that can: muennighoff-2023"):
        ask("optimal", domain="language", compute=1e22, unique_tokens=1e10, law="besiroglu-2024")
