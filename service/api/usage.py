"""What an answer counts as: question, domain, law, distance beyond the fitted range. Names that exist, so that labels stay few."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fitted_laws import Answer
from fitted_laws.questions import Question
from service.protocol.messages import Usage


def usage_of(question: Question, answer: Answer) -> Usage:
    """How `answer` is counted; of several rows the one farthest out."""
    law = answer.columns.get("law")
    domain = "none" if question.lawless else question.domain
    return Usage(
        question.name,
        domain,
        law if isinstance(law, str) else "several" if law is not None else "none",
        farthest(answer),
    )


def farthest(answer: Answer) -> float | None:
    """The most decades beyond the fitted range of any row; None where no law has a range."""
    decades: Any = answer.columns.get("extrapolation")
    if decades is None:
        return None
    values = [float(v) for v in np.ravel(np.array(decades, dtype=float)).tolist() if not math.isnan(v)]
    return max(values, default=None)
