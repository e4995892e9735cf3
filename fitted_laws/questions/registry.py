"""The questions by name: every class of this folder that has one.

They stand by rank, and then in the order of their files' own names, whatever folder each lies in.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from fitted_laws.asking.question import Question, every_question
from fitted_laws.asking.reading import Inputs, read_inputs
from fitted_laws.quantities.problems import NotFound


def _registered() -> dict[str, type[Question]]:
    modules = (info.name for info in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."))
    for name in sorted((name for name in modules if name != __name__), key=lambda name: name.rpartition(".")[2]):
        importlib.import_module(name)
    return {question.name: question for question in sorted(every_question(), key=lambda question: question.rank)}


QUESTIONS: dict[str, type[Question]] = _registered()


def named(name: str) -> type[Question]:
    """The question of that name.

    Raises:
        NotFound: there is none; the nearest names are offered.
    """
    if name not in QUESTIONS:
        raise NotFound.named("question", name, QUESTIONS)
    return QUESTIONS[name]


def read(name: str, raw: Inputs) -> Question:
    """The question `name` with inputs as a user gives them: numbers, texts such as "70B", lists of them for columns.

    Raises:
        NotFound: no such question.
        NotUnderstood: unknown, missing, malformed or out-of-range inputs, all of them named.
    """
    return read_inputs(named(name), raw)
