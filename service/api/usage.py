"""What an answer counts as: question, domain, law, distance beyond the fitted range. Names that exist, so that labels stay few."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fitted_laws import Answer, Laws
from fitted_laws.questions import Question
from service.protocol.messages import Usage

SEVERAL, NONE = "several", "none"
"""In place of one law's id."""


def usage_of(question: Question, answer: Answer) -> Usage:
    """How `answer` is counted; of several rows the one farthest out."""
    law = answer.columns.get("law")
    named = law if isinstance(law, str) else SEVERAL if law is not None else NONE
    return Usage(question.name, _domain(question), named, farthest(answer))


def unnamed(question: Question, answer: Answer) -> Usage:
    """How an answer by a law that nobody here knows is counted: its names are a stranger's, and would be labels without end."""
    return Usage(question.name, NONE, NONE, farthest(answer))


def named(question: Question, law: str, extrapolation: float | None, laws: Laws) -> Usage | None:
    """How an answer to `question` by `law` is counted, by somebody else's word; None where there is no such law."""
    known = law in (SEVERAL, NONE) or any(held.id == law for held in laws)
    return Usage(question.name, _domain(question), law, extrapolation) if known else None


def _domain(question: Question) -> str:
    return NONE if question.lawless else question.domain


def farthest(answer: Answer) -> float | None:
    """The most decades beyond the fitted range of any row; None where no law has a range."""
    decades: Any = answer.columns.get("extrapolation")
    if decades is None:
        return None
    if isinstance(decades, float):
        return None if math.isnan(decades) else decades
    if isinstance(decades, list):
        return max((value for value in decades if value is not None and not math.isnan(value)), default=None)
    most = float(np.fmax.reduce(decades, axis=None, initial=-math.inf))
    return most if most > -math.inf else None
