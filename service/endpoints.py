"""The questions over GET: one resource for each question and format, made from the registries."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fitted_laws import Laws, NotFound, Problem, __version__, questions
from fitted_laws.formats import Format
from fitted_laws.problems import Fault, shown
from fitted_laws.questions import Question
from service import conditional, counting, posts, query
from service.formats import formats_of
from service.messages import Handler, Reply, Request, Resource, aside, by_laws
from service.settings import Settings

DEFAULT_FORMAT = "json"


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    """Every question: at its bare address (JSON, and POST), and under each format's suffix."""
    for name, question in questions.QUESTIONS.items():
        runs = aside if question.curve else by_laws
        for suffix, form in formats_of(question).items():
            get = getter(name, form, laws, settings.draws)
            yield Resource(path=f"/v1/{name}.{suffix}", get=get, get_runs=runs)
            if suffix == DEFAULT_FORMAT:
                post = posts.asked(name, laws, settings)
                yield Resource(path=f"/v1/{name}", get=get, get_runs=runs, post=post)


def getter(name: str, form: Format, laws: Laws, draws: int) -> Handler:
    """Answers one question in one format."""
    prefix = f"{laws.digest} {__version__} {draws} {form.suffix} {name}".encode()
    textual = form.media_type.startswith("text/plain")

    def answered(request: Request) -> Reply:
        question = questions.read(name, query.parse(request.query))
        etag = conditional.tag(prefix, canonical(question))
        if conditional.held(request, etag):
            return conditional.unchanged(etag)
        answer = question.answer(laws)
        body = form.write(answer, question.field, question.row)
        if conditional.held_any(request):
            return conditional.unchanged(etag)
        return Reply(200, body, form.media_type, conditional.validators(etag), (counting.asked(question, answer),))

    def in_cell(request: Request) -> Reply:
        try:
            return answered(request)
        except Problem as problem:
            if b"errors=text" not in request.query.split(b"&"):
                raise
            return Reply(200, f"#ERR: {problem.detail}".encode(), form.media_type, (("Cache-Control", "no-store"),))

    return in_cell if textual else answered


def canonical(question: Question) -> bytes:
    """What determines the answer: `1E21`, `1e21` and a key beside it are one question."""
    return msgspec.json.encode(msgspec.structs.replace(question, key=None, errors=None))


def unknown(asked: str) -> NotFound:
    """There is no question, or no format of it, as `asked` (`optimal.xls`): the nearest names or the known suffixes."""
    name, _, suffix = asked.partition(".")
    if name not in questions.QUESTIONS or not suffix:
        return NotFound.named("question", name, questions.QUESTIONS)
    expected = ", ".join(f".{known}" for known in formats_of(questions.QUESTIONS[name]))
    faults = [Fault("format", expected, shown(f".{suffix}"))]
    return NotFound(f"{name} is not answered as {shown(f'.{suffix}')}; known: {expected}", faults)
