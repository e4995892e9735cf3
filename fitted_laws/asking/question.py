"""What every question shares: its options, its inputs in columns, and what it may say of itself where others say
nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

import msgspec
import numpy as np

from fitted_laws.answers.conversions import EQUIVALENTS
from fitted_laws.answers.showing import LawCurve, ReportExample, WorkbookSheet
from fitted_laws.asking.options import OPTIONS, TRANSPORT, DomainName, Options
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.quantities.spread import Spread
from fitted_laws.solving.solution import Solution


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
    instead: ClassVar[str] = ""
    """The field that comes first by laws without the headline, where there are such."""
    curve: ClassVar[bool] = False
    """Whether one question gives several rows."""
    axes: ClassVar[tuple[str, str] | None] = None
    """Of a curve: the field across and the field up."""
    example: ClassVar[dict[str, Any]]
    optional: ClassVar[tuple[str, ...]] = ()
    """Inputs that say how an answer is to be had, as options do: they do not choose the law."""
    lawless: ClassVar[bool] = False
    """Whether no law is needed."""
    losses: ClassVar[tuple[str, ...]] = ("loss",)
    """Fields that are losses on the law's own data."""
    rank: ClassVar[int] = 100
    """Place in lists of questions: what most users come with first, questions of one rank as they are found."""
    pins_floor: ClassVar[bool] = False
    """Whether it can be answered at a pinned irreducible loss."""
    forecasts: ClassVar[bool] = False
    """Whether it is about the loss of runs, so that `interval=run` means something."""
    of_draws: ClassVar[tuple[str, ...]] = ()
    """Fields, beside ends of intervals, that follow from draws."""
    size_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that are numbers of parameters, where these are translated between counts; empty where nothing is."""
    law_curves: ClassVar[tuple[LawCurve, ...]] = ()
    """Curves to picture a law by."""
    sheet: ClassVar[WorkbookSheet | None] = None
    """Its sheet in the workbook, where it has one."""
    report_examples: ClassVar[Mapping[str, ReportExample]] = {}
    """What a report asks of the law it is about, by the role of its relation."""

    domain: DomainName

    @classmethod
    def in_words(cls) -> str:
        """The question as its docstring asks it: the first paragraph."""
        return " ".join((cls.__doc__ or "").split("\n\n")[0].split())

    @classmethod
    def remarks(cls) -> list[str]:
        """What its docstring says after the question, a paragraph each."""
        return [" ".join(each.split()) for each in (cls.__doc__ or "").split("\n\n")[1:]]

    def solve(self, law: Law) -> Solution:
        """The answer by one law.

        Raises:
            Incapable: the law lacks the relation; another may hold it.
            Unanswerable: there is no answer.
        """
        raise NotImplementedError

    def require_inputs(self) -> None:
        """That the inputs given go together, as far as no law need be known.

        Raises:
            NotUnderstood: they do not.
        """

    def without_law(self) -> Solution | None:
        """What follows from the inputs alone; None where a law is needed.

        Raises:
            NotUnderstood, Unanswerable: nothing does, and no law would help.
        """
        return None

    def remainder(self, why: str) -> Solution | None:  # noqa: ARG002 - most questions are about a law alone
        """What there is to say where no law that is asked can answer, and `why`; None where nothing is."""
        return None

    def monotone_in(self, law: Law) -> tuple[str, ...]:  # noqa: ARG002 - which fields there are depends on the law
        """The inputs in which all that follows from a draw of `law` is smooth and goes one way, where so few are given; else none."""
        return ()

    def rows_at_once(self, law: Law) -> int:  # noqa: ARG002 - what is solved depends on the law
        """How many rows are solved together: each has, by each draw of `law`, the bits that it has alone."""
        return 1

    def solve_by(self, laws: Catalogue) -> Solve:  # noqa: ARG002 - a question about two laws looks the other one up
        """What solves this question, or one row of it, by a law of `laws`."""
        return lambda question, law: question.solve(law)

    def arranged(self, solution: Solution) -> Solution:
        """A solution in columns as the answer to this question has it: of a curve, other fields than those of its
        points.
        """
        return solution

    def in_columns(self, law: Law) -> Question:  # noqa: ARG002 - which points a curve has may depend on the law
        """The question in columns whose rows are the points of this curve; where this is none, itself."""
        return self

    @property
    def size(self) -> int:
        """Rows asked: 1 where every input is a single value."""
        return max((len(value) for value in self.inputs().values() if in_columns(value)), default=1)

    def inputs(self) -> dict[str, Any]:
        """The inputs given, by name: what the question asks about, without options."""
        return {n: value for n in own_inputs(type(self)) if (value := getattr(self, n)) is not None}

    @property
    def named_fields(self) -> tuple[str, ...] | None:
        """The fields that are to be shown, in order; None: all."""
        return None if self.fields is None else tuple(self.fields.split(","))

    def of_one_field(self) -> Question:
        """This question where of its answer one field alone is given: nothing is drawn that does not show in it."""
        if self.fields is not None or self.field == "warnings":  # what is said of intervals shows in warnings
            return self
        return msgspec.structs.replace(self, fields=self.field or self.headline)

    @property
    def ends(self) -> frozenset[str] | None:
        """The fields whose intervals are to be computed; None: all."""
        if self.interval == "none":
            return frozenset()
        return None if self.named_fields is None else frozenset(filter(None, map(interval_of, self.named_fields)))

    @property
    def draws(self) -> bool:
        """Whether what is shown follows from draws."""
        ends = self.ends
        if ends is None or ends:
            return True
        shown = self.named_fields or ()
        return "interval_source" in shown or any(name in shown for name in self.of_draws)

    @property
    def of_interval(self) -> str | None:
        """An input given that means nothing without draws, such as a range; None where there is none."""
        return next((name for name, value in self.inputs().items() if isinstance(value, Spread)), None)

    @property
    def options(self) -> dict[str, Any]:
        """Every option by name, given or not."""
        return {n: getattr(self, n) for n in OPTIONS}

    def options_given(self) -> dict[str, Any]:
        """The options given that are part of the question: not how the answer is sent, not the law, which the answer
        names.
        """
        return {n: value for n, default in DEFAULTS.items() if (value := getattr(self, n)) != default}

    def without_options(self) -> Question:
        """The question that its domain, inputs and name make: itself where no option says more."""
        names = ("irreducible_loss", "counts", "compute_kind", "part", *self.optional)
        changed: dict[str, Any] = {name: None for name in names if getattr(self, name) is not None}
        if self.interval == "run":
            changed["interval"] = "none"
        return msgspec.structs.replace(self, **changed) if changed else self

    def rows(self, start: int, stop: int) -> Question:
        """Those rows of this question in columns; itself where it has one."""
        arrays = {n: v[start:stop] for n, v in self.inputs().items() if in_columns(v)}
        return msgspec.structs.replace(self, **arrays) if arrays else self

    def chosen(self, rows: Any) -> Question:
        """These rows of this question in columns, in their order."""
        arrays = {n: v[rows] for n, v in self.inputs().items() if in_columns(v)}
        return msgspec.structs.replace(self, **arrays)

    def repeated(self, size: int) -> Question:
        """This question with every number given as a column of `size` rows."""
        inputs = {n: v.centre if isinstance(v, Spread) else v for n, v in self.inputs().items()}
        numbers = {n: np.full(size, v, float) for n, v in inputs.items() if type(v) in (float, int)}
        numbers |= {n: np.resize(v, size) for n, v in inputs.items() if isinstance(v, np.ndarray)}
        return msgspec.structs.replace(self, **numbers)


DEFAULTS = {
    name: default
    for name, default in zip(OPTIONS, Options.__struct_defaults__, strict=True)
    if name not in TRANSPORT | {"law", "level"}
}
"""What the options that are part of a question are where they are not given."""


SINGLE = frozenset({float, int, str, bool, type(None)})
"""Types of inputs that are one value."""


def in_columns(value: object) -> bool:
    """Whether an input is a column: one value, or one range, a row."""
    return isinstance(value, np.ndarray) or (isinstance(value, Spread) and value.in_columns)


def interval_of(name: str) -> str | None:
    """The field whose interval has an end of that name; None where it is the name of none."""
    field = name.removesuffix("_low").removesuffix("_high")
    if field == name:
        return None
    return next((of for of, others in EQUIVALENTS.items() if field in others), field.removesuffix("_pf_days"))


@functools.cache
def own_inputs(question: type[Question]) -> tuple[str, ...]:
    """The names of a question's inputs that are no options."""
    return tuple(name for name in question.__struct_fields__ if name not in OPTIONS)


def every_question(base: type[Question] = Question) -> Iterator[type[Question]]:
    """Every class that has been derived from `base` and has a name."""
    for question in base.__subclasses__():
        if hasattr(question, "name"):
            yield question
        yield from every_question(question)


@functools.cache
def names_of_those_that(capability: Literal["pins_floor", "forecasts"]) -> str:
    """The names of the questions that can, as a sentence lists them: by rank, those of one file together."""
    ranked = sorted(every_question(), key=lambda question: question.rank)
    files = list(dict.fromkeys(question.__module__ for question in ranked))
    ranked.sort(key=lambda question: files.index(question.__module__))
    return ", ".join(question.name for question in ranked if getattr(question, capability))


def exactly_one(question: Question, *names: str) -> str:
    """The one input of `names` that was given.

    Raises:
        NotUnderstood: none or several were.
    """
    present = [name for name in names if getattr(question, name) is not None]
    if len(present) != 1:
        expected = f"exactly one of {', '.join(names)}"
        raise NotUnderstood(
            f"{question.name} needs {expected}; got {', '.join(present) or 'none'}",
            [Fault(n, expected, "given") for n in present] or [Fault(names[0], expected, "nothing")],
        )
    return present[0]
