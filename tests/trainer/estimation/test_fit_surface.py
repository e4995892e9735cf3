"""The fit's promises: both engines, every basin, warm resamples as good as cold ones, held asymptotes."""

import numpy as np
import pytest

from trainer.estimation.bootstrap import cluster_numbers, resampled_weights
from trainer.estimation.fit import NO_PRIOR, Fit, Rows, draws, fit, refit
from trainer.estimation.forms.power import Additive, OverTraining, PowerConstant
from trainer.estimation.objective import huber, quantile, robust_sigma, squares
from trainer.estimation.problem import Asymptote, pinned, prior
from trainer.estimation.solver import search
from trainer.estimation.solver.search import Engine, delta_path, solve

ENGINES: list[Engine] = ["compiled", "numpy"] if search.COMPILED else ["numpy"]
LAW = np.array([1.8172, 482.01, 2085.43, 0.3478, 0.3658])


def synthetic(count: int, seed: int, noise: float = 0.01) -> Rows:
    random = np.random.default_rng(seed)
    inputs = {"params": 10 ** random.uniform(7.6, 10.2, count), "tokens": 10 ** random.uniform(9, 11.7, count)}
    return Rows(inputs, Additive().value(LAW, inputs) * np.exp(noise * random.standard_t(3, count)))


@pytest.mark.skipif(len(ENGINES) < 2, reason="numba is not installed")
@pytest.mark.parametrize("form", [Additive(), OverTraining()], ids=["additive", "over-training"])
def test_engines_agree(form: Additive | OverTraining) -> None:
    """Optimum and draws are the same to 1e-6, compiled or not."""
    runs = synthetic(120, 4)
    one, two = (fit(form, runs, engine=engine) for engine in ENGINES)
    np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=1e-6)
    first, second = (draws(f, resamples=60, engine=e) for f, e in zip((one, two), ENGINES, strict=True))
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize(("delta", "seed"), [(None, 1), (1e-3, 2)])
def test_warm_resamples_equal_the_best_of_twelve_cold_starts(delta: float | None, seed: int) -> None:
    """150 resamples: none is more than 1e-6 above what 12 random starts find."""
    runs = synthetic(240, seed, 0.005)
    fitted = fit(Additive(), runs, None if delta is None else huber(delta))
    weights = resampled_weights(np.arange(240), 150, seed)
    residuals = fitted.problem.residuals(refit(fitted, weights, NO_PRIOR))
    warm = np.einsum("rn,rn->r", weights, fitted.objective.value(residuals))
    assert (warm / coldest(fitted, weights, seed) - 1 <= 1e-6).all()


def coldest(fitted: Fit, weights: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    best = np.full(len(weights), np.inf)
    path = delta_path(fitted.objective, robust_sigma(fitted.residuals))
    low, high = np.array([0.0, -4, -4, 0.05, 0.05]), np.array([1.0, -0.3, -0.3, 1.0, 1.0])
    for _ in range(12):
        starts = low + (high - low) * random.random((len(weights), 5))
        best = np.minimum(best, solve(fitted.problem, starts, weights, path, NO_PRIOR).value)
    return best


def test_global_search_beats_two_hundred_random_starts() -> None:
    """On small noisy sets, the lowest basin is the lowest that random starts find."""
    for seed in range(6):
        fitted = fit(Additive(), synthetic(20, 30 + seed, 0.02))
        random = np.random.default_rng(seed)
        starts = np.array([0, -4, -4, 0.05, 0.05]) + np.array([1, 3.7, 3.7, 1.2, 1.2]) * random.random((200, 5))
        weights = fitted.weights[None, :]
        found = solve(fitted.problem, starts, weights, [fitted.objective], NO_PRIOR)
        assert fitted.value <= found.value.min() * (1 + 1e-9)


def test_default_delta_follows_the_noise() -> None:
    """delta is 1.345 robust sigmas of its own residuals, whatever the noise."""
    for noise in (1e-3, 1e-2, 5e-2):
        fitted = fit(Additive(), synthetic(200, 9, noise))
        assert fitted.objective.delta == pytest.approx(1.345 * robust_sigma(fitted.residuals), rel=1e-3)


def test_pinned_and_bounded_asymptotes() -> None:
    """A pinned E is kept exactly; a bound is met where it binds; both cost more than the free optimum."""
    runs = synthetic(100, 5)
    free = fit(Additive(), runs, huber(0.01))
    held = fit(Additive(), runs, huber(0.01), pinned(1.7))
    assert held.coefficients[0] == pytest.approx(1.7, rel=1e-12)
    below = fit(Additive(), runs, huber(0.01), Asymptote(high=1.6))
    assert below.coefficients[0] == pytest.approx(1.6)
    assert below.bounded == (0,)
    assert min(held.value, below.value) > free.value


@pytest.mark.parametrize("engine", ENGINES)
def test_prior_on_the_asymptote_pulls_as_a_posterior(engine: Engine) -> None:
    """A vague prior changes nothing, a sharp one decides, and between them the draws are narrower than without."""
    inputs = {"params": np.geomspace(1e7, 1e9, 12)}
    truth = PowerConstant("params").value(np.array([1.7, 3e6, 0.3]), inputs)
    runs = Rows(inputs, truth * np.exp(0.003 * np.random.default_rng(2).standard_normal(12)))
    form = PowerConstant("params")
    free, vague, sharp, some = (
        fit(form, runs, huber(0.01), held, engine)
        for held in (Asymptote(), prior(1.7, 1e4), prior(1.7, 1e-5), prior(1.7, 0.03))
    )
    np.testing.assert_allclose(vague.coefficients, free.coefficients, rtol=1e-4)
    assert sharp.coefficients[0] == pytest.approx(1.7, rel=1e-3)
    wide, narrow = (
        np.ptp(np.quantile(draws(f, resamples=800, engine=engine)[:, 0], [0.05, 0.95])) for f in (free, some)
    )
    assert 0.03 * 1.7 < narrow < wide


def test_weights_are_repeats() -> None:
    """A row of weight two is the row twice."""
    runs = synthetic(40, 6)
    twice = np.where(np.arange(40) < 10, 2.0, 1.0)
    rows = np.repeat(np.arange(40), twice.astype(int))
    weighted = fit(Additive(), Rows(runs.inputs, runs.observed, twice), huber(0.01))
    repeated = fit(Additive(), Rows({k: v[rows] for k, v in runs.inputs.items()}, runs.observed[rows]), huber(0.01))
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-6)


def test_quantile_lies_over_its_share() -> None:
    """The 0.9 quantile curve has nine tenths of the runs under it; squares is the limit of a large delta."""
    runs = synthetic(200, 8)
    upper = fit(Additive(), runs, quantile(0.9, 1e-5))
    assert abs((upper.residuals <= 0).mean() - 0.9) <= 6 / 200
    np.testing.assert_allclose(
        fit(Additive(), runs, squares()).coefficients, fit(Additive(), runs, huber(10.0)).coefficients, rtol=1e-7
    )


def test_draws_are_an_array_whose_seed_decides() -> None:
    """(resamples, coefficients), the same for the same seed; clusters are drawn whole."""
    fitted = fit(Additive(), synthetic(60, 3))
    one = draws(fitted, resamples=200, seed=1)
    assert one.shape == (200, 5)
    assert np.array_equal(one, draws(fitted, resamples=200, seed=1))
    numbers = cluster_numbers(np.repeat(["b", "a", "c"], 20))
    assert numbers.tolist() == [0] * 20 + [1] * 20 + [2] * 20
    weights = resampled_weights(numbers, 50, 0)
    assert (weights[:, 0] == weights[:, 19]).all()
    assert (weights.sum(axis=1) == 60).all()


def test_refuses_what_has_no_logarithm() -> None:
    """Zero, negative and missing numbers are named."""
    with pytest.raises(ValueError, match="tokens"):
        Rows({"params": np.ones(3), "tokens": np.array([1.0, 0.0, 2.0])}, np.ones(3))
