"""The formats that addresses offer: those of every answer, and SVG for curves."""

from __future__ import annotations

from fitted_laws.answers.formats import FORMATS, Format
from fitted_laws.plots.curves import SVG
from fitted_laws.questions import Question


def formats_of(question: type[Question]) -> dict[str, Format]:
    """By suffix, how answers to `question` can be had."""
    return {**FORMATS, SVG.suffix: SVG} if question.curve else FORMATS
