"""Errors over HTTP: one shape, `application/problem+json` (RFC 9457), for everything that can go wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterable

import msgspec
from litestar.exceptions import HTTPException

from fitted_laws.quantities.problems import Fault, Incapable, NotFound, NotUnderstood, Problem, Unanswerable
from service.protocol.messages import Reply

MEDIA_TYPE = "application/problem+json"


class Kind(msgspec.Struct, frozen=True):
    """A kind of problem: its status, the last part of its `type`, its title, and what a user can do."""

    status: int
    slug: str
    title: str
    doc: str


KINDS: dict[int, Kind] = {
    kind.status: kind
    for kind in (
        Kind(400, "not-understood", "Question not understood", "An input is unknown, missing, repeated or malformed."),
        Kind(
            401,
            "no-key",
            "No key",
            "The service asks for an API key: Authorization: Bearer, X-API-Key, or key= in a cell.",
        ),
        Kind(404, "not-found", "Not found", "No such address, question, domain or law; the nearest names are given."),
        Kind(405, "method-not-allowed", "Method not allowed", "The header Allow names the methods there are."),
        Kind(408, "too-slow", "Too slow", "The body did not come in time; send it in one go."),
        Kind(413, "too-large", "Too large", "The body, its rows or its questions exceed a limit; send several."),
        Kind(415, "unsupported-media-type", "Unsupported media type", "A body must come under its own media type."),
        Kind(
            422, "no-answer", "No answer", "The question is clear but has no answer; the detail says what would work."
        ),
        Kind(429, "too-many-requests", "Too many requests", "Wait as long as Retry-After says."),
        Kind(500, "failure", "Failure of the service", "Not your fault; it is logged."),
        Kind(
            503,
            "not-ready",
            "Not ready",
            "The service cannot answer now, or not in the time there is; Retry-After says when to ask again.",
        ),
    )
}
STATUSES = {NotUnderstood: 400, NotFound: 404, Unanswerable: 422, Incapable: 422}


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """The one shape; `errors` names the inputs at fault, if any."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class Refused(Exception):
    """A request refused before its question is read: its status, why, and headers that belong to it."""

    def __init__(
        self, status: int, detail: str, faults: Iterable[Fault] = (), headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = headers


def details(error: Exception) -> Details:
    """The problem that `error` is."""
    if isinstance(error, Problem):
        return _of(STATUSES.get(type(error), 400), error.detail, error.faults)
    if isinstance(error, Refused):
        return _of(error.status, error.detail, error.faults)
    if isinstance(error, HTTPException):
        return _of(error.status_code, error.detail)
    return _of(500, "the service failed to answer; what happened is logged")


def _of(status: int, detail: str, faults: Iterable[Fault] = ()) -> Details:
    kind = KINDS.get(status) or KINDS[400 if status < 500 else 500]
    return Details(type=f"/docs#{kind.slug}", title=kind.title, status=kind.status, detail=detail, errors=list(faults))


def reply(error: Exception) -> Reply:
    """`error` as a reply; caches keep none."""
    problem = details(error)
    extra = error.headers if isinstance(error, Refused) else ()
    headers = (("Cache-Control", "no-store"), *extra)
    cause = logged(error) if problem.status >= 500 else ""
    return Reply(problem.status, msgspec.json.encode(problem), MEDIA_TYPE, headers, error=cause)


def logged(error: Exception) -> str:
    """What the log says of a failure: of a refusal its words, else kind and place, since other words may hold a request's values."""
    if isinstance(error, Refused):
        return error.detail
    return f"{type(error).__qualname__} at\n{''.join(traceback.format_tb(error.__traceback__))}"
