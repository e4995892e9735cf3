"""The questions over GET: one resource for each question and format, made from the registries."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from fitted_laws import Answer, Laws, NotFound, Problem, __version__
from fitted_laws.answers.formats import Format
from fitted_laws.asking import answering
from fitted_laws.asking.together import Kind, by_kind, kind, of_one_kind
from fitted_laws.plots.curves import formats_of
from fitted_laws.quantities.problems import Fault, shown
from fitted_laws.quantities.spread import Spread
from fitted_laws.questions import Question, registry
from service.api import expected_cost, limits, usage
from service.api import post as posts
from service.compute.costs import CostKind, Costs
from service.compute.gathering import Gathering
from service.compute.redis_store import Kept
from service.compute.scheduler import Scheduler
from service.protocol import conditional, queries
from service.protocol.messages import Getter, Handler, Reply, Request, Resource, Usage
from service.settings import Settings

DEFAULT_FORMAT = "json"


def resources(laws: Laws, settings: Settings, scheduler: Scheduler) -> Iterator[Resource]:
    """Every question at its bare address (JSON, and POST) and under each format's suffix; `scheduler` computes expensive ones."""
    costs = Costs()
    for answerer in answerers(laws, settings):
        get = getter(answerer, costs, scheduler)
        yield Resource(path=answerer.path, get=get)
        if answerer.suffix == DEFAULT_FORMAT:
            name = answerer.question.name
            post = posts.question_handler(name, laws, settings)
            yield Resource(path=f"/v1/{name}", get=get, post=post, cheap_body=posts.cheap_body(name))


def computing(laws: Laws, settings: Settings) -> Iterator[tuple[str, str, Handler]]:
    """What is computed for the getters and bodies of `resources`, perhaps in another process: method, path, handler."""
    for answerer in answerers(laws, settings):
        yield "GET", answerer.path, answerer.compute
    for name in registry.QUESTIONS:
        yield "POST", f"/v1/{name}", posts.question_handler(name, laws, settings)


def answerers(laws: Laws, settings: Settings) -> Iterator[Answerer]:
    """Every question in every format that it has."""
    for question in registry.QUESTIONS.values():
        for form in formats_of(question).values():
            yield Answerer(question, form, laws, settings)


class Tagged(NamedTuple):
    """A question, the tag of its answer, and the kind that its cost goes by."""

    question: Question
    etag: str
    kind: Kind


class Answerer:
    """Reads and answers one question in one format."""

    def __init__(self, question: type[Question], form: Format, laws: Laws, settings: Settings) -> None:
        self.question = question
        self.suffix = form.suffix
        self.path = f"/v1/{question.name}.{form.suffix}"
        self._form = form
        self._laws = laws
        self._max_points = settings.max_points
        self._prefix = f"{laws.digest} {__version__} {settings.draws} {form.suffix} {question.name}".encode()
        self._textual = form.media_type.startswith("text/plain")

    def read(self, request: Request) -> Question:
        """The question that the query of `request` asks."""
        return limits.read(self.question.name, queries.parse(request.query), self._max_points)

    def tag(self, question: Question) -> str:
        """The tag of its answer, known before the answer is."""
        return conditional.tag(self._prefix, canonical(question))

    def answer(self, question: Question, etag: str) -> Reply:
        """The reply to `question`, under its tag."""
        try:
            answer = answering.answer(question, self._laws, one_field=self._form.one_field)
        except Problem as problem:
            return self.refusal(problem, question.errors)
        return self._written(question, etag, answer)

    def _written(self, question: Question, etag: str, answer: Answer) -> Reply:
        try:
            body = self._form.write(answer, question.field, question.row)
        except Problem as problem:
            return self.refusal(problem, question.errors)
        return self._reply(etag, body, usage.usage_of(question, answer))

    def together(self, asked: Sequence[Tagged]) -> list[Reply | Exception]:
        """The reply to each question, all of one kind, or the problem that is raised in its place."""
        answers = of_one_kind([each.question for each in asked], self._laws, one_field=self._form.one_field)
        return [self._outcome(each.question, each.etag, found) for each, found in zip(asked, answers, strict=True)]

    def _outcome(self, question: Question, etag: str, found: Answer | Problem) -> Reply | Exception:
        try:
            if isinstance(found, Problem):
                return self.refusal(found, question.errors)
            return self._written(question, etag, found)
        except Problem as problem:
            return problem

    def _reply(self, etag: str, body: bytes, counted: Usage) -> Reply:
        return Reply(200, body, self._form.media_type, conditional.validators(etag), (counted,))

    def restored(self, question: Question, etag: str, kept: Kept) -> Reply | None:
        """The reply that replicas `kept` of it; None where they name a law that is none."""
        counted = usage.named(question, kept.law, kept.extrapolation, self._laws)
        return None if counted is None else self._reply(etag, kept.body, counted)

    def refusal(self, problem: Problem, errors: str | None) -> Reply:
        """The reply to a question that has no answer: a text where `errors` is "text"; else `problem` is raised."""
        if not self._textual or errors != "text":
            raise problem
        return Reply(200, f"#ERR: {problem.detail}".encode(), self._form.media_type, (("Cache-Control", "no-store"),))

    def handed_on(self, question: Question) -> Request:
        """`question`, read already, as the request that `compute` answers in a thread or in another process."""
        return Request(method="GET", path=self.path, inputs=msgspec.structs.asdict(question))

    def compute(self, request: Request) -> Reply:
        """The reply to a question that was `handed_on`."""
        ranges = {name: Spread(**value) for name, value in request.inputs.items() if isinstance(value, dict)}
        question = self.question(**{**request.inputs, **ranges})
        return self.answer(question, self.tag(question))


def getter(answerer: Answerer, costs: Costs, scheduler: Scheduler) -> Getter:
    """A getter that answers at once what is cheap, and has `scheduler` compute what is expensive."""
    gathering = Gathering(functools.partial(measured, answerer, costs))

    async def get(request: Request) -> Reply:
        try:
            question = answerer.read(request)
        except Problem as problem:
            return answerer.refusal(problem, queries.value(request.query, "errors"))
        etag = answerer.tag(question)
        if conditional.names_it(request, etag):
            return conditional.unchanged(etag)
        dear = expected_cost.outright(answerer.question, question.law, question.irreducible_loss)
        asked = Tagged(question, etag, kind(question))
        if dear or costs.expensive(CostKind(answerer.path, asked.kind.cost)):
            flight = etag if question.errors is None else f"{etag} errors"
            restored = functools.partial(answerer.restored, question, etag)
            reply = await scheduler.answer(flight, answerer.compute, answerer.handed_on(question), restored)
        else:
            reply = await gathering.answer((etag, question.errors), asked)
        return conditional.checked(request, reply) if reply.usage else reply

    return get


def measured(answerer: Answerer, costs: Costs, asked: Sequence[Tagged]) -> list[Reply | Exception]:
    """The reply to each question, or the problem in its place; what each kind costs is counted to it alone."""

    def answers(kind: Kind, alike: Sequence[Tagged]) -> list[Reply | Exception]:
        with costs.measured(CostKind(answerer.path, kind.cost), len(alike)):
            return answerer.together(alike)

    return by_kind(asked, [each.kind for each in asked], answers)


def canonical(question: Question) -> bytes:
    """What determines the answer: `1E21`, `1e21` and a key beside it are one question."""
    return msgspec.json.encode(msgspec.structs.replace(question, key=None, errors=None))


def unknown(address: str) -> NotFound:
    """Why there is nothing at `address` (`optimal.xls`): no such question, with the nearest names, or no such format of it."""
    name, _, suffix = address.partition(".")
    if name not in registry.QUESTIONS or not suffix:
        return NotFound.named("question", name, registry.QUESTIONS)
    expected = ", ".join(f".{known}" for known in formats_of(registry.QUESTIONS[name]))
    faults = [Fault("format", expected, shown(f".{suffix}"))]
    return NotFound(f"{name} is not answered as {shown(f'.{suffix}')}; known: {expected}", faults)
