"""What there is, as text or as the tables of the README: questions, laws, domains, the whole catalogue, the reference,
the glossary.
"""

from __future__ import annotations

from collections.abc import Callable

from fitted_laws.answers.formats import table
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.documents.catalogue import catalogue_document
from fitted_laws.documents.reference import glossary_document, questions_document
from fitted_laws.laws.laws import Laws
from fitted_laws.laws.relation import ROLES
from fitted_laws.questions.registry import QUESTIONS


def questions_table(_laws: Laws, style: str) -> str:
    """Every question: name, what it asks, inputs (optional ones in brackets), fields of its answer."""
    rows = []
    for name, question in QUESTIONS.items():
        entries = [e for e in inputs_of(question).values() if not e.option and e.name != "domain"]
        inputs = ", ".join(e.name if e.required else f"[{e.name}]" for e in entries)
        rows.append((name, question.in_words(), inputs, ", ".join(question.answers[:5])))
    return table(("question", "asks", "inputs", "answers"), rows, style)


def laws_table(laws: Laws, style: str) -> str:
    """Every law: domain, family, id, relations, what it counts, source; families together."""
    rows = [
        (
            law.domain.id,
            law.family.id,
            law.id,
            ", ".join(dict.fromkeys(ROLES[role] for role in law.roles)),
            law.first.counts,
            law.first.citation,
        )
        for law in laws
    ]
    return table(("domain", "family", "law", "holds", "counts", "source"), sorted(rows), style)


def domains_table(laws: Laws, style: str) -> str:
    """Every domain: name, what it is, its laws, preferred first."""
    rows = [(d.id, d.title, ", ".join(law.id for law in laws.of(d.id))) for d in laws.domains]
    return table(("domain", "what is modelled", "laws"), rows, style)


LISTINGS: dict[str, Callable[[Laws, str], str]] = {
    "questions": questions_table,
    "laws": laws_table,
    "domains": domains_table,
    "catalogue": catalogue_document,
    "reference": questions_document,
    "glossary": glossary_document,
}
"""Every list by the name of its command."""
