"""What every question shares: its options, which laws it is put to, and how a solution becomes an answer."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeAlias

import msgspec
import numpy as np

from fitted_laws.accounting import require_relation, translating
from fitted_laws.answers import Answer, assemble
from fitted_laws.extrapolation import Caution
from fitted_laws.forecast.carried import loss_carried, places, told
from fitted_laws.forecast.kept import Forecast
from fitted_laws.laws import Law
from fitted_laws.problems import Fault, Incapable, NotFound, NotUnderstood, Unanswerable
from fitted_laws.questions.options import OPTIONS, TRANSPORT, DomainName, Options
from fitted_laws.solutions import Solution, by_rows, cut, settled

PARTED = ("text-to-image", "image-to-text")
"""Domains whose loss has parts."""
PINNED = ("loss", "optimal", "frontier", "target", "isoflop", "allocate", "lifetime", "diagnose")
"""Questions that can be answered at a pinned irreducible loss."""
FORESEEN = ("loss", "optimal", "frontier", "target", "isoflop", "allocate", "repeat", "diagnose")
"""Questions about the loss of runs, which a forecast frozen with the law answers."""


class Catalogue(Protocol):
    """The laws a question is put to, preferred first."""

    digest: str

    def of(self, domain_id: str) -> list[Law]: ...
    def named(self, id: str) -> list[Law]: ...


Solve: TypeAlias = Callable[[Any, Law], Solution]


class Question(Options, frozen=True, kw_only=True):
    """A question: typed inputs, each a number or an array of them, and `solve`, which answers it by one law."""

    name: ClassVar[str]
    headline: ClassVar[str]
    answers: ClassVar[tuple[str, ...]]
    """Fields of the answer, headline first; those computed from draws come with `_low` and `_high`."""
    curve: ClassVar[bool] = False
    """Whether one question gives several rows."""
    axes: ClassVar[tuple[str, str] | None] = None
    """Of a curve: the field across and the field up."""
    example: ClassVar[dict[str, Any]]
    lawless: ClassVar[bool] = False
    """Whether no law is needed."""

    domain: DomainName

    def solve(self, law: Law) -> Solution:
        """The answer by one law.

        Raises:
            Incapable: the law lacks the relation; another may hold it.
            Unanswerable: there is no answer.
        """
        raise NotImplementedError

    def answer(self, laws: Catalogue) -> Answer:
        """The answer by the law asked for, by each that can (`law="all"`), or by the domain's first that can.

        Raises:
            NotFound: no such domain or law.
            Unanswerable: no law asked can answer; those that can are named.
        """
        return self.put(laws, lambda question, law: question.solve(law))

    def put(self, laws: Catalogue, solve: Solve) -> Answer:
        """As `answer`, each law's part of it by `solve`, which gets this question, or one row of it."""
        held = laws.of(self.domain)
        if self.law == "all":
            return self._all(held, laws.digest, solve)
        if self.law is None:
            return self._first(held, laws.digest, solve)
        chosen = [law for law in held if law.id == self.law]
        if not chosen:
            domains = ", ".join(sorted(law.domain.id for law in laws.named(self.law)))
            raise NotFound(
                f"{self.law} holds no law of {self.domain}; it has: {domains}; {self.domain} has: {', '.join(x.id for x in held)}",
                [Fault("law", f"a law of {self.domain}", self.law)],
            )
        try:
            return self.by(chosen[0], laws.digest, solve)
        except Incapable as cannot:
            raise Unanswerable(f"{cannot.detail}; {self._others(held, laws.digest, solve)}") from None

    def by(self, law: Law, digest: str, solve: Solve) -> Answer:
        """The answer by `law`."""
        self.require_options(law)
        if self.counts is not None and self.counts != law.first.counts:
            require_relation(self, law)
            solve = translating(solve)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # assemble refuses what is not finite
            return assemble(self, law, self.solved(law, solve), digest)

    def solved(self, law: Law, solve: Solve) -> Solution:
        """What `law` says of each row, whose bits must not depend on the rows beside it.

        By a law with draws each row is solved alone. Without draws all are solved at once, two at least: raising to the power ½,
        numpy takes a root for some shapes of its operands, among them one row and one coefficient, and not for others.
        """
        asked = self.in_columns(law)
        size = asked.size
        first = solve(asked.rows(0, 1), law)
        if not first.drawn:
            return asked.foreseen(law, cut(settled(solve(asked.repeated(max(size, 2)), law)), size))
        others = (solve(asked.rows(i, i + 1), law) for i in range(1, size))
        return asked.foreseen(law, by_rows(itertools.chain([first], others), size, self.level))

    def foreseen(self, law: Law, solution: Solution) -> Solution:
        """The solution with what the forecast frozen with the law, if there is one, says of its losses.

        Raises:
            Incapable: one new run is asked about, and there is none.
            Unanswerable: one is asked about where no run can be.
        """
        forecast = solution.sources[0].relation.forecast if solution.sources else None
        if forecast is None or self.irreducible_loss is not None:
            if self.interval == "run":
                raise Incapable(without_forecast(law))
            return solution
        if self.name in FORESEEN:
            solution.warnings += told(forecast, law.id, self.interval)
            return self.carried(law, solution, forecast)
        if forecast.centre == "forecast":
            solution.warnings.append(Caution(f"by the coefficients of {law.id} alone: its forecast answers {', '.join(FORESEEN)}"))
        return solution

    def carried(self, law: Law, solution: Solution, forecast: Forecast) -> Solution:
        """The solution, whose `loss` or `expected_loss` is now the forecast's."""
        name = "loss" if "loss" in solution.fields else "expected_loss"
        inputs = self.forecast_inputs(solution, forecast)
        if inputs is None:
            if self.interval == "run":
                raise Unanswerable(f"interval=run needs a run's size and data, or its compute; no run of {law.id} reaches the limit of either")
            solution.warnings.append(Caution(f"the interval is that of the coefficients of {law.id} alone: no run reaches this limit"))
            return solution
        return loss_carried(solution, name, forecast, inputs, self.interval, self.level)

    def forecast_inputs(self, solution: Solution, forecast: Forecast) -> dict[str, Any] | None:
        """Where the runs of a solution stand, in the law's own count; None where no run does."""
        return places(solution, forecast)

    def in_columns(self, law: Law) -> Question:  # noqa: ARG002 - which points a curve has may depend on the law
        """The question in columns whose rows are the points of this curve; where this is none, itself."""
        return self

    def require_options(self, law: Law) -> None:
        """That `law` can do what the options ask.

        Raises:
            Unanswerable: an option has no meaning for this question or domain.
            Incapable: this law cannot.
        """
        if self.part is not None and law.domain.id not in PARTED:
            raise Unanswerable(f"part= is for {' and '.join(PARTED)}; {law.domain.id} has no parts")
        if self.irreducible_loss is not None and self.name not in PINNED:
            raise Unanswerable(f"irreducible_loss= is not pinned for {self.name}; it is for {', '.join(PINNED)}")
        if self.interval == "run":
            self._require_run(law)
        kinds = {relation.compute_kind for relation in law.relations.values()}
        if self.compute_kind in ("minimal", "fixed-batch") and self.compute_kind not in kinds:
            raise Incapable(f"{law.id} reads compute as spent; it holds nothing for compute_kind={self.compute_kind}")

    def _require_run(self, law: Law) -> None:
        if self.name not in FORESEEN:
            raise Unanswerable(f"interval=run is of the loss of one new run, so it is for {', '.join(FORESEEN)}; {self.name} has interval=mean")
        if self.irreducible_loss is not None:
            raise Unanswerable("interval=run rests on a family of laws in which no irreducible loss is pinned; ask without irreducible_loss")
        if all(relation.forecast is None for relation in law.relations.values()):
            raise Incapable(without_forecast(law))

    @property
    def size(self) -> int:
        """Rows asked: 1 where every input is a single value."""
        return max((len(value) for value in self.inputs().values() if isinstance(value, np.ndarray)), default=1)

    def inputs(self) -> dict[str, Any]:
        """The inputs given, by name: what the question asks about, without options."""
        return {n: value for n in own_inputs(type(self)) if (value := getattr(self, n)) is not None}

    @property
    def options(self) -> dict[str, Any]:
        """Every option by name, given or not."""
        return {n: getattr(self, n) for n in OPTIONS}

    def options_given(self) -> dict[str, Any]:
        """The options given that are part of the question: not how it is carried, not the law, which the answer names."""
        silent = TRANSPORT | {"law", "level"}
        defaults = dict(zip(OPTIONS, Options.__struct_defaults__, strict=True))
        return {n: value for n in OPTIONS if n not in silent and (value := getattr(self, n)) != defaults[n]}

    def rows(self, start: int, stop: int) -> Question:
        """Those rows of this question in columns; itself where it has one."""
        arrays = {n: v[start:stop] for n, v in self.inputs().items() if isinstance(v, np.ndarray)}
        return msgspec.structs.replace(self, **arrays) if arrays else self

    def repeated(self, size: int) -> Question:
        """This question with every number given as a column of `size` rows."""
        numbers = {n: np.resize(v, size) for n, v in self.inputs().items() if type(v) in (float, int, np.ndarray)}
        return msgspec.structs.replace(self, **numbers)

    def _all(self, held: list[Law], digest: str, solve: Solve) -> Answer:
        found, reasons = [], []
        for law in held:
            try:
                found.append(self.by(law, digest, solve))
            except Unanswerable as problem:
                reasons.append(f"{law.id}: {problem.detail}")
        if not found:
            raise Unanswerable(f"no law of {self.domain} answers: {'; '.join(reasons)}")
        return Answer.stack(found, rows=True, compared=True)

    def _first(self, held: list[Law], digest: str, solve: Solve) -> Answer:
        reasons = []
        for law in held:
            try:
                return self.by(law, digest, solve)
            except Incapable as cannot:
                reasons.append(cannot.detail)
        raise Unanswerable(f"no law of {self.domain} answers {self.name}: {'; '.join(dict.fromkeys(reasons))}")

    def _others(self, held: list[Law], digest: str, solve: Solve) -> str:
        able = []
        for law in held:
            try:
                self.by(law, digest, solve)
                able.append(law.id)
            except Unanswerable:
                continue
        return f"laws of {self.domain} that can: {', '.join(able)}" if able else f"no law of {self.domain} can"


def without_forecast(law: Law) -> str:
    """Why a law says nothing of one new run."""
    return (
        f"{law.id} holds no residuals and no forecast, so it gives no interval for one new run; interval=mean is that of the law, "
        "and `trainer fit --form auto` writes a forecast"
    )


@functools.cache
def own_inputs(question: type[Question]) -> tuple[str, ...]:
    """The names of a question's inputs that are no options."""
    return tuple(name for name in question.__struct_fields__ if name not in OPTIONS)


def column(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An input as an array of shape (rows,): always through arrays, since numpy's scalar and array powers differ in the last bit."""
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def exactly_one(question: Question, *names: str) -> str:
    """The one input of `names` that was given.

    Raises:
        NotUnderstood: none or several were.
    """
    given = [name for name in names if getattr(question, name) is not None]
    if len(given) != 1:
        expected = f"exactly one of {', '.join(names)}"
        raise NotUnderstood(
            f"{question.name} needs {expected}; got {', '.join(given) or 'none'}",
            [Fault(n, expected, "given") for n in given] or [Fault(names[0], expected, "nothing")],
        )
    return given[0]
