"""Which solver is used, and that a race of starts loses no minimum that matters."""

import subprocess
import sys

import numpy as np
import pytest

from trainer.estimation.fit import NO_PRIOR
from trainer.estimation.forms.curves import M4, Broken
from trainer.estimation.objective import squares
from trainer.estimation.solver.newton import minimize
from trainer.estimation.solver.search import best_of

CODE = """
import sys
import synthetic
from trainer.__main__ import main
runs = synthetic.write_csv(__import__("pathlib").Path(sys.argv[1]) / "runs.csv", synthetic.surface(36))
assert main(["fit", str(runs), "-o", sys.argv[1] + "/law.json"]) == 0
print(sorted({"numba", "matplotlib", "torch"} & set(sys.modules)))
"""


def test_a_ladder_is_fitted_without_compiling(tmp_path) -> None:
    """Thirty-six runs and their 4,000 resamples load neither numba, whose first use takes a dozen seconds, nor plots."""
    words = [sys.executable, "-P", "-c", CODE, str(tmp_path)]
    path = ":".join(sys.path)
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={"PYTHONPATH": path})
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("form", [M4("tokens"), Broken("tokens")], ids=["m4", "broken"])
@pytest.mark.parametrize("seed", range(3))
def test_a_race_ends_where_all_starts_do(form: M4 | Broken, seed: int) -> None:
    """The few searches that a race leaves end within a thousandth of the lowest sum that any start ends in."""
    steps = np.arange(1, 101) * 1e8
    noise = 0.01 * np.random.default_rng(seed).standard_normal(100)
    problem = form.problem({"tokens": steps}, (1.8 + (steps / 3e9) ** -0.3) * np.exp(noise))
    weights = np.ones(100)
    starts = problem.starts(weights)
    every = minimize(problem, starts, weights[None, :], [squares()], NO_PRIOR)
    assert best_of(problem, starts, weights, squares(), NO_PRIOR)[0].value <= 1.001 * every.value.min()
