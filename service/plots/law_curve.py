"""What a law can be asked, found by asking: the curve that pictures it, and a live example of each question it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fitted_laws import Laws, Problem
from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.questions import registry
from fitted_laws.questions.registry import QUESTIONS
from service.plots import curves

SWEEPS = (
    ("optimal", "compute", 1e10, 1e32),
    ("loss", "compute", 1e10, 1e32),
    ("loss", "params", 1e3, 1e13),
    ("loss", "tokens", 1e6, 1e15),
    ("shape", "params", 1e5, 1e12),
    ("transfer", "finetune_characters", 1e5, 1e11),
    ("batch", "loss", 1.5, 4.0),
    ("information_gain", "params", 1e2, 1e9),
)
"""Curves to picture a law by, the first that it answers: question, the input that varies, and the ends to look between."""
MIDDLE = 0.35, 0.65
"""The share of the ends that is shown where no range was printed."""
POINTS = 89
UPS = (
    "loss",
    "tokens",
    "params",
    "learning_rate",
    "critical_batch_tokens",
    "effective_characters_transferred",
    "width",
    "batch_tokens",
    "mutual_information",
)
"""What is drawn upwards, the first that the answer has."""


class Alone:
    """A catalogue of one law: what it cannot answer, no other is asked for."""

    def __init__(self, law: Law, laws: Laws) -> None:
        self.law, self.digest = law, laws.digest

    def of(self, domain_id: str) -> list[Law]:  # noqa: ARG002 - the law's own domain is the only one asked for
        return [self.law]

    def named(self, id: str) -> list[Law]:
        return [self.law] if id == self.law.id else []


class Figure(NamedTuple):
    """A curve as SVG, what it shows, and a question that gives one of its points."""

    svg: bytes
    caption: str
    question: str
    inputs: dict[str, Any]


def figure(law: Law, laws: Laws) -> Figure | None:
    """The first curve that the law answers, over its fitted range and two decades beyond."""
    alone = Alone(law, laws)
    for question, across, low, high in SWEEPS:
        for others in others_of(law, question, across):
            fixed = {"domain": law.domain.id, "law": law.id, **others}
            wide = asked(alone, question, fixed, across, low, high)
            up = next(
                (name for name in UPS if wide and name != across and name not in others and numeric(wide, name)), None
            )
            if wide and up:
                answer = asked(alone, question, fixed, across, *ends_of(wide, across, low, high)) or wide
                middle = answer.column(across)[POINTS // 2]
                said = f"{curves.named(up).capitalize()} against {across.replace('_', ' ')}{dashed(answer)}."
                return Figure(
                    curves.drawing(answer, across, up, (4.8, 3.3)),
                    said,
                    question,
                    {**fixed, across: float(f"{middle:.3g}")},
                )
    return None


def dashed(answer: Answer) -> str:
    known = any(beyond is not None for beyond in answer.column("extrapolation"))
    return "" if known else "; dashed throughout, since no fitted range is printed"


def others_of(law: Law, question: str, across: str) -> Iterator[dict[str, Any]]:
    """Inputs beside the one that varies: none, else as in the law's worked examples, else as in the question's own."""
    yield {}
    varied = {"compute", "params", "tokens"} if question in ("loss", "optimal") else {across}
    for relation in law.relations.values():
        for example in relation.examples:
            if example.question == question:
                yield {name: value for name, value in example.inputs.items() if name not in varied}
                yield {name: value for name, value in example.inputs.items() if name != across}
    yield {name: value for name, value in QUESTIONS[question].example.items() if name not in {"domain", "law", *varied}}


def asked(laws: Alone, question: str, fixed: Mapping[str, Any], across: str, low: float, high: float) -> Answer | None:
    """A column of answers between both ends, None where there is none."""
    try:
        return answering.answer(registry.read(question, {**fixed, across: list(np.geomspace(low, high, POINTS))}), laws)
    except Problem:
        return None


def numeric(answer: Answer, field: str) -> bool:
    return field in answer.columns and any(isinstance(value, float) for value in answer.column(field))


def ends_of(answer: Answer, across: str, low: float, high: float) -> tuple[float, float]:
    """The fitted range and two decades beyond it; the middle of what was looked at where none was printed."""
    inside = [
        value
        for value, beyond in zip(answer.column(across), answer.column("extrapolation"), strict=True)
        if beyond == 0
    ]
    if inside:
        return inside[0], min(high, inside[-1] * 100)
    if across == "loss":
        return low, high
    return tuple(float(low * (high / low) ** share) for share in MIDDLE)  # type: ignore[return-value]
