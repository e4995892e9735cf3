"""What a body will cost, before it is paid: which bodies are cheap, and which would not be answered in the time there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from fitted_laws import Problem
from fitted_laws.asking.options import several
from fitted_laws.quantities.display import number_of
from fitted_laws.questions import Question, registry
from service.compute.costs import Mean
from service.protocol.problems import Refused

FEW_ROWS = 8
"""Of questions to one law: less than a change of processes is worth."""
TRIAL_ROWS = 100
"""Of a column, by which the whole of it is foretold; asked only where it is twenty times as long."""
TRIAL_SECONDS = 0.1
"""Of a list of questions, after which its first ones foretell the rest."""
ONCE = 4
"""Of a list's questions, which may cost what no other will: they fill memories."""
SHARE = 0.5
"""Of the time there is: what it costs on an idle processor may take twice that on a busy one."""


def cheap(name: str, inputs: Mapping[str, object]) -> bool:
    """Whether the question `name` with `inputs` is answered in a few milliseconds: few rows, and not `outright` expensive."""
    question, law = registry.QUESTIONS.get(name), inputs.get("law")
    if question is None:
        return True  # it is refused
    if not isinstance(law, str | None) or outright(question, law, inputs.get("irreducible_loss")):
        return False
    return max((len(value) for value in inputs.values() if isinstance(value, list)), default=1) <= FEW_ROWS


def outright(question: type[Question], law: str | None, floor: object) -> bool:
    """Whether a question is expensive whatever its numbers: a curve, of several laws, or by a law that is fitted anew for this floor."""
    return question.curve or several(law) or floor is not None


class Foretold:
    """The time that a list of `rows` questions will take, by those that were answered already without the `ONCE` dearest steps."""

    def __init__(self, rows: int, seconds: float) -> None:
        self._rows = rows
        self._seconds = SHARE * seconds
        self._last = time.thread_time()
        self._done = 0
        self._mean = Mean(ONCE)

    def check(self, done: int) -> None:
        """Goes on after `done` rows, if all of them fit.

        Raises:
            Refused: 413: they do not, and how many would.
        """
        took = time.thread_time() - self._last
        self._last += took
        if done:
            self._mean.add(took, done - self._done)
        self._done = done
        if self._mean.seconds > TRIAL_SECONDS:
            fitting(self._rows, self._mean.each, self._seconds)


def check_columns(inputs: Mapping[str, object], ask: Callable[[Mapping[str, object]], object], seconds: float) -> None:
    """Goes on if a column fits into its share of `seconds`, foretold by asking its first rows.

    Raises:
        Refused: 413: it does not, and how many rows would.
    """
    columns = {name: value for name, value in inputs.items() if isinstance(value, list | np.ndarray)}
    rows = max(map(len, columns.values()), default=1)
    if rows < 20 * TRIAL_ROWS:
        return
    head = {**inputs, **{name: value[:TRIAL_ROWS] for name, value in columns.items()}}
    try:
        spent = _seconds(ask, head)
        if rows * spent > SHARE * seconds * TRIAL_ROWS:
            spent = min(spent, _seconds(ask, head))  # the first filled memories
    except Problem:
        return  # the whole column will say it
    fitting(rows, spent / TRIAL_ROWS, SHARE * seconds)


def _seconds(ask: Callable[[Mapping[str, object]], object], inputs: Mapping[str, object]) -> float:
    began = time.thread_time()
    ask(inputs)
    return time.thread_time() - began


def fitting(rows: int, each: float, seconds: float) -> None:
    """Nothing, if so many rows fit.

    Raises:
        Refused: 413: they do not, and how many would.
    """
    if rows * each <= seconds:
        return
    raise Refused(
        413,
        f"{number_of(rows, 'row')} would take about {rows * each:.0f} s; at most {max(int(seconds / each), 1)} of this kind are "
        "answered at once (MAX_SECONDS), send them in parts",
    )
