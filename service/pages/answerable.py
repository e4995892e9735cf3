"""Which questions a law or a domain can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.questions import registry
from fitted_laws.questions.registry import QUESTIONS
from service.plots.law_curve import OneLaw


def answered(law: Law, laws: Laws) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each question that the law answers, with inputs it answers for."""
    alone = OneLaw(law, laws)
    for name, question in QUESTIONS.items():
        if question.lawless:
            continue
        tried = (able(law, alone, name, inputs) for inputs in candidates(law, name))
        answerable = next(filter(None, tried), None)
        if answerable:
            yield name, answerable


def candidates(law: Law, name: str) -> Iterator[dict[str, Any]]:
    """Inputs to try: the law's worked examples, the question's example, and each input of that alone."""
    for relation in law.relations.values():
        yield from (example.inputs for example in relation.examples if example.question == name)
    example = {key: value for key, value in QUESTIONS[name].example.items() if key not in ("domain", "law")}
    yield example
    yield from ({key: value} for key, value in example.items())


def able(law: Law, laws: OneLaw, name: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """`inputs` with the law and its domain, if the law answers by them; else None."""
    whole = {"domain": law.domain.id, "law": law.id, **inputs}
    try:
        answer = answering.answer(registry.read(name, whole), laws)
    except Problem:
        return None
    return whole if answer.column("law")[0] == law.id else None
