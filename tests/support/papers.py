"""For the tests of published numbers: a law asked as a user asks, its relation as printed, and what its file warns of."""

from typing import Any

from fitted_laws import ask
from fitted_laws.catalogue import shipped

PF_DAY = 8.64e19


def language(question: str, law: str, **inputs: Any) -> Any:
    return ask(question, domain="language", law=law, **inputs)


def form(law: str, role: str, domain: str = "language", part: str | None = None) -> Any:
    """The relation of that role as published, its coefficients plain numbers."""
    held = next(held for held in shipped().of(domain) if held.id == law)
    drawn = held.drawn(role, part)
    return type(drawn.form)(**drawn.relation.coefficients)


def caveats(law: str, domain: str = "language") -> str:
    held = next(held for held in shipped().of(domain) if held.id == law)
    return " ".join(held.first.caveats + held.first.contradictions)
