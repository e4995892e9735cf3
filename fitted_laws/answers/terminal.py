"""An answer as a terminal shows it: the law, the headline with its interval, its unit and its reach, the other fields; warnings last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.formats import by_sentence, cell
from fitted_laws.quantities.display import measured

IN_WORDS = {
    "inside": "inside the fit",
    "near": "less than a decade beyond the fit",
    "far": "1 to 3 decades beyond the fit",
    "beyond": "3 decades or more beyond the fit",
    "unknown": "of unknown reach",
}
"""Reach, beside the headline."""
MARK, UNMARKED = "▸ ", "  "
"""What stands before the headline, and before every other field."""
NONE = "–"
WITHOUT_UNIT = ("count", "1", "share", "text", "true or false", "list", "level", "your currency", "the unit asked for")
SAID_ELSEWHERE = ("law", "citation", "warnings", "error", "reach", "extrapolation", "extrapolation_in", "catalogue")
"""Fields that have a place of their own, or serve programs."""
EQUIVALENTS = ("loss_bits", "perplexity", "compute_pf_days")
"""Fields that say another one in another unit: in no table of rows."""
MOST_COLUMNS = 7
MOST_NAMED = 3


def as_table(answer: Answer) -> str:
    """Of one row a field a line; of several a row each, with the columns that differ. Where fields are named, exactly these."""
    laws = list(dict.fromkeys(answer.column("law")))
    citations = list(dict.fromkeys(answer.column("citation"))) if "citation" in answer.columns else []
    by = [f"by {laws[0]}"] if len(laws) == 1 and laws[0] is not None else []
    if by and len(citations) == 1 and citations[0]:
        by = [f"by {laws[0]}: {citations[0]}"]
    rows = one_row(answer) if answer.size == 1 else rows_of(answer, with_law=len(laws) > 1)
    return "\n".join([*by, *aligned(rows), *(f"! {line}" for line in warned(answer, laws))])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def one_row(answer: Answer) -> list[list[str]]:
    """The fields of one row: name, value with interval and unit, and of the headline its reach."""
    record = answer.records(list(answer.columns))[0]
    names = list(answer.fields or _spoken(answer, SAID_ELSEWHERE))
    between = answer.fields is None
    rows = [
        [
            f"{MARK if name == answer.headline else UNMARKED}{name}",
            _shown(record, name, unit_of(answer, name), between=between),
        ]
        for name in names
    ]
    if between and record.get("reach") is not None:
        rows[0][1] += f"  {IN_WORDS[record['reach']]}"
    return rows


def rows_of(answer: Answer, *, with_law: bool) -> list[list[str]]:
    """A header with units, then the rows."""
    records = answer.records(list(answer.columns))
    shown = list(answer.fields or _columns(answer, records, with_law=with_law))
    rows = [[f"{MARK if name == answer.headline else ''}{_titled(answer, name)}" for name in shown]]
    return [*rows, *([_shown(record, name, between=answer.fields is None) for name in shown] for record in records)]


def _columns(answer: Answer, records: Sequence[Mapping[str, Any]], *, with_law: bool) -> list[str]:
    """The law, or what a curve runs along, the headline and its reach, and what else differs between rows."""
    along = [*(["law"] if with_law else []), *(answer.axes[:1] if answer.axes and answer.shape == "rows" else ())]
    first = [*along, answer.headline, "reach"]
    names = [
        name
        for name in dict.fromkeys((*first, *_spoken(answer, (*SAID_ELSEWHERE, *EQUIVALENTS))))
        if name in answer.columns
    ]
    differing = [name for name in names if name in first or len({repr(record[name]) for record in records}) > 1]
    return [*differing[:MOST_COLUMNS], *(["error"] if "error" in answer.columns else [])]


def _spoken(answer: Answer, unsaid: Sequence[str]) -> list[str]:
    """The fields that are no ends of intervals, but those `unsaid`."""
    return [name for name in answer.columns if name not in unsaid and not _is_end(name, answer.columns)]


def _titled(answer: Answer, name: str) -> str:
    """The header of a column, with the unit that its name does not say already."""
    unit = unit_of(answer, name)
    return f"{name}, {unit}" if unit and unit.replace("/", "_per_") != name else name


def unit_of(answer: Answer, name: str) -> str:
    """The unit that is shown behind a field's number, if any."""
    unit = answer.unit(name)
    return "" if unit in WITHOUT_UNIT else unit


def _is_end(name: str, fields: Mapping[str, Any]) -> bool:
    """Whether a field is an end of the interval of another one."""
    return any(name.endswith(end) and name.removesuffix(end) in fields for end in ("_low", "_high"))


def _shown(record: Mapping[str, Any], name: str, unit: str = "", *, between: bool) -> str:
    """A field's value, with its interval if it is to stand `between` the ends."""
    value = record[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return cell(value) or ("" if name == "error" else NONE)
    low, high = (record.get(f"{name}{end}") for end in ("_low", "_high")) if between else (None, None)
    return measured(value, low, high, unit)


def warned(answer: Answer, laws: Sequence[str | None]) -> list[str]:
    """Each sentence once; of several rows with those that it is said of, unless it is said of all or names them itself."""
    column = answer.column("law")
    lines = []
    for text, found in by_sentence(answer.column("warnings")).items():
        rows = found.tolist()
        whose: list[str] = []
        if rows and len(laws) > 1:
            whose = [id for id in dict.fromkeys(column[row] for row in rows) if id and id not in text]
        elif rows:
            whose = [f"row {row + 1}" for row in rows]
        more = f" and {len(whose) - MOST_NAMED} more" if len(whose) > MOST_NAMED else ""
        lines.append(f"{', '.join(whose[:MOST_NAMED])}{more}: {text}" if whose else text)
    return lines
