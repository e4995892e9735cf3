"""The operations that list what there is to ask, and those that tell how the service is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from fitted_laws import Laws
from fitted_laws.quantities.hardware import Accelerator
from service.api.bodies import CSV
from service.api.entries import DomainEntry, LawEntry, QuestionEntry
from service.api.openapi import inputs
from service.api.openapi.parameters import TAGS
from service.api.openapi.replies import errors, tagged
from service.api.openapi.schemas import Schema, ref
from service.protocol.messages import JSON

DISCOVERY, HEALTH = "discovery", "health"
"""The tags of these operations."""
ACCELERATOR = "AcceleratorEntry"
PLACES: dict[str, tuple[str, str, type]] = {
    "/v1/questions": (
        "Every question",
        "Its inputs, their units and ranges, an example, fields of its answer.",
        QuestionEntry,
    ),
    "/v1/domains": ("Every domain", "What is modelled, and by which laws, preferred first.", DomainEntry),
    "/v1/laws": ("Every law", "What it covers and where it comes from.", LawEntry),
    "/v1/accelerators": (
        "Every accelerator",
        "Its dense peak FLOP/s, memory and power, with their source.",
        Accelerator,
    ),
}
"""By address: what it lists, what is said of each, and the struct of an entry."""
CHECKS: dict[str, tuple[str, str, Iterable[int]]] = {
    "/health/live": ("Whether the process answers", "For supervisors: where it fails, start the process anew.", ()),
    "/health/ready": (
        "Whether published numbers come out",
        "For load balancers: the default law of every domain gives a number of its paper; 503 names those that do not.",
        (503,),
    ),
}
LAW_FILE: Schema = {
    "type": "object",
    "description": "A law file: flat for one relation; else what all share, and `relations` with the rest of each.",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "description": "the law"},
        "relations": {"type": "array", "description": "where it holds several", "items": {"type": "object"}},
    },
    "additionalProperties": True,
}
STATUS: Schema = {
    "type": "object",
    "description": "How the service is.",
    "required": ["status"],
    "properties": {"status": {"type": "string", "description": "in one word"}},
}


def components() -> dict[str, Schema]:
    """What lists hold, by name: the schemas of their structs."""
    structs = [entry for _, _, entry in PLACES.values()]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    accelerator = schemas.pop(Accelerator.__name__)  # that name is the choice of one
    accelerator["title"] = ACCELERATOR
    accelerator["properties"]["id"] = inputs.choice_of("accelerator")
    return {**schemas, ACCELERATOR: accelerator, "LawFile": LAW_FILE, "Status": STATUS}


def paths(laws: Laws) -> dict[str, Any]:
    """Every address that lists, as JSON and as CSV, and every check."""
    found: dict[str, Any] = {}
    for path, (title, doc, struct) in PLACES.items():
        entries = {"type": "array", "items": ref(ACCELERATOR if struct is Accelerator else struct.__name__)}
        found[path] = {"get": _list(path, title, doc, tagged(JSON, {"schema": entries}))}
        table = tagged(CSV, {"schema": {"type": "string"}})
        found[f"{path}.csv"] = {"get": _list(f"{path}_csv", f"{title}, as CSV", f"{doc} Lists stand joined.", table)}
    found["/v1/laws/{id}"] = {"get": _law(laws)}
    return found | {path: {"get": _check(path, *said)} for path, said in CHECKS.items()}


def _list(path: str, title: str, doc: str, replies: Schema) -> Schema:
    return {
        "operationId": path.strip("/").replace("/", "_"),
        "summary": title,
        "description": doc,
        "tags": [DISCOVERY],
        "parameters": [ref(TAGS, "parameters")],
        "responses": {**replies, **errors(400, 405)},
    }


def _law(laws: Laws) -> Schema:
    replies = tagged(JSON, {"schema": ref("LawFile")})
    replies["200"]["content"]["text/html"] = {"schema": {"type": "string", "description": "the law as a page"}}
    operation = _list(
        "/v1/laws/id", "All that a law holds", "As a law file, or as a page where HTML is accepted.", replies
    )
    example = next(({"example": law.id} for law in laws), {})
    law = {"name": "id", "in": "path", "required": True, "description": "the law", "schema": ref(inputs.LAW), **example}
    operation["parameters"] = [law, *operation["parameters"]]
    operation["responses"] |= errors(404)
    return operation


def _check(path: str, title: str, doc: str, statuses: Iterable[int]) -> Schema:
    well = {"description": "Well", "content": {JSON: {"schema": ref("Status")}}}
    return {
        "operationId": path.strip("/").replace("/", "_"),
        "summary": title,
        "description": doc,
        "tags": [HEALTH],
        "security": [],
        "responses": {"200": well, **errors(400, 405, *statuses)},
    }
