"""Laws of one variable that bend: the same numbers as the fit's, inverses that invert, and answers from a law file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitted_laws import Laws, Unanswerable, ask, load
from fitted_laws.forms import FORMS
from trainer.estimation.forms import curves

X = np.geomspace(1e6, 1e12, 25)
LAWS: dict[str, dict[str, float]] = {
    "m4": {"L_inf": 1.2, "L_0": 6.0, "alpha": 0.7, "beta": 3e3, "c": -0.45},
    "broken": {"a": 0.8, "b": 40.0, "c0": 0.08, "c1": 0.2, "d1": 1e9, "f1": 0.4},
    "log-information": {"lamda": 1.7, "Nc": 2e4},
}
ENGINES: dict[str, Any] = {
    "m4": curves.M4("params"),
    "broken": curves.Broken("params"),
    "log-information": curves.LogInformation(),
}
VARIABLES = {"converged": "params", "data": "tokens", "frontier": "compute"}


def law(tmp_path: Path, form: str, **keys: object) -> Laws:
    """A catalogue of one law of `form`."""
    content = {
        "id": "mine",
        "domain": "mine",
        "form": form,
        "coefficients": LAWS[form],
        "counts": "total",
        "citation": "me",
        **keys,
    }
    path = tmp_path / "law.json"
    path.write_text(json.dumps(content))
    return load([path], shipped=False)


def made(form: str) -> Any:
    return FORMS[form](**{name: np.array([[value], [value * 1.01]]) for name, value in LAWS[form].items()})


@pytest.mark.parametrize("form", LAWS)
def test_the_numbers_are_those_of_the_fit(form: str) -> None:
    """What answers is what was fitted, to the last digits, for columns of draws."""
    table = np.array([list(LAWS[form].values()), [value * 1.01 for value in LAWS[form].values()]])
    assert made(form).value(X) == pytest.approx(ENGINES[form].value(table, {"params": X}), rel=1e-12)


@pytest.mark.parametrize("form", LAWS)
def test_inverses_invert(form: str) -> None:
    """x(L(x)) is x."""
    found = made(form)
    above = found.value(X) - getattr(found, "floor", 0.0)
    assert found.inverse(above) == pytest.approx(np.broadcast_to(X, above.shape), rel=1e-9)


@pytest.mark.parametrize(
    ("c0", "c1", "reached", "never"),
    [
        pytest.param(0.1, -0.3, 1e7, 1e-6, id="falls, then rises"),
        pytest.param(-0.1, 0.3, 1e12, 1e9, id="rises, then falls"),
        pytest.param(-0.1, -0.1, None, 1.0, id="rises"),
    ],
)
def test_a_broken_law_is_inverted_where_it_falls(c0: float, c1: float, reached: float | None, never: float) -> None:
    """Where the loss turns, x lies on the falling branch; a loss that is never reached has none."""
    coefficients = {"a": 0.0, "b": 10.0, "c0": c0, "c1": c1, "d1": 1e9, "f1": 0.5}
    form: Any = FORMS["broken"](**{name: np.array([[value]]) for name, value in coefficients.items()})
    if reached is not None:
        assert form.inverse(form.value(np.array([reached]))) == pytest.approx(reached, rel=1e-9)
    assert np.isnan(form.inverse(np.array([never]))).all()


@pytest.mark.parametrize("form", ["m4", "broken"])
@pytest.mark.parametrize("role", VARIABLES)
def test_loss_is_answered_by_each_variable(tmp_path: Path, form: str, role: str) -> None:
    """A law of size, data or compute answers `loss` by it, with its floor."""
    answer = ask("loss", law(tmp_path, form, role=role), domain="mine", **{VARIABLES[role]: 1e9})
    expected = made(form).value(np.array([1e9]))[0, 0]
    assert answer.loss == pytest.approx(expected, rel=1e-14)
    assert answer.reducible_loss == pytest.approx(expected - made(form).floor[0, 0])


@pytest.mark.parametrize("form", ["m4", "broken"])
def test_target_is_answered_by_a_curve_of_compute(tmp_path: Path, form: str) -> None:
    """Compute that reaches a loss; sizes are not known, and what the curve never passes through has no answer."""
    laws = law(tmp_path, form, role="frontier")
    answer = ask("target", laws, domain="mine", loss=1.9)
    assert ask("loss", laws, domain="mine", compute=answer.compute).loss == pytest.approx(1.9)
    assert (answer.params, answer.tokens) == (None, None)
    with pytest.raises(Unanswerable, match="not above the irreducible loss"):
        ask("target", laws, domain="mine", loss=0.5)


def test_a_loss_above_the_start_has_no_compute(tmp_path: Path) -> None:
    """M4 begins at L_0: no compute is so little that the loss lies above it."""
    with pytest.raises(Unanswerable, match="no compute has this loss"):
        ask("target", law(tmp_path, "m4", role="frontier"), domain="mine", loss=7.0)


def test_fitted_information_answers_by_params(tmp_path: Path) -> None:
    """λ·ln(N/Nc) nats, their words and their share; a model below Nc knows nothing of its caption."""
    laws = law(tmp_path, "log-information")
    answer = ask("information_gain", laws, domain="mine", params=1e9, nats_per_word=3.4, text_loss=100)
    nats = 1.7 * np.log(1e9 / 2e4)
    assert [answer.mutual_information, answer.words, answer.infogain] == pytest.approx([nats, nats / 3.4, nats / 100])
    small = ask("information_gain", laws, domain="mine", params=[1e3, 1e9])
    assert small.mutual_information.tolist() == pytest.approx([0.0, nats])
    assert [bool(w) for w in small.warnings] == [True, True]
    assert ["learnt nothing" in " ".join(w) for w in small.warnings] == [True, False]
