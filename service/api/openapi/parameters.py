"""The parameters of GET: a question's inputs and the options that its address takes; each is a component, named once."""

from __future__ import annotations

from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.questions import OPTIONS, Question, registry
from service.api.openapi import inputs
from service.api.openapi.schemas import Schema, class_name, ref

BY_ADDRESS = ("law", "fields", "field", "row")
"""Options that some addresses document and others do not."""
EVERYWHERE = tuple(name for name in OPTIONS if name not in (*BY_ADDRESS, *inputs.UNDOCUMENTED))
OF_FIELDS = ("json", "csv")
"""Formats of several fields; the others give one, by `field`."""
ONE_LAW = "the law that is to answer; without it the domain's default for the question and its inputs"
TAGS = "If-None-Match"
COMMAS = {"style": "form", "explode": False}
"""A list is written with commas: a parameter that comes twice is refused."""


def components() -> dict[str, Schema]:
    """Every parameter, by the name of its component."""
    first = next(iter(registry.QUESTIONS.values()))
    entries = inputs_of(first)
    shared = {name: _of_input(entries[name]) for name in (*EVERYWHERE, "row")}
    shared["law"] = {**_parameter("law", inputs.value_or_list(entries["law"], first)), **COMMAS}
    for name in (inputs.LAW, inputs.LAW_OF_PARAMS):
        shared[name] = {**_parameter("law", {**ref(name), "description": ONE_LAW}), **COMMAS}
    doc = "tags held already: 304 where one is right"
    shared[TAGS] = _parameter(TAGS, {"type": "string", "description": doc}, place="header")
    for question in registry.QUESTIONS.values():
        shared |= _of_question(question)
    return shared


def _of_question(question: type[Question]) -> dict[str, Schema]:
    """The inputs of one question, and which fields of its answer are wanted."""
    entries = inputs_of(question)
    named = {name: _of_input(entry) for name, entry in entries.items() if not entry.option}
    for name in named.keys() & question.example.keys():
        named[name]["example"] = question.example[name]
    named["fields"] = {**_parameter("fields", inputs.value_or_list(entries["fields"], question)), **COMMAS}
    field = {**ref(f"{class_name(question.name)}Field"), "description": entries["field"].meta.description}
    named["field"] = _parameter("field", field)
    return {f"{question.name}_{name}": parameter for name, parameter in named.items()}


def _of_input(entry: Input) -> Schema:
    default = {} if entry.default is None else {"default": entry.default}
    return _parameter(entry.name, {**inputs.value(entry), **default}, required=entry.required)


def _parameter(name: str, schema: Schema, *, required: bool = False, place: str = "query") -> Schema:
    description = schema.pop("description")
    return {"name": name, "in": place, "required": required, "description": description, "schema": schema}


def of_address(question: type[Question], suffix: str | None) -> list[Schema]:
    """References to the parameters of an address: at the bare one a law alone answers, with all its fields."""
    own = [f"{question.name}_{entry.name}" for entry in inputs_of(question).values() if not entry.option]
    names = [*own, inputs.one_law(question) if suffix is None else "law", *EVERYWHERE]
    if suffix in OF_FIELDS:
        names.append(f"{question.name}_fields")
    elif suffix is not None:
        names += [f"{question.name}_field", *(["row"] if suffix == "txt" else [])]
    return [ref(name, "parameters") for name in (*names, TAGS)]
