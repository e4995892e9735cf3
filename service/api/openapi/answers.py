"""Schemas of what is answered: one law's answer, rows, columns and problems; each field by the glossary."""

from __future__ import annotations

from collections.abc import Iterable

from fitted_laws.answers.formats import SHARED, SHARED_BY_LAWS
from fitted_laws.asking.fields import known_fields
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.asking.question import interval_of
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.questions import Question
from fitted_laws.solving.extrapolation import BEYOND, FAR, INSIDE, NEAR, UNKNOWN
from service.api.openapi.schemas import Schema, array, class_name, enumeration, ref

ALWAYS = ("domain", "law", "interval_source", "catalogue", "citation", "warnings")
"""Fields of every answer that no `fields` cut down."""
BESIDE = ("law", "warnings", "catalogue")
"""Fields of every answer."""
OF_POINTS = ("domain", "law", "warnings")
"""Fields of every point of a curve, beside what its points share."""
NEVER_NULL = ("domain", "catalogue", "warnings")
WORDS = {"text": "string", "true or false": "boolean"}
"""JSON's types of fields that are no numbers, by their unit."""
REACH, SENTENCES, ONE_LAW, SEVERAL_LAWS = "Reach", "RowsBySentence", "SharedByOneLaw", "SharedBySeveralLaws"

PROBLEM: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457): expected, got, where, and what would work.",
        "required": ["type", "title", "status", "detail", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "where this kind is described"},
            "title": {"type": "string", "description": "the kind in words"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "the status of the reply"},
            "detail": {"type": "string", "description": "what was expected, what came, and what would work"},
            "errors": {"type": "array", "description": "the inputs at fault", "items": ref("Fault")},
        },
    },
    "Fault": {
        "type": "object",
        "description": "An input at fault.",
        "required": ["field", "expected", "got"],
        "properties": {
            "field": {"type": "string", "description": "its name; `compute[1]` is the second value of a column"},
            "expected": {"type": "string", "description": "what would be understood"},
            "got": {"type": "string", "description": "what came"},
        },
    },
}


def components() -> dict[str, Schema]:
    """What answers to all questions share, by name."""
    text, texts = {"type": ["string", "null"]}, array({"type": ["string", "null"]})
    names = dict.fromkeys((*SHARED, *SHARED_BY_LAWS))
    single = {name: {"type": ["number", "null"]} if name == "level" else text for name in names}
    return {
        **PROBLEM,
        REACH: enumeration((INSIDE, NEAR, FAR, BEYOND, UNKNOWN), _meaning("reach")),
        SENTENCES: {
            "type": "object",
            "description": "by sentence, the rows that it is said of, counted from 0; none: all of them",
            "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
        ONE_LAW: {
            "type": "object",
            "description": "what columns by one law give once",
            "properties": single,
        },
        SEVERAL_LAWS: {
            "type": "object",
            "description": "by several laws a value a row of all but two",
            "properties": {name: single[name] if name in SHARED_BY_LAWS else texts for name in names},
        },
        "AnyAnswer": {
            "type": "object",
            "description": "an answer of one row, `rows`, or columns, as the question's own address gives it",
            "required": ["catalogue"],
            "properties": {"catalogue": {"type": "string", "description": _meaning("catalogue")}},
            "additionalProperties": True,
        },
    }


def components_of(question: type[Question]) -> dict[str, Schema]:
    """What one question is answered, by name: by one law, as `rows`, a row of these, and in columns."""
    title = class_name(question.name)
    one = {f"{title}Answer": _rows(question, f"{title}Point"), f"{title}Point": _answer(question, OF_POINTS)}
    return {
        **(one if question.curve else {f"{title}Answer": _answer(question, ALWAYS)}),
        f"{title}Row": _record(
            question, f"one row of an answer to {question.name}: the fields that were named, or all"
        ),
        f"{title}Rows": _rows(question, f"{title}Row"),
        f"{title}Columns": _columns(question),
    }


def _answer(question: type[Question], required: Iterable[str]) -> Schema:
    """One law's answer with all its fields: the headline is there, and is a number, but where laws have another in its place."""
    record = _record(question, f"one law's answer to {question.name}; its headline is `{question.headline}`")
    always = [*([] if question.instead else [question.headline]), *required]
    for name in always:
        if name in (question.headline, *NEVER_NULL):
            record["properties"][name] = _field(name, question, null=False)
    return {**record, "required": always}


def _record(question: type[Question], doc: str) -> Schema:
    return {
        "type": "object",
        "description": doc,
        "properties": {name: _field(name, question) for name in _names(question)},
    }


def _names(question: type[Question]) -> list[str]:
    """Every field that an answer may have, the question's own before the others."""
    known = known_fields(question)
    return [*question.answers, *(name for name in known if name not in question.answers)]


def _rows(question: type[Question], row: str) -> Schema:
    shared = [name for name in _names(question) if interval_of(name) is None and name != "warnings"]
    return {
        "type": "object",
        "description": "rows, and beside them what they share",
        "required": ["rows", "catalogue"],
        "properties": {
            "rows": array(ref(row)),
            **{name: _field(name, question, null=name != "catalogue") for name in shared},
        },
    }


def _columns(question: type[Question]) -> Schema:
    """An answer in columns: what all rows share is one value, `warnings` are by sentence, every other field is an array."""
    several = {"properties": {"law": {"type": "array", "items": True}}, "required": ["law"]}
    return {
        "type": "object",
        "description": f"answers to {question.name} in columns: an array of one value a row; what all rows share, once",
        "required": list(BESIDE),
        "properties": {name: _column(name, question) for name in _names(question)},
        "if": several,
        "then": ref(SEVERAL_LAWS),
        "else": ref(ONE_LAW),
    }


def _column(name: str, question: type[Question]) -> Schema:
    field = _field(name, question)
    described: Schema = {key: field.pop(key) for key in ("description", "x-unit") if key in field}
    if name == "warnings":
        return {**ref(SENTENCES), **described}
    if name in SHARED_BY_LAWS:
        return {**field, **described}
    if name in SHARED:
        return {"anyOf": [field, array(field)], **described}
    return {**array(field), **described}


def _field(name: str, question: type[Question], *, null: bool = True) -> Schema:
    """A field: its type, meaning and unit; which words a text may hold is left open, since a server may know more than its client."""
    entry = inputs_of(question).get(name)
    quantity = quantity_of(name) or (entry.quantity if entry else None)
    described = {"description": _meaning(name) or (entry.meta.description if entry else None) or name}
    if name == "warnings":
        return {"type": "array", "items": {"type": "string"}, **described}
    if name == "reach":
        return {"anyOf": [ref(REACH), {"type": "null"}], **described}
    kind = WORDS.get(quantity.unit, "number") if quantity else "string"
    if entry is not None and entry.base is bool:
        kind = "boolean"
    unit = {"x-unit": quantity.unit} if quantity and kind == "number" else {}
    return {"type": [kind, "null"] if null else kind, **described, **unit}


def _meaning(name: str) -> str:
    """What the glossary says of a field; of an end of an interval, whose end it is."""
    quantity = quantity_of(name)
    field, _, end = name.rpartition("_")
    if end in ("low", "high") and quantity_of(field):
        return f"{'lower' if end == 'low' else 'upper'} end of the interval of `{field}`, at `level`"
    return quantity.meaning if quantity else ""
