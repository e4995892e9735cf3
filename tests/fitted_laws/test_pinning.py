"""`irreducible_loss=` on a fitted surface: solved again on its runs, to the optimum that a pinned fit finds."""

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import synthetic

from fitted_laws import Laws, Unanswerable, ask, load
from fitted_laws.forms import AdditivePowerLaw
from fitted_laws.laws.law import Drawn
from fitted_laws.solving.optima.pinning import NAMES, solved
from trainer.__main__ import main
from trainer.estimation.fit import Rows, draws, fit
from trainer.estimation.forms.power import Additive
from trainer.estimation.objective import Objective, huber, squares
from trainer.estimation.problem import pinned

OBJECTIVES = {"scaled": None, "hoffmann": huber(1e-3), "sharp": huber(1e-5), "squares": squares()}


def fitted(tmp_path: Path, *options: str, weights: bool = False, form: str = "additive") -> Laws:
    """The law of a synthetic surface, fitted by the command."""
    table = synthetic.surface(60, 0.01)
    if weights:
        table["weight"] = np.linspace(0.2, 3.0, 60).round(3)
    runs = synthetic.write_csv(tmp_path / "runs.csv", table)
    assert main(["fit", str(runs), "-o", str(tmp_path / "law.json"), "--domain", "mine", "--form", form, *options]) == 0
    return load([tmp_path / "law.json"], shipped=False)


def surface_of(laws: Laws) -> Drawn[AdditivePowerLaw]:
    return next(iter(laws)).drawn("surface")


def rows_of(drawn: Drawn[AdditivePowerLaw]) -> Rows:
    kept = {name: np.array(values) for name, values in drawn.relation.runs.items()}
    return Rows({name: kept[name] for name in ("params", "tokens")}, kept["loss"], kept.get("weight", np.zeros(0)))


def centre(form: AdditivePowerLaw) -> list[float]:
    return [float(getattr(form, name)[0, 0]) for name in NAMES]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_pinning_is_the_pinned_fit(tmp_path: Path, objective: str) -> None:
    """Whatever the objective, and near or far, the coefficients are those that the whole search finds with E pinned."""
    chosen: Objective | None = OBJECTIVES[objective]
    options = {"scaled": [], "squares": ["--objective", "squares"]}.get(
        objective, ["--delta", str(chosen.delta if chosen else 0)]
    )
    drawn = surface_of(fitted(tmp_path, "--bootstrap", "20", *options))
    delta = drawn.relation.fit["delta"]
    for irreducible in (0.2, 1.5, 1.7, 1.75, 1.85):
        again = fit(Additive(), rows_of(drawn), squares() if delta is None else huber(delta), pinned(irreducible))
        found = centre(solved(drawn, irreducible).form)
        assert found == pytest.approx(again.coefficients.tolist(), rel=1e-6), irreducible


def test_weights_of_runs_are_kept(tmp_path: Path) -> None:
    """A fit of weighted runs is pinned with the same weights."""
    drawn = surface_of(fitted(tmp_path, "--bootstrap", "20", weights=True))
    again = fit(Additive(), rows_of(drawn), huber(drawn.relation.fit["delta"]), pinned(1.7))
    assert centre(solved(drawn, 1.7).form) == pytest.approx(again.coefficients.tolist(), rel=1e-6)
    unweighted = msgspec.structs.replace(
        drawn.relation, runs={n: v for n, v in drawn.relation.runs.items() if n != "weight"}
    )
    unweighted_drawn = dataclasses.replace(drawn, relation=unweighted)
    assert centre(solved(unweighted_drawn, 1.7).form) != pytest.approx(again.coefficients.tolist(), rel=1e-3)


def test_the_interval_is_that_of_pinned_resamples(tmp_path: Path) -> None:
    """The moved draws spread as 2,000 resamples fitted with E pinned do, within a seventh, and E itself not at all."""
    drawn = surface_of(fitted(tmp_path, "--bootstrap", "2000"))
    found = solved(drawn, 1.7).form
    again = fit(Additive(), rows_of(drawn), huber(drawn.relation.fit["delta"]), pinned(1.7))
    table = draws(again, None, 2000, 1)
    for i, name in enumerate(NAMES[1:], start=1):
        mine, right = (
            np.ptp(np.quantile(values, [0.05, 0.95])) for values in (getattr(found, name)[1:, 0], table[:, i])
        )
        assert mine == pytest.approx(right, rel=1 / 7), name
    assert set(found.E[:, 0]) == {1.7}


PINNED: dict[str, dict[str, Any]] = {
    "loss": {"params": 1e10, "tokens": 1e12},
    "optimal": {"compute": 1e23},
    "frontier": {"compute_min": 1e20, "compute_max": 1e23, "points": 3},
    "target": {"kl": 0.2},
    "isoflop": {"compute": 1e22, "points": 3},
    "allocate": {"params": 1e9, "compute": 1e22},
    "lifetime": {"loss": 2.1, "inference_tokens": 1e12},
}


@pytest.mark.parametrize("form", ["additive", "auto"])
def test_every_question_that_pins_answers(tmp_path: Path, form: str) -> None:
    """The pinned loss is the floor of the answer, which says what was done; asked twice it is the same."""
    laws = fitted(tmp_path, "--bootstrap", "200", form=form)
    for question, inputs in PINNED.items():
        free = ask(question, laws, domain="mine", **inputs).records()[0]
        answer = ask(question, laws, domain="mine", irreducible_loss=1.7, **inputs).records()[0]
        assert answer["irreducible_loss"] == 1.7, question
        assert answer[next(iter(answer))] != free[next(iter(free))] or question in ("frontier", "isoflop")
        assert any("solved again" in warning for warning in answer["warnings"]), question
        assert ask(question, laws, domain="mine", irreducible_loss=1.7, **inputs).records()[0] == answer


def test_far_from_what_the_runs_say_there_is_no_interval(tmp_path: Path) -> None:
    """A loss that no resample comes near leaves a law, and the reason why nothing is said of its error."""
    answer = ask("loss", fitted(tmp_path), domain="mine", params=1e10, tokens=1e12, irreducible_loss=1.2)
    assert answer.loss_low is None
    assert any("there is no interval, since the runs themselves put" in warning for warning in answer.warnings)


def test_what_cannot_be_pinned_says_why(tmp_path: Path) -> None:
    """A loss above a run's, a surface without runs, and a form that is not solved again."""
    laws = fitted(tmp_path, "--bootstrap", "20")
    with pytest.raises(Unanswerable, match="lowest loss of the runs"):
        ask("loss", laws, domain="mine", params=1e10, tokens=1e12, irreducible_loss=3.5)
    with pytest.raises(Unanswerable, match="none are frozen"):
        ask("loss", domain="language", law="hoffmann-2022", params=1e10, tokens=1e12, irreducible_loss=1.5)
    other = fitted(tmp_path, "--bootstrap", "20", form="over-training")
    with pytest.raises(Unanswerable, match="cannot be pinned"):
        ask("loss", other, domain="mine", params=1e10, tokens=1e12, irreducible_loss=1.5)


def test_a_set_of_laws_pinned_at_its_own_floor_says_the_same(tmp_path: Path) -> None:
    """The central law is then the nearest to itself, and pinned elsewhere it keeps its losses of the runs as far as that E allows."""
    laws = fitted(tmp_path, "--bootstrap", "20", form="auto")
    run = {"domain": "mine", "params": 1e9, "tokens": 2e10}
    free = ask("loss", laws, **run)
    own = ask("loss", laws, **run, irreducible_loss=free.irreducible_loss)
    assert own.loss == pytest.approx(free.loss, rel=1e-9)
    near = ask("loss", laws, **run, irreducible_loss=free.irreducible_loss - 0.1)
    assert near.loss == pytest.approx(free.loss, rel=3e-3)
    assert near.loss != free.loss
    with pytest.raises(Unanswerable, match="lowest loss of the runs"):
        ask("loss", laws, **run, irreducible_loss=3.5)
