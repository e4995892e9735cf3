"""Forms beyond power terms: their Jacobians, the round trip of coefficients, and recovery of a law from exact runs."""

import numpy as np
import pytest

from trainer.estimation.fit import Rows, fit
from trainer.estimation.forms.base import Form
from trainer.estimation.forms.curves import M4, Broken, LogInformation
from trainer.estimation.forms.general import GeneralProblem
from trainer.estimation.forms.power import (
    Additive,
    LearningCurve,
    OverTraining,
    Power,
    PowerConstant,
    PowerGrowth,
)
from trainer.estimation.forms.surfaces import Kaplan, Repeated
from trainer.estimation.forms.terms import TermProblem
from trainer.estimation.objective import huber, squares
from trainer.estimation.solver import search

if search.COMPILED:
    from trainer.estimation.solver.compiled_terms import METRIC, evaluate

RNG = np.random.default_rng(7)
X = {"params": np.geomspace(1e6, 1e10, 24)}
GRID = [a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 7))]
PLANE = {"params": GRID[0], "tokens": GRID[1]}
TRIPLE = [a.ravel() for a in np.meshgrid(np.geomspace(1e7, 5e9, 6), np.geomspace(1e8, 1e11, 5), [1, 2, 4, 10, 40.0])]
REPEATS = {"params": TRIPLE[0], "unique_tokens": TRIPLE[1], "epochs": TRIPLE[2]}

CASES: list[tuple[Form, dict[str, np.ndarray], list[float]]] = [
    (Power("params"), X, [8.8e13, 0.076]),
    (PowerConstant("params"), X, [1.7, 3e6, 0.33]),
    (PowerGrowth(), {"compute": np.geomspace(1e18, 1e22, 9)}, [0.1, 0.49]),
    (Additive(), PLANE, [1.8, 480.0, 2085.0, 0.35, 0.37]),
    (LearningCurve(), {"params": GRID[0], "steps": GRID[1] / 1e6}, [6.5e13, 2.1e3, 0.077, 0.76]),
    (OverTraining(), PLANE, [1.51, 141.0, 190.0, 0.121]),
    (M4("params"), X, [0.4, 3.0, 0.7, 3e3, -0.6]),
    (Broken("params"), X, [0.3, 9.0, 0.08, 0.3, 1e8, 0.4]),
    (LogInformation(), X, [0.12, 1e4]),
    (Kaplan(), PLANE, [6.4e13, 1.8e13, 0.076, 0.103]),
    (Repeated(), REPEATS, [1.87, 521.0, 1488.0, 0.353, 0.353, 5.31, 15.4]),
]
IDS = [case[0].name for case in CASES]


@pytest.mark.parametrize(("form", "inputs", "truth"), CASES, ids=IDS)
def test_exact_runs_give_the_law_back(form: Form, inputs: dict[str, np.ndarray], truth: list[float]) -> None:
    """Without noise the fit predicts every run to rounding, and the coefficients are the true ones."""
    observed = form.value(np.array(truth), inputs)
    fitted = fit(form, Rows(inputs, observed))
    assert np.abs(fitted.residuals).max() < 1e-7
    np.testing.assert_allclose(fitted.coefficients, truth, rtol=2e-3)


@pytest.mark.parametrize(("form", "inputs", "truth"), CASES, ids=IDS)
def test_working_coordinates_are_the_coefficients(
    form: Form, inputs: dict[str, np.ndarray], truth: list[float]
) -> None:
    """Residuals in working coordinates are those of the equation, and the way back is exact."""
    observed = form.value(np.array(truth), inputs) * 1.01
    problem = form.problem(inputs, observed)
    theta = problem.working(np.array([truth]))
    np.testing.assert_allclose(problem.coefficients(theta)[0], truth, rtol=1e-9)
    ahead = np.abs(problem.residuals(theta)[0])
    expected = np.log(1.01) if form.name != "log-information" else observed - observed / 1.01
    np.testing.assert_allclose(ahead, expected, rtol=1e-9, atol=1e-11)


TERMS = [case for case in CASES if not isinstance(case[0], (M4, Broken, LogInformation, Kaplan, Repeated))]
GENERAL = [case for case in CASES if isinstance(case[0], (M4, Broken, LogInformation, Kaplan, Repeated))]


@pytest.mark.parametrize(("form", "inputs", "truth"), GENERAL, ids=[case[0].name for case in GENERAL])
def test_jacobians_are_derivatives(form: Form, inputs: dict[str, np.ndarray], truth: list[float]) -> None:
    """Against central differences at the law and about it."""
    problem = form.problem(inputs, form.value(np.array(truth), inputs))
    assert isinstance(problem, GeneralProblem)
    theta = problem.working(np.array([truth, truth])) + np.array([[0.0], [0.01]])
    jacobian = problem.equation.predict(theta, problem.data).jacobian
    for i in range(theta.shape[1]):
        step = np.zeros_like(theta)
        step[:, i] = 1e-6
        slope = (problem.residuals(theta - step) - problem.residuals(theta + step)) / 2e-6
        np.testing.assert_allclose(jacobian[i], slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("form", "inputs", "truth"), CASES, ids=IDS)
def test_draws_of_coefficients_give_a_row_each(form: Form, inputs: dict[str, np.ndarray], truth: list[float]) -> None:
    """The equation of (draws, coefficients) is (draws, rows), each row that of its own coefficients."""
    several = np.array([truth, truth]) * np.array([[1.0], [1.01]])
    each = [form.value(coefficients, inputs) for coefficients in several]
    np.testing.assert_array_equal(form.value(several, inputs), each)


@pytest.mark.skipif(not search.COMPILED, reason="numba is not installed")
@pytest.mark.parametrize(("form", "inputs", "truth"), TERMS, ids=[case[0].name for case in TERMS])
def test_the_compiled_objective_is_the_equations(form: Form, inputs: dict[str, np.ndarray], truth: list[float]) -> None:
    """numba's own evaluation of two power terms sums the same cost as the residuals of the form, with numpy's slopes and curvatures."""
    exact = form.value(np.array(truth), inputs)
    observed = exact * np.exp(0.02 * np.random.default_rng(8).standard_normal(len(exact)))
    problem, objective = form.problem(inputs, observed), huber(0.01)
    assert isinstance(problem, TermProblem)
    point = problem.working(np.array([truth]))[0]
    if problem.tied:  # as the search does before it evaluates
        point[4] = point[3]
    cost = np.array([objective.delta, objective.above, objective.below])
    weights, slope, curvature = np.linspace(0.5, 2, len(observed)), np.empty(5), np.zeros((10, 5))
    room = np.empty((6, len(observed)))
    total = evaluate(point, problem.x, problem.y, problem.log_loss, weights, cost, slope, curvature, room)
    model = problem.quadratic(point[None, :], weights[None, :], objective)
    used = np.triu(model.metric[0] != 0)  # coordinates that are pinned are left out there
    np.testing.assert_allclose(slope, model.gradient[0], rtol=1e-9, atol=1e-12)
    for ours, numpys in ((curvature[:METRIC], model.hessian[0]), (curvature[METRIC:], model.metric[0])):
        np.testing.assert_allclose(ours[used], numpys[used], rtol=1e-9, atol=1e-12)
    assert total == pytest.approx(objective.total(np.log(observed) - np.log(exact), weights), rel=1e-10)


def test_a_break_leaves_rows_behind_it() -> None:
    """Noise always bends the last rows of a smooth curve: the law with a break forecasts as the smooth one does."""
    steps = np.arange(1, 201) * 2.6e6
    for seed in range(3):
        noise = 0.02 * np.random.default_rng(seed).standard_normal(200)
        loss = (1.8 + (6e10 / steps) ** 0.29) * np.exp(noise)
        near = steps <= steps[159]
        fitted = fit(Broken("tokens"), Rows({"tokens": steps[near]}, loss[near]), squares())
        ahead = fitted.form.value(fitted.coefficients, {"tokens": steps[~near]})
        assert np.abs(np.log(ahead / (1.8 + (6e10 / steps[~near]) ** 0.29))).mean() < 0.012
