"""Answers in columns, as JSON: what all rows share once, every other field as an array of one value a row.

Numbers go from their arrays to text by orjson: an eighth of what it takes through Python's floats.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

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


def as_columns(answer: Answer, *, several_laws: bool, varying: Collection[str] | None = None) -> Iterator[bytes]:
    """The pieces of one object: `SHARED` fields once, every other as an array of one value a row, and `warnings` by sentence.

    Which fields are shared depends on whether several laws were asked, never on the values. Only where `varying` is given, any
    other field is one value as well where all rows agree, but those named there.
    """
    once = set(SHARED_BY_LAWS if several_laws else SHARED)
    if varying is not None:
        once.update(name for name in answer.names if name not in varying and _agree(answer.columns[name]))
    for number, name in enumerate(answer.names):
        value = answer.columns[name]
        yield (b"," if number else b"{") + _encode(name) + b":"
        if name == "warnings":
            yield from _sentences(value)
        elif name in once:
            yield _encode(_first(value))
        else:
            yield from _array(value, answer.size)
    yield b"}"


def _first(value: Column) -> Any:
    """The value of the first row."""
    if isinstance(value, np.ndarray):
        return nulled(value[:1])[0]
    if isinstance(value, Categories):
        return value.first
    return value[0] if isinstance(value, list) else value


def _sentences(warnings: Categories | Sequence[list[str]]) -> Iterator[bytes]:
    """An object of the rows that each sentence is said of; none where it is said of all."""
    between = b"{"
    for text, rows in by_sentence(warnings).items():
        yield between + _encode(text) + b":" + orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)
        between = b","
    yield b"{}" if between == b"{" else b"}"


def _agree(value: Column) -> bool:
    """Whether all rows have the same value."""
    if isinstance(value, np.ndarray):
        return bool((value == value[0]).all() or np.isnan(value).all())
    if isinstance(value, Categories):
        return bool((value.codes == value.codes[0]).all())
    return not isinstance(value, list) or all(each == value[0] for each in value)


def as_arrays(answer: Answer) -> Iterator[bytes]:
    """The pieces of one object of one array a field: the former shape of columns."""
    for number, name in enumerate(answer.names):
        yield (b"," if number else b"{") + _encode(name) + b":"
        yield from _array(answer.columns[name], answer.size)
    yield b"}"


def _array(value: Column, size: int) -> Iterator[bytes]:
    """The pieces of a column's array: no large one is made of others, since memory that is new costs more than what is
    written there.
    """
    if isinstance(value, np.ndarray):
        if value.strides == (0,):  # one value for all rows
            yield from _repeated(_numbers(value[:1])[1:-1], size)
        else:
            yield _numbers(value)
    elif isinstance(value, Categories | list):
        yield from _listed(value)
    else:
        yield from _repeated(_encode(value), size)


def _numbers(values: Values) -> bytes:
    """An array of numbers, NaN as null: the same texts as one by one, which have no plus in their exponents."""
    if values.dtype != np.float64:
        return _encode(nulled(values))
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    return text if values.min() > -EXPONENTS and values.max() < EXPONENTS else text.translate(None, b"+")


def _listed(elements: Categories | list[Any]) -> Iterator[bytes]:
    """An array of elements of which many are the same object, or of few that are not."""
    known = Categories.of(elements)
    if len(known.kinds) > FEW:
        yield _encode(known.tolist())
    elif len(known.kinds) == 1:
        yield from _repeated(_encode(known.kinds[0]), len(known))
    else:
        yield from _coded([_encode(kind) for kind in known.kinds], known.codes)


def _coded(texts: Sequence[bytes], codes: NDArray[np.intp]) -> Iterator[bytes]:
    """An array of `texts` by number, (rows,): as many rows at once as have few different texts."""
    together = max(1, int(np.log(FEW) / np.log(len(texts))))
    whole = len(codes) // together * together
    weights = len(texts) ** np.arange(together - 1, -1, -1)
    blocks = [b",".join(block) for block in itertools.product(texts, repeat=together)]
    written = taken(blocks, codes[:whole].reshape(-1, together) @ weights)
    yield b"[" + b",".join([*written, *taken(texts, codes[whole:])]) + b"]"


def _repeated(text: bytes, times: int) -> Iterator[bytes]:
    """An array of the same element so many times, made of blocks."""
    blocks, others = divmod(times - 1, BLOCK)
    yield b"[" + text
    yield from itertools.repeat((b"," + text) * BLOCK, blocks)
    yield (b"," + text) * others + b"]"
