"""How an answer is written: JSON, CSV, one bare number. Numbers are the shortest text that reads back as the same
float.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.answers.answer import Answer
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable, shown
from fitted_laws.solving.categories import Categories

_encoder = msgspec.json.Encoder()
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet takes for a formula, perhaps after skipping a space of its own."""
SHARED = ("domain", "law", "citation", "catalogue", "interval_source", "level", "loss_on")
"""Fields that columns by one law give once."""
SHARED_BY_LAWS = ("catalogue", "level")
"""Fields that columns by several laws give once."""


class Format(msgspec.Struct, frozen=True):
    """One way of writing an answer: its media type and its writer, which also gets `field` and `row` as asked.

    `one_field` says that it gives one field alone, so that no other need be drawn.
    """

    suffix: str
    media_type: str
    write: Callable[[Answer, str | None, int], bytes]
    one_field: bool = False


def as_json(answer: Answer, _field: str | None = None, _row: int = 0) -> bytes:
    """One flat object, `{"rows": […]}`, or one array a field."""
    return _encoder.encode(answer.plain())


def by_sentence(warnings: Categories | Sequence[list[str]]) -> dict[str, NDArray[np.intp]]:
    """The rows that each sentence is said of, in order; none where it is said of all."""
    categories = Categories.of(warnings)  # rows with the same warnings share one list
    rows_of: list[tuple[list[str], NDArray[np.intp]]] = list(
        zip(categories.kinds, categories.rows_of_kinds(), strict=True)
    )
    rows_by_text: dict[str, list[NDArray[np.intp]]] = {}
    for texts, rows in sorted(((t, r) for t, r in rows_of if len(r)), key=lambda found: found[1].item(0)):
        for text in dict.fromkeys(texts):
            rows_by_text.setdefault(text, []).append(rows)
    return {text: _in_order(parts, len(warnings)) for text, parts in rows_by_text.items()}


def _in_order(parts: Sequence[NDArray[np.intp]], size: int) -> NDArray[np.intp]:
    """The rows of `parts`, each in order, in order; none where they are all rows of an answer of that size."""
    if sum(map(len, parts)) == size:
        return parts[0][:0]
    return parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))


def as_csv(answer: Answer, _field: str | None = None, _row: int = 0) -> bytes:
    """A header and rows; null is empty, warnings are joined by « | », the citation stays with JSON."""
    names = answer.table_names
    return write_rows(names, zip(*(map(table_cell, answer.column(name)) for name in names), strict=True)).encode()


def as_txt(answer: Answer, field: str | None = None, row: int = 0) -> bytes:
    """The headline, or `field`, of the first row, or of `row`: bare, without a newline.

    Raises:
        NotUnderstood: no such field or row, or several fields are named.
        Unanswerable: the field is null.
    """
    require_all_fields(answer)
    name = field or answer.headline
    if name not in answer.columns:
        raise NotUnderstood.of(Fault("field", f"one of {', '.join(answer.columns)}", f"'{name}'"))
    if not -answer.size <= row < answer.size:
        raise NotUnderstood.of(Fault("row", f"{-answer.size} to {answer.size - 1}", str(row)))
    value = answer.column(name)[row]
    if "error" in answer.columns and (error := answer.column("error")[row]) is not None:
        raise Unanswerable(error)
    if value is None:
        why = "; ".join(answer.column("warnings")[row])
        raise Unanswerable(f"{name} is null here: {why}")
    return cell(value).encode()


def require_all_fields(answer: Answer) -> None:
    """That no fields are named where one alone is given.

    Raises:
        NotUnderstood: some are.
    """
    if answer.fields is not None:
        expected = f"`field` in this format, which gives one: field={answer.fields[0]}"
        raise NotUnderstood.of(Fault("fields", expected, shown(",".join(answer.fields))))


def cell(value: Any) -> str:
    """One value as text: null is empty, true and false as in JSON, floats in their shortest form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " | ".join(value)
    return str(value)


def table_cell(value: Any) -> str:
    """One value as the text of a cell: as `cell` has it, a text so that no spreadsheet takes it for a formula."""
    text = cell(value)
    return text if isinstance(value, int | float) else defused(text)


def defused(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would calculate it: what law files and users write is no formula.

    Lines end as those of the table do: Python's writer puts no quotes about a carriage return, which readers take for the end of a row.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return f"'{lines}" if text.startswith(FORMULA) else lines


def write_rows(names: list[str], rows: Any) -> str:
    """CSV text with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def write_records(records: Sequence[Mapping[str, Any]]) -> str:
    """CSV text of one record a row; one that failed carries its `error`, the last column."""
    names = [name for name in dict.fromkeys(itertools.chain(*records)) if name != "error"]
    names.append("error")
    return write_rows(names, ([table_cell(record.get(name)) for name in names] for record in records))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], style: str) -> str:
    """A table in Markdown, or in aligned text."""
    lines = [tuple(header), *(tuple(row) for row in rows)]
    if style == "markdown":
        body = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([body[0], f"|{'|'.join('---' for _ in header)}|", *body[1:]])
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


FORMATS: dict[str, Format] = {
    f.suffix: f
    for f in (
        Format("json", "application/json", as_json),
        Format("csv", "text/csv; charset=utf-8", as_csv),
        Format("txt", "text/plain; charset=utf-8", as_txt, one_field=True),
    )
}
"""Every way of writing an answer, by the suffix of its address and the name of `--format`."""
