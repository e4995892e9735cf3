"""The table in a file, whatever it is written in: delimited text, JSON, Excel, Parquet; compressed or not. What it is, its
content says.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from fitted_laws.quantities.extras import loaded
from fitted_laws.tables.delimited import table
from fitted_laws.tables.grid import Grid
from fitted_laws.tables.texts import NoTable, decoded
from trainer.files import IMPORTS
from trainer.tables.formats.json_rows import json_table
from trainer.tables.reading import UnreadableRuns

LARGEST = 1 << 30
"""Bytes of a content once it is unpacked."""
PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
REFUSED = {
    b"\xd0\xcf\x11\xe0": "a workbook of Excel before 2007: save it as .xlsx or CSV",
    b"SQLite format 3": "a database of SQLite: `import` reads those of MLflow and trackio",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd: unpack it first",
    b"\x80\x04\x95": "a pickle of Python, which is not opened: save the table as CSV or Parquet",
    b"\x80\x05\x95": "a pickle of Python, which is not opened: save the table as CSV or Parquet",
    b"\x93NUMPY": "an array of numpy, which has no names of columns: save the table as CSV",
    b"\x89HDF": "a file of HDF5: save the table as CSV or Parquet",
}
LAW_KEYS = {"coefficients", "relations"}
TABLES = "a table of runs (CSV, JSON, JSON lines, Excel .xlsx or Parquet)"


def grid_of(path: Path) -> Grid:
    """The table in a file.

    Raises:
        UnreadableRuns: no such file, or it holds no table.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableRuns(f"{path}: expected {TABLES}, got {error.strerror}") from None
    return grid_in(raw, str(path))


def is_law(path: Path) -> bool:
    """Whether a `.json` file is to be read as a law file: it is one, or no table of runs either."""
    if path.suffix != ".json":
        return False
    try:
        content = json.loads(path.read_bytes())
    except OSError:
        return True
    except ValueError:
        return not path.read_bytes().lstrip().startswith((b"{", b"["))
    return bool(LAW_KEYS & {*content}) if isinstance(content, dict) else not isinstance(content, list)


def grid_in(raw: bytes, source: str) -> Grid:
    """The table in a content; `source` is its name in refusals.

    Raises:
        UnreadableRuns: it holds none.
    """
    try:
        return _read(raw, source, packed=False)
    except NoTable as reason:
        joint = ", " if reason.detail.startswith("line ") else ": "
        raise UnreadableRuns(f"{source}{joint}{reason.detail}") from None


def _read(raw: bytes, source: str, *, packed: bool) -> Grid:
    for magic, what in REFUSED.items():
        if raw.startswith(magic):
            raise NoTable(f"expected {TABLES}, got {what}")
    if raw.startswith(b"PAR1") or source.endswith(".parquet"):
        rows: Grid = loaded("trainer.tables.formats.parquet", f"reading {Path(source).name}", IMPORTS).grid(raw)
        return rows
    if raw.startswith(b"PK\x03\x04"):
        return _in_zip(raw, source, packed=packed)
    opener = next((opener for magic, opener in PACKED.items() if raw.startswith(magic)), None)
    if opener is not None and not packed:
        try:
            with opener(io.BytesIO(raw)) as stream:
                content = stream.read(LARGEST + 1)
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            raise NoTable(f"expected a packed file, got a damaged one: {error}") from None
        return _read(_bounded(content), source, packed=True)
    text = decoded(raw)
    if text.content.lstrip()[:1] in ("{", "["):
        return _said(json_table(text.content), text.encoding)
    return _said(table(text.content), text.encoding)


def _said(grid: Grid, encoding: str) -> Grid:
    return msgspec.structs.replace(grid, remarks=[encoding, *grid.remarks]) if encoding else grid


def _bounded(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise NoTable(f"expected at most {LARGEST >> 20} MiB once unpacked, got more")
    return content


def _in_zip(raw: bytes, source: str, *, packed: bool) -> Grid:
    """A workbook of Excel, or the only file of an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith("__MACOSX/")]
            if "xl/workbook.xml" in names:
                workbook: Grid = loaded("trainer.tables.formats.excel", f"reading {Path(source).name}", IMPORTS).grid(
                    raw
                )
                return workbook
            if "mimetype" in names and archive.read("mimetype").startswith(b"application/vnd.oasis"):
                raise NoTable(f"expected {TABLES}, got a document of LibreOffice: save it as .xlsx or CSV")
            if len(names) != 1 or packed:
                raise NoTable(f"expected an archive of one file, got {len(names)}: {', '.join(names[:5])}")
            with archive.open(names[0]) as member:
                return _read(_bounded(member.read(LARGEST + 1)), source, packed=True)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise NoTable(f"expected an archive, got a damaged one: {error}") from None
