"""The fields that an answer to a question may have: what `fields` can name."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence

from fitted_laws.answers.conversions import equivalents
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.asking.options import TRANSPORT
from fitted_laws.asking.question import Question
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.quantities.problems import Fault, shown

OF_EVERY_ANSWER = (
    "extrapolation",
    "extrapolation_in",
    "reach",
    "source_checked",
    "loss_on",
    "loss_definition",
    "comparable",
    "family",
    "domain",
    "law",
    "interval_source",
    "catalogue",
    "citation",
    "warnings",
    "error",
)
TEXTS = 512
"""Lists of fields that are kept with what is wrong with them."""
IN_WORDS = ("text", "list", "true or false")
"""Units of fields that are no numbers."""


@functools.cache
def known_fields(question: type[Question]) -> tuple[str, ...]:
    """The fields of any answer to `question`: computed ones with both ends, the same in other units, what was asked, and whose law it is."""
    inputs = [name for name in inputs_of(question) if name not in TRANSPORT]
    names: list[str] = []
    for field in (*question.answers, *inputs):
        quantity = quantity_of(field)
        number = quantity is not None and quantity.unit not in IN_WORDS
        for name in (field, *equivalents(field)):
            names += [name, *((f"{name}_low", f"{name}_high") if number else ())]
    return tuple(dict.fromkeys((*names, *OF_EVERY_ANSWER)))


@functools.lru_cache(TEXTS)
def unknown_fields(question: type[Question], text: str) -> Sequence[Fault]:
    """What is wrong with a list of fields: one that no answer to `question` has, with the nearest, or one that comes twice."""
    names, known = text.split(","), known_fields(question)
    faults = []
    for name in dict.fromkeys(names):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"among them {', '.join(question.answers)}"
            faults.append(Fault("fields", f"fields of {question.name} ({hint})", shown(name)))
        elif names.count(name) > 1:
            faults.append(Fault("fields", "each field once", f"{shown(name)} {names.count(name)} times"))
    return faults
