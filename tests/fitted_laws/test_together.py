"""Questions answered together have the answers that they have alone, to the byte."""

import contextlib
import itertools
import random

import pytest

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.formats import as_csv, as_json, as_txt
from fitted_laws.asking import answering
from fitted_laws.asking.together import together
from fitted_laws.catalogue import shipped
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions import registry

LAWS = shipped()
FACTORS = 1.0, 0.97, 1.003, 2.0, 0.125
"""What each number of an example is multiplied by, one after the other, the next number by the next."""
FAR = 1.0, 1e-8, 1e8
"""Such factors where others ask of what a law has no answer to, or another one."""
OPTIONS = (
    {},
    {"interval": "none"},
    {"fields": "loss,warnings,law"},
    {"level": "0.5"},
    {"counts": "total"},
    {"irreducible_loss": "1.5"},
    {"interval": "run"},
)


def alone(question, *, one_field=False) -> Answer | Problem:
    try:
        return answering.answer(question, LAWS, one_field=one_field)
    except Problem as problem:
        return problem


def written(question, found) -> list[tuple[str, ...] | bytes]:
    """An answer in every format, or the problem."""
    if isinstance(found, Problem):
        return [(type(found).__name__, found.detail)]
    texts = []
    for form in (as_json, as_csv, as_txt):
        try:
            texts.append(form(found, question.field, question.row))
        except Problem as problem:
            texts.append((type(problem).__name__, problem.detail))
    return texts


def like(name, factors=FACTORS, **more) -> list:
    """Questions like the example of that name whose numbers differ by `factors`, as far as they can be read."""
    example = registry.QUESTIONS[name].example
    numbers = {n: v for n, v in registry.read(name, example).inputs().items() if type(v) is float}
    found = []
    for shift in range(len(factors)):
        turned = factors[shift:] + factors[:shift]
        changed = {n: v * factor for (n, v), factor in zip(numbers.items(), turned * len(numbers), strict=False)}
        with contextlib.suppress(
            Problem
        ):  # a count that would be no integer, an option that the question does not take
            found.append(registry.read(name, {**example, **changed, **more}))
    return found


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", [name for name, question in registry.QUESTIONS.items() if not question.curve])
def test_each_has_the_bytes_that_it_has_alone(name, options) -> None:
    """By the default law, and by another of its domain, another one for each question and option."""
    ids = [law.id for law in LAWS.of(registry.QUESTIONS[name].example["domain"])]
    for law in ({}, *({"law": id} for id in random.Random(f"{name} {options}").sample(ids, 1))):
        asked = like(name, **options, **law)
        for one_field in (False, True):
            found = together(asked, LAWS, one_field=one_field)
            assert [*map(written, asked, found)] == [written(q, alone(q, one_field=one_field)) for q in asked]


@pytest.mark.parametrize("name", [name for name, question in registry.QUESTIONS.items() if not question.curve])
def test_each_has_the_bytes_that_it_has_alone_beside_those_far_away(name) -> None:
    """Two at a time, so that none is answered alone since another one is refused: who answers does not depend on who else asks."""
    asked = like(name, FAR)
    for pair in itertools.combinations(asked, 2):
        assert [*map(written, pair, together(pair, LAWS))] == [written(q, alone(q)) for q in pair]


def test_those_of_one_kind_are_asked_as_one(monkeypatch) -> None:
    """Nine of three kinds, one of which needs no law, and a range: four questions."""
    asked = [registry.read("optimal", {"domain": "language", "compute": 1e21 * (1 + i)}) for i in range(3)]
    asked += [registry.read("loss", {"domain": "language", "params": 1e9, "tokens": 1e10 * (1 + i)}) for i in range(3)]
    asked += [registry.read("convert", {**registry.QUESTIONS["convert"].example, "loss": 2.0 + i}) for i in range(3)]
    asked.append(registry.read("plan", {**registry.QUESTIONS["plan"].example, "mfu": "0.3..0.5"}))
    calls = []
    answer = answering.answer
    monkeypatch.setattr(answering, "answer", lambda *a, **k: calls.append(a) or answer(*a, **k))
    assert [found["law"] for found in together(asked, LAWS)] == [alone(question)["law"] for question in asked]
    assert len(calls) == 4 + len(asked)


def test_ranges_are_each_their_own() -> None:
    """However many there are: a range is no number that a row could have."""
    example = registry.QUESTIONS["plan"].example
    asked = [registry.read("plan", {**example, "mfu": f"{0.2 + i / 100:.2f}..{0.4 + i / 100:.2f}"}) for i in range(20)]
    found = together(asked, LAWS)
    assert [*map(written, asked, found)] == [written(question, alone(question)) for question in asked]
    assert len({answer["hours"] for answer in found}) == len(asked)


@pytest.mark.parametrize(("spoils", "most"), [({9}, 16), (set(range(0, 32, 2)), 36)], ids=["one", "every second"])
def test_one_that_spoils_the_rows_costs_the_others_little(monkeypatch, spoils, most) -> None:
    """Of 32; where many do, little more is asked than each question."""
    asked = [
        registry.read("optimal", {"domain": "language", "compute": 1.0 if place in spoils else 1e21 * (1 + place)})
        for place in range(32)
    ]
    expected = [written(question, alone(question)) for question in asked]
    calls = []
    answer = answering.answer
    monkeypatch.setattr(answering, "answer", lambda *a, **k: calls.append(a) or answer(*a, **k))
    found = together(asked, LAWS)
    assert len(calls) <= most
    assert [*map(written, asked, found)] == expected


def test_one_that_has_no_answer_takes_none_from_the_others() -> None:
    """A budget of one FLOP trains no model."""
    asked = [registry.read("optimal", {"domain": "language", "compute": compute}) for compute in (1e21, 1.0, 1e22)]
    first, none, last = together(asked, LAWS)
    assert isinstance(none, Problem)
    assert none.detail == alone(asked[1]).detail
    assert (first["params"], last["params"]) == (alone(asked[0])["params"], alone(asked[2])["params"])
