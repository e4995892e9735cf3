"""What a law can be asked, found by asking: the curve that pictures it, and a live example of each question it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fitted_laws import Laws, Problem
from fitted_laws.answers.answer import Answer
from fitted_laws.answers.showing import LawCurve
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.plots.axes import named
from fitted_laws.plots.chart import Drawing
from fitted_laws.plots.curves import drawing
from fitted_laws.questions import registry
from fitted_laws.questions.registry import QUESTIONS

MIDDLE = 0.35, 0.65
"""The share of the ends that is shown where no range was printed."""
POINTS = 41


class OneLaw:
    """A catalogue of one law: what it cannot answer, no other is asked for."""

    def __init__(self, law: Law, laws: Laws) -> None:
        self.law = law
        self.digest = laws.digest

    def of(self, domain_id: str) -> list[Law]:  # noqa: ARG002 - the law's own domain is the only one asked for
        return [self.law]

    def named(self, id: str) -> list[Law]:
        return [self.law] if id == self.law.id else []


class Figure(NamedTuple):
    """A curve as drawn, what it shows, and a question that gives one of its points."""

    drawing: Drawing
    caption: str
    question: str
    inputs: dict[str, Any]


def figure(law: Law, laws: Laws) -> Figure | None:
    """The first curve that the law answers, over its fitted range and two decades beyond."""
    alone = OneLaw(law, laws)
    for question, curve in law_curves():
        across = curve.across
        for others in others_of(law, question, curve):
            fixed = {"domain": law.domain.id, "law": law.id, **others}
            wide = between(alone, question, fixed, across, curve.low, curve.high)
            up = next((name for name in curve.up if wide and name not in others and numeric(wide, name)), None)
            if wide and up:
                answer = between(alone, question, fixed, across, *ends_of(wide, curve)) or wide
                middle = answer.column(across)[POINTS // 2]
                unit = answer.columns.get("loss_unit")
                caption = f"{named(up, str(unit) if unit else None).capitalize()} against {across.replace('_', ' ')}{dashed(answer)}."
                drawn = drawing(answer, across, up)
                if drawn:
                    return Figure(drawn, caption, question, {**fixed, across: float(f"{middle:.3g}")})
    return None


def law_curves() -> list[tuple[str, LawCurve]]:
    """Every question's curves with its name, the first to be tried first."""
    curves = [(name, curve) for name, question in QUESTIONS.items() for curve in question.law_curves]
    return sorted(curves, key=lambda pair: pair[1].place)


def dashed(answer: Answer) -> str:
    known = any(beyond is not None for beyond in answer.column("extrapolation"))
    return "" if known else "; dashed throughout, since no fitted range is printed"


def others_of(law: Law, question: str, curve: LawCurve) -> Iterator[dict[str, Any]]:
    """Inputs beside the one that varies: none, else as in the law's worked examples, else as in the question's own."""
    yield {}
    varied = {curve.across, *curve.replaces}
    for relation in law.relations.values():
        for example in relation.examples:
            if example.question == question:
                yield {name: value for name, value in example.inputs.items() if name not in varied}
                yield {name: value for name, value in example.inputs.items() if name != curve.across}
    yield {name: value for name, value in QUESTIONS[question].example.items() if name not in {"domain", "law", *varied}}


def between(
    laws: OneLaw, question: str, fixed: Mapping[str, Any], across: str, low: float, high: float
) -> Answer | None:
    """A column of answers between both ends, None where there is none."""
    try:
        return answering.answer(registry.read(question, {**fixed, across: list(np.geomspace(low, high, POINTS))}), laws)
    except Problem:
        return None


def numeric(answer: Answer, field: str) -> bool:
    return field in answer.columns and any(isinstance(value, float) for value in answer.column(field))


def ends_of(answer: Answer, curve: LawCurve) -> tuple[float, float]:
    """The fitted range and two decades beyond it; the middle of what was looked at where none was printed."""
    inside = [
        value
        for value, beyond in zip(answer.column(curve.across), answer.column("extrapolation"), strict=True)
        if beyond == 0
    ]
    if inside:
        return inside[0], min(curve.high, inside[-1] * 100)
    if curve.across == "loss":
        return curve.low, curve.high
    return tuple(float(curve.low * (curve.high / curve.low) ** share) for share in MIDDLE)  # type: ignore[return-value]
