"""The whole document, assembled."""

from __future__ import annotations

from typing import Any

from fitted_laws import Laws, __version__
from fitted_laws.questions import registry
from service.api.openapi import answers, inputs, listings, operations, parameters, replies
from service.api.openapi.schemas import Schema
from service.settings import Settings

DESCRIPTION = """Expected loss, the best size for a budget, tokens for a target: each answer by one published law, with its interval,
its fitted range and its citation.

A number is plain (`1e21`) or has a suffix (`70B`, `3 PF-days`, `3000 H100-days@40%`); without one it is in the unit given as `x-unit`.
`/v1/<question>` answers by one law, with all its fields; `/v1/<question>.json` also by several, and with the fields that are named.
Unknown and repeated parameters are refused: a list is written with commas. HEAD and OPTIONS are answered wherever GET is.
Answers carry an `ETag`; `If-None-Match` gives 304."""

SCHEMES: dict[str, Schema] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "an API key as `Authorization: Bearer`"},
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "an API key in a header of its own",
    },
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "an API key for cells, which send no headers",
    },
}
"""How a key is given, where the service asks for one."""


def document(laws: Laws, settings: Settings) -> dict[str, Any]:
    """The whole document."""
    answered = operations.answers(laws)
    paths: dict[str, Any] = {}
    for name, question in registry.QUESTIONS.items():
        paths |= operations.of_question(question, settings, answered=name in answered)
    paths["/v1/answers"] = {"post": operations.of_list(settings)}
    paths |= listings.paths(laws)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fitted Laws",
            "version": __version__,
            "description": DESCRIPTION,
            "contact": {"name": "Fitted Laws developers"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.public_url.rstrip("/") or "/"}],
        "security": [*([] if settings.keyed else [{}]), *({name: []} for name in SCHEMES)],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(laws),
            "parameters": parameters.components(),
            "examples": {name: {"value": answer} for name, answer in answered.items()},
            "responses": replies.problems(),
            "headers": replies.HEADERS,
            "securitySchemes": SCHEMES,
        },
    }


def tags() -> list[Schema]:
    """A tag a question, and those of the other operations."""
    said = {name: question.in_words() for name, question in registry.QUESTIONS.items()}
    said[operations.LISTS] = "Several questions in one request."
    said[listings.DISCOVERY] = "What there is to ask."
    said[listings.HEALTH] = "How the service is."
    return [{"name": name, "description": doc} for name, doc in said.items()]


def schemas(laws: Laws) -> dict[str, Schema]:
    """Every schema that has a name: what is shared, then what each question takes and is answered."""
    found = {**answers.components(), **inputs.components(laws), **listings.components()}
    for question in registry.QUESTIONS.values():
        found |= inputs.components_of(question) | answers.components_of(question)
    return found
