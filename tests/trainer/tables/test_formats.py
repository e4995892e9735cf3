"""What tables are written in: the same rows come out of every format, packed or not; what cannot be read says what it is."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from trainer.tables.formats.contents import is_law
from trainer.tables.reading import UnreadableRuns
from trainer.tables.runs import read_runs

ROWS: list[dict[str, Any]] = [
    {"run": "a", "params": 10000000, "tokens": 50000000, "loss": 6.25},
    {"run": "b", "params": 25000000, "tokens": 125000000, "loss": 4.875},
    {"run": "c", "params": 60000000, "tokens": 300000000, "loss": 4.0625},
]
NAMES = list(ROWS[0])
CSV = "\n".join([",".join(NAMES), *(",".join(map(str, row.values())) for row in ROWS)]) + "\n"


def columns() -> dict[str, list[Any]]:
    return {name: [row[name] for row in ROWS] for name in NAMES}


def zipped(content: bytes, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return stream.getvalue()


def workbook() -> bytes:
    """A first sheet of notes; on the second a title, an empty row and the table, one column of formulas without values."""
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active["A1"] = "our ladder"
    sheet = book.create_sheet("runs")
    sheet.append(["All runs of May"])
    sheet.append([])
    sheet.append(NAMES)
    for row in ROWS:
        sheet.append(list(row.values()))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WRITTEN: dict[str, bytes] = {
    "runs.csv": CSV.encode(),
    "runs.tsv": CSV.replace(",", "\t").encode(),
    "german.csv": CSV.replace(",", ";").replace(".", ",").encode("cp1252"),
    "utf16.csv": CSV.encode("utf-16"),
    "runs.csv.gz": gzip.compress(CSV.encode()),
    "runs.csv.bz2": bz2.compress(CSV.encode()),
    "runs.csv.xz": lzma.compress(CSV.encode()),
    "runs.zip": zipped(CSV.encode(), "folder/runs.csv"),
    "array.json": json.dumps(ROWS, indent=1).encode(),
    "columns.json": json.dumps(columns()).encode(),
    "deep.json": json.dumps(
        {"run": columns()["run"], "model": {"params": columns()["params"]}, "log": {n: columns()[n] for n in NAMES[2:]}}
    ).encode(),
    "pandas.json": json.dumps({name: dict(enumerate(column)) for name, column in columns().items()}).encode(),
    "split.json": json.dumps({"columns": NAMES, "data": [list(row.values()) for row in ROWS]}).encode(),
    "wrapped.json": json.dumps({"made": "today", "runs": ROWS}).encode(),
    "named.json": json.dumps({row["run"]: {k: v for k, v in row.items() if k != "run"} for row in ROWS}).encode(),
    "lines.jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
    "lines.txt": "\n".join(map(json.dumps, ROWS)).encode(),
    "broken.jsonl": ("\n".join(map(json.dumps, ROWS)) + '\n{"run": "d", "par').encode(),
    "nested.jsonl": "\n".join(
        json.dumps(
            {"run": row["run"], "model": {"n_params": row["params"]}, "tokens": row["tokens"], "loss": row["loss"]}
        )
        for row in ROWS
    ).encode(),
    "runs.xlsx": workbook(),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_rows_come_out_of_every_format(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WRITTEN[name])
    runs = read_runs(tmp_path / name)
    assert {quantity: runs.columns[quantity].tolist() for quantity in NAMES[1:]} == {n: columns()[n] for n in NAMES[1:]}
    assert runs.labels["run"] == ["a", "b", "c"]
    assert runs.excluded == []


def test_how_a_file_was_read_is_said(tmp_path: Path) -> None:
    """What is not UTF-8 with commas, and a last line that was cut short."""
    said = {}
    for name in ("german.csv", "utf16.csv", "broken.jsonl", "runs.xlsx"):
        (tmp_path / name).write_bytes(WRITTEN[name])
        said[name] = read_runs(tmp_path / name).remarks
    assert said == {
        "german.csv": ["semicolons between the cells", "commas in numbers are decimal"],
        "utf16.csv": ["UTF-16"],
        "broken.jsonl": ["the last line, 4, is cut short and left out"],
        "runs.xlsx": ["the sheet 'runs' of 2"],
    }


UNREADABLE = [
    ("two.zip", zipped(CSV.encode(), "a.csv", "b.csv"), "expected an archive of one file, got 2: a.csv, b.csv"),
    ("cut.gz", gzip.compress(CSV.encode())[:-9], "expected a packed file, got a damaged one"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of Excel before 2007: save it as .xlsx or CSV"),
    (
        "runs.ods",
        zipped(b"application/vnd.oasis.opendocument.spreadsheet", "mimetype"),
        "a document of LibreOffice",
    ),
    ("frame.pkl", b"\x80\x04\x95rest", "a pickle of Python, which is not opened"),
    ("broken.json", b'[{"params": 1,', "expected a JSON object"),
    ("scalar.json", b"[1, 2]", "expected a JSON object, a list of such"),
    ("twice.json", b'[{"params": 1e6, "loss": 2, "loss": 3}]', "expected each column once, got 'loss'"),
    (
        "uneven.json",
        b'{"params": [1e6], "loss": [2, 3]}',
        "JSON columns of equal length, got 1 of params, 2 of loss",
    ),
    ("law.json", b'{"id": "a", "form": "additive", "coefficients": {"E": 1}}', "got a law file"),
    ("empty.json", b"[]", "expected a JSON object, .* got an empty one"),
    ("twice.csv", b"params,loss,loss\n1e6,2,3\n", "expected each column once, got 'loss' several times"),
]


@pytest.mark.parametrize(("name", "content", "told"), UNREADABLE, ids=[name for name, _, _ in UNREADABLE])
def test_what_cannot_be_read_says_what_it_is(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableRuns, match=told):
        read_runs(tmp_path / name)


def test_a_law_file_is_told_from_a_table(tmp_path: Path) -> None:
    """Both end in .json; what neither reads is taken for a law file, whose refusal says what one is."""
    for name, content, expected in (
        ("table.json", json.dumps(ROWS), False),
        ("columns.json", json.dumps(columns()), False),
        ("broken.json", '[{"params": 1,', False),
        ("law.json", '{"id": "a", "coefficients": {"E": 1}}', True),
        ("text.json", "loss", True),
        ("runs.csv", CSV, False),
    ):
        (tmp_path / name).write_text(content)
        assert is_law(tmp_path / name) is expected, name
    assert is_law(tmp_path / "none.json")


def test_a_database_is_named(tmp_path: Path) -> None:
    """SQLite is what trackers write; which command reads them is said."""
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE runs (name TEXT)")
    database.close()
    with pytest.raises(UnreadableRuns, match="a database of SQLite: `import` reads"):
        read_runs(path)
