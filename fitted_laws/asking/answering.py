"""Which laws answer a question: the one asked for, several, all that can, or the one that its inputs make the default."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking.assembling import assemble
from fitted_laws.asking.by_law import by_law, without_a_law
from fitted_laws.asking.options import ALL
from fitted_laws.asking.question import Catalogue, Question
from fitted_laws.forms import FORMS
from fitted_laws.laws.law import Law
from fitted_laws.laws.laws import by_family
from fitted_laws.quantities.problems import Fault, Incapable, NotFound, NotUnderstood, Unanswerable, UnknownInput, shown
from fitted_laws.solving.extrapolation import BEYOND, FAR_ENDS

MOST_LAWS = 8
"""Laws that one question may name."""
MOST_NAMED = 5
"""Laws that a refusal names."""
By: TypeAlias = Callable[[Law], Answer]
"""The answer to one question by a law."""


def answer(question: Question, laws: Catalogue, *, one_field: bool = False) -> Answer:
    """The answer by the law asked for, by each of several, by all that can (`law="all"`), or by the default; by none where the inputs suffice.

    The default follows from domain, question and inputs, never from options: one that it cannot honour is refused.
    With `one_field` only that which the option `field` names is looked at, else the headline: the ends of others are null.

    Raises:
        NotUnderstood: the inputs do not go together.
        NotFound: no such domain or law.
        Unanswerable: no law asked can answer; those that can are named.
    """
    require_interval(question)
    question.require_inputs()
    return by_whom(question.of_one_field() if one_field else question, laws).showing(question.named_fields)


def require_interval(question: Question) -> None:
    """That no interval is left out of a question that is about one.

    Raises:
        NotUnderstood: it is.
    """
    if question.interval == "none" and question.of_interval is not None:
        expected = f"`mean` or `run` beside {question.of_interval}, which follows from draws"
        raise NotUnderstood.of(Fault("interval", expected, "'none'"))


def by_whom(question: Question, laws: Catalogue) -> Answer:
    """The answer by whom it is asked of, with every field."""
    candidates = laws.of(question.domain)
    without = question.without_law()
    if without is not None:
        return assemble(question, None, without, laws.digest)
    if question.law is None:
        return _by_default(question, laws, candidates)
    by = asker(question, laws)
    if question.law == ALL:
        return _by_all(question, candidates, by)
    named = [_law_named(question.domain, id, laws, candidates) for id in law_ids(question.law)]
    return (
        _honoured(question, named[0], candidates, laws)
        if len(named) == 1
        else _side_by_side(question, named, by, laws.digest)
    )


def asker(question: Question, laws: Catalogue) -> By:
    """What answers `question` by one law of `laws`."""
    return functools.partial(by_law, question, digest=laws.digest, solve=question.solve_by(laws))


def law_ids(text: str) -> list[str]:
    """The ids in a list of laws.

    Raises:
        NotUnderstood: one comes twice, there are too many, or `all` is among others.
    """
    ids = text.split(",")
    if len(set(ids)) < len(ids) or len(ids) > MOST_LAWS or (ALL in ids and len(ids) > 1):
        expected = f"`{ALL}`, a law id, or two to {MOST_LAWS} of them, each once"
        raise NotUnderstood.of(Fault("law", expected, shown(text)))
    return ids


def _law_named(domain: str, id: str, laws: Catalogue, candidates: Sequence[Law]) -> Law:
    """The law of that id in `domain`, whose laws are `candidates`.

    Raises:
        NotFound: there is none; the domains it has, or the nearest names, are offered.
    """
    law = next((law for law in candidates if law.id == id), None)
    if law is None:
        domains = ", ".join(sorted(law.domain.id for law in laws.named(id)))
        raise NotFound(f"{id} holds no law of {domain}; it has: {domains}", [Fault("law", f"a law of {domain}", id)])
    return law


def _by_default(question: Question, laws: Catalogue, candidates: Sequence[Law]) -> Answer:
    """By the first law that can answer these inputs without any option, and by that one alone."""
    plain = question.without_options()
    optionless = plain is question
    by_plain = asker(question if optionless else plain.rows(0, 1), laws)
    refusals: list[Refusal] = []
    first = next((law for law in candidates if not law.only_by_name), None)
    if first is None:
        ids = ", ".join(law.id for law in candidates)
        raise Unanswerable(f"laws of {question.domain} answer only where they are named: ask law={ids}")
    for law in (law for law in candidates if not law.only_by_name):
        try:
            reply = by_plain(law)
        except Incapable as cannot:
            refusals.append(Refusal(law, cannot))
            continue
        except Unanswerable:
            if optionless:
                raise
        if not optionless:
            reply = _honoured(question, law, candidates, laws)
        try:
            return _near_its_models(question, law, reply)
        except Unanswerable as far:
            rest = without_a_law(question, law, far.detail, laws.digest, named=False)
            if rest is None:
                raise
            return rest
    why = _none_can(question, refusals)
    rest = without_a_law(question, first, why, laws.digest, named=False)
    if rest is None:
        raise Unanswerable(why)
    return rest


class Refusal(NamedTuple):
    """A law that cannot answer, and why."""

    law: Law
    why: Incapable


def _none_can(question: Question, refusals: Sequence[Refusal]) -> str:
    """Why no law answers: what keeps the first, or which laws know an input that it does not."""
    begun = f"no law of {question.domain} answers {question.name} from these inputs"
    first = refusals[0].why
    if not isinstance(first, UnknownInput):
        return f"{begun}: {first.detail}"
    what = " and ".join(first.inputs)
    knowing = [refusal.law.id for refusal in refusals if knows(refusal.law, first.inputs)]
    if not knowing:
        return f"{begun}: none knows {what}; ask without"
    return f"{begun}; {what} is known to {', '.join(knowing[:MOST_NAMED])}, whose losses loss gives: ask that, or {question.name} without it"


def knows(law: Law, inputs: Sequence[str]) -> bool:
    """Whether a form of the law takes these further inputs."""
    return any(set(inputs) <= set(FORMS[relation.form].extras) for relation in law.relations.values())


def _honoured(question: Question, law: Law, candidates: Sequence[Law], laws: Catalogue) -> Answer:
    """The answer by `law`.

    Raises:
        Unanswerable: it cannot; the reason is its own, and at most five that can are named with their scale.
    """
    try:
        return asker(question, laws)(law)
    except Incapable as cannot:
        rest = None
        if question.without_options() is question:  # else an option is what it cannot honour
            rest = without_a_law(question, law, cannot.detail, laws.digest, named=True)
        if rest is not None:
            return rest
        others = _others(question.domain, candidates, asker(_undrawn(question.rows(0, 1)), laws))
        raise Unanswerable(f"{cannot.detail}; {others}") from None


def _near_its_models(question: Question, law: Law, reply: Answer) -> Answer:
    """The answer that nobody asked this law for; one by small models ends where it lies far beyond them.

    Raises:
        Unanswerable: it lies there from the start, or in some row of a column.
    """
    far = [row for row, reach in enumerate(reply.column("reach")) if reach == BEYOND] if law.of_small_models else []
    if not far:
        return reply
    if question.curve and far[0] > 0:
        end = f"the curve ends where it would lie {FAR_ENDS:g} decades beyond the models of {law.id}; law={law.id} goes on"
        return reply.head(far[0], end)
    decades = reply.column("extrapolation")[far[0]]
    why = (
        f"no published law of {question.domain} answers this; {law.id} was fitted on models of {law.scale}, "
        f"and this lies {decades:.1f} decades beyond them: law={law.id} asks it all the same"
    )
    column = next((name for name, value in question.inputs().items() if isinstance(value, np.ndarray)), None)
    if column is None:
        raise Unanswerable(why)
    raise Unanswerable(
        f"row {far[0]}: {why}",
        [Fault(f"{column}[{far[0]}]", "a value nearer to the fit", str(question.inputs()[column][far[0]]))],
    )


def _by_all(question: Question, candidates: Sequence[Law], by: By) -> Answer:
    """A row each of those that can, families together: each where its most preferred law stands."""
    answers, refusals = [], []
    for law in (law for family in by_family(candidates).values() for law in family):
        try:
            answers.append(by(law).beside("law", family=law.family.id))
        except Unanswerable as problem:
            refusals.append(problem.detail if law.id in problem.detail else f"{law.id}: {problem.detail}")
    if not answers:
        several = len(candidates) > 1
        who, what = (
            (f"none of the {len(candidates)} laws", "answers") if several else ("the one law", "does not answer")
        )
        raise Unanswerable(f"{who} of {question.domain} {what}; {refusals[0]}")
    return Answer.stack(answers, rows=True, compared=question.losses)


def _side_by_side(question: Question, named: Sequence[Law], by: By, digest: str) -> Answer:
    """A row each, in the order asked; one that cannot answer says why in `error`."""
    parts, refusals = [], []
    for law in named:
        try:
            parts.append(by(law))
        except Unanswerable as problem:
            refusals.append(problem.detail if law.id in problem.detail else f"{law.id}: {problem.detail}")
            echo = {"domain": question.domain, "law": law.id, "level": question.level, "catalogue": digest}
            parts.append(Answer.refused(echo, problem.detail, question.size))
    if len(refusals) == len(named):
        raise Unanswerable(f"none of them answers; {refusals[0]}")
    return Answer.stack(parts, rows=True, compared=question.losses)


def _undrawn(question: Question) -> Question:
    """The question without its interval, where that says nothing of who can answer it."""
    plain = question.interval == "mean" and question.of_interval is None
    return msgspec.structs.replace(question, interval="none") if plain else question


def _others(domain: str, candidates: Sequence[Law], by: By) -> str:
    """At most five laws that can answer, each with its scale; `by` asks one row, since a column would be solved by each of them."""
    able: list[str] = []
    for law in candidates:
        with contextlib.suppress(Unanswerable):
            by(law)
            able.append(f"{law.id} ({law.scale})")
        if len(able) == MOST_NAMED:
            break
    return f"laws that can: {', '.join(able)}" if able else f"no law of {domain} can"
