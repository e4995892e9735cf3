"""How long the library and the command line take to start, in CPU time beside that of `import numpy`, in one run."""

import math
import resource
import subprocess
import sys

import pytest
from serving import environment

NUMPY = "import numpy"
LIBRARY = "import fitted_laws"
OPTIMAL = "from fitted_laws.__main__ import main; main(['optimal', '--domain', 'language', '--compute', '1e21'])"
WORKER = """
import sys
from service.app import of_worker
of_worker()
assert "scipy.special" not in sys.modules
"""
FEWEST, MOST = 3, 25


def cpu_seconds(program: str) -> float:
    """Of a Python that runs it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", program], env=environment(CALCULATORS="0"), check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(
    ("program", "most"), [(LIBRARY, 2.5), (OPTIMAL, 4.0), (WORKER, 12.0)], ids=["library", "optimum", "worker"]
)
def test_the_start_is_quick(program, most) -> None:
    """It takes so many times what numpy takes: the library, an optimum with its intervals, a worker, which loads scipy once it answers.

    The least of several in turns; of more where that is too long, since on a busy machine few of them are undisturbed.
    """
    runs: list[tuple[float, float]] = []
    ratio = math.inf
    while len(runs) < FEWEST or (ratio > most and len(runs) < MOST):
        runs.append((cpu_seconds(program), cpu_seconds(NUMPY)))
        ours, numpy = (min(times) for times in zip(*runs, strict=True))
        ratio = ours / numpy
    assert ratio <= most


def test_no_question_of_a_published_law_loads_scipy() -> None:
    """Its functions take twice as long to load as numpy: what needs them loads them, such as a forecast at another level."""
    asked = subprocess.run(
        [sys.executable, "-c", f"import sys; {OPTIMAL}; sys.exit('scipy' in sys.modules)"],
        check=False,
        capture_output=True,
    )
    assert (asked.returncode, asked.stderr) == (0, b"")
