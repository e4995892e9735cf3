"""The operation of `POST /v1/fit`, where tables are taken."""

from __future__ import annotations

from typing import Any

from service.api import fit
from service.api.openapi.replies import errors
from service.api.openapi.schemas import Schema
from service.protocol.messages import JSON

TAG = "fits"
MEANT = {
    "id": "the law's id",
    "domain": "the law's domain",
    "form": "the form that is fitted; without it what the columns ask for",
    "counts": "which parameters `params` counts: total or non-embedding",
    "as": "which column is what, separated by commas: `params=N,tokens=D:B`",
}
FITTED: Schema = {
    "type": "object",
    "title": "Fitted",
    "required": ["law", "report", "read_as"],
    "properties": {
        "law": {"type": "object", "additionalProperties": True, "description": "the law file"},
        "report": {
            "type": "string",
            "description": "the page of the fit, HTML made from the table: save it, do not show it as yours",
        },
        "read_as": {"type": "array", "items": {"type": "string"}, "description": "which column was read as what"},
    },
}


def paths() -> dict[str, Any]:
    """The address and its one method."""
    table = {"schema": {"type": "string", "description": "a table of runs: columns of size, data and loss"}}
    return {
        fit.PATH: {
            "post": {
                "operationId": "fit",
                "summary": "A table of runs becomes a law, which goes along with questions.",
                "description": f"At most {fit.MOST_BYTES} bytes; one at a time. Nothing is kept: send the law with each question, as `law` "
                "in the JSON body of `POST /v1/<question>`, in place of an id.",
                "tags": [TAG],
                "parameters": [
                    {
                        "name": name,
                        "in": "query",
                        "required": False,
                        "description": MEANT[name],
                        "schema": {"type": "string"},
                    }
                    for name in fit.OPTIONS
                ],
                "requestBody": {"required": True, "content": dict.fromkeys(fit.SUFFIXES, table)},
                "responses": {
                    "200": {
                        "description": "The law, its page, and what was read",
                        "content": {JSON: {"schema": FITTED}},
                    },
                    **errors(400, 405, 408, 413, 415, 422),
                },
            }
        }
    }
