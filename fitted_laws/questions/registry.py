"""The questions by name: every class of this folder that has one.

They are found in the order of their files' own names, whatever folder each lies in.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from fitted_laws.asking.question import Question
from fitted_laws.asking.reading import Inputs, read_inputs
from fitted_laws.quantities.problems import NotFound


def _found() -> dict[str, type[Question]]:
    found = (info.name for info in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."))
    names = sorted((name for name in found if name != __name__), key=lambda name: name.rpartition(".")[2])
    modules = [importlib.import_module(name) for name in names]
    classes = [
        c
        for module in modules
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, Question) and hasattr(c, "name")
    ]
    return {
        c.name: c
        for c in sorted(dict.fromkeys(classes), key=lambda c: ORDER.index(c.name) if c.name in ORDER else len(ORDER))
    }


ORDER = (
    "loss",
    "optimal",
    "target",
    "frontier",
    "isoflop",
    "allocate",
    "lifetime",
    "repeat",
    "compare",
    "plan",
    "convert",
)
"""The questions most users come with, first; the others follow as they are found."""

QUESTIONS: dict[str, type[Question]] = _found()


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
