"""Questions over POST: columns, one question a line, and lists of different questions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from fitted_laws import Laws
from fitted_laws.answers.formats import write_records
from fitted_laws.asking import answering
from fitted_laws.asking.options import several
from fitted_laws.asking.question import in_columns
from fitted_laws.quantities.problems import Fault, NotUnderstood, Problem, shown
from fitted_laws.questions import registry
from service.api import bodies, expected_cost, given_law, limits, usage
from service.api.bodies import CSV, NDJSON, READERS, Row
from service.api.columns import as_arrays, as_columns
from service.api.outcomes import Answered, Outcome, outcomes_of
from service.protocol import queries
from service.protocol.messages import JSON, Handler, Reply, Request, in_parts
from service.protocol.problems import Refused
from service.settings import Settings

SHAPE, BROADCAST, ARRAYS = "shape", "broadcast", "arrays"
"""The parameter that asks for columns in another shape: where rows agree one value a field, or, to be removed in the next release, the former one."""
UNKEPT = (("Cache-Control", "no-store"),)
SMALL_BODY = 400
"""Bytes of a body that is read at once, to see what it asks."""

_encode = msgspec.json.Encoder().encode


class Query(NamedTuple):
    """What the query of a POST says: inputs that hold for each row that does not give its own, and how columns are written."""

    defaults: Mapping[str, object]
    shape: str | None

    def with_defaults(self, row: Row) -> Row:
        return row if isinstance(row, Problem) or not self.defaults else {**self.defaults, **row}

    def columns(self, answered: Answered) -> Iterator[bytes]:
        """The pieces of an answer in columns, as JSON."""
        question, answer = answered
        if self.shape == ARRAYS:
            return as_arrays(answer)
        given = [name for name, value in question.inputs().items() if in_columns(value)]
        return as_columns(
            answer, several_laws=several(question.law), varying=given if self.shape == BROADCAST else None
        )


def query_of(request: Request) -> Query:
    """The query of a POST, read.

    Raises:
        NotUnderstood: it cannot be, or there is no such `shape`.
    """
    defaults: dict[str, object] = dict(queries.parse(request.query))
    shape = defaults.pop(SHAPE, None)
    if shape not in (None, BROADCAST, ARRAYS):
        raise NotUnderstood.of(Fault(SHAPE, f"`{BROADCAST}`, `{ARRAYS}`, or nothing", shown(shape)))
    return Query(defaults, shape)


def question_handler(name: str, laws: Laws, settings: Settings) -> Handler:
    """The handler of POST /v1/<question>: the media type of the body says how it is read, and how it is answered."""

    def columns(query: Query, members: Mapping[str, object]) -> Reply:
        asked = given_law.asked({**query.defaults, **members}, laws, settings)
        answered = _columns(name, asked.inputs, asked.laws, settings)
        counted = (usage.unnamed if asked.given else usage.usage_of)(*answered)
        return Reply(200, b"", JSON, UNKEPT, (counted,), rest=in_parts(query.columns(answered)))

    def post(request: Request) -> Reply:
        kind = bodies.media_type(request, JSON, *READERS)
        query = query_of(request)
        if kind == JSON:
            arrays = bodies.columns(request.body)
            with contextlib.suppress(Problem):  # of which the numbers are told as they were sent
                if arrays is not None:
                    return columns(query, arrays)
            return columns(query, bodies.members(request.body, law_file=True))
        rows = _capped(READERS[kind](request.body, registry.named(name)), settings.max_items)
        writer = WRITERS[kind]
        found, usages = outcomes_of([(name, query.with_defaults(row)) for row in rows], laws, settings)
        return Reply(200, writer.write(found, query), writer.media_type, UNKEPT, usages)

    return post


def list_handler(laws: Laws, settings: Settings) -> Handler:
    """The handler of POST /v1/answers: a list of questions, each `{"question": …}` beside its inputs."""

    def post(request: Request) -> Reply:
        bodies.media_type(request, JSON)
        query = query_of(request)
        rows = _capped(bodies.items(request.body), settings.max_items)
        found, counted = outcomes_of([_named(query.with_defaults(row)) for row in rows], laws, settings)
        return Reply(200, _encode([_plain(outcome, query) for outcome in found]), JSON, UNKEPT, counted)

    return post


def cheap_body(name: str | None) -> Callable[[Request], bool]:
    """Whether a body asks little: by what it asks, not by its length. Without `name` it is a list that names its questions."""

    def cheap(request: Request) -> bool:
        if len(request.body) >= SMALL_BODY:
            return False
        try:
            query = query_of(request)
            return all(expected_cost.cheap(*_asked(name, query.with_defaults(row))) for row in _rows(name, request))
        except (Problem, Refused):
            return True  # as is its refusal

    return cheap


def _rows(name: str | None, request: Request) -> Iterable[Row]:
    """What a body asks, before anything of it is answered."""
    if name is None:
        return bodies.items(request.body)
    kind = bodies.media_type(request, JSON, *READERS)
    return [bodies.members(request.body)] if kind == JSON else READERS[kind](request.body, registry.named(name))


def _asked(name: str | None, row: Row) -> tuple[str, Mapping[str, object]]:
    named, inputs = _named(row) if name is None else (name, row)
    return ("", {}) if isinstance(inputs, Problem) else (named, inputs)


def _capped(rows: Iterable[Row], most: int) -> list[Row]:
    listed = list(rows)
    if len(listed) > most:
        raise Refused(
            413, f"{len(listed)} questions in one body; at most {most} are answered (MAX_ITEMS), send it in parts"
        )
    return listed


def _named(row: Row) -> tuple[str, Row]:
    """The question an item names, and its inputs."""
    if isinstance(row, Problem):
        return "", row
    inputs = dict(row)
    name = inputs.pop("question", None)
    if not isinstance(name, str):
        expected = "the name of a question; /v1/questions lists them"
        return "", NotUnderstood.of(Fault("question", expected, "nothing" if name is None else "no text"))
    return name[:100], inputs


def _columns(name: str, inputs: Mapping[str, object], laws: Laws, settings: Settings) -> Answered:
    """The question, and its answer whatever its shape: it is written in columns.

    Raises:
        Problem: the first row that fails spoils all; its index is named.
    """
    limits.few_enough(inputs, settings.max_rows)
    question = limits.read(name, inputs, settings.max_points)
    expected_cost.check_columns(
        inputs, lambda head: answering.answer(registry.read(name, head), laws), settings.max_seconds
    )
    try:
        answer = answering.answer(question, laws)
    except Problem as problem:
        raise _located(name, inputs, laws, problem) from None
    return Answered(question, answer)


def _located(name: str, inputs: Mapping[str, object], laws: Laws, problem: Problem) -> Problem:
    """`problem` of a whole column, as that of its first row at fault."""
    columns = {key: value for key, value in inputs.items() if isinstance(value, list)}
    for index in range(max(map(len, columns.values()), default=0)):
        row = {key: value[index] for key, value in columns.items()}
        try:
            answering.answer(registry.read(name, {**inputs, **row}), laws)
        except Problem as cause:
            blamed = [fault.field for fault in cause.faults if fault.field in columns] or list(columns)
            why = {fault.field: fault.expected for fault in cause.faults}
            faults = [Fault(f"{key}[{index}]", why.get(key, cause.detail), str(row[key])[:60]) for key in blamed]
            return type(cause)(f"row {index}: {cause.detail}", faults)
    return problem


def _plain(outcome: Outcome, query: Query) -> Any:
    """An outcome as it stands in a list."""
    if not isinstance(outcome, Answered):
        return outcome
    in_columns = outcome.answer.shape == "columns"
    return msgspec.Raw(b"".join(query.columns(outcome))) if in_columns else outcome.answer.plain()


def _as_ndjson(outcomes: list[Outcome], query: Query) -> bytes:
    """One answer or problem a line."""
    return b"".join(_encode(_plain(outcome, query)) + b"\n" for outcome in outcomes)


def _as_csv(outcomes: list[Outcome], _query: Query) -> bytes:
    """One record a row, those of a curve one after the other; `error` says why a row has none."""
    records: list[Mapping[str, Any]] = []
    for outcome in outcomes:
        if isinstance(outcome, Answered):
            records += outcome.answer.records(outcome.answer.table_names)
        else:
            records.append({"error": outcome.detail})
    return write_records(records).encode()


class Writer(msgspec.Struct, frozen=True):
    """How the outcomes of one question a line are written, and under which media type."""

    media_type: str
    write: Callable[[list[Outcome], Query], bytes]


WRITERS: dict[str, Writer] = {CSV: Writer("text/csv; charset=utf-8", _as_csv), NDJSON: Writer(NDJSON, _as_ndjson)}
"""By the media type of the body: answers come in kind."""
