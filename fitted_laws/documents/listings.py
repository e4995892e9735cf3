"""What there is, as text or as the tables of the documents: questions, laws, domains, the whole catalogue, the reference,
the glossary.
"""

from __future__ import annotations

from collections.abc import Callable

from fitted_laws.answers.listing import Listing
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.documents.catalogue import catalogue_document
from fitted_laws.documents.reference import glossary_document, questions_document
from fitted_laws.laws.laws import Laws
from fitted_laws.laws.relation import ROLES
from fitted_laws.questions.registry import QUESTIONS


def questions_listing(_laws: Laws) -> Listing:
    """Every question: name, what it asks, inputs (optional ones in brackets), fields of its answer."""
    rows = []
    for name, question in QUESTIONS.items():
        entries = [e for e in inputs_of(question).values() if not e.option and e.name != "domain"]
        inputs = ", ".join(e.name if e.required else f"[{e.name}]" for e in entries)
        rows.append((name, question.in_words(), inputs, ", ".join(question.answers[:5])))
    return Listing(("question", "asks", "inputs", "answers"), rows)


def laws_listing(laws: Laws) -> Listing:
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
    return Listing(("domain", "family", "law", "holds", "counts", "source"), sorted(rows))


def laws_of_a_domain(laws: Laws, domain: str) -> Listing:
    """The laws of a domain, preferred first: id, relations, what it was fitted on and counts, source.

    Raises:
        NotFound: there is no such domain.
    """
    rows = [
        (
            law.id,
            ", ".join(dict.fromkeys(ROLES[role] for role in law.roles)),
            law.scale,
            law.first.counts,
            law.first.citation,
        )
        for law in laws.of(domain)
    ]
    return Listing(("law", "holds", "fitted on models of", "counts", "source"), rows)


def domains_listing(laws: Laws) -> Listing:
    """Every domain: name, what it is, its laws, preferred first."""
    rows = [(d.id, d.title, ", ".join(law.id for law in laws.of(d.id))) for d in laws.domains]
    return Listing(("domain", "what is modelled", "laws"), rows)


LISTINGS: dict[str, Callable[[Laws, str], str]] = {
    "questions": lambda laws, style: questions_listing(laws).table(style),
    "laws": lambda laws, style: laws_listing(laws).table(style),
    "domains": lambda laws, style: domains_listing(laws).table(style),
    "catalogue": catalogue_document,
    "reference": questions_document,
    "glossary": glossary_document,
}
"""Every list by the name of its command."""
