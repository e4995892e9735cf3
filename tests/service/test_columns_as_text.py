"""Columns are written as their numbers are one by one, whatever these are; texts of few kinds as if each were encoded."""

import msgspec
import numpy as np
import pytest

from fitted_laws import Answer
from fitted_laws.solving.categories import Categories, numbered
from service.api.columns import as_arrays

ROWS = 2500


def written(value, rows=ROWS) -> bytes:
    """The array of one column in an answer."""
    text = b"".join(as_arrays(Answer({"loss": value}, rows, "columns")))
    assert text.startswith(b'{"loss":')
    return text.removeprefix(b'{"loss":').removesuffix(b"}")


def test_numbers_of_every_size() -> None:
    """Any float has the text that it has alone, NaN is null."""
    random = np.random.default_rng(4)
    bits = random.integers(0, 2**64, ROWS, dtype=np.uint64).view(np.float64)
    powers = 10.0 ** np.arange(-300, 300, dtype=float)
    for values in (bits[np.isfinite(bits)], powers, -powers, random.uniform(size=ROWS), np.arange(1e15, 1e17, 9.9e13)):
        assert written(values, len(values)) == msgspec.json.encode(values.tolist())
    assert written(np.array([1.5, np.nan, 1e21])) == b"[1.5,null,1e21]"


@pytest.mark.parametrize("value", [None, True, "inside", 0.25, np.broadcast_to(np.array([1e21]), ROWS)], ids=repr)
def test_one_value_for_all_rows(value) -> None:
    """It stands once a row."""
    one = value.item(0) if isinstance(value, np.ndarray) else value
    assert written(value) == msgspec.json.encode([one] * ROWS)


def test_categories() -> None:
    """A value a row, by number or found among objects, and the rows of each."""
    codes = np.random.default_rng(5).integers(0, 3, ROWS)
    kinds = [None, "near", ["two", "sentences"]]
    categories = Categories(kinds, codes)
    listed = categories.tolist()
    assert listed == [kinds[code] for code in codes]
    assert written(categories) == written(listed) == msgspec.json.encode(listed)
    assert categories.first == categories.head(3).tolist()[0] == listed[0]
    assert [rows.tolist() for rows in categories.rows_of_kinds()] == [
        np.flatnonzero(codes == k).tolist() for k in range(3)
    ]
    assert categories.each(str).tolist() == [str(value) for value in listed]


@pytest.mark.parametrize("most", [40, 10**9])
def test_numbers_by_their_order(most) -> None:
    """Few numbers or large ones."""
    values = np.random.default_rng(6).integers(0, most, ROWS)
    found = numbered(values)
    assert found.numbers.tolist() == sorted(set(values.tolist()))
    assert (found.numbers[found.codes] == values).all()
