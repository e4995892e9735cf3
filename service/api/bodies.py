"""Bodies of POST, read under their own media type: JSON columns, and one question a line of CSV or NDJSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec
import numpy as np

from fitted_laws.asking.reading import MAX_FAULTS, require_known
from fitted_laws.quantities.problems import Fault, NotUnderstood, Problem
from fitted_laws.questions import Question
from fitted_laws.tables.delimited import strict_table
from fitted_laws.tables.texts import NoTable
from service.protocol.messages import Request
from service.protocol.problems import Refused

CSV = "text/csv"
NDJSON = "application/x-ndjson"

Scalar: TypeAlias = float | int | str | bool | None
Row: TypeAlias = Mapping[str, object] | Problem
"""The inputs of one question, or why they could not be read."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_value = msgspec.json.Decoder(Scalar | list[Scalar])
_numbers = msgspec.json.Decoder(dict[str, Scalar | list[float]])
_list = msgspec.json.Decoder(list[msgspec.Raw])
EXPECTED = "a number, a text, true or false, or a list of such"


def media_type(request: Request, *known: str) -> str:
    """The media type of the body, one of `known`.

    Raises:
        Refused: 415: it is another, is compressed, or is not UTF-8.
    """
    value, _, parameters = (request.header(b"content-type") or "").partition(";")
    name, charset = value.strip().lower(), parameters.lower().replace(" ", "").replace('"', "")
    expected = " or ".join(known)
    if name not in known:
        raise Refused(415, f"expected a body of type {expected}, got {name[:100] or 'none named'}")
    if charset.startswith("charset=") and charset not in ("charset=utf-8", "charset=us-ascii"):
        raise Refused(415, f"expected UTF-8, got {charset[:60]}")
    if request.header(b"content-encoding") not in (None, "identity"):
        raise Refused(415, f"expected a body without Content-Encoding, got {request.header(b'content-encoding')!r:.60}")
    return name


def columns(text: bytes) -> dict[str, object] | None:
    """The members of an object of scalars and columns of numbers, which become arrays, read at once; None of any other.

    Not read so is what has a name twice, or something escaped: there are more quotes then than names and texts have.
    """
    try:
        values = _numbers.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    texts = len(values) + sum(type(value) is str for value in values.values())
    if b"\\" in text or text.count(b'"') != 2 * texts:
        return None
    return {
        name: np.fromiter(value, np.float64, len(value)) if isinstance(value, list) else value
        for name, value in values.items()
    }


def members(raw: bytes | msgspec.Raw, *, law_file: bool = False) -> dict[str, object]:
    """The members of one flat JSON object: scalars and lists of scalars; with `law_file` its `law` may be an object, which is left raw.

    Raises:
        NotUnderstood: not JSON, not an object, a name that comes twice, a nested value.
    """
    text = bytes(raw)
    values = _plain(text)
    if values is None:
        values = _checked(_compact(text))
    held = {"law": msgspec.Raw(bytes(values["law"]))} if law_file and bytes(values.get("law", b""))[:1] == b"{" else {}
    return {name: held.get(name) or _member(name, value) for name, value in values.items()}


def _plain(text: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of an object that has no space between them and no name twice, as programs write it; else None."""
    try:
        values = _members.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return values if _adds_up(text, values) else None


def _checked(text: bytes) -> dict[str, msgspec.Raw]:
    """The members of a compact object, once no name comes twice."""
    try:
        values = _members.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(error, "a JSON object of inputs") from None
    if not _adds_up(text, values):
        _refuse_repeated(text)
    return values


def _adds_up(text: bytes, values: Mapping[str, msgspec.Raw]) -> bool:
    """Whether `text` is as long as its members: else a name comes twice, is escaped, or there is space between."""
    return len(text) == 1 + sum(len(name) + len(value) + 4 for name, value in values.items())


def _compact(raw: bytes) -> bytes:
    if not raw.strip():
        raise NotUnderstood("expected JSON, got an empty body", [Fault("body", "JSON", "nothing")])
    try:
        return msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _not_json(error, "well-formed JSON") from None


def _not_json(error: Exception, expected: str) -> NotUnderstood:
    if isinstance(error, RecursionError):
        return NotUnderstood(
            f"expected {expected}, got JSON nested too deeply", [Fault("body", expected, "deep nesting")]
        )
    got = "bytes that are no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)[:200]
    return NotUnderstood(f"expected {expected}: {got}", [Fault("body", expected, got)])


def _refuse_repeated(text: bytes) -> None:
    """The length of the compact text does not add up: a name comes twice, or is escaped, which is harmless."""
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise _not_json(error, "well-formed JSON") from None
    _once_each([name for name, _ in pairs], "value")


def _once_each(names: Iterable[str], what: str) -> None:
    """Refuses names of which one comes twice."""
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise NotUnderstood.of(*(Fault(name[:60], f"one {what}", "several") for name in repeated[:MAX_FAULTS]))


def _member(name: str, value: msgspec.Raw) -> object:
    try:
        return _value.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        _, _, where = str(error).partition(" - at `$")
        raise NotUnderstood.of(Fault(name[:60] + where.rstrip("`"), EXPECTED, _got(error))) from None


def _got(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "deep nesting"
    if isinstance(error, UnicodeDecodeError):
        return "bytes that are no UTF-8"
    return str(error).partition(" - at ")[0].partition(", got ")[2].strip("`") or str(error)[:100]


def items(body: bytes) -> Iterator[Row]:
    """The questions of a JSON list, each on its own: one that cannot be read does not spoil the others.

    Raises:
        NotUnderstood: the body is no JSON list.
    """
    try:
        raws = _list.decode(_compact(body))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _not_json(error, "a JSON list of questions") from None
    return map(_row, raws)


def _row(raw: bytes | msgspec.Raw) -> Row:
    try:
        return members(raw)
    except Problem as problem:
        return problem


def ndjson(body: bytes, _question: type[Question]) -> Iterator[Row]:
    """One flat JSON object a line; blank lines are skipped."""
    return (_row(line) for line in body.splitlines() if line.strip())


def csv_rows(body: bytes, question: type[Question]) -> Iterator[Row]:
    """One question a row under a header of input names; an empty cell is an input not given.

    Raises:
        NotUnderstood: not UTF-8, no header, a name that comes twice in it, or one that is no input of `question`.
    """
    try:
        header, lines = strict_table(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotUnderstood(f"expected CSV in UTF-8: {error}", [Fault("body", "UTF-8", "other bytes")]) from None
    except NoTable as reason:
        raise NotUnderstood(
            reason.detail, [Fault("body", "CSV with each input once in its header", "another text")]
        ) from None
    require_known(question, filter(None, header))
    return (_cells(header, line) for _, line in lines)


def _cells(header: list[str], line: list[str]) -> Row:
    if len(line) != len(header):
        return NotUnderstood.of(Fault("row", f"{len(header)} cells", f"{len(line)}"))
    return {name: cell for name, cell in zip(header, line, strict=True) if cell and name}


Reader: TypeAlias = Callable[[bytes, type[Question]], Iterator[Row]]

READERS: dict[str, Reader] = {CSV: csv_rows, NDJSON: ndjson}
"""How bodies of one question a line are read, by media type; a JSON body holds columns."""
