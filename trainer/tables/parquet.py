"""Rows of a Parquet file, read by Apache Arrow's own library."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pyarrow import ArrowException, parquet

from trainer.files import Refusal


def records(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Row number, from 1, and its cells.

    Raises:
        Refusal: it is no Parquet file.
    """
    try:
        table = parquet.read_table(path)
    except ArrowException as reason:
        raise Refusal(f"{path}: expected a Parquet file, got {reason}") from None
    yield from enumerate(table.to_pylist(), start=1)
