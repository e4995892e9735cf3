"""The questions: every class of this folder that has a name. A new one is one class in one file here, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil

from fitted_laws.problems import NotFound
from fitted_laws.questions.base import Catalogue, Question
from fitted_laws.questions.options import OPTIONS, TRANSPORT, Options
from fitted_laws.questions.reading import Inputs, read_inputs

__all__ = ["OPTIONS", "QUESTIONS", "TRANSPORT", "Catalogue", "Options", "Question", "named", "read"]


def _found() -> dict[str, type[Question]]:
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    classes = [c for module in modules for c in vars(module).values() if isinstance(c, type) and issubclass(c, Question) and hasattr(c, "name")]
    return {c.name: c for c in sorted(dict.fromkeys(classes), key=lambda c: ORDER.index(c.name) if c.name in ORDER else len(ORDER))}


ORDER = ("loss", "optimal", "target", "frontier", "isoflop", "allocate", "lifetime", "repeat", "compare", "plan", "convert")
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
