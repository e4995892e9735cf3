"""The planner's page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fitted_laws import Laws, Unanswerable, __version__
from fitted_laws.asking import answering
from fitted_laws.documents.inside import USUAL, budget_inside, small_models
from fitted_laws.laws.law import Law
from fitted_laws.quantities.display import plain
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
        choices="\n".join(choices(domain, able, laws) for domain, able in offered.items()),
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
    """The laws that answer `question` for a budget in `domain`, families together, that of the most preferred law first."""
    compute = budget_inside(laws, domain.id) or USUAL
    budget = read(question, {"domain": domain.id, "compute": compute, "law": "all"})
    try:
        ids = set(answering.answer(budget, laws).column("law"))
    except Unanswerable:
        return []
    return [law for members in laws.families(domain.id).values() for law in members if law.id in ids]


def choices(domain: Domain, able: Iterable[Law], laws: Laws) -> str:
    """The laws of a domain to choose from, each with its data, and whether it says what other sizes would reach.

    With them a budget inside their fit, and how small their models are where all are.
    """
    surfaces = laws_for(laws, domain, "isoflop")
    options = "".join(
        f'<option value="{law.id}" data-on="{escape(law.first.data)}"{" data-valleys" if law in surfaces else ""}>{law.id}</option>'
        for law in able
    )
    budget, small = budget_inside(laws, domain.id) or USUAL, small_models(laws, domain.id)
    scale = f' data-small="{escape(small)}"' if small else ""
    return f'<template id="laws-{domain.id}" data-compute="{plain(budget)}"{scale}>{options}</template>'
