"""The planner's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from fitted_laws import Laws, Unanswerable, __version__
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.quantities.domains import Domain
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions.registry import QUESTIONS, read
from service.pages.assets import PLOTTER, template
from service.settings import Settings


def index(laws: Laws, settings: Settings) -> bytes:
    """The planner: a form that asks `optimal` and, with its scripts, more; curl; the questions."""
    example = QUESTIONS["optimal"].example
    offered = {domain: able for domain in laws.domains if (able := laws_for(laws, domain, "optimal"))}
    options = [
        f'<option value="{domain.id}"{" selected" if domain.id == example["domain"] else ""}>{escape(domain.title)}</option>'
        for domain in offered
    ]
    rows = [
        f'<tr><td><a href="/docs#{name}">{name}</a></td><td>{escape(q.in_words())}</td></tr>'
        for name, q in QUESTIONS.items()
    ]
    filled = template("index.html").substitute(
        domains="".join(options),
        accelerators="".join(f"<option{' selected' if id == 'H100' else ''}>{id}</option>" for id in ACCELERATORS),
        choices="\n".join(choices(domain, able, laws_for(laws, domain, "isoflop")) for domain, able in offered.items()),
        plotter=f"/page/{PLOTTER}",
        domain=example["domain"],
        compute=example["compute"],
        base=escape(settings.base),
        questions="\n".join(rows),
        laws=len(laws),
        catalogue=laws.digest,
        version=__version__,
    )
    return filled.encode()


def laws_for(laws: Laws, domain: Domain, question: str) -> list[Law]:
    """The laws that answer `question` for a budget in `domain`, preferred first."""
    budget = read(question, {"domain": domain.id, "compute": 1e21, "law": "all"})
    try:
        ids = set(answering.answer(budget, laws).column("law"))
    except Unanswerable:
        return []
    return [law for law in laws.of(domain.id) if law.id in ids]


def choices(domain: Domain, able: Iterable[Law], surfaces: Sequence[Law]) -> str:
    """The laws of a domain to choose from, each with its data, and whether it says what other sizes would reach."""
    options = "".join(
        f'<option value="{law.id}" data-on="{escape(law.first.data)}"{" data-valleys" if law in surfaces else ""}>{law.id}</option>'
        for law in able
    )
    return f'<template id="laws-{domain.id}">{options}</template>'
