"""What each question of a list comes to: its answer, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from fitted_laws import Answer, Laws
from fitted_laws.asking.options import several
from fitted_laws.asking.together import together
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions import Question
from service.api import limits, usage
from service.api.bodies import Row
from service.api.expected_cost import ONCE, Foretold
from service.protocol import problems
from service.protocol.messages import Usage
from service.protocol.problems import Details, Refused
from service.settings import Settings

TOGETHER = 64
"""Questions that are answered at once, where each is one row; of a longer list fewer at first, which foretell the others."""


class Answered(NamedTuple):
    """A question and its answer."""

    question: Question
    answer: Answer


Outcome: TypeAlias = Answered | Details


def outcomes_of(
    rows: Sequence[tuple[str, Row]], laws: Laws, settings: Settings
) -> tuple[list[Outcome], tuple[Usage, ...]]:
    """What each question comes to, in order, until `max_rows` rows are answered; and what answers count as.

    Raises:
        Refused: 413: by the first ones, all would take too long.
    """
    left = settings.max_rows
    foretold = Foretold(len(rows), settings.max_seconds)
    outcomes: list[Outcome] = []
    while len(outcomes) < len(rows):
        foretold.check(len(outcomes))
        done = len(outcomes)
        most = TOGETHER if len(rows) <= TOGETHER else min(TOGETHER, max(1, done // ONCE))
        found = _first(rows[done : done + most], left, laws, settings)
        left -= sum(outcome.answer.size for outcome in found if isinstance(outcome, Answered))
        outcomes += found
    return outcomes, tuple(usage.usage_of(*outcome) for outcome in outcomes if isinstance(outcome, Answered))


def _first(rows: Sequence[tuple[str, Row]], left: int, laws: Laws, settings: Settings) -> list[Outcome]:
    """What the first of `rows` comes to, and those after it that are one row each as well: these are answered together."""
    asked: list[Question | Details] = []
    for name, row in rows[: max(left, 1)]:
        try:
            question = _question(name, row, left, settings)
        except (Problem, Refused) as problem:
            asked.append(problems.details(problem))
            continue
        one_row = not question.curve and not several(question.law) and question.size == 1
        if one_row or not asked:
            asked.append(question)
        if not one_row:
            break
    answers = iter(together([each for each in asked if isinstance(each, Question)], laws))
    return [_outcome(each, next(answers)) if isinstance(each, Question) else each for each in asked]


def _outcome(question: Question, found: Answer | Problem) -> Outcome:
    return problems.details(found) if isinstance(found, Problem) else Answered(question, found)


def _question(name: str, row: Row, left: int, settings: Settings) -> Question:
    if isinstance(row, Problem):
        raise row
    if left <= 0:
        raise Refused(
            413, "the questions before this one took all rows that one body may ask for (MAX_ROWS); send it in parts"
        )
    limits.few_enough(row, left)
    return limits.read(name, row, settings.max_points)
