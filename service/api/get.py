"""The questions over GET: one resource for each question and format, made from the registries."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fitted_laws import Laws, NotFound, Problem, __version__
from fitted_laws.answers.formats import Format
from fitted_laws.asking import answering
from fitted_laws.asking.options import several
from fitted_laws.quantities.problems import Fault, shown
from fitted_laws.questions import Question, registry
from service.api import limits, usage
from service.api import post as posts
from service.api.formats import formats_of
from service.compute.scheduler import Costs, Dear
from service.protocol import conditional, queries
from service.protocol.messages import Fetcher, Reply, Request, Resource
from service.settings import Settings

DEFAULT_FORMAT = "json"


def resources(laws: Laws, settings: Settings, dear: Dear | None = None) -> Iterator[Resource]:
    """Every question: at its bare address (JSON, and POST), and under each format's suffix; `dear` answers what is."""
    costs = Costs()
    for name, question in registry.QUESTIONS.items():
        for suffix, form in formats_of(question).items():
            get = Getter(name, form, laws, settings)
            fetch = fetcher(get, costs, dear, f"{name}.{suffix}") if dear else None
            yield Resource(path=f"/v1/{name}.{suffix}", get=get, fetch=fetch)
            if suffix == DEFAULT_FORMAT:
                post = posts.asked(name, laws, settings)
                yield Resource(path=f"/v1/{name}", get=get, fetch=fetch, post=post)


class Getter:
    """Answers one question in one format."""

    def __init__(self, name: str, form: Format, laws: Laws, settings: Settings) -> None:
        self.name, self._form, self._laws, self._points = name, form, laws, settings.max_points
        self._prefix = f"{laws.digest} {__version__} {settings.draws} {form.suffix} {name}".encode()
        self._textual = form.media_type.startswith("text/plain")
        self.curve = registry.QUESTIONS[name].curve

    def __call__(self, request: Request) -> Reply:
        try:
            question = self.read(request)
        except Problem as problem:
            return self.refused(request, problem)
        return self.answered(request, question)

    def read(self, request: Request) -> Question:
        """The question that is asked."""
        return limits.read(self.name, queries.parse(request.query), self._points)

    def tag(self, question: Question) -> str:
        """The tag of its answer, known before the answer is."""
        return conditional.tag(self._prefix, canonical(question))

    def refused(self, request: Request, problem: Problem) -> Reply:
        """The reply to a question that has no answer: a text where `errors=text` asks for one; else `problem` is raised."""
        if not self._textual or queries.value(request.query, "errors") != "text":
            raise problem
        return Reply(200, f"#ERR: {problem.detail}".encode(), self._form.media_type, (("Cache-Control", "no-store"),))

    def answered(self, request: Request, question: Question) -> Reply:
        """The reply to `question`, as it was read from `request`."""
        etag = self.tag(question)
        if conditional.held(request, etag):
            return conditional.unchanged(etag)
        try:
            answer = answering.answer(question, self._laws)
            body = self._form.write(answer, question.field, question.row)
        except Problem as problem:
            return self.refused(request, problem)
        if conditional.held_any(request):
            return conditional.unchanged(etag)
        return Reply(200, body, self._form.media_type, conditional.validators(etag), (usage.asked(question, answer),))


def fetcher(get: Getter, costs: Costs, dear: Dear, kind: str) -> Fetcher:
    """Answers here what is cheap, and has `dear` answer what is not."""

    async def fetch(request: Request) -> Reply:
        try:
            question = get.read(request)
        except Problem as problem:
            return get.refused(request, problem)
        if not get.curve and not several(question.law) and not costs.dear(kind):
            with costs.measured(kind):
                return get.answered(request, question)
        etag = get.tag(question)
        if conditional.held(request, etag):
            return conditional.unchanged(etag)
        flight = etag if question.errors is None else f"{etag} errors"
        reply = await dear.answer(flight, get, msgspec.structs.replace(request, headers=()))
        return conditional.checked(request, reply) if reply.asked else reply

    return fetch


def canonical(question: Question) -> bytes:
    """What determines the answer: `1E21`, `1e21` and a key beside it are one question."""
    return msgspec.json.encode(msgspec.structs.replace(question, key=None, errors=None))


def unknown(asked: str) -> NotFound:
    """There is no question, or no format of it, as `asked` (`optimal.xls`): the nearest names or the known suffixes."""
    name, _, suffix = asked.partition(".")
    if name not in registry.QUESTIONS or not suffix:
        return NotFound.named("question", name, registry.QUESTIONS)
    expected = ", ".join(f".{known}" for known in formats_of(registry.QUESTIONS[name]))
    faults = [Fault("format", expected, shown(f".{suffix}"))]
    return NotFound(f"{name} is not answered as {shown(f'.{suffix}')}; known: {expected}", faults)
