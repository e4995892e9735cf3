"""Forecasts of larger runs: exact on exact laws, better where the additive form is wrong, covering, and told what they rest on."""

import json

import numpy as np
import pytest
import synthetic
from scipy import stats

from trainer.__main__ import main
from trainer.forecast.backtest import backtest, held_out
from trainer.forecast.baseline import plain_forecast
from trainer.forecast.family.equation import COORDINATES, Place, predict
from trainer.forecast.family.errors import Parts
from trainer.forecast.family.priors import CENTRE
from trainer.forecast.family.scales import SURFACE
from trainer.forecast.forecaster import Unforecastable, forecaster
from trainer.forecast.members.targets import MEMBERS
from trainer.tables.runs import Runs, read_runs

LARGER = np.array([3.0, 10.0, 30.0])


def runs_of(params, tokens, loss, **columns) -> Runs:
    table = {"params": params, "tokens": tokens, "loss": loss, "compute": 6 * params * tokens, **columns}
    return Runs(
        columns={name: np.asarray(column, np.float64) for name, column in table.items()},
        labels={},
        lines=list(range(len(loss))),
    )


def isoflops(budgets=5, sizes=8) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Params and tokens of budgets from 1e18 to 1e20, sizes within four times of the optimum, and of larger runs."""
    compute = np.repeat(np.geomspace(1e18, 1e20, budgets), sizes)
    params = np.sqrt(compute / 120) * np.tile(np.geomspace(0.25, 4, sizes), budgets)
    larger = 1e20 * LARGER
    return (params, compute / 6 / params), (np.sqrt(larger / 120), larger / 6 / np.sqrt(larger / 120))


def kaplan_loss(params, tokens) -> np.ndarray:
    """Kaplan et al. 2020, eq 1.5: no additive law is exact on it."""
    return 1.7 * (((8.8e13 / params) ** (0.076 / 0.095) + 5.4e13 / tokens) ** 0.095) / 2


def test_the_slopes_are_the_laws_derivatives() -> None:
    """Every coordinate's derivative is the difference quotient."""
    random = np.random.default_rng(0)
    place = Place(*random.normal(size=(3, 6)), again=random.uniform(0, 5, 6), overfit=-random.uniform(0, 2, 6))
    theta = CENTRE + 0.1 * random.normal(size=(2, len(CENTRE)))
    slopes = predict(theta, place, 0.9)[1]
    for i, name in enumerate(COORDINATES):
        step = np.zeros(len(CENTRE))
        step[i] = 1e-6
        quotient = (predict(theta + step, place, 0.9)[0] - predict(theta - step, place, 0.9)[0]) / 2e-6
        assert np.allclose(slopes[..., i], quotient, atol=1e-6), name


@pytest.mark.parametrize("noise", [0.002, 0.008])
def test_where_the_additive_law_is_true_little_is_lost(noise: float) -> None:
    """Over sweeps, the error is at most 1.3 times the plain fit's, which knows the form."""
    near, far = isoflops()
    truth = synthetic.surface_loss(*far)
    ours, plain = [], []
    for seed in range(4):
        runs = runs_of(*near, synthetic.noisy(synthetic.surface_loss(*near), noise, seed))
        larger = runs_of(*far, truth)
        ours.append(np.abs(forecaster(runs).forecast(larger).log_loss - np.log(truth)).mean())
        plain.append(np.abs(plain_forecast(runs, larger).log_loss - np.log(truth)).mean())
    assert np.mean(ours) <= 1.3 * np.mean(plain)


def test_where_the_form_is_wrong_the_error_is_less_and_covered() -> None:
    """On Kaplan's surface a thirtyfold extrapolation is nearer than the plain fit's, and inside its interval."""
    near, far = isoflops()
    runs, larger = runs_of(*near, synthetic.noisy(kaplan_loss(*near), 0.003)), runs_of(*far, kaplan_loss(*far))
    forecast, observed = forecaster(runs).forecast(larger), larger.columns["loss"]
    plain = plain_forecast(runs, larger)
    assert np.abs(forecast.log_loss - np.log(observed)).mean() < 0.7 * np.abs(plain.log_loss - np.log(observed)).mean()
    assert ((forecast.low() <= observed) & (observed <= forecast.high())).all()


def test_clean_runs_do_not_make_a_narrow_interval() -> None:
    """Without any noise, a decade beyond the data is still uncertain by a per cent."""
    near, far = isoflops()
    forecast = forecaster(runs_of(*near, synthetic.surface_loss(*near))).forecast(
        runs_of(*far, synthetic.surface_loss(*far))
    )
    assert forecast.high()[1] / forecast.low()[1] > 1.01
    assert (np.diff(forecast.high() / forecast.low()) > 0).all()
    mean, run = (np.subtract(*forecast.ends(of=of)[::-1]) for of in ("mean", "run"))
    assert (mean < run).all()


def test_nine_in_ten_is_calibrated() -> None:
    """The scale of Student's t is that whose quantile at 90 % is the calibrated one; a run's errors are more than their mean's."""
    assert SURFACE.unit * stats.t(SURFACE.freedom).ppf(0.95) == pytest.approx(SURFACE.quantile)
    parts = Parts(*(np.ones(1), 0.1), coefficient=np.zeros(1), disagreement=np.zeros(1), beyond=np.zeros(1))
    assert SURFACE.run(parts) > SURFACE.mean(parts)


def test_a_curve_is_forecast_by_laws_that_bend() -> None:
    """A smooth break in the middle of a curve is followed two times further."""
    tokens = np.geomspace(1e6, 1e9, 20)
    loss = 0.2 + 0.9 / (1 + (tokens / 3e7) ** 0.6)
    table = Runs(columns={"tokens": tokens, "loss": synthetic.noisy(loss, 0.004)}, labels={}, lines=list(range(20)))
    ahead = Runs(columns={"tokens": np.array([2e9])}, labels={}, lines=[0])
    assert np.exp(forecaster(table).forecast(ahead).log_loss)[0] == pytest.approx(
        0.2 + 0.9 / (1 + (2e9 / 3e7) ** 0.6), rel=0.03
    )


def test_no_law_of_few_runs_is_left_out() -> None:
    """Of four runs many draws ask for exponents that rise steeply: they are made gentler, so that the low ones stay, and have one optimum."""
    near, far = isoflops(budgets=4, sizes=1)
    made = forecaster(runs_of(*near, kaplan_loss(*near))).set
    assert {len(column) for column in made.coefficients.values()} == {1, 1 + MEMBERS}
    compute = 6 * far[0][-1] * far[1][-1]
    params = np.geomspace(1e-4, 1e4, 400) * far[0][-1]
    slopes = np.sign(np.diff(made.log_losses(params, compute / 6 / params), axis=1))
    assert (np.diff(slopes, axis=1) >= 0).all()


def curve_of(tokens, loss) -> Runs:
    return Runs(columns={"tokens": tokens, "loss": loss}, labels={}, lines=list(range(len(loss))))


def test_a_curves_end_says_where_it_goes() -> None:
    """A plateau at the start, of a shape that members hardly have, does not carry the central law off the last runs."""
    tokens = np.geomspace(1e6, 1e9, 40)
    loss = 1 + 4 / (1 + (tokens / 2e7) ** 1.2) + 0.5 * (tokens / 1e9) ** -0.1
    made, last = forecaster(curve_of(tokens, loss)), tokens >= 5e8
    assert np.exp(made.forecast(curve_of(tokens[last], loss[last])).log_loss) == pytest.approx(loss[last], rel=0.005)


def test_a_curve_that_rises_is_forecast_flat() -> None:
    """No law of a set rises: the set of one that does is finite, near its runs, and never above what it falls from."""
    tokens = np.geomspace(1e6, 1e8, 6)
    runs, ahead = curve_of(tokens, 2 * (tokens / 1e6) ** 0.02), np.geomspace(1e8, 1e10, 5)
    forecast = forecaster(runs).forecast(curve_of(ahead, np.ones(5)))
    assert np.exp(forecast.log_loss) == pytest.approx(2.1, rel=0.1)
    assert (np.diff(forecast.laws, axis=1) <= 1e-12).all()


def test_few_runs_are_told_and_widened() -> None:
    """Five runs cannot be back-tested: the interval is wider than theirs in number alone would say, and says so."""
    near, far = isoflops(budgets=5, sizes=1)
    made = forecaster(runs_of(*near, synthetic.surface_loss(*near)))
    assert made.tests == 0
    assert made.widening > 1.4
    assert any("too few" in warning for warning in made.warnings)
    assert np.isfinite(made.forecast(runs_of(*far, synthetic.surface_loss(*far))).ends()).all()
    with pytest.raises(Unforecastable, match="at least 3"):
        forecaster(runs_of(*np.ones((3, 2))))


def test_overfitting_repeats_are_learned() -> None:
    """Where many epochs made large models worse, larger ones are forecast to be worse still."""
    params, epochs = (column.ravel() for column in np.meshgrid(np.geomspace(1e7, 3e8, 6), [1.0, 4.0, 15.0, 40.0]))
    tokens = np.full(len(params), 1e8)

    def truth(size, times) -> np.ndarray:
        return synthetic.surface_loss(size, 1e8 * times**0.8) + 2e-3 * size * (times - 1) / 1e8

    runs = runs_of(params, tokens * epochs, truth(params, epochs), unique_tokens=tokens, epochs=epochs)
    ahead = np.full(2, 1e8), np.array([15.0, 40.0])
    larger = runs_of(np.full(2, 6e8), ahead[0] * ahead[1], np.ones(2), unique_tokens=ahead[0], epochs=ahead[1])
    forecast = np.exp(forecaster(runs).forecast(larger).log_loss)
    assert forecast == pytest.approx(truth(6e8, ahead[1]), rel=0.06)


def test_backtest_holds_out_test_rows_or_the_largest_fifth(tmp_path) -> None:
    """A split that names test rows decides; without one, the fifth with the most compute."""
    runs = read_runs(synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(40)))
    held = held_out(runs)
    assert held.sum() == 8
    assert runs.columns["compute"][held].min() >= runs.columns["compute"][~held].max()
    split = ["test" if i == 3 else "fit" for i in range(40)]
    named = read_runs(synthetic.write_csv(tmp_path / "named.csv", {**synthetic.surface(40), "split": np.array(split)}))
    assert np.flatnonzero(held_out(named)).tolist() == [3]
    assert len(backtest(named)[0].rows) == 1


def test_backtest_prints_the_contracts_json(tmp_path, capsys) -> None:
    """Every curve with error, coverage, width and rows; the summary is of the rows."""
    path = synthetic.write_csv(
        tmp_path / "runs.csv", {**synthetic.surface(40), "curve": np.array(["one"] * 20 + ["two"] * 20)}
    )
    assert main(["backtest", str(path), "--json"]) == 0
    curves = json.loads(capsys.readouterr().out)["curves"]
    assert [curve["curve"] for curve in curves] == ["one", "two"]
    for curve in curves:
        assert set(curve) == {"curve", "error", "coverage", "width", "score", "rows"}
        rows = curve["rows"]
        assert curve["error"] == pytest.approx(np.mean([abs(row["predicted"] / row["observed"] - 1) for row in rows]))
        assert curve["coverage"] == np.mean([row["low"] <= row["observed"] <= row["high"] for row in rows])
        assert curve["width"] == pytest.approx(np.mean([(row["high"] - row["low"]) / row["predicted"] for row in rows]))


def test_backtest_sums_up_several_curves(tmp_path, capsys) -> None:
    """One line says how all curves' held-out runs fared together, each run alike; of one curve its own line does."""
    columns = synthetic.surface(40)
    path = synthetic.write_csv(tmp_path / "runs.csv", {**columns, "curve": np.array(["one"] * 15 + ["two"] * 25)})
    assert main(["backtest", str(path), "--json"]) == 0
    rows = [row for curve in json.loads(capsys.readouterr().out)["curves"] for row in curve["rows"]]
    error = np.mean([abs(row["predicted"] / row["observed"] - 1) for row in rows])
    assert main(["backtest", str(path)]) == 0
    assert f"all 2 curves: {len(rows)} runs held out, error {error:.2%}, " in capsys.readouterr().out
    assert main(["backtest", str(synthetic.write_csv(tmp_path / "one.csv", columns))]) == 0
    assert "all " not in capsys.readouterr().out


def test_a_single_run_is_told_as_one(tmp_path, capsys) -> None:
    """Held out by name, and in its line by distance."""
    path = synthetic.write_csv(
        tmp_path / "runs.csv", {**synthetic.surface(30), "split": np.array(["fit"] * 29 + ["test"])}
    )
    assert main(["backtest", str(path)]) == 0
    first, by_distance = capsys.readouterr().out.splitlines()[:2]
    assert first.startswith("runs.csv: 1 run held out, error ")
    assert " decades beyond: 1 run, error " in by_distance
