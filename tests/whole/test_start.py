"""How long the library and the command line take to start, in CPU time beside that of `import numpy`, in one run."""

import resource
import subprocess
import sys

NUMPY = "import numpy"
LIBRARY = "import fitted_laws"
OPTIMAL = "from fitted_laws.__main__ import main; main(['optimal', '--domain', 'language', '--compute', '1e21'])"
WORKER = """
import os, sys
os.environ["CALCULATORS"] = "0"
from service.app import of_worker
of_worker()
assert "scipy.special" not in sys.modules
"""
TIMES = 5


def cpu_seconds(program: str) -> float:
    """Of a Python that runs it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_start_is_quick() -> None:
    """The library in 2.5 times what numpy takes, an optimum with its intervals in 4 times; the least of several, in turns."""
    runs = [[cpu_seconds(program) for program in (NUMPY, LIBRARY, OPTIMAL)] for _ in range(TIMES)]
    numpy, library, optimal = (min(times) for times in zip(*runs, strict=True))
    assert library <= 2.5 * numpy, f"import fitted_laws took {library / numpy:.2f} times as long as import numpy"
    assert optimal <= 4 * numpy, f"fitted-laws optimal took {optimal / numpy:.2f} times as long as import numpy"


def test_no_question_of_a_published_law_loads_scipy() -> None:
    """Its functions take twice as long to load as numpy: what needs them loads them, such as a forecast at another level."""
    asked = subprocess.run(
        [sys.executable, "-c", f"import sys; {OPTIMAL}; sys.exit('scipy' in sys.modules)"],
        check=False,
        capture_output=True,
    )
    assert (asked.returncode, asked.stderr) == (0, b"")


def test_a_worker_is_there_soon() -> None:
    """In 12 times what numpy takes, and without scipy, which it loads once it answers."""
    runs = [[cpu_seconds(program) for program in (NUMPY, WORKER)] for _ in range(TIMES)]
    numpy, worker = (min(times) for times in zip(*runs, strict=True))
    assert worker <= 12 * numpy, f"a worker took {worker / numpy:.1f} times as long as import numpy"
