"""Spellings of numbers in tables: each means one thing, or is refused with both."""

import math

import pytest

from fitted_laws.quantities.spelling import Kind, Unreadable
from fitted_laws.tables.grid import Comma
from fitted_laws.tables.numerals import number, numbers


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("10,000,000", "count", 1e7),
        ("1,234", "count", 1234),
        ("10_000_000", "count", 1e7),
        ("10 000 000", "count", 1e7),
        ("10'000'000", "count", 1e7),
        ("52M", "count", 52e6),
        ("52m", "count", 52e6),
        ("1.4T tokens", "count", 1.4e12),
        ("1.5 billion", "count", 1.5e9),
        ("1.2e+19", "compute", 1.2e19),
        ("1.2×10^19", "compute", 1.2e19),
        ("10¹⁹", "compute", 1e19),
        ("6 EFLOP", "compute", 6e18),
        ("3 PF-days", "compute", 3 * 8.64e19),
        ("3.21±0.01", "number", 3.21),
        ("3.21 +/- 0.01", "number", 3.21),
        ("3.21(1)", "number", 3.21),
        ("~2.5", "number", 2.5),
        ("−2", "number", -2),
    ],
)
def test_a_number_as_people_write_it(text: str, kind: Kind, value: float) -> None:
    assert number(text, kind) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("6,08870", "number", 6.0887),
        ("1.234.567", "count", 1234567),
        ("1.234,5", "number", 1234.5),
        ("1,5e9", "count", 1.5e9),
        ("1.234", "count", 1234),
        ("6.0887", "number", 6.0887),
        ("1,234", "number", 1.234),
    ],
)
def test_a_decimal_comma(text: str, kind: Kind, value: float) -> None:
    """Where a table writes decimal commas, points stand between groups."""
    assert number(text, kind, "decimal") == value


@pytest.mark.parametrize(
    ("text", "kind", "comma", "told"),
    [
        ("3,456", "number", "groups", "write 3456 or 3.456"),
        ("1,234", "count", "unclear", "write 1234 or 1.234"),
        ("3.456", "number", "decimal", "write 3456 or 3.456"),
        ("1,5e9", "count", "groups", "write a decimal point, not a comma"),
        ("many", "count", "groups", "got 'many'"),
        ("1.2.3", "number", "groups", "expected a plain number"),
        ("9" * 61, "count", "groups", "at most 60 characters|finite"),
    ],
)
def test_what_two_readers_would_read_differently_is_refused(text: str, kind: Kind, comma: Comma, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        number(f"'{text}" if len(text) > 60 else text, kind, comma)


def test_a_column() -> None:
    """Nothing is NaN and marked; NaN and infinity, also as text, are what they are; no number is told by its row."""
    read = numbers(["1", "", None, "NaN", "Infinity", "-inf", "n/a", "x", 5], "number")
    assert read.missing.tolist() == [False, True, True, False, False, False, True, False, False]
    assert read.values[[0, 8]].tolist() == [1, 5]
    assert math.isnan(read.values[3])
    assert read.values[[4, 5]].tolist() == [math.inf, -math.inf]
    assert list(read.faults) == [7]
