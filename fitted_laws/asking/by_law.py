"""What one law answers to a question: its options honoured, its rows solved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fitted_laws.answers.answer import Answer
from fitted_laws.asking.assembling import assemble
from fitted_laws.asking.question import Question, Solve, names_of_those_that
from fitted_laws.laws.law import Law
from fitted_laws.quantities.domains import parted
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.solving.counts import require_relation, translating
from fitted_laws.solving.near import NOWHERE, Near, Place, near, nearest, pieces
from fitted_laws.solving.rows import Block, by_blocks, chosen, settled
from fitted_laws.solving.solution import Caution, Solution

FEW = 8
"""Rows in one piece from which on it is worth looking for the draws that can matter, or rows that are solved at once up to which it always is."""
OF_ONE_RUN = Caution("the interval is of one new run: of each law's loss, and what one run's luck adds")


def by_law(question: Question, law: Law, digest: str, solve: Solve) -> Answer:
    """The answer by `law`, of a catalogue of that digest; `solve` gets this question, or one row of it.

    Raises:
        Incapable: the law lacks what is asked; another may hold it.
        Unanswerable: there is no answer.
    """
    require_options(question, law)
    if not question.draws:
        law = law.central
    elif question.interval == "run":
        law = law.of_one_run
    if question.counts is not None and question.counts != law.first.counts:
        require_relation(question, law)
        solve = translating(solve)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # assemble refuses what is not finite
        return assemble(question, law, solved(question, law, solve), digest)


def without_a_law(question: Question, law: Law, why: str, digest: str, *, named: bool) -> Answer | None:
    """What there is to say where `law`, the one asked for if it is `named`, cannot answer; None where nothing is."""
    if question.rows(0, 1).remainder(why) is None:
        return None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        solution = solved(question, law, lambda asked, _: asked.remainder(why))
        return assemble(question, law if named else None, solution, digest)


def solved(question: Question, law: Law, solve: Solve) -> Solution:
    """What `law` says of each row, whose bits must not depend on the rows beside it.

    By a law with draws a few rows are solved at a time. Without draws all are solved at once, two at least: raising to the power ½,
    numpy takes a root for some shapes of its operands, among them one row and one coefficient, and not for others.
    """
    asked = question.in_columns(law)
    size = asked.size
    drawn = None
    if law is not law.central and (size <= FEW or has_draws(asked, law, solve)):
        places = pieces(asked, law)
        order = None if size == 1 else in_order(places)
        sorted_rows = asked if order is None else asked.chosen(order)
        blocks = in_blocks(sorted_rows, law, solve, places if order is None else [places[row] for row in order])
        first = next(blocks)
        if first.solution.drawn or question.of_interval is not None:
            drawn = by_blocks(itertools.chain([first], blocks), size, asked.level, asked.ends)
            drawn = drawn if order is None else chosen(drawn, np.argsort(order))
    solution = settled(solve(asked.repeated(max(size, 2)), law), size) if drawn is None else drawn
    return question.arranged(solution.warned(OF_ONE_RUN) if question.interval == "run" else solution)


def has_draws(question: Question, law: Law, solve: Solve) -> bool:
    """Whether anything of a question in columns is drawn, as its first row tells."""
    return question.of_interval is not None or solve(question.rows(0, 1), law).drawn


def in_order(places: Sequence[Place | None]) -> NDArray[np.intp] | None:
    """Rows by the piece that they lie in; None where they stand so already."""
    order = sorted(range(len(places)), key=lambda row: (places[row] or NOWHERE).piece)
    return None if order == list(range(len(places))) else np.array(order)


def in_blocks(question: Question, law: Law, solve: Solve, places: Sequence[Place | None]) -> Iterator[Block]:
    """The solutions of a few rows at a time, by those draws of `law` that can matter to them where these are known.

    Rows of one block have the bits that each has alone: where that is not known of a law's equations, a block is one row.
    """
    if len(places) == 1:
        found = nearest(question, law, solve, places[0]) if question.rows_at_once(law) < FEW else None
        yield Block(solve(question, law if found is None else found.law), 1, found)
        return
    start = 0
    for found, size in _runs(question, law, solve, places):
        end = start + size
        by = law if found is None else found.law
        step = question.rows_at_once(by) if size > 1 else 1
        for at in range(start, end, step):
            stop = min(at + step, end)
            yield Block(solve(question.rows(at, stop), by), stop - at, found)
        start = end


def _runs(
    question: Question, law: Law, solve: Solve, places: Sequence[Place | None]
) -> Iterator[tuple[Near | None, int]]:
    """What is known of rows that stand together, and how many these are."""
    start = unknown = 0
    for place, group in itertools.groupby(places):
        size = len(list(group))
        single = question.rows(start, start + 1)
        found = near(single, law, solve, place, size) if size >= FEW or question.rows_at_once(law) < FEW else None
        start += size
        if found is None:
            unknown += size
            continue
        if unknown:
            yield None, unknown
        unknown = 0
        yield found, size
    if unknown:
        yield None, unknown


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
    asked = question.compute_kind
    if asked in ("minimal", "fixed-batch") and all(asked != held.compute_kind for held in law.relations.values()):
        raise Incapable(f"{law.id} reads compute as spent; it holds nothing for compute_kind={question.compute_kind}")


def _require_run(question: Question, law: Law) -> None:
    if not question.forecasts:
        able = names_of_those_that("forecasts")
        raise Unanswerable(
            f"interval=run is of the loss of one new run, so it is for {able}; {question.name} has interval=mean"
        )
    if question.irreducible_loss is not None:
        raise Unanswerable(
            "interval=run rests on what runs scattered about the law, whose irreducible loss is then not pinned; ask without irreducible_loss"
        )
    if not law.forecasts:
        raise Incapable(without_forecast(law))


def without_forecast(law: Law) -> str:
    """Why a law says nothing of one new run."""
    return (
        f"{law.id} holds no residuals and no forecast, so it gives no interval for one new run; interval=mean is that of the law, "
        "and `trainer fit --form auto` writes a forecast"
    )
