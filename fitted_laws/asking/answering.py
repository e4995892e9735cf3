"""From a question to its answer: which laws it is put to, what of them it may ask, and what a forecast frozen with a law says."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking.assembling import assemble
from fitted_laws.asking.options import ALL
from fitted_laws.asking.question import Catalogue, Question, Solve, names_of_those_that
from fitted_laws.forms import FORMS
from fitted_laws.laws.law import Law
from fitted_laws.quantities.display import brief
from fitted_laws.quantities.domains import parted
from fitted_laws.quantities.problems import Fault, Incapable, NotFound, NotUnderstood, Unanswerable, UnknownInput, shown
from fitted_laws.solving.counts import require_relation, translating
from fitted_laws.solving.extrapolation import BEYOND, FAR_ENDS
from fitted_laws.solving.forecast_interval import forecast_notes
from fitted_laws.solving.solution import Caution, Solution, by_rows, cut, settled

MOST_LAWS = 8
"""Laws that one question may name."""
MOST_NAMED = 5
"""Laws that a refusal names."""
By: TypeAlias = Callable[[Law], Answer]
"""The answer to one question by a law."""


def answer(question: Question, laws: Catalogue) -> Answer:
    """The answer by the law asked for, by each of several, by all that can (`law="all"`), or by the default; by none where the inputs suffice.

    The default follows from domain, question and inputs, never from options: one that it cannot honour is refused.

    Raises:
        NotUnderstood: the inputs do not go together.
        NotFound: no such domain or law.
        Unanswerable: no law asked can answer; those that can are named.
    """
    question.require_inputs()
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
        _honoured(question, named[0], candidates, by)
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


def by_law(question: Question, law: Law, digest: str, solve: Solve) -> Answer:
    """The answer by `law`, of a catalogue of that digest; `solve` gets this question, or one row of it.

    Raises:
        Incapable: the law lacks what is asked; another may hold it.
        Unanswerable: there is no answer.
    """
    require_options(question, law)
    if question.counts is not None and question.counts != law.first.counts:
        require_relation(question, law)
        solve = translating(solve)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # assemble refuses what is not finite
        return assemble(question, law, solved(question, law, solve), digest)


def solved(question: Question, law: Law, solve: Solve) -> Solution:
    """What `law` says of each row, whose bits must not depend on the rows beside it.

    By a law with draws each row is solved alone. Without draws all are solved at once, two at least: raising to the power ½,
    numpy takes a root for some shapes of its operands, among them one row and one coefficient, and not for others.
    """
    in_columns = question.in_columns(law)
    size = in_columns.size
    first = solve(in_columns.rows(0, 1), law)
    if first.drawn:
        others = (solve(in_columns.rows(i, i + 1), law) for i in range(1, size))
        solution = by_rows(itertools.chain([first], others), size, in_columns.level)
    else:
        solution = cut(settled(solve(in_columns.repeated(max(size, 2)), law)), size)
    return question.arranged(with_forecast(in_columns, law, solution))


def with_forecast(question: Question, law: Law, solution: Solution) -> Solution:
    """The solution with what the forecast frozen with the law, if there is one, says of its losses.

    Raises:
        Incapable: one new run is asked about, and there is none.
        Unanswerable: one is asked about where no run can be.
    """
    forecast = solution.sources[0].relation.forecast if solution.sources else None
    if forecast is None or question.irreducible_loss is not None:
        if question.interval == "run":
            raise Incapable(without_forecast(law))
        return solution
    if question.forecasts:
        return question.with_forecast(
            law, solution.warned(*forecast_notes(forecast, law.id, question.interval)), forecast
        )
    if forecast.centre == "forecast":
        able = names_of_those_that("forecasts")
        return solution.warned(Caution(f"by the coefficients of {law.id} alone: its forecast answers {able}"))
    return solution


def require_options(question: Question, law: Law) -> None:
    """That `law` can do what the options ask.

    Raises:
        Unanswerable: an option has no meaning for this question or domain.
        Incapable: this law cannot.
    """
    if question.part is not None and not law.domain.parts:
        raise Unanswerable(f"part= is for {' and '.join(parted())}; {law.domain.id} has no parts")
    if question.irreducible_loss is not None and not question.pins_floor:
        able = names_of_those_that("pins_floor")
        raise Unanswerable(f"irreducible_loss= is not pinned for {question.name}; it is for {able}")
    if question.interval == "run":
        _require_run(question, law)
    kinds = {relation.compute_kind for relation in law.relations.values()}
    if question.compute_kind in ("minimal", "fixed-batch") and question.compute_kind not in kinds:
        raise Incapable(f"{law.id} reads compute as spent; it holds nothing for compute_kind={question.compute_kind}")


def _require_run(question: Question, law: Law) -> None:
    if not question.forecasts:
        able = names_of_those_that("forecasts")
        raise Unanswerable(
            f"interval=run is of the loss of one new run, so it is for {able}; {question.name} has interval=mean"
        )
    if question.irreducible_loss is not None:
        raise Unanswerable(
            "interval=run rests on a family of laws in which no irreducible loss is pinned; ask without irreducible_loss"
        )
    if all(relation.forecast is None for relation in law.relations.values()):
        raise Incapable(without_forecast(law))


def without_forecast(law: Law) -> str:
    """Why a law says nothing of one new run."""
    return (
        f"{law.id} holds no residuals and no forecast, so it gives no interval for one new run; interval=mean is that of the law, "
        "and `trainer fit --form auto` writes a forecast"
    )


def _by_default(question: Question, laws: Catalogue, candidates: Sequence[Law]) -> Answer:
    """By the first law that can answer these inputs without any option, and by that one alone."""
    plain = question.without_options()
    optionless = plain is question
    by = asker(question, laws)
    by_plain = by if optionless else asker(plain.rows(0, 1), laws)
    refusals: list[Refusal] = []
    for law in candidates:
        try:
            reply = by_plain(law)
        except Incapable as cannot:
            refusals.append(Refusal(law, cannot))
            continue
        except Unanswerable:
            if optionless:
                raise
        if not optionless:
            reply = _honoured(question, law, candidates, by)
        return _near_its_models(question, law, reply)
    raise Unanswerable(_none_can(question, refusals))


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


def _honoured(question: Question, law: Law, candidates: Sequence[Law], by: By) -> Answer:
    """The answer by `law`.

    Raises:
        Unanswerable: it cannot; the reason is its own, and at most five that can are named with their scale.
    """
    try:
        return by(law)
    except Incapable as cannot:
        raise Unanswerable(f"{cannot.detail}; {_others(question, candidates, by)}") from None


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
        f"no published law of {question.domain} answers this; {law.id} was fitted on models of {scale(law)}, "
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
    answers, refusals = [], []
    for law in candidates:
        try:
            answers.append(by(law))
        except Unanswerable as problem:
            refusals.append(f"{law.id}: {problem.detail}")
    if not answers:
        raise Unanswerable(f"none of the {len(candidates)} laws of {question.domain} answers; {refusals[0]}")
    return Answer.stack(answers, rows=True, compared=question.losses)


def _side_by_side(question: Question, named: Sequence[Law], by: By, digest: str) -> Answer:
    """A row each, in the order asked; one that cannot answer says why in `error`."""
    parts, refusals = [], []
    for law in named:
        try:
            parts.append(by(law))
        except Unanswerable as problem:
            refusals.append(f"{law.id}: {problem.detail}")
            echo = {"domain": question.domain, "law": law.id, "level": question.level, "catalogue": digest}
            parts.append(Answer.refused(echo, problem.detail, question.size))
    if len(refusals) == len(named):
        raise Unanswerable(f"none of them answers; {refusals[0]}")
    return Answer.stack(parts, rows=True, compared=question.losses)


def _others(question: Question, candidates: Sequence[Law], by: By) -> str:
    """At most five laws that can answer, each with its scale."""
    able: list[str] = []
    for law in candidates:
        with contextlib.suppress(Unanswerable):
            by(law)
            able.append(f"{law.id} ({scale(law)})")
        if len(able) == MOST_NAMED:
            break
    return f"laws that can: {', '.join(able)}" if able else f"no law of {question.domain} can"


def scale(law: Law) -> str:
    """What sizes, or else budgets, a law was fitted on."""
    ranges = [relation.ranges for relation in law.relations.values()]
    for name, unit in (("params", "parameters"), ("compute", "FLOP")):
        ends = next((found[name] for found in ranges if name in found), None)
        if ends is not None:
            return f"{brief(ends[0])} to {brief(ends[1])} {unit}"
    return "no range stated"
