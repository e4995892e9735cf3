"""What to ask of a law: commands with their answers, for the one who reads its report."""

from __future__ import annotations

import numpy as np

import fitted_laws
from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.questions import registry
from fitted_laws.questions.registry import QUESTIONS
from trainer.report.numerals import one_digit
from trainer.report.subject import ReportedLaw

ASKED_BEYOND = 10
"""The example asks at so many times the largest value fitted."""


def asked_of(role: str) -> dict[str, tuple[str, ...]]:
    """Which questions to ask of a relation of that role, and by which inputs."""
    ways = {
        name: question.report_examples[role] for name, question in QUESTIONS.items() if role in question.report_examples
    }
    return {name: way.inputs for name, way in sorted(ways.items(), key=lambda pair: pair[1].place)}


def examples(subject: ReportedLaw) -> dict[str, tuple[dict[str, str], Answer]]:
    """Questions with their inputs as typed, and their answers: beyond the runs, as users ask."""
    answers: dict[str, tuple[dict[str, str], Answer]] = {}
    for name, wanted in asked_of(subject.drawn.relation.role).items():
        if "loss" in wanted and not answers:
            continue
        inputs = {key: typed(subject, key, answers) for key in wanted}
        base = {"domain": subject.law.domain.id, "law": subject.law.id}
        part = {"part": subject.drawn.relation.part} if subject.drawn.relation.part else {}
        try:
            answers[name] = (inputs, answering.answer(registry.read(name, {**base, **part, **inputs}), subject.laws))
        except Unanswerable:
            continue
    return answers


def typed(subject: ReportedLaw, key: str, answers: dict[str, tuple[dict[str, str], Answer]]) -> str:
    """An input ten times the largest fitted, to one digit; a loss that an answer before has reached."""
    if key == "loss":
        return f"{max(float(np.ravel(answer.columns['loss'])[0]) for _, answer in answers.values() if 'loss' in answer.columns):.4g}"
    span = subject.span(key)
    if key == "epochs":
        return "4"
    return one_digit((ASKED_BEYOND * span[1]) if span else 1e11)


def asking(subject: ReportedLaw) -> str:
    """Commands, and the answer of each."""
    lines = [f"python -m trainer fit {subject.source} -o {subject.file}", ""] if subject.source else []
    domain = f" --domain {subject.law.domain.id} --law {subject.law.id}" if len(subject.laws) > 1 else ""
    address = ""
    for name, (inputs, answer) in examples(subject).items():
        options = " ".join(f"--{key.replace('_', '-')} {value}" for key, value in inputs.items())
        lines += [
            f"fitted-laws {name} --law-file {subject.file}{domain} {options} --format txt",
            str(answer.column(answer.headline)[0]),
            "",
        ]
        address = address or f"/v1/{name}.txt?domain={subject.law.domain.id}&law={subject.law.id}&" + "&".join(
            f"{k}={v}" for k, v in inputs.items()
        )
    return "\n".join([*lines, f"LAWS={subject.file} make serve", f"curl 'http://127.0.0.1:8000{address}'"])


def citation(subject: ReportedLaw) -> str:
    """The source in words, and what answered."""
    relation = subject.drawn.relation
    by = [part for part in (relation.authors, str(relation.year or ""), relation.title) if part]
    return "\n".join(
        [
            f"{'. '.join(by) or relation.id}. {relation.citation}. {relation.url}".strip(),
            f"Answered by Fitted Laws {fitted_laws.__version__}.",
        ]
    )
