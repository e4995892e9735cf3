"""Answers by the forecast that a fit keeps in its law file: what the forecaster itself says, in every question about the loss of runs."""

import base64
import csv
import io
import json
import re
from typing import Any

import msgspec
import numpy as np
import pytest
import synthetic

from fitted_laws import Laws
from fitted_laws.__main__ import main as fitted_laws
from fitted_laws.catalogue import ask, load
from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.quantities.problems import Problem, Unanswerable
from fitted_laws.questions import registry
from trainer.__main__ import main as trainer
from trainer.forecast.backtest import held_out
from trainer.forecast.forecaster import forecaster
from trainer.tables.runs import Runs, read_runs

BUDGET = 3e21
AHEAD = {"params": [2e9, 1e10, 7e10], "tokens": [4e11, 1e12, 1.4e12]}


def powered_loss(params, tokens) -> np.ndarray:
    """Two terms under one exponent (Kaplan et al. 2020, eq 1.5, plus a floor): no additive law is exact on it."""
    return 1.1 + ((2e9 / params) ** 0.6 + (3e10 / tokens) ** 0.7) ** 0.4


def fitted(folder, table, *options) -> tuple[Runs, Runs, Laws]:
    """The runs of a table of the largest fifth held out, the rows held out, and the laws of the fit to the others."""
    runs = read_runs(synthetic.write_csv(folder / "all.csv", table))
    held = held_out(runs)
    path = synthetic.write_csv(folder / "runs.csv", {name: column[~held] for name, column in table.items()})
    assert (
        trainer(
            [
                "fit",
                str(path),
                "--domain",
                "mine",
                "--id",
                "mine",
                "--bootstrap",
                "60",
                *options,
                "-o",
                str(folder / "law.json"),
            ]
        )
        == 0
    )
    return read_runs(path), runs.where(held), load([folder / "law.json"], shipped=False)


@pytest.fixture(scope="module")
def misfit(tmp_path_factory) -> tuple[Runs, Runs, Laws]:
    """Runs of a law that no additive one is, where the forecast does better."""
    params, tokens = synthetic.places(60)
    table = {"params": params, "tokens": tokens, "loss": synthetic.noisy(powered_loss(params, tokens), 0.002)}
    return fitted(tmp_path_factory.mktemp("misfit"), table)


@pytest.fixture(scope="module")
def exact(tmp_path_factory) -> tuple[Runs, Runs, Laws]:
    """Runs of an additive law."""
    return fitted(tmp_path_factory.mktemp("exact"), synthetic.surface(60, noise=0.002))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("runs", ["misfit", "exact"])
def test_a_new_run_is_answered_as_the_forecaster_forecasts(runs, level, request) -> None:
    """At every run held out, centre and both ends, at every level."""
    near, far, laws = request.getfixturevalue(runs)
    forecast = forecaster(near).forecast(far)
    columns = {name: far.columns[name] for name in ("params", "tokens")}
    answer = ask("loss", laws, domain="mine", interval="run", level=level, **columns)
    assert np.log(answer.loss) == pytest.approx(forecast.log_loss, abs=1e-9)
    assert np.array(answer.loss_low) == pytest.approx(forecast.low(level), rel=1e-9)
    assert np.array(answer.loss_high) == pytest.approx(forecast.high(level), rel=1e-9)
    assert all("forecast" in source for source in answer.interval_source)


def test_a_curve_is_answered_as_the_forecaster_forecasts(tmp_path) -> None:
    """Laws of one variable, M4 and the broken power law among them."""
    tokens = np.geomspace(1e6, 1e9, 15)
    near, far, laws = fitted(
        tmp_path, {"tokens": tokens, "loss": synthetic.noisy(0.2 + 0.9 / (1 + (tokens / 3e7) ** 0.6), 0.004)}
    )
    forecast = forecaster(near).forecast(far)
    answer = ask("loss", laws, domain="mine", interval="run", tokens=far.columns["tokens"])
    assert np.array(answer.loss) == pytest.approx(np.exp(forecast.log_loss), rel=1e-7)
    assert np.array(answer.loss_high) == pytest.approx(forecast.high(), rel=1e-7)


def test_repeats_are_answered_as_the_forecaster_forecasts(tmp_path) -> None:
    """With epochs, by unique tokens; fresh data is one epoch."""
    table, _, _ = synthetic.every_form()["repeated"]
    near, far, laws = fitted(tmp_path, table)
    forecast = forecaster(near).forecast(far)
    asked = {name: far.columns[name] for name in ("params", "unique_tokens", "epochs")}
    answer = ask("repeat", laws, domain="mine", interval="run", **asked)
    assert np.array(answer.loss) == pytest.approx(np.exp(forecast.log_loss), rel=1e-9)
    assert np.array(answer.loss_low) == pytest.approx(forecast.low(), rel=1e-9)
    once = ask("repeat", laws, domain="mine", interval="run", params=1e9, unique_tokens=1e10, epochs=1)
    assert once.loss_low == ask("loss", laws, domain="mine", interval="run", params=1e9, tokens=1e10).loss_low


def test_limited_data_have_a_best_size_by_a_law_fitted_to_repeats(tmp_path) -> None:
    """No size near it or far from it reaches a lower loss, and its interval holds it."""
    table, _, _ = synthetic.every_form()["repeated"]
    _, _, laws = fitted(tmp_path, table)
    for unique in (1e8, 1e9, 1e12):
        best = ask("optimal", laws, domain="mine", compute=1e20, unique_tokens=unique)
        assert best.params_low <= best.params <= best.params_high
        params = best.params * np.exp(np.linspace(-3, 3, 601))
        tokens = 1e20 / (6 * params)
        tried = ask(
            "repeat",
            laws,
            domain="mine",
            interval="none",
            params=params,
            unique_tokens=np.minimum(tokens, unique),
            epochs=np.maximum(tokens / unique, 1),
        )
        assert best.loss <= np.min(tried.loss) * (1 + 1e-12)
        assert best.loss == pytest.approx(np.min(tried.loss), rel=1e-6)


def test_the_headline_is_one_law_whatever_is_asked_of_its_interval(misfit, exact) -> None:
    """To the bit, of the mean, of one run, at any level and of none; near the runs it is the plain fit's where that is true."""
    for laws in (misfit[2], exact[2]):
        asked = ({"interval": "mean"}, {"interval": "run"}, {"interval": "none"}, {"level": 0.5})
        losses = [list(ask("loss", laws, domain="mine", **options, **AHEAD).loss) for options in asked]
        assert losses[1:] == losses[:-1]
    coefficients = next(iter(exact[2])).first.coefficients
    inside = {"params": np.array([1e9]), "tokens": np.array([2e10])}
    answer = ask("loss", exact[2], domain="mine", **{name: value.tolist() for name, value in inside.items()})
    assert np.array(answer.loss) == pytest.approx(synthetic.surface_loss(*inside.values(), coefficients), rel=3e-3)


def test_the_interval_of_the_mean_carries_more_than_coefficients(exact) -> None:
    """It is narrower than one new run's, and no narrower than errors of form: a tenth of a per cent inside the runs, more beyond."""
    mean, run = (ask("loss", exact[2], domain="mine", interval=of, **AHEAD) for of in ("mean", "run"))
    widths = [np.log(np.array(a.loss_high) / np.array(a.loss_low)) for a in (mean, run)]
    assert (widths[0] > 0.005).all()
    assert (np.diff(widths[0]) > 0).all()
    assert (np.array(mean.loss_low) <= np.array(mean.loss)).all()
    above = [np.array(run[f"{field}_high"]) - np.array(run[field]) for field in ("reducible_loss", "loss")]
    assert (above[0] >= above[1] - 1e-12).all()
    assert (np.array(run.reducible_loss_low) >= 0).all()


@pytest.mark.parametrize("runs", ["misfit", "exact"])
@pytest.mark.parametrize("of", ["mean", "run"])
def test_target_undoes_optimal(runs, of, request) -> None:
    """The loss that a budget's optimum is forecast to reach takes that budget, and its interval that of the loss."""
    laws = request.getfixturevalue(runs)[2]
    best = ask("optimal", laws, domain="mine", compute=BUDGET, interval=of)
    back = ask("target", laws, domain="mine", loss=best.loss, interval=of)
    assert back.compute == pytest.approx(BUDGET, rel=1e-6)
    assert back.params == pytest.approx(best.params, rel=1e-6)
    assert back.compute_low < back.compute < back.compute_high
    assert back.params_low < back.params < back.params_high


def test_a_probability_is_that_of_one_run(misfit) -> None:
    """At the budget for 95 %, the run's loss exceeds the target once in twenty: the upper end of a 90 % interval is the target."""
    laws = misfit[2]
    goal = ask("optimal", laws, domain="mine", compute=BUDGET, interval="run").loss
    sure = ask("target", laws, domain="mine", loss=goal, probability=0.95, interval="run")
    assert ask("optimal", laws, domain="mine", compute=sure.compute, interval="run").loss_high == pytest.approx(
        goal, rel=1e-6
    )


@pytest.mark.parametrize("held", [{"params": 5e9}, {"tokens": 3e11}])
def test_target_with_size_or_data_held(misfit, held) -> None:
    """Loss at what target answers is the target."""
    laws = misfit[2]
    goal = 1.01 * ask("loss", laws, domain="mine", interval="run", params=5e9, tokens=3e11).loss
    back = ask("target", laws, domain="mine", interval="run", loss=goal, **held)
    there = ask("loss", laws, domain="mine", interval="run", params=back.params, tokens=back.tokens)
    assert there.loss == pytest.approx(goal, rel=1e-6)
    assert all(back[name] == value for name, value in held.items())


def test_diagnose_measures_in_deviations_of_one_run(misfit) -> None:
    """At the end of the 90 % interval a run is 1.645 off, and beyond it off trend."""
    laws, place = misfit[2], {"domain": "mine", "params": 1e10, "tokens": 1e12}
    end = ask("loss", laws, interval="run", **place).loss_high
    at, beyond = (ask("diagnose", laws, observed_loss=value, **place) for value in (end, 1.001 * end))
    assert at.z_score == pytest.approx(1.645, abs=1e-3)
    assert (ask("diagnose", laws, observed_loss=end / 1.001, **place).on_trend, beyond.on_trend) == (True, False)


@pytest.mark.parametrize("name", sorted(registry.QUESTIONS))
def test_a_new_run_is_never_answered_by_a_silent_mean(misfit, name) -> None:
    """Every question takes interval=run or refuses it and names those that take it; what it takes differs from the mean."""
    example = {**registry.QUESTIONS[name].example, "domain": "mine"}
    refused = ""
    try:
        mean = ask(name, misfit[2], **example)
        run = ask(name, misfit[2], interval="run", **example)
    except Problem as problem:
        refused = problem.detail
    if refused:
        assert "of the loss of one new run" in refused or mean_refused(name, misfit[2], example)
    elif any(field.endswith("_low") for field in run.columns):
        assert any("one new run" in text for text in run.column("warnings")[0])
        assert mean.plain() != run.plain()


def mean_refused(name, laws, example) -> bool:
    """Whether the law cannot answer the question at all."""
    try:
        ask(name, laws, **example)
    except Problem:
        return True
    return False


def test_what_no_run_reaches_or_no_forecast_holds_is_refused(misfit, tmp_path) -> None:
    """Limits, pinned asymptotes, and laws without a forecast."""
    laws = misfit[2]
    with pytest.raises(Unanswerable, match="limit"):
        ask("loss", laws, domain="mine", interval="run", params=1e9)
    with pytest.raises(Unanswerable, match="pinned"):
        ask("loss", laws, domain="mine", interval="run", params=1e9, tokens=1e10, irreducible_loss=0.5)
    without = fitted(tmp_path, synthetic.surface(40), "--form", "additive")[2]
    with pytest.raises(Unanswerable, match="holds no residuals and no forecast"):
        ask("loss", without, domain="mine", interval="run", params=1e9, tokens=1e10)


def test_every_way_of_asking_gives_the_same_interval(misfit, tmp_path, capsys) -> None:
    """One row, columns, a frontier and the command line's --rows."""
    laws = misfit[2]
    columns = ask("loss", laws, domain="mine", interval="run", **AHEAD)
    rows = [
        ask("loss", laws, domain="mine", interval="run", **dict(zip(AHEAD, pair, strict=True)))
        for pair in zip(*AHEAD.values(), strict=True)
    ]
    assert [row.loss_low for row in rows] == list(columns.loss_low)
    frontier = ask("frontier", laws, domain="mine", interval="run", compute_min=1e20, compute_max=1e24, points=3)
    best = ask("optimal", laws, domain="mine", interval="run", compute=1e24)
    assert frontier["rows"][-1]["loss_high"] == best.loss_high
    file = tmp_path / "law.json"
    file.write_text(json.dumps(relation_of(laws)))
    table = synthetic.write_csv(tmp_path / "ahead.csv", {name: np.array(values) for name, values in AHEAD.items()})
    assert fitted_laws(["loss", "--law-file", str(file), "--interval", "run", "--rows", str(table)]) == 0
    printed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(row["loss_low"]) for row in printed] == list(columns.loss_low)


def relation_of(laws) -> dict[str, Any]:
    """The content of a law file."""
    relation = next(iter(laws)).first
    names = ("id", "domain", "form", "coefficients", "citation", "counts", "ranges", "fit", "forecast")
    content: dict[str, Any] = msgspec.to_builtins({name: getattr(relation, name) for name in names})
    return content


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"form": "warped-curve"}, "forecast.form: expected warped, got warped-curve"),
        ({"central": {"E": 1.0}}, "forecast.central: expected"),
        ({"data": "AAAA"}, "forecast.data: expected numbers of shape"),
        ({"order": ["E", "F"]}, "forecast.order: expected"),
    ],
)
def test_a_forecast_that_cannot_be_read_stops_the_start(misfit, tmp_path, change, why) -> None:
    """File, key, expected, got."""
    law = relation_of(misfit[2])
    law["forecast"] |= change
    (tmp_path / "odd.json").write_text(json.dumps(law))
    with pytest.raises(BadLawFile, match=rf"odd.json: .*{re.escape(why)}"):
        load([tmp_path / "odd.json"], shipped=False)


def test_the_law_file_of_an_earlier_version_answers_by_its_coefficients(misfit, tmp_path) -> None:
    """It loads, says that its forecast is not read, and refuses intervals of new runs."""
    law = relation_of(misfit[2])
    del law["forecast"]
    table = np.array([[value] * 50 for value in law["coefficients"].values()], "<f4").T * (
        1 + np.linspace(-1, 1, 50)[:, None] / 99
    )
    data = base64.b64encode(np.ascontiguousarray(table, "<f4").tobytes()).decode()
    law |= {
        "fit": {"forecast": {"kind": "surface", "theta": []}},
        "draws": {"order": list(law["coefficients"]), "shape": [50, 5], "data": data},
    }
    (tmp_path / "old.json").write_text(json.dumps(law))
    laws = load([tmp_path / "old.json"], shipped=False)
    answer = ask("loss", laws, domain="mine", params=1e9, tokens=1e10)
    assert answer.loss == pytest.approx(float(synthetic.surface_loss(1e9, 1e10, law["coefficients"])))
    assert answer.loss_low < answer.loss < answer.loss_high
    assert any("an earlier version's" in text for text in answer.warnings)
    with pytest.raises(Unanswerable, match="holds no residuals and no forecast"):
        ask("loss", laws, domain="mine", interval="run", params=1e9, tokens=1e10)


def test_the_file_stays_small(misfit) -> None:
    """The set of laws is under 40 kB of the 200, and no draws stand beside it."""
    relation = next(iter(misfit[2])).first
    assert len(json.dumps(msgspec.to_builtins(relation.forecast))) < 40_000
    assert relation.draws is None


def test_every_member_is_possible(misfit, tmp_path) -> None:
    """Each law of a set, also of repeats and of one variable, falls with size and data, stays above its own E, and has one optimum a budget."""
    laws = {"surface": misfit[2], "repeated": fitted(tmp_path, synthetic.every_form()["repeated"][0])[2]}
    params, tokens = np.geomspace(1e5, 1e14, 40), np.geomspace(1e7, 1e16, 40)
    for role, each in laws.items():
        form = next(iter(each)).drawn(role).form
        surface = form.fresh() if role == "repeated" else form
        assert len(surface.E) > 300
        for size in (1e6, 1e9, 1e12):
            assert (np.diff(surface.value(np.array([size]), tokens), axis=1) < 1e-13).all()
            assert (np.diff(surface.value(params, np.array([size])), axis=1) < 1e-13).all()
        assert (surface.reducible(params, tokens) > 0).all()
        for compute in (1e18, 1e22, 1e26):
            losses = surface.value(params, compute / 6 / params)
            turns = (np.diff(np.sign(np.diff(losses, axis=1)), axis=1) != 0).sum(axis=1)
            assert (turns <= 1).all()
