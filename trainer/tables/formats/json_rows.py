"""JSON as a table: a list of objects, columns, a header and rows, runs by name, or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fitted_laws.tables.grid import Grid, of_rows, once_each
from fitted_laws.tables.texts import NoTable

WRAPPERS = ("rows", "data", "runs", "records", "results", "items")
"""Names under which an object holds the whole table."""
EXPECTED = "a list of such or one a line, or columns of equal length"
NUMBER_OF_COLUMNS = 2000
"""Most names of columns; nested objects of logs would make any number."""


class _Broken(ValueError):
    """A text is no JSON."""


def json_table(text: str) -> Grid:
    """The table of a JSON text.

    Raises:
        NoTable: it is no JSON, or holds no table; JSON lines that are broken before the last.
    """
    try:
        content = _decoded(text)
    except _Broken as error:
        whole = text.strip()
        if "\n" in whole and whole.startswith(("{", "[")) and not _spread(whole):
            return _json_lines(text)
        raise NoTable(f"{'line 1: ' if whole.startswith('{') else ''}expected a JSON object, got {error}") from None
    return _of_content(content)


def _spread(text: str) -> bool:
    """Whether a JSON text is one value over several lines: its first line is none."""
    first = text.split("\n", 1)[0].strip()
    return first in ("{", "[", "[{") or first.endswith((",", ":"))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)  # unlike msgspec it reads NaN, which trackers write
    except (ValueError, RecursionError) as error:
        raise _Broken(str(error) or "JSON nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        once_each(name for name, _ in pairs)
    return out


def _json_lines(text: str) -> Grid:
    """An object a line; a last line that was cut short is left out."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    records: list[tuple[int, Mapping[str, Any]]] = []
    remarks: list[str] = []
    for number, line in lines:
        try:
            record = _decoded(line)
        except _Broken as error:
            if number == lines[-1][0] and len(lines) > 1:
                remarks.append(f"the last line, {number}, is cut short and left out")
                break
            raise NoTable(f"line {number}: expected a JSON object, got {error}") from None
        if not isinstance(record, Mapping):
            raise NoTable(f"line {number}: expected a JSON object, got {line[:40]}")
        records.append((number, record))
    return of_records(records, remarks)


def _of_content(content: Any) -> Grid:
    if isinstance(content, list) and content:
        if all(isinstance(each, Mapping) for each in content):
            return of_records(enumerate(content, start=1))
        if all(isinstance(each, list) for each in content) and all(isinstance(name, str) for name in content[0]):
            return of_rows(content[0], list(enumerate(content[1:], start=2)))
    if isinstance(content, Mapping) and content:
        return _of_object(content)
    got = "an empty one" if content in ([], {}) else f"{json.dumps(content)[:40]}"
    raise NoTable(f"line 1: expected a JSON object, {EXPECTED}, got {got}")


def _of_object(content: Mapping[str, Any]) -> Grid:
    """An object that wraps a table, holds columns, is one run, or names runs."""
    if "coefficients" in content or "relations" in content:
        raise NoTable("expected a table of runs, got a law file: `report` and the questions' --law-file take it")
    header = content.get("columns")
    for name in WRAPPERS:
        inner = content.get(name)
        if (
            isinstance(inner, list)
            and inner
            and all(isinstance(each, list) for each in inner)
            and isinstance(header, list)
        ):
            return of_rows(header, list(enumerate(inner, start=1)))
        if (
            isinstance(inner, list | Mapping)
            and inner
            and (isinstance(inner, Mapping) or isinstance(inner[0], Mapping))
        ):
            return _of_content(inner)
    if all(isinstance(each, list) for each in flat(content).values()):
        content = flat(content)
    values = list(content.values())
    if all(isinstance(each, list) for each in values):
        if len({len(each) for each in values}) != 1:
            sizes = ", ".join(f"{len(each)} of {name}" for name, each in list(content.items())[:5])
            raise NoTable(f"expected JSON columns of equal length, got {sizes}")
        return of_rows(list(content), list(enumerate(zip(*values, strict=True), start=1)))
    if all(isinstance(each, Mapping) for each in values):
        keys = [tuple(each) for each in values]
        if len(set(keys)) == 1 and len(keys[0]) > 0 and all(key.isdecimal() for key in keys[0]):
            return of_rows(
                list(content), list(enumerate(zip(*(each.values() for each in values), strict=True), start=1))
            )
        return of_records(enumerate(({"run": name, **each} for name, each in content.items()), start=1))
    return of_records([(1, content)])


def of_records(records: Iterable[tuple[int, Mapping[str, Any]]], remarks: Iterable[str] = ()) -> Grid:
    """A row a record; nested objects under dotted names, lists as they are."""
    rows = [(line, flat(record)) for line, record in records]
    names = dict.fromkeys(name for _, row in rows for name in row)
    if len(names) > NUMBER_OF_COLUMNS:
        raise NoTable(f"expected a JSON object a run, got {len(names)} different names")
    return of_rows(
        list(names), [(line, [row.get(name) for name in names]) for line, row in rows], remarks=list(remarks)
    )


def flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested settings under dotted keys."""
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            out.update(flat(value, f"{above}{key}."))
        else:
            out[f"{above}{key}"] = value
    return out
