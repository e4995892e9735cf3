"""Scaling laws as answers: expected loss, the best size for a budget, tokens for a target. No HTTP, no training: see
`service` and `trainer`.
"""

from __future__ import annotations

import importlib
from typing import Any

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.listing import Listing
from fitted_laws.catalogue import ask, load, shipped
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import NotFound, NotUnderstood, Problem, Unanswerable

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Laws",
    "Listing",
    "NotFound",
    "NotUnderstood",
    "Problem",
    "Unanswerable",
    "ask",
    "domains",
    "laws",
    "load",
    "questions",
]


# What there is to ask. The packages of the same names are imported by their full names, which these do not hide.
def questions() -> Listing:
    """Every question: its name, what it asks, its inputs ([optional]) and the first fields of its answer."""
    found: Listing = _lists().questions_listing(shipped())
    return found


def laws(domain: str | None = None) -> Listing:
    """Every law that ships; of one `domain` alone in the order in which they are asked, with what each was fitted on.

    Raises:
        NotFound: there is no such domain.
    """
    found: Listing = (
        _lists().laws_listing(shipped()) if domain is None else _lists().laws_of_a_domain(shipped(), domain)
    )
    return found


def domains() -> Listing:
    """Every domain: its name, what is modelled, its laws."""
    found: Listing = _lists().domains_listing(shipped())
    return found


def _lists() -> Any:
    """Loaded when it is asked for: `import fitted_laws` costs hardly more than numpy."""
    return importlib.import_module("fitted_laws.documents.listings")
