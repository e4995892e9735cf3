"""Answers in columns, as JSON: what all rows share once, every other field as an array of one value a row.

Numbers go from their arrays to text by orjson: an eighth of what it takes through Python's floats.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import numpy as np
import orjson

from fitted_laws import Answer
from fitted_laws.answers.formats import SHARED, SHARED_BY_LAWS, by_sentence
from fitted_laws.forms import Values
from fitted_laws.solving.categories import Categories, taken
from fitted_laws.solving.solution import Column, nulled

FEW = 1000
"""Values that many rows may share, so that it pays to encode each once."""
BLOCK = 1000
"""Equal values that are written at once."""
EXPONENTS = 1e15
"""Numbers below have no positive exponent as texts."""

_encode = msgspec.json.Encoder().encode


def as_columns(answer: Answer, *, several_laws: bool, varying: Collection[str] | None = None) -> bytes:
    """One object: `SHARED` fields once, every other as an array of one value a row, and `warnings` by sentence.

    Which fields are shared depends on whether several laws were asked, never on the values. Only where `varying` is given, any
    other field is one value as well where all rows agree, but those named there.
    """
    once = set(SHARED_BY_LAWS if several_laws else SHARED)
    if varying is not None:
        once.update(name for name in answer.names if name not in varying and _agree(answer.columns[name]))
    pieces: list[bytes] = []
    for name in answer.names:
        value = answer.columns[name]
        pieces += [b"," if pieces else b"{", _encode(name), b":"]
        if name == "warnings":
            pieces.append(_encode(by_sentence(answer.column(name))))
        elif name in once:
            pieces.append(
                _encode(
                    nulled(value[:1])[0]
                    if isinstance(value, np.ndarray)
                    else value[0]
                    if isinstance(value, list)
                    else value
                )
            )
        else:
            pieces += _array(value, answer.size)
    return b"".join([*pieces, b"}"])


def _agree(value: Column) -> bool:
    """Whether all rows have the same value."""
    if isinstance(value, np.ndarray):
        return bool((value == value[0]).all() or np.isnan(value).all())
    if isinstance(value, Categories):
        return bool((value.codes == value.codes[0]).all())
    return not isinstance(value, list) or all(each == value[0] for each in value)


def as_arrays(answer: Answer) -> bytes:
    """One object of one array a field: the former shape of columns."""
    pieces: list[bytes] = []
    for name in answer.names:
        pieces += [b"," if pieces else b"{", _encode(name), b":"]
        pieces += _array(answer.columns[name], answer.size)
    return b"".join([*pieces, b"}"])


def _array(value: Column, size: int) -> Iterator[bytes]:
    """The pieces of a column's array: no large one is made of others, since memory that is new costs more than what is
    written there.
    """
    if isinstance(value, np.ndarray):
        if value.strides == (0,):  # one value for all rows
            yield from _repeated(_numbers(value[:1])[1:-1], size)
        else:
            yield _numbers(value)
    elif isinstance(value, list):
        yield from _listed(value)
    else:
        yield from _repeated(_encode(value), size)


def _numbers(values: Values) -> bytes:
    """An array of numbers, NaN as null: the same texts as one by one, which have no plus in their exponents."""
    if values.dtype != np.float64:
        return _encode(nulled(values))
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    return text.translate(None, b"+") if (np.abs(values) >= EXPONENTS).any() else text


def _listed(elements: list[Any]) -> Iterator[bytes]:
    """An array of elements of which many are the same object, or of few that are not."""
    known = Categories.of(elements)
    if len(known.kinds) > FEW:
        yield _encode(elements)
    elif len(known.kinds) == 1:
        yield from _repeated(_encode(known.kinds[0]), len(elements))
    else:
        yield from (b"[", b",".join(taken(map(_encode, known.kinds), known.codes)), b"]")


def _repeated(text: bytes, times: int) -> Iterator[bytes]:
    """An array of the same element so many times, made of blocks."""
    blocks, others = divmod(times - 1, BLOCK)
    yield b"[" + text
    yield from itertools.repeat((b"," + text) * BLOCK, blocks)
    yield (b"," + text) * others + b"]"
