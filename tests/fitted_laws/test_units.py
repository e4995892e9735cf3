"""How a user's text becomes a number: every documented form, every trap of a cell, every refusal."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitted_laws import NotUnderstood, ask
from fitted_laws.quantities.units import PF_DAY, Unreadable, pattern, read

COMPUTE = {
    "1e21": 1e21,
    "1E+21": 1e21,
    "1E 21": 1e21,  # an unescaped + of a query
    "1E 021": 1e21,  # LibreOffice writes three exponent digits
    "3PFd": 3 * PF_DAY,
    "1 PF-day": PF_DAY,
    "2.5 PF-days": 2.5 * PF_DAY,
    "5 EFLOP": 5e18,
    "5ZFLOP": 5e21,
    "3000 H100-days@40%": 3000 * 86400 * 989.4e12 * 0.4,
    "24 A100-hours@50%": 24 * 3600 * 312e12 * 0.5,
}
COUNTS = {"70B": 7e10, "1.4T": 1.4e12, "500M": 5e8, "2k": 2e3, "7e10": 7e10, ".5B": 5e8, " 70B ": 7e10, "70 B": 7e10}
NONSENSE = [
    "",
    " ",
    "70 potatoes",
    "1,4e12",
    "1.4e12,0",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "0x10",
    "1_000",
    "٧",
    "1e",
    "--1",
    "70B B",
    "70b",
]


@pytest.mark.parametrize(("text", "number"), COMPUTE.items())
def test_compute_is_read_in_flop(text: str, number: float) -> None:
    """Suffixes, PF-days and accelerator budgets are FLOP; the budget's peak is dense bf16."""
    assert read(text, "compute") == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(("text", "number"), COUNTS.items())
def test_counts_take_suffixes(text: str, number: float) -> None:
    """k, M, B and T multiply."""
    assert read(text, "count") == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("kind", ["number", "count", "compute"])
def test_nonsense_is_refused(kind: str, text: str) -> None:
    """Whatever is no finite number of the kind says what was expected and what came."""
    with pytest.raises(Unreadable, match=r"expected .+, got '"):
        read(text, kind)  # type: ignore[arg-type]


def test_a_decimal_comma_is_refused_with_a_hint() -> None:
    """A German sheet's 1,4e12 must not become 14e12 or 1."""
    with pytest.raises(NotUnderstood, match="decimal point, not a comma"):
        ask("optimal", domain="language", compute="1,4e21")


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_the_shortest_text_of_a_float_reads_back(number: float) -> None:
    """What we write, we read as the same float."""
    assert read(str(number), "number") == number


@given(st.text(max_size=12))
def test_the_published_pattern_is_the_grammar(text: str) -> None:
    """OpenAPI's pattern accepts just what the reader accepts, but for numbers too large for a float."""
    matches = re.fullmatch(pattern("compute")[1:-1], text) is not None
    with contextlib.suppress(Unreadable):
        read(text, "compute")
        assert matches
        return
    with pytest.raises(Unreadable, match="finite" if matches else "expected"):
        read(text, "compute")
