"""What to ask of a law: commands with their answers, for the one who reads its report."""

from __future__ import annotations

import numpy as np

import fitted_laws
from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.questions import registry
from trainer.report.subject import Subject

QUESTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "surface": {"optimal": ("compute",), "loss": ("params", "tokens"), "target": ("loss",)},
    "repeated": {"repeat": ("params", "unique_tokens", "epochs"), "optimal": ("compute",)},
    "overfitting": {"loss": ("params", "unique_tokens")},
    "path": {"loss": ("params", "steps")},
    "converged": {"loss": ("params",)},
    "data": {"loss": ("tokens",)},
    "frontier": {"loss": ("compute",), "target": ("loss",)},
    "information": {"information_gain": ("params",)},
}
"""What to ask of a relation of each role, and by which inputs."""
ASKED_BEYOND = 10
"""The example asks at so many times the largest value fitted."""


def examples(subject: Subject) -> dict[str, tuple[dict[str, str], Answer]]:
    """Questions with their inputs as typed, and their answers: beyond the runs, as users ask."""
    found: dict[str, tuple[dict[str, str], Answer]] = {}
    for name, wanted in QUESTIONS[subject.drawn.relation.role].items():
        if "loss" in wanted and not found:
            continue
        inputs = {key: typed(subject, key, found) for key in wanted}
        base = {"domain": subject.law.domain.id, "law": subject.law.id}
        part = {"part": subject.drawn.relation.part} if subject.drawn.relation.part else {}
        try:
            found[name] = (inputs, answering.answer(registry.read(name, {**base, **part, **inputs}), subject.laws))
        except Unanswerable:
            continue
    return found


def typed(subject: Subject, key: str, found: dict[str, tuple[dict[str, str], Answer]]) -> str:
    """An input ten times the largest fitted, to one digit; a loss that an answer before has reached."""
    if key == "loss":
        return f"{max(float(np.ravel(answer.columns['loss'])[0]) for _, answer in found.values() if 'loss' in answer.columns):.4g}"
    span = subject.span(key)
    if key == "epochs":
        return "4"
    return f"{(ASKED_BEYOND * span[1]) if span else 1e11:.0e}".replace("e+", "e")


def asking(subject: Subject) -> str:
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


def citation(subject: Subject) -> str:
    """The source in words, and what answered."""
    relation = subject.drawn.relation
    by = [part for part in (relation.authors, str(relation.year or ""), relation.title) if part]
    return "\n".join(
        [
            f"{'. '.join(by) or relation.id}. {relation.citation}. {relation.url}".strip(),
            f"Answered by Fitted Laws {fitted_laws.__version__}.",
        ]
    )
