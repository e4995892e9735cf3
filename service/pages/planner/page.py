"""The planner's addresses: `/`, the whole page, and `/answer`, what of it changes with the question."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from html import escape

from fitted_laws import Laws, Problem, __version__
from fitted_laws.questions.registry import QUESTIONS
from service.compute.redis_store import Kept
from service.compute.scheduler import Scheduler
from service.pages.assets import template
from service.pages.markup import link, table
from service.pages.planner import controls, starts
from service.pages.planner.address import State, read
from service.pages.planner.cases import Cases, gather
from service.pages.planner.results import answered, result
from service.pages.planner.ways import ROWS, way_of
from service.pages.planner.words import refusal
from service.protocol import conditional
from service.protocol.messages import HTML, Getter, Handler, Reply, Request, Resource, Usage
from service.settings import Settings


def resources(laws: Laws, settings: Settings, scheduler: Scheduler) -> Iterator[Resource]:
    """Both addresses. Where keys are set, `/` is open to all and shows no answer; `/answer` asks for a key."""
    planner = PlannerPage(laws, settings)
    yield Resource(path="/", get=getter(planner, scheduler, planner.whole), keyless=True)
    yield Resource(path="/answer", get=getter(planner, scheduler, planner.part))


def computing(laws: Laws, settings: Settings) -> Iterator[tuple[str, str, Handler]]:
    """What is computed for them, perhaps in another process: method, path, handler."""
    planner = PlannerPage(laws, settings)
    yield "GET", "/", planner.whole
    yield "GET", "/answer", planner.part


def getter(planner: PlannerPage, scheduler: Scheduler, handler: Handler) -> Getter:
    """A getter that has `scheduler` compute the page, once for all who ask for it at once."""

    async def get(request: Request) -> Reply:
        etag = planner.tag(request)
        if conditional.names_it(request, etag):
            return conditional.unchanged(etag)
        asked = Request(method="GET", path=request.path, query=request.query)
        restored = functools.partial(planner.restored, asked)
        return conditional.checked(request, await scheduler.answer(etag, handler, asked, restored))

    return get


class PlannerPage:
    """Makes the pages."""

    def __init__(self, laws: Laws, settings: Settings) -> None:
        self._laws = laws
        self._settings = settings
        self._keyed = settings.keyed
        self._frame = template("index.html")

    def tag(self, request: Request) -> str:
        """The tag of a page: it follows from the address."""
        made = f"{self._laws.digest} {__version__} {self._settings.draws} {self._settings.base} {self._keyed} {request.path}".encode()
        return conditional.tag(made, request.query)

    def whole(self, request: Request) -> Reply:
        """The page, with its answer unless that asks for a key."""
        main, usage = self._main(request.query, shown=not self._keyed)
        filled = self._frame.substitute(
            main=main,
            rows="".join(_row(have, names) for have, names in ROWS),
            questions=table(("Question", "Asks"), _questions(), "Every question"),
            laws=len(self._laws),
            catalogue=self._laws.digest,
            fitting='<a href="/fit">Fit your runs</a> ' if self._settings.uploads else "",
            version=__version__,
        )
        return self._reply(request, filled, usage)

    def part(self, request: Request) -> Reply:
        """The form and the answer alone."""
        main, usage = self._main(request.query, shown=True)
        return self._reply(request, main, usage)

    def restored(self, request: Request, kept: Kept) -> Reply | None:
        """The page that replicas `kept`; None where they name a law that is none."""
        if kept.law not in {"none", "several", *(law.id for law in self._laws)}:
            return None
        state = read(request.query)
        counted = Usage(state.ask, state.domain, kept.law, kept.extrapolation)
        return Reply(200, kept.body, HTML, conditional.validators(self.tag(request)), (counted,))

    def _reply(self, request: Request, text: str, usage: tuple[Usage, ...]) -> Reply:
        return Reply(200, text.encode(), HTML, conditional.validators(self.tag(request)), usage)

    def _main(self, query: bytes, *, shown: bool) -> tuple[str, tuple[Usage, ...]]:
        try:
            state = self._opened(read(query))
        except Problem as problem:
            return self._refused(problem), ()
        way = way_of(state.ask)
        cases = gather(state, self._laws, self._settings.max_points) if shown else None
        body = (
            controls.ways(state, self._laws)
            + key_field(shown=self._keyed)
            + controls.form(state, way, cases, self._laws)
        )
        beside = self._beside(state, cases)
        usage = (cases.main.usage,) if cases and cases.main.usage else ()
        return f'<main id="main"><div id="asked">{body}</div>{beside}</main>', usage

    def _beside(self, state: State, cases: Cases | None) -> str:
        if cases is None:
            return f'<div id="result">{answered("<p>This service asks for a key.</p>")}</div>'
        return result(state, way_of(state.ask), cases, self._laws, self._settings.base, keyed=self._keyed)

    def _opened(self, state: State) -> State:
        """A state that asks something: where no input is given, those that the form opens with."""
        if any(name not in _OPTIONAL for name in state.inputs):
            return state
        opened = starts.start(self._laws, state.ask, state.domain)
        if opened is None and "domain" not in state.inputs:
            domain = next(iter(starts.offered(self._laws, state.ask)), state.domain)
            opened = starts.start(self._laws, state.ask, domain)
            state = state.asking({**state.inputs, "domain": domain})
        if opened is None:  # no law of the domain answers, or there is no such domain: the example has that said
            opened = starts.example(state.ask)
        return state.asking({"domain": state.domain, **opened, **state.inputs})

    def _refused(self, problem: Problem) -> str:
        state = State(scenarios={"a": {"domain": "language"}})
        form = controls.form(state, way_of(state.ask), None, self._laws)
        asked = f'<div id="asked">{controls.ways(state, self._laws)}{key_field(shown=self._keyed)}{form}</div>'
        result = f'<div id="result" data-title="{escape(problem.title)}">{answered(refusal(problem))}</div>'
        return f'<main id="main">{asked}{result}</main>'


_OPTIONAL = frozenset(
    {"domain", "law", "level", "interval", "irreducible_loss", "counts", "compute_kind", "part", "same_loss"}
)
"""Inputs that alone ask nothing."""


def key_field(*, shown: bool) -> str:
    """Where a visitor writes the key, if the service asks for one."""
    hidden = "" if shown else " hidden"
    return (
        f'<div class="field" id="key-field"{hidden}><label for="key">API key</label>'
        '<input id="key" type="password" autocomplete="current-password" aria-describedby="key-hint">'
        '<p class="hint" id="key-hint">This service asks for one. It stays in this browser until you close it or empty this field, '
        "as a cookie for this service, and goes into no address.</p></div>"
    )


def _row(have: str, names: tuple[str, ...]) -> str:
    asks = " · ".join(link(f"/?ask={name}", way_of(name).have.lower()) for name in names)
    return f"<tr><td>{escape(have)}</td><td>{asks}</td></tr>"


def _questions() -> Iterator[tuple[str, str]]:
    for name, question in QUESTIONS.items():
        asks = escape(question.in_words())
        yield link(f"/?ask={name}", name), f'{asks} <a class="soft" href="/docs#{name}">inputs</a>'
