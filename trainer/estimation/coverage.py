"""Coverage study: do 90 % intervals of bootstrapped additive laws hold the truth 90 % of the time, and how wide are
they?

`python -m trainer.estimation.coverage [surfaces] [runs]` prints one line a design: coverage of every coefficient, of
the loss at 100 times the largest compute, and of N_opt there, with median widths over those of least squares with the
noise known.
"""

import sys
from dataclasses import dataclass

import numpy as np

from trainer.estimation.forms.power import Additive, surface

from .fit import Fit, Rows, draws, fit
from .objective import Array

LEVEL = 0.9
NOISE = 0.01
BEYOND = 100.0
QUANTITIES = (*Additive().coefficients, "loss", "N_opt")
DESIGNS = ("random", "grid", "isoflop", "ratio")


@dataclass(frozen=True, slots=True)
class DesignCoverage:
    """Per quantity: the share of surfaces whose interval holds the truth, and the median width over the reference's."""

    design: str
    coverage: Array
    width: Array
    below: Array
    """Share of surfaces whose truth lies below the interval."""


def place_runs(design: str, count: int, random: np.random.Generator) -> dict[str, Array]:
    """Well-spread runs: params and tokens, (count,) each."""
    if design == "random":
        params, tokens = 10 ** random.uniform(7, 10, count), 10 ** random.uniform(8.5, 11.5, count)
    elif design == "grid":
        rows = max(4, round(count / 10))
        params, tokens = (
            a.ravel()
            for a in np.meshgrid(np.geomspace(1e7, 1e10, rows), np.geomspace(10**8.5, 10**11.5, count // rows))
        )
    elif design == "isoflop":
        budgets = max(2, count // 10)
        compute = np.repeat(np.geomspace(1e18, 10**21.5, budgets), count // budgets)
        params = np.sqrt(compute / 120) * 10 ** np.tile(np.linspace(-1, 1, count // budgets), budgets)
        tokens = compute / 6 / params
    else:
        params = 10 ** random.uniform(7, 9.7, count)
        tokens = params * 10 ** random.uniform(0.3, 2.7, count)
    return {"params": params, "tokens": tokens}


def draw_law(inputs: dict[str, Array], random: np.random.Generator) -> Array:
    """E, A, B, alpha, beta with exponents of .25-.5 and terms of .15-.6 nats at the centre of the runs."""
    alpha, beta = random.uniform(0.25, 0.5, 2)
    first, second = random.uniform(0.15, 0.6, 2)
    centre = [np.exp(np.log(column).mean()) for column in inputs.values()]
    return np.array([random.uniform(1.5, 2.2), first * centre[0] ** alpha, second * centre[1] ** beta, alpha, beta])


def answers(coefficients: Array, compute: float) -> Array:
    """Coefficients (r, 5), the loss at this compute's optimum and N_opt there: (r, 7)."""
    law = surface(coefficients)
    params = law.params_at(compute)
    return np.column_stack([coefficients, law.value(params, compute / 6 / params), params])


def reference_draws(fitted: Fit, truth: Array, count: int, random: np.random.Generator) -> Array:
    """Normal draws of the law about the truth with the covariance of least squares when form and noise are known."""
    problem = fitted.problem
    theta = problem.working(truth[None, :])
    jacobian = np.empty((theta.shape[1], len(fitted.residuals)))
    for i in range(theta.shape[1]):
        step = np.zeros_like(theta)
        step[0, i] = 1e-6
        jacobian[i] = (problem.residuals(theta - step) - problem.residuals(theta + step))[0] / 2e-6
    covariance = NOISE**2 * np.linalg.inv(jacobian @ jacobian.T)
    spread = random.multivariate_normal(theta[0], covariance, count)
    return problem.coefficients(np.clip(spread, problem.low, problem.high))


def study(design: str, surfaces: int, count: int, seed: int = 0, resamples: int = 1000) -> DesignCoverage:
    """Fits `surfaces` noisy sets of `count` runs each, and compares their intervals with the truth."""
    random = np.random.default_rng(seed)
    hits, widths, below = [], [], []
    tail = (1 - LEVEL) / 2
    for number in range(surfaces):
        inputs = place_runs(design, count, random)
        truth = draw_law(inputs, random)
        loss = Additive().value(truth, inputs)
        noisy = loss * np.exp(NOISE * random.standard_normal(len(loss)))
        compute = BEYOND * float((6 * inputs["params"] * inputs["tokens"]).max())
        fitted = fit(Additive(), Rows(inputs, noisy))
        low, high = np.quantile(answers(draws(fitted, None, resamples, number), compute), [tail, 1 - tail], axis=0)
        known = np.quantile(
            answers(reference_draws(fitted, truth, resamples, random), compute), [tail, 1 - tail], axis=0
        )
        exact = answers(truth[None, :], compute)[0]
        hits.append((low <= exact) & (exact <= high))
        below.append(exact < low)
        logged = np.arange(len(exact)) != 0  # E may be 0; the rest span decades
        floor = np.finfo(np.float64).tiny
        scaled = [np.where(logged, np.log(np.maximum(bound, floor)), bound) for bound in (low, high, *known)]
        widths.append([scaled[1] - scaled[0], scaled[3] - scaled[2]])
    median = np.median(np.array(widths), axis=0)
    return DesignCoverage(design, np.mean(hits, axis=0), median[0] / median[1], np.mean(below, axis=0))


def main(arguments: list[str]) -> None:
    surfaces = int(arguments[0]) if arguments else 1000
    count = int(arguments[1]) if len(arguments) > 1 else 60
    print(f"{surfaces} surfaces, {count} runs, {NOISE:.0%} noise: coverage % / below % / width", *QUANTITIES)
    for design in DESIGNS:
        result = study(design, surfaces, count)
        cells = [
            f"{100 * c:.1f}/{100 * b:.1f}/{w:.2f}"
            for c, b, w in zip(result.coverage, result.below, result.width, strict=True)
        ]
        print(f"{design:8s}", *cells, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
