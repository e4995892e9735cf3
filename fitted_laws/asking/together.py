"""Questions that differ in their numbers alone, answered together: each has the answer that it has alone, to the bit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.asking.question import SINGLE, Catalogue, Question, own_inputs
from fitted_laws.quantities.problems import Problem

T = TypeVar("T")
U = TypeVar("U")

FEW = 8
"""Questions that are answered by themselves where one of them spoils the rows of all."""


class Kind(NamedTuple):
    """What questions share that can be rows of one: all but the values of their numbers, and how replies are sent."""

    question: type[Question]
    types: tuple[type, ...]
    """Of its own inputs."""
    fixed: tuple[Hashable, ...]
    level: float

    @property
    def cost(self) -> Hashable:
        """What the cost of an answer goes by: the level of its intervals does not matter."""
        return self[:3]

    @property
    def in_rows(self) -> bool:
        """Whether those of this kind can be rows of one; ranges and columns share with none."""
        return SINGLE.issuperset(self.types)


def kind(question: Question) -> Kind:
    """The kind of a question."""
    values = msgspec.structs.astuple(question)
    own, options = _places(type(question))
    types = tuple([type(values[place]) for place in own])
    texts = [values[place] for place, of in zip(own, types, strict=True) if of is not float and of in SINGLE]
    return Kind(type(question), types, (*texts, *[values[place] for place in options]), question.level)


@functools.cache
def _places(question: type[Question]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where a question's values hold its own inputs, and where the options that answers depend on."""
    places, own = {name: place for place, name in enumerate(question.__struct_fields__)}, own_inputs(question)
    options = places.keys() - set(own) - {"key", "errors", "level"}
    return tuple(places[name] for name in own), tuple(places[name] for name in sorted(options))


def together(questions: Sequence[Question], laws: Catalogue, *, one_field: bool = False) -> list[Answer | Problem]:
    """The answer of `answering.answer` to each question, or why it has none; those of one kind are rows of one question."""
    answers = functools.partial(of_one_kind, laws=laws, one_field=one_field)
    return by_kind(questions, [kind(question) for question in questions], lambda _, alike: answers(alike))


def by_kind(asked: Sequence[T], kinds: Sequence[Kind], answers: Callable[[Kind, list[T]], Sequence[U]]) -> list[U]:
    """What `answers` gives for all that are of one kind, in the order in which they were asked."""
    places_of: dict[Kind, list[int]] = {}
    for place, each in enumerate(kinds):
        places_of.setdefault(each, []).append(place)
    found: dict[int, U] = {}
    for each, places in places_of.items():
        found |= zip(places, answers(each, [asked[place] for place in places]), strict=True)
    return [found[place] for place in range(len(asked))]


def of_one_kind(
    questions: Sequence[Question], laws: Catalogue, *, one_field: bool = False
) -> Sequence[Answer | Problem]:
    """The answer to each of `questions`, which are of one kind, or why it has none."""
    if not kind(questions[0]).in_rows:
        return [_alone(question, laws, one_field=one_field) for question in questions]
    whole = _as_rows(questions, laws, one_field=one_field)
    return _one_spoils(questions, laws, one_field=one_field) if whole is None else whole


def _as_rows(questions: Sequence[Question], laws: Catalogue, *, one_field: bool) -> list[Answer] | None:
    """The answers to questions as the rows of one; None where they are none, or one of them spoils the others."""
    first = questions[0]
    numbers = [name for name in own_inputs(type(first)) if type(getattr(first, name)) is float]
    if len(questions) == 1 or not numbers:
        return None
    columns = {name: np.array([getattr(question, name) for question in questions]) for name in numbers}
    try:
        whole = answering.answer(msgspec.structs.replace(first, **columns), laws, one_field=one_field)
    except Problem:
        return None
    law = whole.columns["law"]
    # What is left of an answer where a law has none speaks for all rows, though one of them may be at fault.
    alike = type(law) is str or (law is None and type(first).remainder is Question.remainder)
    return list(whole.apart()) if alike and whole.shape == "columns" else None


def _one_spoils(questions: Sequence[Question], laws: Catalogue, *, one_field: bool) -> list[Answer | Problem]:
    """The answer to each of the questions that are no rows of one: while one half of them are, these are; the others by themselves."""
    if len(questions) > FEW:
        middle = len(questions) // 2
        halves = questions[:middle], questions[middle:]
        wholes = [_as_rows(half, laws, one_field=one_field) for half in halves]
        if any(wholes):
            return [
                answer
                for half, whole in zip(halves, wholes, strict=True)
                for answer in whole or _one_spoils(half, laws, one_field=one_field)
            ]
    return [_alone(question, laws, one_field=one_field) for question in questions]


def _alone(question: Question, laws: Catalogue, *, one_field: bool) -> Answer | Problem:
    try:
        return answering.answer(question, laws, one_field=one_field)
    except Problem as problem:
        return problem
