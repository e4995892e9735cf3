"""How a user's text becomes a number: every documented form, every trap of a cell, every refusal."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitted_laws import NotUnderstood, ask
from fitted_laws.quantities.spelling import EXPECTED, PF_DAY, Kind, Unreadable, pattern, read, read_range
from fitted_laws.quantities.spread import Spread

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
    "2 h100-weeks at 40% MFU": 14 * 86400 * 989.4e12 * 0.4,
    "2000 H100 for 30 days at 40%": 2000 * 30 * 86400 * 989.4e12 * 0.4,
    "2_000 h100s for 30 days @ 40%": 2000 * 30 * 86400 * 989.4e12 * 0.4,
    "1e21 FLOPs": 1e21,
    "5 zflop": 5e21,
    "100 PFLOP/s-days": 100 * PF_DAY,
    "1_400e18": 1.4e21,
}
COUNTS = {
    "70B": 7e10,
    "1.4T": 1.4e12,
    "500M": 5e8,
    "2k": 2e3,
    "7e10": 7e10,
    ".5B": 5e8,
    " 70B ": 7e10,
    "70 B": 7e10,
    "70b": 7e10,
    "1_400_000": 1.4e6,
}
OTHERS = {
    ("share", "40%"): 0.4,
    ("share", "35 %"): 0.35,
    ("share", "0.4"): 0.4,
    ("price", "$2.10"): 2.1,
    ("price", "2.10 €"): 2.1,
    ("price", "$2.10/h"): 2.1,
    ("money", "$10M"): 1e7,
    ("money", "10 M$"): 1e7,
    ("rate", "1979 TFLOP/s"): 1.979e15,
    ("rate", "989 TFLOPS"): 9.89e14,
    ("days", "30 days"): 30,
    ("days", "36 hours"): 1.5,
    ("days", "6 weeks"): 42,
    ("watts", "1.2 kW"): 1200,
}
RANGES = {
    ("share", "35..45%"): (0.35, 0.45),
    ("share", "35%..45%"): (0.35, 0.45),
    ("share", "0.35 .. 0.45"): (0.35, 0.45),
    ("price", "$1.8..2.4"): (1.8, 2.4),
    ("price", "$1.80..$2.40"): (1.8, 2.4),
    ("number", "1.1..1.3"): (1.1, 1.3),
}
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
    "_1",
    "1__0",
    "1_",
    "٧",
    "1e",
    "--1",
    "70B B",
    "70$",
]


@pytest.mark.parametrize(("text", "number"), COMPUTE.items())
def test_compute_is_read_in_flop(text: str, number: float) -> None:
    """Suffixes, PF-days and accelerator budgets are FLOP; the budget's peak is dense bf16."""
    assert read(text, "compute") == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(("text", "number"), COUNTS.items())
def test_counts_take_suffixes(text: str, number: float) -> None:
    """k, M, B and T multiply."""
    assert read(text, "count") == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(("written", "number"), OTHERS.items())
def test_what_people_write_is_read(written: tuple[str, str], number: float) -> None:
    """Percentages are shares, prices may have a sign, peaks, times and power their unit."""
    kind, text = written
    assert read(text, kind) == pytest.approx(number, rel=1e-15)  # type: ignore[arg-type]


def test_a_percentage_is_the_float_of_its_share() -> None:
    """So that 40% and 0.4 are one question; so it is at either end of a range."""
    assert all(read(f"{n}%", "share") == float(f"{n / 100:.2f}") for n in range(1, 101))


@pytest.mark.parametrize(("written", "ends"), RANGES.items())
def test_a_range_is_read_where_it_may_be_one(written: tuple[str, str], ends: tuple[float, float]) -> None:
    """What stands behind its end holds for both."""
    kind, text = written
    assert read_range(text, kind) == Spread(*ends)  # type: ignore[arg-type]
    with pytest.raises(Unreadable, match="a range is read in mfu"):
        read(text, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["45..35%", "0..40%", "-1..1", "40..40%"])
def test_a_range_rises_from_above_zero(text: str) -> None:
    """A log-normal has no other."""
    with pytest.raises(Unreadable, match="its low end first"):
        read_range(text, "share")


def test_a_hyphen_makes_no_range() -> None:
    """It is a minus elsewhere; the refusal shows how a range is written."""
    with pytest.raises(Unreadable, match=r"low\.\.high"):
        read_range("35-45%", "share")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2,000", "write 2000"),
        ("1,400,000", "write 1400000"),
        ("2,000.5", "write 2000.5"),
        ("2,000 H100-days@40%", "write 2000 H100-days@40%"),
        ("3000 H100-days", "say the utilisation: 3000 H100-days@40%"),
        ("2000 H100 for 30 days", "say the utilisation: 2000 H100 for 30 days at 40%"),
        ("1,4e21", "decimal point, not a comma"),
    ],
)
def test_a_refusal_says_what_would_work(text: str, hint: str) -> None:
    """And where it says a text to write, that text is read."""
    with pytest.raises(Unreadable, match=re.escape(hint)):
        read(text, "compute")
    instead = hint.removeprefix("write ").removeprefix("say the utilisation: ")
    assert "comma" in hint or read(instead, "compute") > 0


def test_capitals_do_not_matter_in_names() -> None:
    """The answer echoes the name as it is listed."""
    plan = {"compute": "1e23", "count": 8, "mfu": "40%"}
    answer = ask("plan", domain="Language", law="Besiroglu-2024", accelerator="h100", **plan)
    assert (answer.domain, answer.accelerator) == ("language", "H100")


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


@pytest.mark.parametrize("kind", EXPECTED)
@given(text=st.text(max_size=12) | st.sampled_from([*COMPUTE, *COUNTS, *(text for _, text in (*OTHERS, *RANGES))]))
def test_the_published_pattern_is_the_grammar(kind: Kind, text: str) -> None:
    """OpenAPI's pattern accepts just what the reader accepts, but for numbers too large for a float."""
    matches = re.fullmatch(pattern(kind)[1:-1], text) is not None
    with contextlib.suppress(Unreadable):
        read(text, kind)
        assert matches
        return
    with pytest.raises(Unreadable, match="finite" if matches else "expected"):
        read(text, kind)
