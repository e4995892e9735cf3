"""Envelope and isoFLOP parabolas against surfaces whose frontier is known."""

import numpy as np

from trainer.estimation.envelope import budgets, envelope, isoflop_parabolas, vertex_bias
from trainer.estimation.fit import Rows, fit
from trainer.estimation.forms.power import Additive, PowerConstant, PowerGrowth

LAW = np.array([1.8172, 482.01, 2085.43, 0.3478, 0.3658])
SYMMETRIC = np.array([1.8, 500.0, 1500.0, 0.35, 0.35])


def sizes_and_budgets(centre: float) -> tuple[np.ndarray, np.ndarray]:
    """Seven sizes within a factor 10 of centre times the true optimum, at six budgets."""
    compute = np.repeat(np.geomspace(1e19, 1e21, 6), 7)
    ratio = (500 / 1500) ** (1 / 0.7)
    return centre * ratio * np.sqrt(compute / 6) * np.tile(np.geomspace(0.1, 10, 7), 6), compute


def test_envelope_finds_the_frontier_of_learning_curves() -> None:
    """Dense learning curves of an additive surface: the hull's law is the surface's frontier to 2 %."""
    params, tokens = (a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e10, 40), np.geomspace(1e8, 1e12, 80)))
    compute, loss = 6 * params * tokens, Additive().value(LAW, {"params": params, "tokens": tokens})
    hull = envelope(compute, loss)
    assert (np.diff(compute[hull]) > 0).all()
    assert (np.diff(loss[hull]) < 0).all()
    middle = hull[(compute[hull] > 1e18) & (compute[hull] < 1e21)]
    found = fit(PowerConstant("compute"), Rows({"compute": compute[middle]}, loss[middle]))
    assert abs(found.coefficients[0] / LAW[0] - 1) < 0.02
    assert abs(found.coefficients[2] / (LAW[3] * LAW[4] / (LAW[3] + LAW[4])) - 1) < 0.05


def test_envelope_lies_below_every_run() -> None:
    """On random points no run is under the hull's chords."""
    random = np.random.default_rng(3)
    compute, loss = 10 ** random.uniform(18, 21, 200), random.uniform(2, 4, 200)
    hull = envelope(compute, loss)
    inside = (compute >= compute[hull[0]]) & (compute <= compute[hull[-1]])
    chord = np.interp(np.log(compute[inside]), np.log(compute[hull]), np.log(loss[hull]))
    assert (np.log(loss[inside]) >= chord - 1e-12).all()


def test_parabolas_are_exact_where_the_surface_is_symmetric() -> None:
    """alpha = beta and centred sizes: the vertex is the optimum, and N_opt grows as C^(1/2)."""
    params, compute = sizes_and_budgets(1.0)
    loss = Additive().value(SYMMETRIC, {"params": params, "tokens": compute / 6 / params})
    found = isoflop_parabolas(params, compute, loss, np.ones_like(loss))
    assert len(found) == 6
    assert all(p.inside for p in found)
    growth = fit(
        PowerGrowth(), Rows({"compute": np.array([p.compute for p in found])}, np.array([p.params for p in found]))
    )
    np.testing.assert_allclose(growth.coefficients[1], 0.5, atol=1e-6)
    np.testing.assert_allclose(vertex_bias(Additive(), SYMMETRIC, params, compute), 0, atol=2e-3)


def test_the_bias_of_parabolas_is_measured() -> None:
    """Sizes three times too large pull every vertex the same way."""
    params, compute = sizes_and_budgets(3.0)
    assert (np.abs(vertex_bias(Additive(), SYMMETRIC, params, compute)) > 0.02).all()


def test_budgets_group_neighbours() -> None:
    """Within 5 % is one budget, in order of compute."""
    assert budgets(np.array([2e20, 1.01e19, 1e19, 2.05e20])).tolist() == [1, 0, 0, 1]
