"""Schemas of what a question takes: one value by GET, values and columns by POST."""

from __future__ import annotations

import functools

from fitted_laws import Laws
from fitted_laws.asking.fields import known_fields
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.options import ALL
from fitted_laws.quantities.spelling import MAX_TEXT, RANGES, how_written, pattern
from fitted_laws.questions import Question, registry
from service.api.openapi.schemas import Schema, array, class_name, enumeration, ref

DOMAIN, LAW, LAW_OF_PARAMS, ANY_LAW, LAWS = "Domain", "LawId", "LawIdOfParams", "LawIdOrAll", "LawIds"
UNDOCUMENTED = ("errors", "key")
"""Options that are said elsewhere: `errors` turns problems into 200, which no schema can say; `key` is a security scheme."""


def components(laws: Laws) -> dict[str, Schema]:
    """What inputs of several questions share, by name: domains, laws, choices, how numbers are written."""
    ids = list(dict.fromkeys(law.id for law in laws))
    of_params = (law.id for law in laws if not law.has("flops-allocation"))
    shared = {
        DOMAIN: enumeration((domain.id for domain in laws.domains), "what is modelled; /v1/domains lists them"),
        LAW: enumeration(ids, "one law; /v1/laws lists them"),
        LAW_OF_PARAMS: enumeration(of_params, "one law that allocates parameters, not FLOP a token"),
        ANY_LAW: enumeration([ALL, *ids], "one law, or `all`: every law that can answer"),
    }
    for question in registry.QUESTIONS.values():
        for entry in inputs_of(question).values():
            if entry.numeric:
                shared[_text_name(entry)] = _text(entry)
            elif entry.name == "law":
                shared[LAWS] = _limited(entry)
            elif entry.choices and entry.name not in UNDOCUMENTED:
                shared[_choice_names()[entry.choices]] = enumeration(entry.choices)
    return dict(sorted(shared.items()))


def components_of(question: type[Question]) -> dict[str, Schema]:
    """What one question takes, by name: the fields that it can be told to show, and the body of its POST."""
    title = class_name(question.name)
    return {
        f"{title}Field": enumeration(known_fields(question), f"a field of an answer to {question.name}"),
        f"{title}Inputs": body(question),
    }


def choice_of(name: str) -> Schema:
    """The choices of the input `name`, whichever question has it."""
    entries = (inputs_of(question).get(name) for question in registry.QUESTIONS.values())
    return next(_plain(entry) for entry in entries if entry is not None)


@functools.cache
def _choice_names() -> dict[tuple[str, ...], str]:
    """The name of each set of choices: that of the first input that has it."""
    names: dict[tuple[str, ...], str] = {}
    for question in registry.QUESTIONS.values():
        for entry in inputs_of(question).values():
            if entry.choices:
                names.setdefault(entry.choices, class_name(entry.name))
    return names


def value(entry: Input) -> Schema:
    """One value of an input, as a query, a cell or a JSON scalar gives it."""
    unit = {"x-unit": entry.quantity.unit} if entry.quantity else {}
    return {**_plain(entry), "description": entry.meta.description or entry.name, **unit}


def _plain(entry: Input) -> Schema:
    if entry.numeric:
        kind = "integer" if entry.base is int else "number"
        return {"anyOf": [{"type": kind, "minimum": entry.meta.ge, "maximum": entry.meta.le}, ref(_text_name(entry))]}
    if entry.base is bool:
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false"]}]}
    if entry.name in ("domain", "law"):
        return ref(DOMAIN if entry.name == "domain" else LAWS)
    return ref(_choice_names()[entry.choices]) if entry.choices else _limited(entry)


def one_law(question: type[Question]) -> str:
    """The component of the laws that answer with a number for its headline, where they answer."""
    return LAW_OF_PARAMS if question.headline == "params" else LAW


def value_or_list(entry: Input, question: type[Question]) -> Schema:
    """Several laws, or fields, as one text with commas between them, or as a list."""
    member = ref(ANY_LAW) if entry.name == "law" else ref(f"{class_name(question.name)}Field")
    schema = value(entry)
    description = schema.pop("description")
    return {"anyOf": [schema, array(member)], "description": description}


def body(question: type[Question]) -> Schema:
    """The body of POST /v1/<question>: its inputs, those that are numbers also as columns."""
    entries = [entry for entry in inputs_of(question).values() if entry.name not in UNDOCUMENTED]
    return {
        "type": "object",
        "description": f"what {question.name} is asked: values, or columns of one value a row",
        "additionalProperties": False,
        "required": [entry.name for entry in entries if entry.required],
        "properties": {entry.name: _value_or_column(entry, question) for entry in entries},
    }


def _value_or_column(entry: Input, question: type[Question]) -> Schema:
    schema = value(entry)
    if entry.numeric and not entry.option and not question.curve:
        schema["anyOf"] = [*schema["anyOf"], array({"anyOf": schema["anyOf"]})]
    return schema


def _limited(entry: Input) -> Schema:
    """Any text within the limits of `entry`."""
    limits = {"minLength": entry.meta.min_length, "maxLength": entry.meta.max_length, "pattern": entry.meta.pattern}
    return {"type": "string", **{name: limit for name, limit in limits.items() if limit is not None}}


def _text_name(entry: Input) -> str:
    return f"{class_name(entry.kind)}{'Range' if entry.ranged else ''}Text"


def _text(entry: Input) -> Schema:
    """A number as a text: the very grammar by which it is read."""
    return {
        "type": "string",
        "description": how_written(entry.kind) + (RANGES if entry.ranged else ""),
        "maxLength": MAX_TEXT,
        "pattern": pattern(entry.kind, ranged=entry.ranged),
    }
