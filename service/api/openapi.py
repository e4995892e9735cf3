"""The OpenAPI 3.1 document: every address with its inputs, ranges, examples and errors, made from the registries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fitted_laws import Laws, Problem, __version__
from fitted_laws.answers.formats import Format
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.questions import OPTIONS, Question, registry
from service.api import schemas
from service.api.bodies import CSV, NDJSON
from service.api.formats import formats_of
from service.api.post import ARRAYS, SHAPE
from service.api.schemas import Schema
from service.protocol.messages import JSON
from service.protocol.problems import KINDS, MEDIA_TYPE
from service.settings import Settings

DESCRIPTION = """Expected loss, the best size for a budget, tokens for a target: each answer by one published law, with its interval,
its fitted range and its citation.

A number is plain (`1e21`) or has a suffix (`70B`, `3 PF-days`, `3000 H100-days@40%`); without one it is in the unit given as `x-unit`.
Unknown and repeated parameters are refused. HEAD and OPTIONS are answered wherever GET is.
Answers carry an `ETag`; `If-None-Match` gives 304."""

DOCUMENTED = tuple(name for name in OPTIONS if name != "errors")
"""Options that are parameters here; `errors` turns problems into 200, which no schema can say: the description does."""
OF_FIELDS = ("json", "csv")
"""Formats of several fields; the others give one, by `field`."""
IN_CELLS = "`errors=text` answers 200 with `#ERR: why` in place of a problem, for cells that show no other errors."

FORMER_SHAPE: Schema = {
    "name": SHAPE,
    "in": "query",
    "deprecated": True,
    "description": "columns in their former shape, one array a field; for one release",
    "schema": {"type": "string", "enum": [ARRAYS]},
}

PLACES = {
    "/v1/questions": "Every question: inputs, units, ranges, an example, fields of the answer",
    "/v1/domains": "Every domain and its laws, preferred first",
    "/v1/laws": "Every law: what it covers and where it comes from",
    "/v1/accelerators": "Every accelerator: peak FLOP/s, memory, power, source",
}


def document(laws: Laws, settings: Settings) -> dict[str, Any]:
    """The whole document."""
    questions = list(registry.QUESTIONS.values())
    answers = {question.name: answer for question in questions if (answer := _answer(question, laws))}
    paths: dict[str, Any] = {}
    for question in questions:
        paths |= _question(question, laws, settings, answered=question.name in answers)
    paths["/v1/answers"] = {"post": _list(settings)}
    for path, text in PLACES.items():
        paths[path] = {"get": _fixed(path, text, JSON, {"type": "array"})}
        paths[f"{path}.csv"] = {"get": _fixed(f"{path}_csv", f"{text}, as CSV", CSV, {"type": "string"})}
    paths["/v1/laws/{id}"] = {"get": _law(laws)}
    paths |= _health()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fitted Laws",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.public_url.rstrip("/") or "/"}],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": schemas.PROBLEM,
                **schemas.COLUMNS,
                **{
                    f"{question.name}_answer": schemas.answered(question, answers.get(question.name))
                    for question in questions
                },
            },
            "parameters": {
                "shape": FORMER_SHAPE,
                **_options(laws),
                **{name: p for question in questions for name, p in _inputs(question, laws).items()},
            },
            "examples": {name: {"value": answer} for name, answer in answers.items()},
            "responses": {kind.slug: _problem(kind.title, kind.doc) for kind in KINDS.values()},
            "headers": {
                "ETag": {"description": "follows from laws, version and question", "schema": {"type": "string"}}
            },
        },
    }


def _problem(title: str, doc: str) -> Schema:
    return {
        "description": f"{title}. {doc}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _errors(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"$ref": f"#/components/responses/{KINDS[status].slug}"}
        for status in dict.fromkeys((*statuses, 401, 429, 500, 503))
    }


def _options(laws: Laws) -> dict[str, Any]:
    """The options of every question, and the header of conditional requests."""
    entries = inputs_of(next(iter(registry.QUESTIONS.values())))
    parameters = {
        name: _parameter(name, required=False, schema=schemas.input_value(entries[name], laws)) for name in DOCUMENTED
    }
    doc = "tags held already: 304 where one is right"
    parameters["If-None-Match"] = {
        "name": "If-None-Match",
        "in": "header",
        "description": doc,
        "schema": {"type": "string"},
    }
    return parameters


def _parameter(name: str, *, required: bool, schema: Schema, place: str = "query") -> Schema:
    described = {"name": name, "in": place, "required": required, "schema": schema}
    return {**described, "description": schema["description"]} if "description" in schema else described


def _inputs(question: type[Question], laws: Laws) -> dict[str, Schema]:
    """The parameters of one question beside the options, by the name of their component."""
    parameters = {}
    for entry in inputs_of(question).values():
        if not entry.option:
            parameter = _parameter(entry.name, required=entry.required, schema=schemas.input_value(entry, laws))
            example = {"example": question.example[entry.name]} if entry.name in question.example else {}
            parameters[f"{question.name}_{entry.name}"] = {**parameter, **example}
    return parameters


def _question(question: type[Question], laws: Laws, settings: Settings, *, answered: bool) -> dict[str, Any]:
    """The paths of one question: bare, and under every suffix."""
    paths = {
        f"/v1/{question.name}.{suffix}": {"get": _get(question, form, laws, answered=answered)}
        for suffix, form in formats_of(question).items()
    }
    bare = {**paths[f"/v1/{question.name}.json"]["get"], "operationId": question.name}
    return {f"/v1/{question.name}": {"get": bare, "post": _post(question, laws, settings)}, **paths}


def _answer(question: type[Question], laws: Laws) -> dict[str, Any] | None:
    """The answer to the question's example, where the laws at hand have one."""
    try:
        return answering.answer(registry.read(question.name, question.example), laws).plain()
    except Problem:
        return None


def _get(question: type[Question], form: Format, laws: Laws, *, answered: bool) -> Schema:
    options = [name for name in DOCUMENTED if name != "fields" or form.suffix in OF_FIELDS]
    names = [*_inputs(question, laws), *options, "If-None-Match"]
    body: Schema = {"schema": {"type": "string"}}
    if form.media_type == JSON:
        body = {"schema": {"$ref": f"#/components/schemas/{question.name}_answer"}}
        body |= {"examples": {"answer": {"$ref": f"#/components/examples/{question.name}"}}} if answered else {}
    return {
        "operationId": f"{question.name}_{form.suffix}",
        "summary": question.in_words(),
        **({"description": IN_CELLS} if form.media_type.startswith("text/plain") else {}),
        "tags": [question.name],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": {**_tagged(form.media_type, body), **_errors(400, 404, 405, 422)},
    }


def _tagged(media_type: str, body: Schema) -> dict[str, Any]:
    """200 with a tag, and 304."""
    headers = {"ETag": {"$ref": "#/components/headers/ETag"}}
    answer = {"description": "The answer", "headers": headers, "content": {media_type.partition(";")[0]: body}}
    return {"200": answer, "304": {"description": "The client's copy is the answer", "headers": headers}}


def _post(question: type[Question], laws: Laws, settings: Settings) -> Schema:
    names = [entry.name for entry in inputs_of(question).values() if entry.name in question.example]
    table = "\n".join([",".join(names), ",".join(str(question.example[name]) for name in names)]) + "\n"
    lines = schemas.jsonable(question.example)
    bodies: Schema = {
        JSON: {"schema": schemas.columns_given(question, laws), "example": lines},
        CSV: {"schema": {"description": "a header of input names, one question a row"}, "example": table},
        NDJSON: {"schema": {"description": f"one object of inputs a line, such as {schemas.json_text(lines)}"}},
    }
    text = {"schema": {"type": "string"}}
    columns = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in schemas.COLUMNS]}
    answers = {JSON: {"schema": columns}, CSV: text, NDJSON: text}
    return {
        "operationId": f"{question.name}_columns",
        "summary": f"{question.in_words()} In columns, all or nothing; or one question a line, each answered or with its error.",
        "description": f"At most {settings.max_rows} rows, or {settings.max_items} questions. "
        "Inputs in the query are defaults of the rows.",
        "tags": [question.name],
        "parameters": [{"$ref": "#/components/parameters/shape"}],
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": {"description": "Answers, in kind", "content": answers},
            **_errors(400, 404, 405, 408, 413, 415, 422),
        },
    }


def _list(settings: Settings) -> Schema:
    example = [
        {"question": name, **schemas.jsonable(question.example)}
        for name, question in list(registry.QUESTIONS.items())[:2]
    ]
    item = {
        "description": "an object: `question`, and that question's inputs beside it; anything else gets a problem in its place"
    }
    answers = {"type": "array", "items": {"type": "object", "description": "an answer, or the problem of its question"}}
    return {
        "operationId": "answers",
        "summary": "Several questions at once; one that fails carries its problem in its place.",
        "description": f"At most {settings.max_items} questions, and {settings.max_rows} rows in all. "
        "Inputs in the query are defaults of the items; an item in columns is answered in columns.",
        "tags": ["lists"],
        "parameters": [{"$ref": "#/components/parameters/shape"}],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"type": "array", "items": item}, "example": example}},
        },
        "responses": {
            "200": {"description": "One item a question", "content": {JSON: {"schema": answers}}},
            **_errors(400, 405, 408, 413, 415),
        },
    }


def _fixed(path: str, text: str, media_type: str, schema: Schema) -> Schema:
    return {
        "operationId": path.strip("/").replace("/", "_"),
        "summary": text,
        "tags": ["discovery"],
        "parameters": [{"$ref": "#/components/parameters/If-None-Match"}],
        "responses": {**_tagged(media_type, {"schema": schema}), **_errors(400, 405)},
    }


def _law(laws: Laws) -> Schema:
    ids = list(dict.fromkeys(law.id for law in laws))
    operation = _fixed(
        "/v1/laws/id", "All that a law holds, as a law file", JSON, {"type": "object", "required": ["id"]}
    )
    parameter = _parameter("id", required=True, schema={"type": "string", "enum": ids}, place="path")
    operation["parameters"] = [{**parameter, "example": ids[0]} if ids else parameter, *operation["parameters"]]
    operation["responses"]["200"]["content"]["text/html"] = {
        "schema": {"type": "string", "description": "the law as a page"}
    }
    operation["responses"] |= _errors(404)
    return operation


def _health() -> dict[str, Any]:
    return {path: {"get": _check(path, text, statuses)} for path, text, statuses in CHECKS}


CHECKS: tuple[tuple[str, str, Iterable[int]], ...] = (
    ("/health/live", "Whether the process answers", ()),
    ("/health/ready", "Whether published numbers come out; 503 names those that do not", (503,)),
)


def _check(path: str, text: str, statuses: Iterable[int]) -> Schema:
    body = {"schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}}
    return {
        "operationId": path.strip("/").replace("/", "_"),
        "summary": text,
        "tags": ["health"],
        "responses": {"200": {"description": "Well", "content": {JSON: body}}, **_errors(400, 405, *statuses)},
    }
