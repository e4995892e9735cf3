"""From a question to its answer: which laws it is put to, what of them it may ask, and what a forecast frozen with a
law says.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking.assembling import assemble
from fitted_laws.asking.question import Catalogue, Question, Solve, names_of_those_that
from fitted_laws.laws.law import Law
from fitted_laws.quantities.domains import parted
from fitted_laws.quantities.problems import Fault, Incapable, NotFound, Unanswerable
from fitted_laws.solving.counts import require_relation, translating
from fitted_laws.solving.forecast_interval import forecast_notes
from fitted_laws.solving.solution import Caution, Solution, by_rows, cut, settled

By: TypeAlias = Callable[[Law], Answer]
"""The answer to one question by a law."""


def answer(question: Question, laws: Catalogue) -> Answer:
    """The answer by the law asked for, by each that can (`law="all"`), or by the domain's first that can; by none where
    the inputs suffice.

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
    by: By = functools.partial(by_law, question, digest=laws.digest, solve=question.solve_by(laws))
    if question.law == "all":
        return _by_all(question, candidates, by)
    if question.law is None:
        return _by_first(question, candidates, by)
    named = [law for law in candidates if law.id == question.law]
    if not named:
        domains = ", ".join(sorted(law.domain.id for law in laws.named(question.law)))
        raise NotFound(
            f"{question.law} holds no law of {question.domain}; it has: {domains}; {question.domain} has: {', '.join(x.id for x in candidates)}",
            [Fault("law", f"a law of {question.domain}", question.law)],
        )
    try:
        return by(named[0])
    except Incapable as cannot:
        raise Unanswerable(f"{cannot.detail}; {_others(question, candidates, by)}") from None


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

    By a law with draws each row is solved alone. Without draws all are solved at once, two at least: raising to the
    power ½, numpy takes a root for some shapes of its operands, among them one row and one coefficient, and not for
    others.
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


def _by_all(question: Question, candidates: list[Law], by: By) -> Answer:
    answers, reasons = [], []
    for law in candidates:
        try:
            answers.append(by(law))
        except Unanswerable as problem:
            reasons.append(f"{law.id}: {problem.detail}")
    if not answers:
        raise Unanswerable(f"no law of {question.domain} answers: {'; '.join(reasons)}")
    return Answer.stack(answers, rows=True, compared=question.losses)


def _by_first(question: Question, candidates: list[Law], by: By) -> Answer:
    reasons = []
    for law in candidates:
        try:
            return by(law)
        except Incapable as cannot:
            reasons.append(cannot.detail)
    raise Unanswerable(f"no law of {question.domain} answers {question.name}: {'; '.join(dict.fromkeys(reasons))}")


def _others(question: Question, candidates: list[Law], by: By) -> str:
    able = []
    for law in candidates:
        try:
            by(law)
            able.append(law.id)
        except Unanswerable:
            continue
    return f"laws of {question.domain} that can: {', '.join(able)}" if able else f"no law of {question.domain} can"
