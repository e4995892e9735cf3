"""The table of a Parquet file, read by Apache Arrow's own library."""

import io
from typing import Any

from pyarrow import ArrowException, parquet

from fitted_laws.tables.grid import Grid
from fitted_laws.tables.texts import NoTable
from trainer.tables.formats.json_rows import of_records


def grid(raw: bytes) -> Grid:
    """Its rows, numbered from 1.

    Raises:
        NoTable: it is no Parquet file.
    """
    try:
        rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(raw)).to_pylist()
    except ArrowException as reason:
        raise NoTable(f"expected a Parquet file, got {reason}") from None
    return of_records(enumerate(rows, start=1))
