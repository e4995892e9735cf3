"""From a user's inputs to a question: one reader for queries, JSON, CSV, command line and Python; every fault is named."""

from __future__ import annotations

import difflib
import functools
import math
import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
import numpy as np

from fitted_laws.asking.fields import unknown_fields
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.question import SINGLE, Question, in_columns
from fitted_laws.forms import Values
from fitted_laws.quantities.problems import Fault, NotUnderstood, shown
from fitted_laws.quantities.spelling import Unreadable, read_range
from fitted_laws.quantities.spelling import read as read_quantity
from fitted_laws.quantities.spread import Spread

Inputs: TypeAlias = Mapping[str, object]
MAX_ROWS = 1_000_000
TEXTS = 512
"""Texts of inputs that are no numbers whose meaning is kept, each of at most a thousand characters."""
NOT_KEPT = "key"
"""An input that is forgotten with its request: whoever has it may ask."""
AROUND_COMMA = re.compile(r" *, *")
MAX_FAULTS = 20
"""Faults that one refusal names; a body may hold a million."""


def read_inputs(question: type[Question], raw: Inputs) -> Question:
    """A question from a user's inputs.

    Raises:
        NotUnderstood: with every fault that was found.
    """
    known = inputs_of(question)
    unknown = [name for name in raw if name not in known]
    faults: list[Fault] = [_unknown(name, known) for name in unknown[:MAX_FAULTS]]
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name in known:
            values[name], wrong = _value(question, known[name], value, MAX_FAULTS - len(faults))
            faults += wrong
    faults += [Fault(i.name, _expected(i), "nothing") for i in required(question) if i.name not in raw]
    faults += _unequal(values)
    if values.get("fields") is not None:
        faults += unknown_fields(question, values["fields"])
    if faults:
        raise NotUnderstood.of(*faults)
    return question(**values)


@functools.cache
def required(question: type[Question]) -> tuple[Input, ...]:
    """The inputs without which a question cannot be asked."""
    return tuple(entry for entry in inputs_of(question).values() if entry.required)


def require_known(question: type[Question], names: Iterable[str]) -> None:
    """Refuses columns of a table that are no inputs of `question`, at once and not row by row.

    Raises:
        NotUnderstood: with each of them.
    """
    known = inputs_of(question)
    faults = [_unknown(name, known) for name in names if name not in known]
    if faults:
        raise NotUnderstood.of(*faults[:MAX_FAULTS])


def _unknown(name: str, known: Mapping[str, Input]) -> Fault:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(n for n in known)}"
    return Fault(name[:60], f"a known input ({hint})", "an unknown one")


def _expected(entry: Input) -> str:
    if entry.choices:
        return f"one of {', '.join(entry.choices)}"
    if entry.meta.description:
        return entry.meta.description
    return entry.name


def _unequal(values: Mapping[str, Any]) -> list[Fault]:
    lengths = {name: len(v) for name, v in values.items() if type(v) not in SINGLE and in_columns(v)}
    if not lengths or len(set(lengths.values())) == 1:
        return []
    longest = max(lengths.values())
    return [
        Fault(n, f"a column of {longest} values like the longest, or a single value", f"{k} values")
        for n, k in lengths.items()
        if k != longest
    ]


def _value(question: type[Question], entry: Input, raw: object, room: int) -> tuple[Any, list[Fault]]:
    """The value of an input, and its faults: of a column as many as there is `room` for, one at least."""
    if hasattr(raw, "__array__"):  # an array, a Series of pandas or polars
        raw = np.asarray(raw)
        if raw.dtype != np.float64 or raw.ndim != 1:
            raw = raw.tolist()
    if isinstance(raw, tuple):
        raw = list(raw)
    if isinstance(raw, np.ndarray | list):
        return _column(question, entry, raw, room)
    try:
        return read_one(entry, raw), []
    except Unreadable as error:
        return None, [Fault(entry.name, error.expected, error.got)]


def _column(question: type[Question], entry: Input, raw: list[object] | Values, room: int) -> tuple[Any, list[Fault]]:
    if entry.option or not entry.numeric or question.curve:
        why = (
            "a single value; ask several curves by POST /v1/answers"
            if question.curve
            else "a single value for all rows"
        )
        return None, [Fault(entry.name, why, f"{len(raw)} values")]
    if not 0 < len(raw) <= MAX_ROWS:
        return None, [Fault(entry.name, f"1 to {MAX_ROWS} values", f"{len(raw)} values")]
    quick = _quick_column(entry, raw)
    if quick is not None:
        return quick, []
    values = np.empty((2, len(raw)))
    faults: list[Fault] = []
    for i, item in enumerate(raw.tolist() if isinstance(raw, np.ndarray) else raw):
        try:
            value = read_one(entry, item)
        except Unreadable as error:
            faults.append(Fault(f"{entry.name}[{i}]", error.expected, error.got))
            if len(faults) >= room:
                break
        else:
            values[:, i] = (value.low, value.high) if isinstance(value, Spread) else value
    ranges = (values[0] != values[1]).any()
    return (Spread(*values) if ranges and not faults else values[0]), faults


def _quick_column(entry: Input, raw: list[object] | Values) -> Any:
    """A column of plain in-range numbers at once; None where a value needs a closer look."""
    if not isinstance(raw, np.ndarray) and not {float, int}.issuperset(map(type, raw)):
        return None
    try:
        values = np.array(raw, dtype=np.float64)
    except OverflowError:
        return None
    low, high = entry.meta.ge, entry.meta.le
    inside = (
        np.isfinite(values).all() and (low is None or values.min() >= low) and (high is None or values.max() <= high)
    )
    return values if inside and entry.base is float else None


def read_one(entry: Input, raw: object) -> Any:
    """One value of the input's type, in its unit and range.

    Raises:
        Unreadable: it is none.
    """
    if raw is None:
        raise Unreadable(_expected(entry), "null")
    if entry.numeric:
        return _number(entry, raw)
    kept = type(raw) is str and entry.name != NOT_KEPT
    return (word_read if kept else _word)(entry, raw)


def _word(entry: Input, raw: object) -> Any:
    """One value of an input that is no number.

    Raises:
        Unreadable: it is none.
    """
    if entry.base is bool:
        return _flag(raw)
    if entry.choices:
        return _chosen(entry, raw)
    if entry.any_case and isinstance(raw, str):
        raw = AROUND_COMMA.sub(",", raw.strip().lower())
    try:
        return msgspec.convert(raw, typing.Annotated[str, entry.meta])
    except msgspec.ValidationError as error:
        raise Unreadable(f"a text: {_expected(entry)} ({str(error).removeprefix('Expected ')})", shown(raw)) from None


word_read = functools.lru_cache(TEXTS)(_word)
"""What a text says: domains, laws, fields and choices are few, and asked again and again."""


def _flag(raw: object) -> bool:
    if raw is True or raw == "true":
        return True
    if raw is False or raw == "false":
        return False
    raise Unreadable("true or false", shown(raw))


def _chosen(entry: Input, raw: object) -> str:
    """The choice that `raw` names, in capitals or not."""
    known = {choice.lower(): choice for choice in entry.choices}
    if not isinstance(raw, str) or raw.strip().lower() not in known:
        raise Unreadable(_expected(entry), shown(raw))
    return known[raw.strip().lower()]


def _number(entry: Input, raw: object) -> float | int | Spread:
    if isinstance(raw, str):
        read = read_range(raw, entry.kind) if entry.ranged else read_quantity(raw, entry.kind)
        if isinstance(read, Spread):
            _require_inside(entry, read.low, raw)
            _require_inside(entry, read.high, raw)
            return read
        value = read
    elif isinstance(raw, bool) or not isinstance(raw, int | float | np.number):
        raise Unreadable("a number", shown(raw))
    else:
        try:
            value = float(raw)
        except OverflowError:
            raise Unreadable("a finite number", "a number too large") from None
    if not math.isfinite(value):
        raise Unreadable("a finite number", shown(raw))
    _require_inside(entry, value, raw)
    if entry.base is int:
        if value != int(value):
            raise Unreadable("a whole number", shown(raw))
        return int(value)
    return value


def _require_inside(entry: Input, value: float, raw: object) -> None:
    """That a value is within the bounds of its input.

    Raises:
        Unreadable: it is not.
    """
    low, high = entry.meta.ge, entry.meta.le
    if (low is not None and value < low) or (high is not None and value > high):
        unit = f" {entry.quantity.unit}" if entry.quantity else ""
        percent = f", such as {high / 2:.6g} or {50 * high:.6g}%" if entry.kind == "share" and high is not None else ""
        raise Unreadable(f"{low:.6g} to {high:.6g}{unit}{percent}", shown(raw))
