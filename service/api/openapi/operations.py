"""The operations of questions: GET at the bare address and under every suffix, POST in columns, and the list of questions."""

from __future__ import annotations

from typing import Any

from fitted_laws import Laws, Problem
from fitted_laws.answers.formats import Format
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.plots.curves import formats_of
from fitted_laws.questions import Question, registry
from service.api.bodies import CSV, NDJSON
from service.api.openapi import parameters
from service.api.openapi.replies import errors, tagged
from service.api.openapi.schemas import Schema, class_name, json_text, jsonable, ref
from service.protocol.messages import JSON
from service.settings import Settings

LISTS = "lists"
"""The tag of the address where questions are asked in a list."""
OF_ONE_LAW = "One law answers, with all its fields"
OF_SEVERAL = (
    "Takes several laws (`law`), which give a row each in `rows`, and names of the fields that are wanted (`fields`)."
)
IN_CELLS = "`errors=text` answers 200 with `#ERR: why` in place of a problem, for cells that show no other errors."
DOCS = {
    "json": OF_SEVERAL,
    "csv": f"A header and a row an answer. {OF_SEVERAL}",
    "txt": f"One bare number: the headline, or `field`; of rows the first, or `row`. {IN_CELLS}",
    "svg": "The curve as a plot, of the loss or of `field`.",
}
"""What an address under a suffix gives, by the suffix."""
DEFAULTS = (
    "Inputs in the query are defaults of the rows. `shape=broadcast` there gives a field of columns as one value where all rows agree, "
    "but for the inputs that were sent as columns; `shape=arrays` gives columns in their former shape, for one release."
)


def answers(laws: Laws) -> dict[str, dict[str, Any]]:
    """The answers to the examples of questions, by question, where the laws at hand have one."""
    found = {}
    for name, question in registry.QUESTIONS.items():
        try:
            found[name] = answering.answer(registry.read(name, question.example), laws).plain()
        except Problem:
            continue
    return found


def of_question(question: type[Question], settings: Settings, *, answered: bool) -> dict[str, Any]:
    """The paths of one question: bare, and under every suffix; `answered` is whether its example has an answer."""
    bare: Schema = {"schema": ref(f"{class_name(question.name)}Answer")}
    if answered:
        bare["examples"] = {"answer": ref(question.name, "examples")}
    others = ", ".join(f"`.{suffix}`" for suffix in formats_of(question))
    doc = f"{OF_ONE_LAW}. The same under a suffix ({others}): `.json` takes several laws, and names of fields."
    get = _get(question, None, tagged(JSON, bare), doc)
    paths = {f"/v1/{question.name}": {"get": get, "post": _post(question, settings)}}
    for suffix, form in formats_of(question).items():
        replies = tagged(form.media_type, {"schema": _schema(question, form)})
        paths[f"/v1/{question.name}.{suffix}"] = {"get": _get(question, suffix, replies, DOCS[suffix])}
    return paths


def _schema(question: type[Question], form: Format) -> Schema:
    if form.media_type != JSON:
        return {"type": "string"}
    title = class_name(question.name)
    rows = ref(f"{title}Rows")
    return rows if question.curve else {"anyOf": [rows, ref(f"{title}Row")]}


def _get(question: type[Question], suffix: str | None, replies: Schema, doc: str) -> Schema:
    return {
        "operationId": question.name if suffix is None else f"{question.name}_{suffix}",
        "summary": question.in_words(),
        "description": " ".join([*question.remarks(), doc]),
        "tags": [question.name],
        "parameters": parameters.of_address(question, suffix),
        "responses": {**replies, **errors(400, 404, 405, 422)},
    }


def _post(question: type[Question], settings: Settings) -> Schema:
    title = class_name(question.name)
    names = [entry.name for entry in inputs_of(question).values() if entry.name in question.example]
    table = "\n".join([",".join(names), ",".join(str(question.example[name]) for name in names)]) + "\n"
    line = jsonable(question.example)
    bodies: Schema = {
        JSON: {"schema": ref(f"{title}Inputs"), "example": line},
        CSV: {
            "schema": {"type": "string", "description": "a header of input names, one question a row"},
            "example": table,
        },
        NDJSON: {
            "schema": {"type": "string", "description": f"one object of inputs a line, such as {json_text(line)}"}
        },
    }
    text = {"schema": {"type": "string"}}
    replies = {JSON: {"schema": ref(f"{title}Columns")}, CSV: text, NDJSON: text}
    return {
        "operationId": f"{question.name}_columns",
        "summary": f"{question.in_words()} In columns, all or nothing; or one question a line, each answered or with its error.",
        "description": f"At most {settings.max_rows} rows, or {settings.max_items} questions. {DEFAULTS}",
        "tags": [question.name],
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": {"description": "Answers, in kind", "content": replies},
            **errors(400, 404, 405, 408, 413, 415, 422),
        },
    }


def of_list(settings: Settings) -> Schema:
    """POST /v1/answers."""
    example = [
        {"question": name, **jsonable(question.example)} for name, question in list(registry.QUESTIONS.items())[:2]
    ]
    item = {
        "description": "an object: `question`, and that question's inputs beside it; anything else gets a problem in its place"
    }
    answered = {"type": "array", "items": {"anyOf": [ref("Problem"), ref("AnyAnswer")]}}
    return {
        "operationId": "answers",
        "summary": "Several questions at once; one that fails carries its problem in its place.",
        "description": f"At most {settings.max_items} questions, and {settings.max_rows} rows in all; "
        f"an item in columns is answered in columns. {DEFAULTS}",
        "tags": [LISTS],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"type": "array", "items": item}, "example": example}},
        },
        "responses": {
            "200": {"description": "One item a question", "content": {JSON: {"schema": answered}}},
            **errors(400, 405, 408, 413, 415),
        },
    }
