"""How near to the irreducible loss a planned sweep should come: losses of a typical law at its grid, and the posterior
that its law will have.
"""

from __future__ import annotations

from statistics import median

import numpy as np

from trainer.estimation.objective import Array
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import PRIOR_SIZE, Readings, covariances, posterior
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import Machine, Reading, RunRecord, record
from trainer.sweep.shape import body_params

TERMS = {
    "markov": (0.0008, 0.0021),
    "ising": (0.0004, 0.0011),
    "field": (0.0001, 0.0006),
    "sprites": (0.028, 0.022),
    "arithmetic": (0.0015, 0.0020),
    "captions": (0.0002, 0.0004),
    "classes": (0.0005, 0.0008),
}
"""Medians of the forty sweeps of `trainer calibrate`: the terms of 10⁴ parameters and of 10⁶ tokens, in parts of ln V."""
OTHERS = (0.025, 0.03)
"""The same of text and pictures, whose losses end much further above where they lead.

Taken where nothing is measured as well.
"""
EXPONENTS = 0.65, 0.8
FORM = 3
"""Which of asymptote.FORM_PARTS is simulated: twice the noise, where the median of those forty is 2.3 times."""
TRIALS = 5
NOWHERE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})


def expected_precision(plan: SweepPlan) -> float:
    """Half the 90 % interval of the irreducible loss, in nats: the median of simulated sweeps, always of the same
    random numbers.

    Raises:
        Unfitted: the plan has too few readings that a law could be fitted to.
    """
    domain = plan.sweep.domain
    guess = float(np.log(domain.vocabulary))
    level = domain.entropy.value if domain.known else guess / 2
    exact = readings(
        [_line(plan, run, step, level, guess) for run in range(len(plan.runs)) for step in plan.runs[run].reads]
    )
    random = np.random.default_rng(0)
    root = np.linalg.cholesky(covariances(exact)[FORM])
    return median(_half_width(exact, level, root @ random.standard_normal(len(root))) for _ in range(TRIALS))


def _line(plan: SweepPlan, run: int, step: int, level: float, guess: float) -> RunRecord:
    """A reading without noise, as a sweep would record it."""
    config = plan.runs[run]
    first, second = TERMS.get(str(config.domain.__struct_config__.tag), OTHERS)
    params, tokens = body_params(config.groups), step * config.tokens_per_step
    loss = level + guess * (first * (1e4 / params) ** EXPONENTS[0] + second * (1e6 / tokens) ** EXPONENTS[1])
    reading = Reading(step=step, loss=loss, loss_error=0.0, test_loss=loss, oracle_loss=None)
    return record(config, step, reading, [], NOWHERE, ("", ""))


def _half_width(exact: Readings, level: float, error: Array) -> float:
    loss = level + (exact.loss - level) * np.exp(PRIOR_SIZE * error)
    distribution = posterior(
        Readings(params=exact.params, tokens=exact.tokens, loss=loss, run=exact.run, seed=exact.seed)
    )
    return (distribution.quantile(0.95) - distribution.quantile(0.05)) / 2
