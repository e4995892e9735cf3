"""Scaling laws as answers: expected loss, the best size for a budget, tokens for a target. No HTTP, no training: see
`service` and `trainer`.
"""

from fitted_laws.answers.answer import Answer
from fitted_laws.catalogue import ask, load
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import NotFound, NotUnderstood, Problem, Unanswerable

__version__ = "0.1.0"
__all__ = ["Answer", "Laws", "NotFound", "NotUnderstood", "Problem", "Unanswerable", "ask", "load"]
