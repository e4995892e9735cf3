"""exp and log as the compiled solver has them, beside those of the C library."""

import numpy as np
import pytest

numba = pytest.importorskip("numba")
compiled_math = pytest.importorskip("trainer.estimation.solver.compiled_math")
exp, log = numba.vectorize(compiled_math.exp.py_func), numba.vectorize(compiled_math.log.py_func)
LAST_BITS = 5e-16
"""Each is within an ulp or so of the truth."""


@pytest.mark.parametrize("most", [1e-9, 1.0, 60.0, 699.0])
def test_exp(most) -> None:
    """Near nothing, near one, and where a law's terms lie."""
    values = np.random.default_rng(1).uniform(-most, most, 100_000)
    np.testing.assert_allclose(exp(values), np.exp(values), rtol=LAST_BITS, atol=0)


@pytest.mark.parametrize("most", [1e-9, 0.5, 60.0, 699.0])
def test_log(most) -> None:
    """Just about 1, where it is nearly nothing, and far from it."""
    values = np.concatenate([np.exp(np.random.default_rng(2).uniform(-most, most, 100_000)), [1.0, 2.0**0.5, 0.5**0.5]])
    np.testing.assert_allclose(log(values), np.log(values), rtol=LAST_BITS, atol=0)


def test_ends() -> None:
    """A term that a form does not have is nothing beside 1; what is no number stays none."""
    assert 0 < exp(-1e9) < 1e-300
    with np.errstate(invalid="ignore"):
        assert np.isnan(exp(np.nan))
    assert (exp(0.0), log(1.0)) == (1.0, 0.0)
