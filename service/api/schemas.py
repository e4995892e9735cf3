"""JSON Schemas of what the service takes and gives, made from the questions' own annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from fitted_laws import Laws
from fitted_laws.answers.formats import SHARED, SHARED_BY_LAWS
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.options import ALL
from fitted_laws.quantities.spelling import MAX_TEXT, pattern
from fitted_laws.questions import Question
from service.api.discovery import unit_of

Schema: TypeAlias = dict[str, Any]

ALWAYS = ("domain", "law", "interval_source", "catalogue", "citation", "warnings")
"""Fields of every answer."""

PROBLEM: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457): expected, got, where, and what would work.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "the inputs at fault; `compute[1]` is the second value of a column",
            "items": {
                "type": "object",
                "required": ["field", "expected", "got"],
                "properties": {name: {"type": "string"} for name in ("field", "expected", "got")},
            },
        },
    },
}


def input_value(entry: Input, laws: Laws) -> Schema:
    """One value of an input, as a query, a cell or a JSON scalar gives it."""
    schema = {**_values(entry, laws), "description": entry.meta.description or entry.name}
    if entry.quantity:
        schema["x-unit"] = entry.quantity.unit
    if entry.default is not None:
        schema["default"] = entry.default
    return schema


def _values(entry: Input, laws: Laws) -> Schema:
    if entry.numeric:
        number = {
            "type": "integer" if entry.base is int else "number",
            "minimum": entry.meta.ge,
            "maximum": entry.meta.le,
        }
        return {
            "anyOf": [
                number,
                {"type": "string", "maxLength": MAX_TEXT, "pattern": pattern(entry.kind, ranged=entry.ranged)},
            ]
        }
    if entry.base is bool:
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false"]}]}
    if entry.name == "domain":
        return {"type": "string", "enum": [domain.id for domain in laws.domains]}
    if entry.name == "law":
        one = {"type": "string", "enum": [ALL, *dict.fromkeys(law.id for law in laws)]}
        return {"anyOf": [one, {"type": "string", "maxLength": entry.meta.max_length, "pattern": entry.meta.pattern}]}
    if entry.choices:
        return {"type": "string", "enum": list(entry.choices)}
    limits = {"minLength": entry.meta.min_length, "maxLength": entry.meta.max_length, "pattern": entry.meta.pattern}
    return {"type": "string", **{name: limit for name, limit in limits.items() if limit is not None}}


def columns_given(question: type[Question], laws: Laws) -> Schema:
    """The body of POST /v1/<question>: its inputs, those that are numbers also as columns."""
    entries = inputs_of(question).values()
    properties = {entry.name: _scalar_or_column(entry, question, laws) for entry in entries}
    required = [entry.name for entry in entries if entry.required]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _scalar_or_column(entry: Input, question: type[Question], laws: Laws) -> Schema:
    schema = input_value(entry, laws)
    if not entry.numeric or entry.option or question.curve:
        return schema
    column = {"type": "array", "minItems": 1, "items": {"anyOf": schema["anyOf"]}}
    return {**schema, "anyOf": [*schema["anyOf"], column]}


def answered(question: type[Question], example: Mapping[str, Any] | None) -> Schema:
    """A JSON answer: flat, or `rows` of a curve or of several laws; the types are those of the example's answer."""
    rows: Schema = {
        "type": "object",
        "description": "rows, and beside them what they share",
        "required": ["rows", "catalogue"],
        "properties": {"rows": {"type": "array", "minItems": 1, "items": record(question, first(example), ())}},
    }
    if question.curve:
        return rows
    return {"anyOf": [record(question, first(example), ALWAYS), rows]}


def first(example: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The first record of a plain answer, with what its rows share."""
    if example is None:
        return {}
    return {**example, **example["rows"][0]} if "rows" in example else example


def record(question: type[Question], example: Mapping[str, Any], required: Iterable[str]) -> Schema:
    """One flat answer; it may hold more fields than are named here."""
    names = [*question.answers, *(name for name in example if name not in question.answers and name != "rows")]
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: _field(name, example.get(name)) for name in names},
    }


def _field(name: str, value: object) -> Schema:
    unit = unit_of(name)
    schema = _typed(value)
    return {**schema, "x-unit": unit} if unit else schema


def _typed(value: object) -> Schema:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"type": ["boolean", "null"]}
    if isinstance(value, float | int):
        return {"type": ["number", "null"]}
    if isinstance(value, list):
        return {"type": "array", "items": {"type": "string"}}
    return {"type": ["string", "null"]}


_ARRAY: Schema = {"type": "array", "minItems": 1}


def columns_answered(shared: Iterable[str], doc: str) -> Schema:
    """An answer in columns: `shared` fields are one value, `warnings` are by sentence, every other is an array."""
    once = {name: {"type": ["number" if name == "level" else "string", "null"]} for name in shared}
    sentences = {
        "type": "object",
        "description": "the rows that a sentence is said of, counted from 0; none: all of them",
        "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    }
    return {
        "type": "object",
        "description": doc,
        "required": list(ALWAYS),
        "properties": {**dict.fromkeys(ALWAYS, _ARRAY), **once, "warnings": sentences},
        "additionalProperties": _ARRAY,
    }


COLUMNS: dict[str, Schema] = {
    "Columns": columns_answered(SHARED, "by one law: one value of what its rows share, an array of everything else"),
    "ColumnsByLaws": columns_answered(
        SHARED_BY_LAWS, "by several laws (`law=all`, `law=a,b`): an array of each field but two"
    ),
    "Arrays": {
        "type": "object",
        "deprecated": True,
        "description": "the former shape, by `shape=arrays`: one array a field; it goes with the next release",
        "required": list(ALWAYS),
        "additionalProperties": _ARRAY,
    },
}
"""What POST /v1/<question> answers, by the name of its component."""


def jsonable(content: object) -> Any:
    """`content` as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(content))


def json_text(content: object) -> str:
    """`content` as one line of JSON."""
    return msgspec.json.encode(content).decode()
