"""Questions that differ in their numbers alone, answered together: each has the answer that it has alone, to the bit."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence

import msgspec
import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.asking.question import SINGLE, Catalogue, Question, own_inputs
from fitted_laws.quantities.problems import Problem

FEW = 8
"""Questions that are answered by themselves where one of them spoils the rows of all."""


def together(questions: Sequence[Question], laws: Catalogue, *, one_field: bool = False) -> list[Answer | Problem]:
    """The answer of `answering.answer` to each question, or why it has none; those of one kind are rows of one question."""
    kinds: dict[Hashable, list[int]] = {}
    for place, question in enumerate(questions):
        kinds.setdefault(_kind(question), []).append(place)
    found: dict[int, Answer | Problem] = {}
    for places in kinds.values():
        answers = _of_one_kind([questions[place] for place in places], laws, one_field=one_field)
        found |= zip(places, answers, strict=True)
    return [found[place] for place in range(len(questions))]


def _kind(question: Question) -> Hashable:
    """What questions share that can be rows of one: all but the values of their numbers. Ranges and columns share with none."""
    values = msgspec.structs.astuple(question)
    own, others = _places(type(question))
    types = tuple([type(values[place]) for place in own])
    if not SINGLE.issuperset(types):
        return object()
    fixed = [values[place] for place, kind in zip(own, types, strict=True) if kind is not float]
    return type(question), types, *fixed, *[values[place] for place in others]


@functools.cache
def _places(question: type[Question]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where a question's values hold its own inputs, and where its options."""
    names, own = question.__struct_fields__, own_inputs(question)
    inside = tuple(place for place, name in enumerate(names) if name in own)
    return inside, tuple(place for place in range(len(names)) if place not in inside)


def _of_one_kind(questions: Sequence[Question], laws: Catalogue, *, one_field: bool) -> Sequence[Answer | Problem]:
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
    if whole.shape == "columns" and type(whole.columns["law"]) is str:  # one law for all rows: none waived them
        return list(whole.apart())
    return None


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
