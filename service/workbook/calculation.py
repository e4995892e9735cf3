"""What a question's sheet calculates by itself, shown step by step beside it, and how it compares with what the service says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.workbook import planners
from service.workbook.book import SUMS, Book
from service.workbook.closed.answers import ANSWERS, ClosedAnswer
from service.workbook.closed.ends import LEVEL
from service.workbook.closed.expressions import (
    NA,
    NOTHING,
    Expr,
    absolute,
    choose,
    compared,
    every,
    given,
    joined,
    negated,
    of,
    some,
    sure,
    tried,
)
from service.workbook.closed.sums import GENERAL, AdditiveCells
from service.workbook.formulas import DEFAULT
from service.workbook.planners import Planner
from service.workbook.reading import NOT_HERE

AGREEMENT = 1e-9
"""How closely the service's numbers and those calculated here agree, relatively."""
BOTH = "calculated here, and the service says the same"
ALONE = "calculated here; the service is not reached, so nothing is compared"
ASKED = "asked of the service: this law, or what is asked, is not calculated here"
OTHER = "calculated here; the service says otherwise, by a share of up to "


class Steps:
    """Formulas one below the other, each with its label: how a sheet's numbers come about."""

    def __init__(self, book: Book, sheet: Any, column: int = SUMS) -> None:
        self.book, self.sheet, self.row, self.column = book, sheet, 3, column
        sheet.write_string(3, column, "How it is calculated", book.style("head"))
        sheet.write_string(3, column + 1, "value", book.style("head_right"))

    def __call__(self, label: str, formula: Expr, number_format: str) -> Expr:
        self.row += 1
        self.sheet.write_string(self.row, self.column, label, self.book.style("label"))
        return self.book.put(self.sheet, (self.row, self.column + 1), formula, self.book.style("number", number_format))


class RowSteps:
    """Formulas beside one another, from a column on, without labels."""

    def __init__(self, book: Book, sheet: Any, row: int, column: int) -> None:
        self.book, self.sheet, self.row, self.column = book, sheet, row, column

    def __call__(self, label: str, formula: Expr, number_format: str) -> Expr:  # noqa: ARG002 - a row has no room for it
        self.column += 1
        return self.book.put(self.sheet, (self.row, self.column - 1), formula, self.book.style("soft", number_format))


@dataclass(frozen=True)
class Calculation:
    """What a sheet calculates; whether it does so for what its inputs hold; the law that it then goes by."""

    steps: Steps
    law: AdditiveCells
    answer: ClosedAnswer
    resolved: Expr
    here: Expr
    with_ends: Expr

    def number(self, field: str, service: Expr) -> Expr:
        """A field of the answer: calculated here, or else what the service says."""
        return choose(self.here, sure(self.answer.fields[field]), service)

    def ends(self, field: str, services: Sequence[Expr]) -> Sequence[Expr]:
        """Its ends: from the table, or else what the service says."""
        own = self.answer.ends.get(field)
        if own is None:
            return services
        pairs = zip(own, services, strict=True)
        return [tried(choose(self.with_ends, end, NA), service) for end, service in pairs] if services else ()


def calculation(
    book: Book, planner: Planner, sheet: Any, inputs: dict[str, Expr], read: dict[str, Expr]
) -> Calculation:
    """The steps of a question whose answer is closed: `inputs` are its cells, `read` the numbers in them."""
    steps = Steps(book, sheet)
    resolved = steps("Law", resolved_law(book, planner, inputs["domain"], inputs["law"]), GENERAL)
    law = AdditiveCells(book.tables, steps, joined(inputs["domain"], " ", resolved))
    answer = ANSWERS[planner.question](law, read)
    asked = some(*(compared(cell, "=", NOT_HERE) for cell in read.values()))
    here = every(law.known, answer.able, negated(asked))
    here = steps("Calculated here", here, GENERAL)
    level = every(here, given(inputs["level"]), compared(inputs["level"], "=", LEVEL))
    return Calculation(
        steps, law, answer, resolved, here, steps(f"Ends from the table, at {LEVEL:.0%}", level, GENERAL)
    )


def resolved_law(book: Book, planner: Planner, domain: Expr, law: Expr) -> Expr:
    """The id of the law that a cell names: of the default, the first that can answer."""
    able = planners.able(planner, book.values.laws, str(domain.value))
    first = Expr(f'INDEX(first_laws,1,MATCH("{planner.question} "&{domain.text},titles,0))', able[0] if able else None)
    unnamed = some(compared(law, "=", ""), compared(law, "=", DEFAULT))
    return choose(unnamed, first, law)


def agreement(here: Expr, differences: Expr, headline: Expr) -> Expr:
    """Whether the service says what is calculated here; `differences` are the cells of `difference`."""
    largest = Expr(f"MAX({differences.text})", differences.value)
    same = choose(compared(largest, "<", AGREEMENT), BOTH, joined(OTHER, largest))
    return choose(here, choose(given(headline), same, ALONE), ASKED)


def difference(here: Expr, shown: Expr, service: Expr) -> Expr:
    """How far a number calculated here lies from the service's, as a share; empty where there are not both."""
    both = every(here, given(shown), given(service))
    return choose(both, tried(absolute(shown / service - 1), of(0.0)), NOTHING)
